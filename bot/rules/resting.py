"""A person's own quiet hours: until when pages of low urgency wait for them."""

from datetime import datetime
from functools import cache

from bot.model.people import Person
from bot.model.rota import Every, Layer, Unit, Window
from bot.rules import clocks, turns

_MONDAY = datetime(2001, 1, 1)  # noqa: DTZ001  (wall-clock time, as in a rota)


def until(person: Person, at: datetime) -> datetime | None:
    """When the quiet hours around `at` are over, hours that touch being one; None where there are none.

    Hours that never end are looked at anew after a week.
    """
    if not person.quiet:
        return None
    hours, end = _hours(person.quiet, person.timezone), clocks.instant(at)
    for _ in range(2):  # a turn ends with the week, the quiet need not
        if found := hours.seat(end):
            end = found[1]
    return clocks.moment(end) if end > clocks.instant(at) else None


@cache
def _hours(windows: tuple[Window, ...], zone: str) -> turns.Turns:
    """The hours as a rota of one seat, which somebody holds while it is quiet."""
    return turns.Turns(Layer("quiet", _MONDAY, Every(1, Unit.WEEK), ("quiet",), only=windows), zone)
