"""When a model's turn is to be retrained by the clock: in the first hour of a working day, when people can agree."""

import zlib
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.estate import Model

MORNING = datetime.combine(
    date(2000, 1, 3), time(9)
)  #: a Monday on the entity's own clocks; what is due every week is due on that day
LASTS = timedelta(hours=1)  #: over so long they are spread


def last(model: Model, zone: str, by: datetime) -> datetime | None:
    """The last moment up to `by`, in UTC, at which it was this model's turn; None: it has none.

    It steps on the clocks of `zone`, so that it stays in the morning; names spread them, and each stays where it is.
    """
    if (every := _every(model)) is None:
        return None
    where = ZoneInfo(zone)
    wall = by.astimezone(where).replace(tzinfo=None)
    due = wall - (wall - _first(model, every)) % every
    at = due.replace(tzinfo=where).astimezone(UTC)
    return at if at <= by else (due - every).replace(tzinfo=where).astimezone(UTC)


def following(model: Model, zone: str, now: datetime) -> datetime | None:
    """The first moment after `now`, in UTC, at which it is this model's turn; None: it has none."""
    every, before = _every(model), last(model, zone, now)
    if every is None or before is None:
        return None
    where = ZoneInfo(zone)
    wall = before.astimezone(where).replace(tzinfo=None)
    turns = ((wall + every * n).replace(tzinfo=where).astimezone(UTC) for n in (1, 2))
    return next((at for at in turns if at > now), None)


def _every(model: Model) -> timedelta | None:
    return model.retrain.every if model.retrain else None


def _first(model: Model, every: timedelta) -> datetime:
    spread = int(min(every, LASTS).total_seconds())
    return MORNING + timedelta(seconds=zlib.crc32(model.name.encode()) % max(1, spread))
