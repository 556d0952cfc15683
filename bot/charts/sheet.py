"""What a picture of a rota's weeks shows, and the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import words
from bot.charts import rows
from bot.model.rota import Shift
from bot.words.picture import Picture

MOST = rows.MOST  #: weeks
ALOUD = 1_000  #: characters of what is read aloud in its place
TURNS = 12  #: that are named there


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is drawn: shifts of a rota, in order and without gap or overlap, by the clocks of `zone`.

    The first of the `weeks` is the one in which `start` lies. `people` have a colour even where they hold no shift, so
    that everybody keeps theirs from picture to picture.
    """

    rota: str
    zone: str
    shifts: Sequence[Shift]
    people: Sequence[str]
    start: datetime
    weeks: int = 4
    now: datetime | None = None
    language: str | None = None


def span(start: datetime, weeks: int, zone: str) -> tuple[datetime, datetime]:
    """From when until when a picture shows: whole weeks from Monday on; BadInput where there is no such picture."""
    found = rows.weeks(start, weeks, zone)
    return found[0].edges[0], found[-1].edges[-1]


def title(sheet: Sheet) -> str:
    """What stands above it."""
    return words.fill(words.of(sheet.language).picture.title, rota=sheet.rota[:60])


def shown(sheet: Sheet) -> str:
    """From which day to which day it shows, and by whose clocks."""
    found = rows.weeks(sheet.start, sheet.weeks, sheet.zone)
    said, first, last = words.of(sheet.language).picture, found[0].days[0], found[-1].days[-1]
    start, end = f"{first.day} {month(said, first.month)}", f"{last.day} {month(said, last.month)} {last.year}"
    if first.year != last.year:
        start = f"{start} {first.year}"
    return words.fill(said.span, start=start, end=end, zone=sheet.zone)


def gaps(sheet: Sheet) -> tuple[int, timedelta]:
    """How often there is nobody in what it shows, and for how long in all."""
    start, end = span(sheet.start, sheet.weeks, sheet.zone)
    found, _ = rows.runs(sheet.shifts, start, end)
    lone = [run.end - run.start for run in found if run.person is None]
    return len(lone), sum(lone, timedelta(0))


def gaps_told(sheet: Sheet) -> str:
    """The same in a few words."""
    said = words.of(sheet.language).picture
    count, length = gaps(sheet)
    tenths = -(-length // timedelta(minutes=6))  # rounded up: a minute with nobody is not none
    hours = f"{tenths / 10:g}"
    return words.fill(said.gaps, count=count, hours=hours) if count else said.covered


def aloud(sheet: Sheet) -> str:
    """What the picture says, for who cannot see it: at most ALOUD characters."""
    said, (start, end) = words.of(sheet.language).picture, span(sheet.start, sheet.weeks, sheet.zone)
    runs, _ = rows.runs(sheet.shifts, start, end)
    found = [run for run in runs if sheet.now is None or run.end > sheet.now]
    turns = [f"{run.person or said.nobody}: {_ends(sheet, said, run, start, end)}." for run in found[:TURNS]]
    if len(found) > TURNS:
        turns.append(words.fill(said.turns_more, count=len(found) - TURNS))
    parts = {"title": title(sheet), "span": shown(sheet), "gaps": gaps_told(sheet), "turns": " ".join(turns)}
    text = "".join(sign if sign.isprintable() else " " for sign in words.fill(said.aloud, **parts))
    return text if len(text) <= ALOUD else f"{text[: ALOUD - 1]}…"


def day(said: Picture, at: datetime) -> str:
    """A wall time by its day and hour: Mon 23 09:00."""
    return f"{said.days.split()[at.weekday()]} {at.day} {at:%H:%M}"


def month(said: Picture, number: int) -> str:
    """The short name of a month, 1 to 12."""
    return said.months.split()[number - 1]


def _ends(sheet: Sheet, said: Picture, run: rows.Run, start: datetime, end: datetime) -> str:
    """From when until when, as far as the picture knows."""
    where = ZoneInfo(sheet.zone)
    since, until = day(said, run.start.astimezone(where)), day(said, run.end.astimezone(where))
    if run.start > start and run.end < end:
        return f"{since} – {until}"
    return words.fill(said.until, end=until) if run.end < end else words.fill(said.since, start=since)
