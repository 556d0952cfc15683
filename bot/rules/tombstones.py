"""What a calendar shows now, given what it has shown: what is gone stays for a while as cancelled."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.model.feed import Shown

KEPT = timedelta(days=30)  #: how long a calendar that is seldom read may find out that an event is gone


def reconciled(wanted: Iterable[Shown], before: Iterable[Shown], now: datetime) -> list[Shown]:
    """The events as they stand at `now`, those of `before` that nobody wants any more as cancelled.

    Whatever is another than it was has a sequence that is higher by one; what is the same is left as it was, to the
    moment of its last change.
    """
    known = {event.uid: event for event in before}
    found: list[Shown] = []
    for event in wanted:
        old = known.pop(event.uid, None)
        if old is None:
            found.append(replace(event, sequence=0, changed_at=now, cancelled=False))
        elif _same(old, event):
            found.append(old)
        else:
            found.append(replace(event, sequence=old.sequence + 1, changed_at=now, cancelled=False))
    for old in known.values():
        gone = replace(old, sequence=old.sequence + 1, changed_at=now, cancelled=True)
        found.append(old if old.cancelled else gone)
    return found


def visible(event: Shown, now: datetime) -> bool:
    """Whether the calendar still shows it; a cancelled one is remembered longer, so that its sequence goes on."""
    return not event.cancelled or now < event.changed_at + KEPT


def _same(old: Shown, new: Shown) -> bool:
    return not old.cancelled and (old.start, old.end, old.summary) == (new.start, new.end, new.summary)
