"""Grafana OnCall: users, teams, schedules with their shifts, and escalation chains, as its public API lists them.

A shift of a higher `level` wins; those of one level are on call together. Users roll on from one time frame of the
`frequency` (times `interval`) to the next; overrides stand above all. Times are wall-clock times of the shift's zone.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.errors import BadInput
from bot.importing import recurring
from bot.importing.draft import Draft, Schedule, Step, Swap
from bot.importing.export import Export, Item, items, naive, text, whole, words
from bot.importing.names import said
from bot.importing.pagerduty import number
from bot.importing.pagerduty_v3 import DAYS, UNITS
from bot.importing.recurring import Rule
from bot.importing.together import Piece
from bot.model.people import Person
from bot.model.rota import Amendment, Layer, Seat, Unit

_PAGES = {"notify_persons", "notify_person_next_each_time", "notify_on_call_from_schedule", "notify_team_members"}
_LISTS = {"notify_persons": "persons_to_notify", "notify_person_next_each_time": "persons_to_notify_next_each_time"}
_SCHEDULE = ("notify_on_call_from_schedule", "notify_on_call_from_schedule_id")


def carry(export: Export, draft: Draft) -> None:
    """Take over what is in `export`."""
    for user in export.of("users"):
        _user(user, draft)
    for team in export.of("teams"):
        id_ = text(team, "id")
        members = [text(user, "id") for user in export.of("users") if id_ in words(user, "teams")]
        draft.team(id_, text(team, "name"), [*words(team, "users"), *members])
    shifts = {text(shift, "id"): shift for shift in export.of("on_call_shifts")}
    used: set[str] = set()
    for schedule in export.of("schedules"):
        used |= _schedule(schedule, shifts, draft)
    for id_ in shifts.keys() - used:
        draft.lose("shift", id_, "no schedule of the export names it")
    for chain in export.of("escalation_chains"):
        _chain(chain, export, draft)


def _user(user: Item, draft: Draft) -> None:
    linked = [text(one, "user_id") for one in items(user, "slack")] or [text(user, "slack", "user_id")]
    person = Person(
        name="",
        slack=linked[0] or None,
        email=text(user, "email") or None,
        phone=number(text(user, "verified_phone_number")),
        timezone=text(user, "timezone") or "UTC",
    )
    draft.person(text(user, "id"), text(user, "username") or text(user, "name"), person)


def _schedule(schedule: Item, shifts: dict[str, Item], draft: Draft) -> set[str]:
    """Take in a schedule; the ids of the shifts it names."""
    id_, name, kind = text(schedule, "id"), text(schedule, "name"), text(schedule, "type")
    ids = words(schedule, "shifts")
    ids += [one for one, shift in shifts.items() if one not in ids and id_ and text(shift, "schedule") == id_]
    if kind == "ical":
        draft.lose("schedule", id_, f"{said(name)} is a calendar by its address; write a layer with `calendar`")
        return set(ids)
    if schedule.get("ical_url_overrides"):
        draft.lose("schedule", id_, "its overrides stand in a calendar by its address, which is not read")
    zone = draft.zone("schedule", id_, text(schedule, "time_zone") or "UTC")
    if zone is None:
        return set(ids)
    inside = {text(one, "id"): one for one in items(schedule, "shifts") if text(one, "type")}
    pieces: list[Piece] = []
    swaps: list[Swap] = []
    for one in ids:
        shift = inside.get(one) or shifts.get(one)
        if shift is None:
            draft.lose("shift", one, f"{said(name)} names it, and the export has none such")
            continue
        try:
            if text(shift, "type") == "override":
                swaps += _override(shift, zone, draft)
            else:
                pieces.append(Piece(one, _layer(shift, zone, draft), whole(shift, "level")))
        except BadInput as error:
            draft.lose("shift", one, error.what)
    draft.schedule(Schedule(id_, name, zone, pieces, swaps, text(schedule, "team_id")))
    return set(ids)


def _span(shift: Item) -> tuple[datetime, timedelta]:
    start, seconds = naive(text(shift, "start")), whole(shift, "duration")
    if start is None or not 0 < seconds < recurring.LARGE.total_seconds():
        raise BadInput("it has no start, or no duration")
    return start, timedelta(seconds=seconds)


def _zone(shift: Item, zone: str, draft: Draft) -> str:
    own = text(shift, "time_zone")
    if own and draft.zone("shift", text(shift, "id"), own) is None:
        raise BadInput("without its zone nobody can say when it is")
    return own or zone


def _override(shift: Item, zone: str, draft: Draft) -> Iterator[Swap]:
    """Somebody in everybody's place; whoever is named with them is added."""
    begin, length = _span(shift)
    where = ZoneInfo(_zone(shift, zone, draft))
    start, end = (one.replace(tzinfo=where).astimezone(UTC) for one in (begin, begin + length))
    named = [*words(shift, "users"), *(one for group in _groups(shift) for one in group)]
    people = [person for one in dict.fromkeys(named) if (person := draft.who(one))]
    if not people:
        raise BadInput("it names nobody")
    for place, person in enumerate(people):
        kind = Amendment.COVER if place else Amendment.OVERRIDE
        yield Swap(text(shift, "id"), start, end, person, kind)


def _groups(shift: Item) -> list[list[str]]:
    found = shift.get("rolling_users")
    return [words({"": group}, "") for group in found] if isinstance(found, list) else []


def _layer(shift: Item, zone: str, draft: Draft) -> Layer:
    name, kind, own = text(shift, "name"), text(shift, "type"), _zone(shift, zone, draft)
    start, length = _span(shift)
    together = _seat(words(shift, "users"), draft)
    if kind == "single_event":
        return replace(recurring.once(name, start, length, together), timezone=own)
    if kind not in ("recurrent_event", "rolling_users"):
        raise BadInput(f"its type {said(kind)!r} is unknown")
    seats = _rolled(shift, draft) if kind == "rolling_users" else (together,)
    if not text(shift, "frequency"):
        return replace(recurring.once(name, start, length, seats[0]), timezone=own)
    rule = _rule(shift, start, length)
    made = recurring.layer(name, rule, seats)
    if rule.unit is Unit.WEEK and rule.days and rule.interval > 1:
        draft.lose("shift", text(shift, "id"), f"read as RFC 5545 says: of {rule.interval} weeks it holds in the first")
    if begun := naive(text(shift, "rotation_start")):
        made = replace(made, since=max(begun, rule.start))
    if text(shift, "until"):
        last = naive(text(shift, "until").removesuffix("Z"))
        if last is None:
            raise BadInput("its `until` is no time")
        made = replace(made, until=recurring.ended(rule, last))
    if made.since and made.until and made.until <= made.since:
        raise BadInput("it ended before it began")
    return replace(made, timezone=own)


def _rule(shift: Item, start: datetime, length: timedelta) -> Rule:
    for key in ("by_month", "by_monthday"):
        if shift.get(key):
            raise BadInput(f"it is limited by `{key}`, which has no like here")
    unit, days = UNITS.get(text(shift, "frequency").upper()), words(shift, "by_day")
    if unit is None or any(day not in DAYS for day in days):
        raise BadInput("its frequency, or a day of it, is unknown")
    if days and unit not in (Unit.DAY, Unit.WEEK):
        raise BadInput("it repeats by hours or months on some days alone")
    week_start = DAYS.get(text(shift, "week_start"), DAYS["SU"])
    chosen = frozenset(DAYS[day] for day in days)
    if chosen and start.weekday() not in chosen:
        # It begins on the first of its days as its weeks count them, which need not be the next of them.
        first = min(chosen, key=lambda day: (day - week_start) % 7)
        start += timedelta(days=(first - start.weekday()) % 7)
    return Rule(start, length, unit, whole(shift, "interval", otherwise=1), chosen, week_start)


def _seat(ids: list[str], draft: Draft) -> Seat:
    persons = tuple(dict.fromkeys(person for one in ids if (person := draft.who(one))))
    return (persons if len(persons) > 1 else persons[0]) if persons else None


def _rolled(shift: Item, draft: Draft) -> tuple[Seat, ...]:
    """The seats in turn, beginning with the one the shift says."""
    seats = [_seat(group, draft) for group in _groups(shift)]
    if not any(seats):
        raise BadInput("nobody is in it")
    first = whole(shift, "start_rotation_from_user_index") % len(seats)
    return (*seats[first:], *seats[:first])


def _chain(chain: Item, export: Export, draft: Draft) -> None:
    """Steps between two waits are one of ours."""
    id_, name = text(chain, "id"), text(chain, "name")
    steps: list[Step] = []
    page: list[str] = []
    repeats = 0
    policies = [one for one in export.of("escalation_policies") if text(one, "escalation_chain_id") == id_]
    for policy in sorted(policies, key=lambda one: whole(one, "position")):
        kind = text(policy, "type")
        if kind == "wait":
            seconds = whole(policy, "duration")
            if page and 0 < seconds < 10_000_000:
                steps.append(Step(tuple(dict.fromkeys(page)), timedelta(seconds=seconds)))
                page = []
            elif steps and 0 < seconds < 10_000_000:
                steps[-1] = replace(steps[-1], wait=(steps[-1].wait or timedelta(0)) + timedelta(seconds=seconds))
            else:
                draft.lose("chain", id_, "it waits before it pages anybody; ours pages at once")
        elif kind == "repeat_escalation":
            repeats = 5  #: as often as Grafana OnCall does
        elif kind in _PAGES:
            page += _paged(policy, kind, id_, draft)
        else:
            draft.lose("chain", id_, f"step {text(policy, 'id')} ({said(kind) or 'without a type'}) has no like here")
    if page:
        steps.append(Step(tuple(dict.fromkeys(page)), None))
    team = draft.teams.get(text(chain, "team_id"))
    draft.ladder(id_, name, f"team:{team.name}" if team else "", steps, repeats)


def _paged(policy: Item, kind: str, chain: str, draft: Draft) -> tuple[str, ...]:
    found: tuple[str, ...]
    if kind in _LISTS:
        if kind == "notify_person_next_each_time":
            draft.lose("chain", chain, "a step takes its people in turn (round robin); ours pages all of them")
        found = tuple(f"person:{person}" for one in words(policy, _LISTS[kind]) if (person := draft.who(one)))
    elif kind == "notify_team_members":
        team = draft.teams.get(text(policy, "team_to_notify"))
        found = (f"team:{team.name}",) if team else ()
    else:
        found = next((made for key in _SCHEDULE if (made := draft.rota_targets(text(policy, key)))), ())
    if not found:
        draft.lose("chain", chain, f"step {text(policy, 'id')} ({kind}) pages nobody who was carried over")
    return found
