"""Named points at which a crash test kills the process, so that the worst moments can be rehearsed."""

import os
import signal
from collections import Counter

NAMES = ("after_commit", "after_claim", "after_send", "before_settle")
OF_PAGES = ("before_send", "after_send")  #: those that only a page passes: its provider has not, or has, heard of it
OF_CHANGES = ("before_apply", "after_apply")  #: those that only a change of production passes
OF_TRAININGS = ("before_train", "after_train", "after_poll")  #: those that only a run of a trainer passes

_wanted, _, _nth = os.environ.get("TOCSIN_CRASH_AT", "").partition(":")
_seen: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here by SIGKILL when `TOCSIN_CRASH_AT=name[:nth]` says so; otherwise nothing."""
    if _wanted != name:
        return
    _seen[name] += 1
    if _seen[name] >= int(_nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
