"""What is known of a change of a rota before it is asked for: which span is meant, who is on call before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.engine.roster import Preview
from bot.errors import BadInput
from bot.model.rota import Shift
from bot.rules import window


@dataclass(frozen=True)
class Prospect:
    """For what stands in a form; without a preview or shifts `trouble` says why, or something is to be filled in."""

    zone: str = "UTC"  #: whose clocks the times are read on
    members: tuple[str, ...] = ()  #: of the rota that is chosen
    preview: Preview | None = None
    shifts: tuple[Shift, ...] = ()  #: who is on call in the span that is offered
    returned: tuple[Shift, ...] = ()  #: and in the one that is taken in return
    trouble: str = ""


def starts(filled: Mapping[str, str], zone: str, now: datetime, name: str = "starts") -> datetime:
    """When it shall begin: now where nothing is said. BadInput."""
    typed = filled.get(name, "")
    return window.moment(typed, ZoneInfo(zone), now) if typed else now


def ends(filled: Mapping[str, str], zone: str, start: datetime, name: str = "ends") -> datetime | None:
    """When it shall end: a moment, or a length after `start`; None where nothing is said. BadInput."""
    typed = filled.get(name, "")
    if not typed:
        return None
    try:
        length = window.span(typed)
    except BadInput:
        return window.moment(typed, ZoneInfo(zone), start)
    try:
        return start + length
    except OverflowError:
        raise BadInput(f"{typed[:40]!r} is too long.", "Write it as 8h or 2d.") from None


def written(at: datetime, zone: str, now: datetime) -> str:
    """A moment as a person would type it into these fields; with its offset where the clocks show it twice."""
    here = at.astimezone(ZoneInfo(zone))
    plain = f"{here:%Y-%m-%d %H:%M}"
    return plain if window.moment(plain, ZoneInfo(zone), now) == at else here.isoformat(" ")
