"""When something starts and ends, as it is typed on the command line: `--from`, `--until`, `--for`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import typer

from bot.cli import place
from bot.errors import BadInput
from bot.model.people import People

Starts = Annotated[str | None, typer.Option("--from", help="When it starts, as --until; now if left out.")]
Until = Annotated[str | None, typer.Option("--until", help="When it ends, as 2026-12-01T02:00+03:00, or in your zone.")]
Length = Annotated[str | None, typer.Option("--for", help="How long it lasts instead: 90m, 2h, 1d or 1w.")]


@dataclass(frozen=True, slots=True)
class Span:
    """What somebody typed."""

    starts: str | None
    until: str | None
    length: str | None

    def read(self, people: People, person: str, now: datetime) -> tuple[datetime | None, datetime | None]:
        """The start and the end, None where nothing was typed; times without a zone are on this person's own clock.

        BadInput where two ends are typed, or what is typed is no moment or no length.
        """
        from bot.rules import window

        if self.until and self.length:
            raise BadInput("--until and --for say two ends.", "Give one of them.")
        known = people.persons.get(person)
        zone = known.timezone if known else "UTC"
        starts = place.moment(self.starts, zone) if self.starts else None
        end = place.moment(self.until, zone) if self.until else None
        if self.length:
            end = (starts or now) + window.span(self.length)
        return starts, end


def window(typed: str) -> timedelta:
    """How far back somebody wants to look, as `28d`; BadInput when it is no length of time."""
    from bot import documents

    try:
        return documents.duration(typed.strip())
    except BadInput:
        raise BadInput(f"{typed[:40]!r} is no length of time.", "Write --window 28d, 12h or 4w.") from None
