"""PagerDuty's v3 schedules: rotations of events that repeat (RFC 5545) and whose members take turns."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from bot.errors import BadInput
from bot.importing import recurring
from bot.importing.draft import Draft, Swap, local, wall
from bot.importing.export import Item, instant, items, text, whole, words
from bot.importing.recurring import Rule
from bot.importing.together import Piece
from bot.model.rota import Amendment, Layer, Seat, Unit

DAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
UNITS = {"HOURLY": Unit.HOUR, "DAILY": Unit.DAY, "WEEKLY": Unit.WEEK, "MONTHLY": Unit.MONTH}
_EVERYONE = "every_member_assignment_strategy"


def read(schedule: Item, zone: str, draft: Draft) -> tuple[list[Piece], list[Swap]]:
    """The rotations of a schedule, which are all on call at once, and what was changed by hand."""
    pieces: list[Piece] = []
    swaps = [*_shifts(schedule, draft), *_overrides(schedule, draft)]
    apart = {id_ for swap in swaps for id_ in swap.only}
    for rotation in items(schedule, "rotations"):
        events = [*items(rotation, "events"), *([rotation["event"]] if isinstance(rotation.get("event"), dict) else [])]
        for number, event in enumerate(events, 1):
            id_ = text(event, "id") or f"{number} of {text(rotation, 'id')}"
            try:
                made = _layer(event, zone, draft, id_)
            except BadInput as error:
                draft.lose("event", id_, error.what)
                continue
            name = made.name or text(rotation, "name")
            alone = text(rotation, "id") in apart
            pieces.append(Piece(text(rotation, "id") or id_, replace(made, name=name), alone=alone))
    return pieces, swaps


def _at(item: Item, key: str) -> datetime | None:
    """An instant, written as one or as a date_time with its zone beside it."""
    return instant(text(item, key) or text(item, key, "date_time"))


def _layer(event: Item, zone: str, draft: Draft, id_: str) -> Layer:
    zone = draft.zone("event", id_, text(event, "start_time", "time_zone") or zone) or zone
    start, end = (wall(_at(event, key), zone, f"`{key}`") for key in ("start_time", "end_time"))
    seats = _seats(event, draft)
    turns = 1 if len(seats) == 1 else max(whole(event, "assignment_strategy", "shifts_per_member", otherwise=1), 1)
    lines = [line.removeprefix("RRULE:") for line in words(event, "recurrence") if "FREQ=" in line]
    for line in words(event, "recurrence"):
        if line.startswith(("EXDATE", "RDATE")):
            draft.lose("event", id_, f"{line[:6].rstrip(':;')}: single dates that differ; write them as overrides")
    name, since, until = text(event, "name"), _at(event, "effective_since"), _at(event, "effective_until")
    if not lines:
        made = recurring.once(name, start, end - start, seats[0])
    else:
        parts = dict(part.partition("=")[::2] for part in lines[0].upper().split(";"))
        rule, seats = _rule(parts, start, end - start), _taken(parts, seats, turns)
        made = recurring.layer(name, _shared(rule, turns), seats)
        if last := parts.get("UNTIL"):
            made = replace(made, until=recurring.ended(rule, _until(last, zone)))
    begin, finish = local(since, zone), local(until, zone)
    first = max(filter(None, (made.since, begin)), default=None)
    last_ = min(filter(None, (made.until, finish)), default=None)
    if first and last_ and last_ <= first:
        raise BadInput("it ends before it begins")
    return replace(made, timezone=zone, since=first, until=last_)


def _seats(event: Item, draft: Draft) -> tuple[Seat, ...]:
    members = items(event, "assignment_strategy", "members")
    seats = tuple(draft.who(text(one, "user_id") or text(one, "user", "id"), text(one, "name")) for one in members)
    if text(event, "assignment_strategy", "type") == _EVERYONE:
        persons = tuple(dict.fromkeys(seat for seat in seats if seat))
        return (persons,) if persons else (None,)
    if not any(seats):
        raise BadInput("nobody is in it")
    return seats


def _rule(parts: dict[str, str], start: datetime, length: timedelta) -> Rule:
    """The rule of one event; BadInput for what we have no words for."""
    if odd := sorted(set(parts) - {"FREQ", "INTERVAL", "BYDAY", "WKST", "UNTIL"}):
        raise BadInput(f"its recurrence says {', '.join(odd)}, which has no like here")
    interval, days = parts.get("INTERVAL", "1"), parts.get("BYDAY", "").split(",") if parts.get("BYDAY") else []
    unit = UNITS.get(parts["FREQ"])
    if unit is None or not interval.isdecimal() or len(interval) > 3 or any(day not in DAYS for day in days):
        raise BadInput("its recurrence cannot be read")
    week_start = DAYS.get(parts.get("WKST", "MO"), 0)
    return Rule(start, length, unit, int(interval), frozenset(DAYS[day] for day in days), week_start)


def _taken(parts: dict[str, str], seats: tuple[Seat, ...], turns: int) -> tuple[Seat, ...]:
    """The seats in the order in which events take them; where a turn counts days, it says itself how many."""
    return seats if parts.get("BYDAY") else tuple(seat for seat in seats for _ in range(turns if turns < 100 else 1))


def _shared(rule: Rule, turns: int) -> Rule:
    """Members change from event to event: on several days a week, a turn counts those days alone."""
    if not rule.days:
        return rule
    if rule.interval > 1:
        raise BadInput("it holds on some days of every other week")
    return replace(rule, unit=Unit.DAY, interval=turns)


def _until(said: str, zone: str) -> datetime:
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            found = datetime.strptime(said, form)  # noqa: DTZ007 - the letter says whether it is UTC
        except ValueError:
            continue
        return wall(instant(f"{found.isoformat()}Z"), zone, "UNTIL") if said.endswith("Z") else found
    raise BadInput("its UNTIL is no time")


def _shifts(schedule: Item, draft: Draft) -> Iterator[Swap]:
    """Custom shifts: somebody on call beside the others."""
    for number, one in enumerate(items(schedule, "custom_shifts"), 1):
        id_ = text(one, "id") or f"shift {number} of {text(schedule, 'id')}"
        members = items(one, "assignments") or items(one, "members") or items(one, "assignment_strategy", "members")
        people = [person for member in members if (person := _member(member, draft))]
        if not people:
            draft.lose("custom shift", id_, "it names nobody")
        for person in people:
            yield Swap(id_, _at(one, "start_time"), _at(one, "end_time"), person, Amendment.COVER)


def _overrides(schedule: Item, draft: Draft) -> Iterator[Swap]:
    """A named member of a rotation is replaced; a member that is vacant cannot be."""
    for number, one in enumerate(items(schedule, "overrides"), 1):
        id_ = text(one, "id") or f"override {number} of {text(schedule, 'id')}"
        stands, away = (_member(one.get(key), draft) for key in ("overriding_member", "overridden_member"))
        if stands is None:
            draft.lose("override", id_, "it names nobody who takes over")
            continue
        rotation = text(one, "rotation_id") or text(one, "rotation", "id")
        only = frozenset({rotation}) if rotation else frozenset[str]()
        yield Swap(id_, _at(one, "start_time"), _at(one, "end_time"), stands, replaces=away, only=only)


def _member(member: object, draft: Draft) -> str | None:
    """The person behind a member, however it is nested."""
    for path in (("user_id",), ("id",), ("user", "id"), ("member", "user_id")):
        if id_ := text(member, *path):
            return draft.who(id_, text(member, "name"))
    return None
