"""Finds the Chromium of this machine; Playwright brings none of its own here."""

import os
import shutil
import sys
from ctypes.util import find_library

from tests.parts import Missing

GET = "Get it with: apt-get install chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def program() -> str:
    """Chromium's binary; Missing says how to get it, or what Playwright's own node cannot start without."""
    if sys.platform == "linux" and find_library("atomic") is None:
        raise Missing("Playwright's driver wants libatomic. Get it with: apt-get install libatomic1")
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise Missing(f"Chromium is not on this machine. {GET}")


def arguments() -> list[str]:
    """What it is started with where it runs as root, whom its sandbox refuses, or in a small container."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return [*root, "--disable-dev-shm-usage", "--force-color-profile=srgb"]
