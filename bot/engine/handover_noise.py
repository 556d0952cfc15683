"""How noisy the shift was: what fired most, how much of it ended by itself, and who was woken at night."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.incident import ENDED, MERGED
from bot.model.people import People
from bot.rules import figures
from bot.store.shifts import Paged

NIGHT: Final = figures.NIGHT  #: the hours between which a page wakes somebody, on their own clocks
TOP: Final = 3  #: of what fired most
LOUD: Final = 3  #: alerts from which on something is spoken of
FEW: Final = 3  #: resolved incidents below which a share says nothing


def section(shift: Shift) -> Section:
    """Nothing where it was calm."""
    return lines.filled("noise", (*_top(shift), *_share(shift), *_woken(shift)))


def nightly(paged: Iterable[Paged], people: People) -> Counter[str]:
    """How often each person was paged at night, by the clocks of their own zone."""
    return Counter(one.person for one in paged if _dark(one.at, zone(one.person, people)))


def zone(person: str, people: People) -> str:
    """Where somebody sleeps; UTC for who is known no more."""
    known = people.persons.get(person)
    return known.timezone if known else "UTC"


def _dark(at: datetime, zone_: str) -> bool:
    hour = at.astimezone(ZoneInfo(zone_)).hour
    return hour >= NIGHT[0] or hour < NIGHT[1]


def _top(shift: Shift) -> Iterator[Line]:
    alerts, count = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in shift.opened:
        what = (one.model or one.entity, one.title)
        alerts[what] += max(1, one.alerts)
        count[what] += 1
    for what, many in sorted(alerts.items(), key=lambda each: (-each[1], each[0]))[:TOP]:
        if many >= LOUD:
            named = {"about": lines.name(what[0]), "title": lines.title(what[1])}
            yield lines.line("noise_line", **named, alerts=many, count=count[what])


def _share(shift: Shift) -> Iterator[Line]:
    over = [one for one in shift.resolved if one.resolution != MERGED]
    ended = sum(one.resolution == ENDED for one in over)
    if ended and len(over) >= FEW:
        yield lines.line("noise_share", ended=ended, all=len(over), share=round(100 * ended / len(over)))


def _woken(shift: Shift) -> Iterator[Line]:
    people = shift.desk.settings.people
    for who, count in sorted(nightly(shift.paged, people).items(), key=lambda each: (-each[1], each[0])):
        yield lines.line("noise_night", who=lines.name(who), count=count, zone=zone(who, people))
