"""Where a rollback leads: what somebody asked for, or the last that is known to have been good, and how that is known.

Good means: it served for a set time at a stretch, and no incident of the model was open meanwhile; or it was watched
after it was promoted, and did well. While a promotion is watched, what served before it is good whatever else is said.
Our own ledger is asked first, then the platform's memory; where neither knows, a human must pick.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from bot.model.change import Serving
from bot.model.served import Moved, Served, Version

Trouble = tuple[datetime, datetime | None]  #: when an incident of the model was opened, and when it was resolved
LEDGER, HISTORY, ASKED, KEPT = "ledger", "history", "asked", "kept"


@dataclass(frozen=True, slots=True)
class Kept:
    """What served before a promotion that is still watched, or that went wrong and still serves."""

    serving: Serving
    change: str  #: the promotion, or the first step of its canary
    version: str  #: what it promoted
    until: datetime | None  #: the end of the watch; None: it went wrong


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the choice is made from."""

    before: Serving
    versions: Sequence[Version]  #: those the platform lists, the newest first
    ledger: Sequence[Moved] = ()  #: the newest first
    history: Sequence[Served] = ()  #: the newest first
    troubles: Sequence[Trouble] = ()
    whole: bool = True  #: the platform has no other versions than those listed
    kept: Kept | None = None  #: None: no promotion is watched, and none that serves went wrong
    passed: Mapping[str, str] = field(default_factory=dict)  #: the retrain of ours whose gate a version passed
    well: frozenset[str] = frozenset()  #: the changes of ours whose versions were watched, and did well


@dataclass(frozen=True, slots=True)
class Target:
    """What shall serve, where that comes from, and since when until when it is known to have served before."""

    split: Mapping[str, float]
    source: str  #: asked | ledger | history | kept
    good: bool
    since: datetime | None = None
    until: datetime | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)  #: the platform's own state when it served
    kept: Kept | None = None  #: it is good because what was promoted over it is watched
    well: bool = False  #: it is good because it was watched, and did well

    @property
    def version(self) -> str | None:
        """The version that shall have all of the traffic; None where it is split."""
        return next(iter(self.split)) if len(self.split) == 1 else None


def good(moved: Moved, troubles: Iterable[Trouble], good_after: timedelta, at: datetime) -> bool:
    """Whether it served for `good_after` at a stretch by `at`, without an incident of its model open meanwhile."""
    if moved.serving.paused or not moved.serving.split:
        return False
    start, end = moved.at, min(moved.until or at, at)
    for began, ended in sorted(troubles, key=lambda trouble: trouble[0]):
        if began >= end:
            break
        if began - start >= good_after:
            return True
        start = max(start, min(ended or end, end))
    return end - start >= good_after


def last_good(known: Known, good_after: timedelta, at: datetime) -> Target | None:
    """The newest that is known to have been good, is not what serves now, and is still there; None: a human must pick.

    What holds all of the traffic now, paused or not, is in no target: half a way back is none.
    """
    if (kept := _held(known)) and _elsewhere(kept.serving, known.before) and _there(kept.serving, known):
        return Target(kept.serving.split, KEPT, True, raw=kept.serving.raw, kept=kept)
    for source, entries in ((LEDGER, known.ledger), (HISTORY, _remembered(known.history))):
        for moved in entries:
            fits = _elsewhere(moved.serving, known.before) and _there(moved.serving, known)
            if fits and _proven(moved, known, good_after, at):
                return replace(_target(moved, source), well=_watched(moved, known))
    return None


def asked(known: Known, split: Mapping[str, float], good_after: timedelta, at: datetime) -> Target:
    """What somebody asked for, with what is known of it: when exactly that served, a good time first."""
    wanted = Serving(split)
    if (kept := _held(known)) and kept.serving.same(wanted):
        return Target(split, ASKED, True, raw=kept.serving.raw, kept=kept)
    entries = [moved for moved in (*known.ledger, *_remembered(known.history)) if moved.serving.same(wanted)]
    best = next((moved for moved in entries if _proven(moved, known, good_after, at)), None)
    served = best or next(iter(entries), None)
    if served is None:
        return Target(split, ASKED, good=False)
    return replace(_target(served, ASKED), good=best is not None, well=best is not None and _watched(best, known))


def choices(known: Known) -> tuple[Version, ...]:
    """The versions a human may pick from: those that may serve and do not have all of the traffic."""
    return tuple(one for one in known.versions if one.usable and one.id != known.before.version)


def _held(known: Known) -> Kept | None:
    """What served before a watched promotion, where that was something."""
    kept = known.kept
    return kept if kept and kept.serving.split and not kept.serving.paused else None


def _proven(moved: Moved, known: Known, good_after: timedelta, at: datetime) -> bool:
    return _watched(moved, known) or good(moved, known.troubles, good_after, at)


def _watched(moved: Moved, known: Known) -> bool:
    """Whether the change of ours that made it serve was watched, and did well; a step of a canary is no promotion."""
    return moved.change in known.well and moved.serving.version is not None and not moved.serving.paused


def _target(moved: Moved, source: str) -> Target:
    return Target(moved.serving.split, source, True, moved.at, moved.until, moved.serving.raw)


def _elsewhere(serving: Serving, now: Serving) -> bool:
    """Not what serves, or would serve but for being paused."""
    return not serving.same(now) and now.version not in serving.split


def _there(serving: Serving, known: Known) -> bool:
    """Whether all of its versions may serve; one that is not listed may be there only where the list has an end."""
    usable = {one.id: one.usable for one in known.versions}
    return all(usable.get(version, not known.whole) for version in serving.split)


def _remembered(history: Sequence[Served]) -> list[Moved]:
    """A platform's memory in the form of our ledger: each entry ends where the newer one begins."""
    ends = [None, *(newer.at for newer, _ in pairwise(history))]
    return [
        Moved("", served.at, served.serving, served.by, until=until)
        for served, until in zip(history, ends, strict=False)
    ]
