"""Hours of some weekdays as they are written in YAML: of a layer of a rota, and of a stage of a tier."""

from datetime import time
from typing import Annotated

from pydantic import BeforeValidator, Field

from bot import documents
from bot.documents import Form
from bot.model.rota import Window

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))


def _clock(value: object) -> object:
    """`22:00` as a time of day."""
    try:
        return time.fromisoformat(value) if isinstance(value, str) and len(value) == 5 else value
    except ValueError:
        raise documents.Wrong("is no time of day.", 'Write it as in "22:00".') from None


def _end(value: object) -> object:
    """`24:00` is the midnight at the end of a day."""
    return "00:00" if value == "24:00" else value


def _days(value: object) -> object:
    """`mon-fri` or `sat,sun` as the numbers of weekdays, Monday 0."""
    if not isinstance(value, str):
        return value
    found: set[int] = set()
    for part in value.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in DAYS or (last or first) not in DAYS:
            raise documents.Wrong("names no days.", 'Write them as in "mon-fri" or "sat,sun".')
        at, end = DAYS.index(first), DAYS.index(last or first)
        found |= {day % 7 for day in range(at, (end if end >= at else end + 7) + 1)}
    return frozenset(found)


Clock = Annotated[time, BeforeValidator(_clock)]
Days = Annotated[frozenset[int], BeforeValidator(_days)]


class HoursForm(Form):
    """Hours of some days, by the wall clock; those that end at or before their start end on the day after."""

    days: Days = EVERY_DAY
    start: Clock = Field(default=time(0), alias="from")
    end: Annotated[Clock, BeforeValidator(_end)] = Field(default=time(0), alias="to")


def window(form: HoursForm) -> Window:
    """The same as a noun."""
    return Window(form.days, form.start, form.end)
