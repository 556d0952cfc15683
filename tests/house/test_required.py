"""A test whose tool was promised by TOCSIN_REQUIRE fails where it would be skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import required
from tests.house import source

SKIPS = """
import pytest

@pytest.mark.postgres
def test_needs_a_database():
    pytest.skip("no initdb here")

@pytest.fixture
def alertmanager():
    pytest.skip("no Alertmanager here")

@pytest.mark.alertmanager
def test_needs_an_alertmanager(alertmanager):
    pass
"""


def run(folder: Path, promised: str) -> subprocess.CompletedProcess[str]:
    file = folder / "test_skips.py"
    file.write_text(SKIPS, encoding="utf-8")
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-c",
            source.ROOT / "pyproject.toml",
            "--rootdir",
            folder,
            file,
        ],
        cwd=source.ROOT,
        env={**os.environ, "TOCSIN_REQUIRE": promised},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("promised", "closing"),
    [("", "2 skipped"), ("postgres", "1 failed, 1 skipped"), ("postgres,alertmanager", "1 failed, 1 error")],
)
def test_a_promised_tool_may_not_be_skipped(tmp_path: Path, promised: str, closing: str) -> None:
    assert closing in run(tmp_path, promised).stdout


def test_a_promise_of_an_unknown_tool_is_refused(tmp_path: Path) -> None:
    outcome = run(tmp_path, "postgress")
    assert outcome.returncode == 4
    assert "postgress, which is no marker" in outcome.stderr


def test_the_promise_is_read_leniently() -> None:
    assert required.named(" postgres, ,alertmanager ") == {"postgres", "alertmanager"}
    assert required.refusal({"slow", "asyncio"}, frozenset({"postgres"})) is None
