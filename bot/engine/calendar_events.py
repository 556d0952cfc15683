"""What iCalendar text says happens when, and with whom (a home of icalendar and recurring-ical-events).

A few bytes can ask for a million recurrences, so a calendar of others is read in a process of its own, which has
little memory and little time: one that is hostile wastes nothing else.
"""

import asyncio
import os
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from bot.errors import BadInput
from bot.rules import clocks

if TYPE_CHECKING:
    from icalendar import Component

LARGEST = 1_048_576  #: bytes of a calendar
MOST = 5_000  #: events in it, and those that come of them within the span
SECONDS = 10.0  #: for reading one
_MEMORY = 1 << 30  # bytes
_TEXT = 500  # characters of a summary or an address
_PARTS = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event at its time: `[start, end)`, who is invited and has not declined, who invited, what it is called."""

    start: datetime
    end: datetime
    attendees: tuple[str, ...]
    organizer: str
    summary: str


async def apart(text: bytes, zone: str, start: datetime, end: datetime) -> list[Occurrence]:
    """`occurrences`, in a process of its own. BadInput as well where that took too long or too much."""
    if len(text) > LARGEST:
        raise BadInput(f"It has over {LARGEST:,} bytes.", "Give one for on-call alone.")
    asked = orjson.dumps({"zone": zone, "start": start, "end": end}) + b"\n" + text
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "ignore", "-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},  # none of our secrets
    )
    try:
        async with asyncio.timeout(SECONDS):
            said, _ = await child.communicate(asked)
    except TimeoutError:
        raise BadInput(f"It took over {SECONDS:g} s to read.", "Look at its recurring events.") from None
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        raise BadInput("It cannot be read: it asks for too much.", "Look at its recurring events.")
    answer = orjson.loads(said)
    if "fault" in answer:
        raise BadInput(*answer["fault"])
    return [_read(one) for one in answer["found"]]


def occurrences(text: bytes, zone: str, start: datetime, end: datetime) -> list[Occurrence]:
    """What happens in `[start, end)`, in order, without what is cancelled.

    Days, and times that name no zone, are those of `zone`. BadInput for what is no calendar, or too large a one.
    """
    import icalendar
    import recurring_ical_events

    if text.upper().count(b"BEGIN:VEVENT") > MOST:
        raise BadInput(f"It has more than {MOST:,} events.", "Give one for on-call alone.")
    try:
        calendar = icalendar.Calendar.from_ical(text)
        _whole(calendar.walk("VEVENT"))
        if str(calendar.get("METHOD", "")).upper() == "CANCEL":
            return []
        # A day more on both sides: what days are is known only once they are on the zone's own clock.
        day = timedelta(days=1)
        found = recurring_ical_events.of(calendar).between(start - day, end + day)
        read = [one for event in found[: MOST + 1] if (one := _occurrence(event, zone))]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        raise BadInput(f"It is no calendar that can be read ({type(error).__name__}).", "Export it anew.") from None
    if len(found) > MOST:
        raise BadInput(f"It has more than {MOST:,} events in {(end - start).days} days.", "Give a calmer one.")
    kept = [one for one in read if one.start < one.end and one.start < end and one.end > start]
    return sorted(kept, key=lambda one: (one.start, one.end, one.summary))


def _whole(events: "Iterable[Component]") -> None:
    """BadInput for an event whose times nobody can read: left out, it would leave a gap nobody knows of."""
    for event in events:
        wrong = [name for name, _ in event.errors if name in _PARTS]
        if wrong or "DTSTART" not in event:
            part = wrong[0] if wrong else "DTSTART"
            named = " ".join(str(event.get("SUMMARY", "")).split())[:60]
            raise BadInput(f"The event {named!r} has no {part} that can be read.", "Mend the event.")


def _occurrence(event: "Component", zone: str) -> Occurrence | None:
    """None for what is cancelled."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start, end = (_instant(event.decoded(key), zone) for key in ("DTSTART", "DTEND"))
    summary = " ".join(str(event.get("SUMMARY", "")).split())[:_TEXT]
    organizer = next(_listed(event.get("ORGANIZER")), "")
    return Occurrence(start, end, tuple(_invited(event)), _mail(organizer), summary)


def _invited(event: "Component") -> Iterator[str]:
    for one in _listed(event.get("ATTENDEE")):
        said = {name: str(one.params.get(name, "")).upper() for name in ("PARTSTAT", "CUTYPE")}
        if said["PARTSTAT"] != "DECLINED" and said["CUTYPE"] not in ("ROOM", "RESOURCE"):
            yield _mail(one)


def _listed(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else () if value is None else (value,)


def _mail(address: Any) -> str:
    """`mailto:Ada@example.com` as ada@example.com."""
    said = str(address).strip()[:_TEXT]
    return (said[7:] if said.lower().startswith("mailto:") else said).casefold()


def _instant(at: date, zone: str) -> datetime:
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(UTC)
    shown = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)  # noqa: DTZ001 - on the wall
    return clocks.moment(clocks.of(zone).first(clocks.wall(shown)))


def _read(said: dict[str, Any]) -> Occurrence:
    start, end = (datetime.fromisoformat(said[key]) for key in ("start", "end"))
    return Occurrence(start, end, tuple(said["attendees"]), said["organizer"], said["summary"])


def _answer() -> None:
    """The child's part: a line of JSON and the text come in, JSON goes out."""
    limit = int(SECONDS) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    if sys.platform == "linux":  # elsewhere the limit of addresses counts what is never used
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    head, _, text = sys.stdin.buffer.read().partition(b"\n")
    asked = orjson.loads(head)
    start, end = (datetime.fromisoformat(asked[key]) for key in ("start", "end"))
    try:
        said: dict[str, Any] = {"found": occurrences(text, asked["zone"], start, end)}
    except BadInput as error:
        said = {"fault": (error.what, error.do)}
    sys.stdout.buffer.write(orjson.dumps(said))


if __name__ == "__main__":
    _answer()
