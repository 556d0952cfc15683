"""Opsgenie: users, teams, schedules with rotations, overrides and escalations, as its REST API lists them.

Rotations of a schedule are cumulative: everybody on call in any of them is paged. Turns are counted from `startDate`,
in the schedule's zone; an override stands above all rotations, or above those it names.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from bot.errors import BadInput
from bot.importing import week
from bot.importing.draft import LAST, Draft, Schedule, Step, Swap, local, wall
from bot.importing.export import Export, Item, each, instant, items, text, whole
from bot.importing.pagerduty import number
from bot.importing.recurring import LONGEST
from bot.importing.together import Piece
from bot.model.people import Person
from bot.model.rota import Every, Layer, Seat, Unit

_UNITS = {"hourly": Unit.HOUR, "daily": Unit.DAY, "weekly": Unit.WEEK}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
_SPOKEN = ("voice", "sms", "mobile")


def carry(export: Export, draft: Draft) -> None:
    """Take over what is in `export`."""
    for user in export.of("users"):
        _user(user, draft)
    for team in export.of("teams"):
        _team(team, export, draft)
    for schedule in export.of("schedules"):
        _schedule(schedule, export, draft)
    for escalation in export.of("escalations"):
        _escalation(escalation, draft)


def _user(user: Item, draft: Draft) -> None:
    id_, mail = text(user, "id"), text(user, "username")
    contacts = each(user, "userContacts", "contacts")
    spoken = (text(one, "to") for one in contacts if (text(one, "contactMethod") or text(one, "method")) in _SPOKEN)
    phone = next((found for one in spoken if (found := number(one))), None)
    zone = text(user, "timeZone") or "UTC"
    draft.person(id_, text(user, "fullName") or mail, Person("", email=mail or None, phone=phone, timezone=zone))


def _team(team: Item, export: Export, draft: Draft) -> None:
    id_ = text(team, "id")
    members = [*items(team, "members"), *export.owned("members", id_)]
    for one in members:
        draft.who(text(one, "user", "id"), text(one, "user", "username"))
    leads = [text(one, "user", "id") for one in members if text(one, "role") == "admin"]
    draft.team(id_, text(team, "name"), [text(one, "user", "id") for one in members], leads[:1])


def _schedule(schedule: Item, export: Export, draft: Draft) -> None:
    id_, name = text(schedule, "id"), text(schedule, "name")
    if schedule.get("enabled") is False:
        draft.lose("schedule", id_, "it is disabled")
        return
    zone = draft.zone("schedule", id_, text(schedule, "timezone"))
    if zone is None:
        return
    swaps = list(_overrides(schedule, export, draft))
    apart = {one for swap in swaps for one in swap.only}
    pieces = []
    for count, rotation in enumerate(items(schedule, "rotations"), 1):
        rotation_id = text(rotation, "id") or f"{count} of {id_}"
        if rotation.get("enabled") is False:
            draft.lose("rotation", rotation_id, "it is disabled")
            continue
        try:
            layer = _layer(rotation, zone, draft, rotation_id)
        except BadInput as error:
            draft.lose("rotation", rotation_id, error.what)
            continue
        pieces.append(Piece(rotation_id, layer, alone=rotation_id in apart))
    draft.schedule(Schedule(id_, name, zone, pieces, swaps, text(schedule, "ownerTeam", "id")))


def _layer(rotation: Item, zone: str, draft: Draft, id_: str) -> Layer:
    seats = tuple(_seat(one, draft, id_) for one in items(rotation, "participants"))
    if not any(seats):
        raise BadInput("nobody is in it")
    unit, length = _UNITS.get(text(rotation, "type")), whole(rotation, "length", otherwise=1)
    if unit is None or not 1 <= length <= LONGEST:
        raise BadInput("its turns are neither hourly, daily nor weekly, or it has no length")
    start = wall(instant(text(rotation, "startDate")), zone, "startDate")
    until = local(instant(text(rotation, "endDate")), zone)
    if until and until <= start:
        raise BadInput("it ends before it begins")
    made = Layer(text(rotation, "name"), start, Every(length, unit), seats, zone, since=start, until=until)
    if not rotation.get("timeRestriction"):
        return made
    if not (spans := list(_hours(rotation))):
        raise BadInput("its time restriction cannot be read")
    return replace(made, only=week.windows(spans))


def _seat(participant: Item, draft: Draft, rotation: str) -> Seat:
    id_, kind = text(participant, "id"), text(participant, "type")
    if kind == "none":
        return None
    if kind == "user":
        return draft.who(id_, text(participant, "username") or text(participant, "name"))
    team = draft.teams.get(id_) if kind == "team" else None
    if team:
        why = f"the team {team.name} takes a turn: all of its members are in that seat, its own routing is not asked"
        draft.lose("rotation", rotation, why)
        return team.members if len(team.members) > 1 else team.members[0]
    draft.lose("rotation", rotation, f"a participant is a {kind or 'nothing'}; its seat is left vacant")
    return None


def _hours(rotation: Item) -> Iterator[week.Span]:
    """The minutes of the week a rotation is restricted to."""
    limit = rotation.get("timeRestriction")
    if text(limit, "type") == "weekday-and-time-of-day":
        for one in items(limit, "restrictions"):
            days = [text(one, key).lower() for key in ("startDay", "endDay")]
            clocks = _clocks(one)
            if clocks is None or any(day not in _DAYS for day in days):
                raise BadInput("a time restriction has no day, or no hour")
            start, end = (_DAYS.index(day) * week.DAY + clock for day, clock in zip(days, clocks, strict=True))
            yield (start, end if end > start else end + week.WEEK)
        return
    for one in [limit["restriction"]] if isinstance(limit, dict) and isinstance(limit.get("restriction"), dict) else []:
        clocks = _clocks(one)
        if clocks is None:
            raise BadInput("a time restriction has no hour")
        for day in range(7):
            start, end = (day * week.DAY + clock for clock in clocks)
            yield (start, end if end > start else end + week.DAY)


def _clocks(one: Item) -> tuple[int, int] | None:
    hours = [whole(one, key, otherwise=-1) for key in ("startHour", "endHour")]
    minutes = [whole(one, key) for key in ("startMin", "endMin")]
    if not all(0 <= hour <= 24 for hour in hours) or not all(0 <= minute < 60 for minute in minutes):
        return None
    return hours[0] * 60 + minutes[0], hours[1] * 60 + minutes[1]


def _overrides(schedule: Item, export: Export, draft: Draft) -> Iterator[Swap]:
    id_ = text(schedule, "id")
    apart = [one for one in export.of("overrides") if id_ in (one.get("of"), text(one, "_parent", "id"))]
    for count, one in enumerate((*items(schedule, "overrides"), *apart), 1):
        name = text(one, "alias") or f"{count} of {id_}"
        kind = text(one, "user", "type") or "user"
        called = text(one, "user", "username") or text(one, "user", "name")
        person = draft.who(text(one, "user", "id"), called) if kind == "user" else None
        if person is None:
            draft.lose("override", name, f"a {kind} takes over, or nobody; only a person can")
            continue
        only = frozenset(text(rotation, "id") for rotation in items(one, "rotations"))
        start, end = (instant(text(one, key)) for key in ("startDate", "endDate"))
        yield Swap(name, start, end, person, only=only)


def _escalation(escalation: Item, draft: Draft) -> None:
    """Rules fire so long after the alert; our steps wait so long after the one before."""
    id_, name = text(escalation, "id"), text(escalation, "name")
    timed: dict[timedelta, list[str]] = {}
    for count, rule in enumerate(items(escalation, "rules"), 1):
        page, after = _recipient(rule, draft, id_, count), _delay(rule)
        if after is None:
            draft.lose("escalation", id_, f"the delay of rule {count} cannot be read")
        elif page:
            timed.setdefault(after, []).extend(one for one in page if one not in timed.get(after, ()))
    times = sorted(timed)
    if times and times[0]:
        draft.lose("escalation", id_, f"it waits {times[0]} before it pages anybody; ours pages at once")
    again = whole(escalation, "repeat", "waitInterval")
    last = timedelta(minutes=again) if 0 < again < 100_000 else LAST
    waits = [after - before for before, after in pairwise(times)]
    steps = [Step(tuple(timed[at]), wait) for at, wait in zip(times, (*waits, last), strict=True)] if times else []
    repeat = escalation.get("repeat")
    if isinstance(repeat, dict) and repeat.get("closeAlertAfterAll"):
        draft.lose("escalation", id_, "it closes the alert after the last repeat; ours goes on to its fallback")
    team = draft.teams.get(text(escalation, "ownerTeam", "id"))
    repeats = whole(escalation, "repeat", "count") if isinstance(repeat, dict) else None
    draft.ladder(id_, name, f"team:{team.name}" if team else "", steps, repeats)


def _delay(rule: Item) -> timedelta | None:
    amount = whole(rule, "delay", "timeAmount", otherwise=-1)
    seconds = _SECONDS.get(text(rule, "delay", "timeUnit") or "minutes", 0)
    return timedelta(seconds=amount * seconds) if 0 <= amount < 100_000 and seconds else None


def _recipient(rule: Item, draft: Draft, escalation: str, count: int) -> tuple[str, ...]:
    if text(rule, "condition") not in ("", "if-not-acked"):
        draft.lose("escalation", escalation, f"rule {count} goes on after an acknowledgement; ours stops at one")
    if (how := text(rule, "notifyType")) not in ("", "default", "all"):
        draft.lose("escalation", escalation, f"rule {count} notifies {how!r} of its recipient; ours whoever is on call")
    id_, kind = text(rule, "recipient", "id"), text(rule, "recipient", "type")
    if kind == "schedule":
        found = draft.rota_targets(id_)
    elif kind == "team":
        found = (f"team:{draft.teams[id_].name}",) if id_ in draft.teams else ()
        if found:
            draft.lose("escalation", escalation, f"rule {count} asks a team's own routing; ours pages all its members")
    else:
        person = draft.who(id_, text(rule, "recipient", "username")) if kind == "user" else None
        found = (f"person:{person}",) if person else ()
    if not found:
        draft.lose("escalation", escalation, f"rule {count} pages a {kind or 'nothing'} that was not carried over")
    return found
