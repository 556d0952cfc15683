"""PagerDuty: users, teams, schedules and escalation policies, as its REST API v2 lists them (v3 schedules beside it).

A layer's turns are counted from `rotation_virtual_start` and hold from `start` until `end`; the first layer of the list
is the highest; an override stands above all of them; restrictions are hours of the schedule's own zone.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.errors import BadInput
from bot.importing import pagerduty_v3, week
from bot.importing.draft import Draft, Schedule, Step, Swap, local, wall
from bot.importing.export import Export, Item, instant, items, text, whole
from bot.importing.together import Piece
from bot.model.people import Person
from bot.model.rota import Every, Layer, Unit

_UNITS = ((Unit.WEEK, 604_800), (Unit.DAY, 86_400), (Unit.HOUR, 3_600))
_PHONES = ("phone_contact_method", "sms_contact_method")
_SCHEDULES = ("schedule", "schedule_reference", "schedule_v3_reference", "schedule_v3")


def carry(export: Export, draft: Draft) -> None:
    """Take over what is in `export`."""
    for user in export.of("users"):
        _user(user, draft)
    for team in export.of("teams"):
        _team(team, export, draft)
    for schedule in (*export.of("schedules"), *export.of("schedules_v3")):
        _schedule(schedule, export, draft)
    for policy in export.of("escalation_policies"):
        _policy(policy, draft)


def _user(user: Item, draft: Draft) -> None:
    id_, name = text(user, "id"), text(user, "name") or text(user, "summary")
    phone = next((found for one in items(user, "contact_methods") if (found := _phone(one))), None)
    zone = text(user, "time_zone") or "UTC"
    draft.person(id_, name, Person("", email=text(user, "email") or None, phone=phone, timezone=zone))
    if rules := items(user, "notification_rules"):
        draft.lose("user", id_, f"{len(rules)} notification rules; say in `notify` how they are woken")


def _phone(method: Item) -> str | None:
    if text(method, "type") not in _PHONES:
        return None
    digits = "".join(filter(str.isdecimal, text(method, "address")))
    return number(f"{text(method, 'country_code') or '1'}{digits}")


def number(digits: str) -> str | None:
    """A telephone number as people.yaml has it; None where these are not the digits of one."""
    kept = "".join(one for one in digits if one in "0123456789")
    return f"+{kept}" if 7 <= len(kept) <= 15 and kept[0] != "0" else None


def _team(team: Item, export: Export, draft: Draft) -> None:
    id_ = text(team, "id")
    members = [*items(team, "members"), *export.owned("members", id_)]
    ids = [text(one, "user", "id") or text(one, "id") for one in members]
    leads = [text(one, "user", "id") for one in members if text(one, "role") == "manager"]
    ids += [text(user, "id") for user in export.of("users") if id_ in {text(t, "id") for t in items(user, "teams")}]
    draft.team(id_, text(team, "name") or text(team, "summary"), ids, leads[:1])


def _schedule(schedule: Item, export: Export, draft: Draft) -> None:
    id_, name = text(schedule, "id"), text(schedule, "name") or text(schedule, "summary")
    zone = draft.zone("schedule", id_, text(schedule, "time_zone"))
    if zone is None:
        return
    team = next((text(one, "id") for one in items(schedule, "teams")), "")
    if "rotations" in schedule:
        pieces, swaps = pagerduty_v3.read(schedule, zone, draft)
    else:
        pieces = list(_pieces(schedule, zone, draft))
        swaps = list(_overrides(schedule, export, draft))
    draft.schedule(Schedule(id_, name, zone, pieces, swaps, team))


def _pieces(schedule: Item, zone: str, draft: Draft) -> Iterator[Piece]:
    layers = items(schedule, "schedule_layers")
    for level, layer in enumerate(reversed(layers), 1):
        id_ = text(layer, "id") or f"{level} of {text(schedule, 'id')}"
        try:
            yield Piece(id_, _layer(layer, zone, draft, id_), level)
        except BadInput as error:
            draft.lose("layer", id_, error.what)


def _layer(layer: Item, zone: str, draft: Draft, id_: str) -> Layer:
    users = [one.get("user", one) for one in items(layer, "users")]
    seats = tuple(draft.who(text(user, "id"), text(user, "name") or text(user, "summary")) for user in users)
    if not any(seats):
        raise BadInput("nobody is in it")
    seconds = whole(layer, "rotation_turn_length_seconds")
    unit, length = next(((unit, length) for unit, length in _UNITS if seconds > 0 and seconds % length == 0), (None, 1))
    if unit is None or seconds // length > 999:
        raise BadInput(f"turns of {seconds} seconds are no whole hours, or more than 999 of them")
    start = instant(text(layer, "start"))
    made = Layer(
        name=text(layer, "name"),
        start=wall(instant(text(layer, "rotation_virtual_start")) or start, zone, "rotation_virtual_start"),
        every=Every(seconds // length, unit),
        members=seats,
        timezone=zone,
        since=local(start, zone),
        until=local(instant(text(layer, "end")), zone),
    )
    if made.since and made.until and made.until <= made.since:
        raise BadInput("it ends before it begins")
    restrictions = items(layer, "restrictions")
    spans = [span for one in restrictions for span in _spans(one, draft, id_)]
    if restrictions and not spans:
        raise BadInput("none of its restrictions can be read")
    return replace(made, only=week.windows(spans)) if restrictions else made


def _spans(restriction: Item, draft: Draft, id_: str) -> list[week.Span]:
    """The hours of the week a restriction leaves, in minutes."""
    said, seconds = text(restriction, "start_time_of_day"), whole(restriction, "duration_seconds")
    parts = said.removesuffix("Z").split(":")
    if not (2 <= len(parts) <= 3 and all(part.isdecimal() and len(part) == 2 for part in parts) and seconds > 0):
        draft.lose("layer", id_, "one of its restrictions has no start or no duration")
        return []
    clock = [int(part) for part in (*parts, "00")[:3]]
    start = clock[0] * 60 + clock[1]
    if seconds % 60 or clock[2]:
        draft.lose("layer", id_, "a restriction counts seconds; whole minutes stand")
    end = start + max(round((seconds + clock[2]) / 60), 1)
    if text(restriction, "type") != "weekly_restriction":
        return [(day * week.DAY + start, day * week.DAY + end) for day in range(7)]
    day = whole(restriction, "start_day_of_week")
    if not 1 <= day <= 7:
        draft.lose("layer", id_, "a weekly restriction names no day")
        return []
    return [((day - 1) * week.DAY + start, (day - 1) * week.DAY + end)]


def _overrides(schedule: Item, export: Export, draft: Draft) -> Iterator[Swap]:
    id_ = text(schedule, "id")
    found = [*items(schedule, "overrides"), *export.owned("overrides", id_)]
    found += items(schedule, "overrides_subschedule", "rendered_schedule_entries") if not found else []
    for number_, one in enumerate(found, 1):
        name = text(one, "id") or f"{number_} of {id_}"
        person = draft.who(text(one, "user", "id"), text(one, "user", "name") or text(one, "user", "summary"))
        if person is None:
            draft.lose("override", name, "it names nobody")
            continue
        yield Swap(name, instant(text(one, "start")), instant(text(one, "end")), person)


def _policy(policy: Item, draft: Draft) -> None:
    id_, name = text(policy, "id"), text(policy, "name") or text(policy, "summary")
    steps = []
    for number_, rule in enumerate(items(policy, "escalation_rules"), 1):
        if text(rule, "escalation_rule_assignment_strategy", "type") == "round_robin":
            draft.lose("policy", id_, f"step {number_} takes its targets in turn (round robin); ours pages all of them")
        page = tuple(dict.fromkeys(one for target in items(rule, "targets") for one in _targets(target, id_, draft)))
        minutes = whole(rule, "escalation_delay_in_minutes")
        steps.append(Step(page, timedelta(minutes=minutes) if 0 < minutes < 100_000 else None))
    loops = whole(policy, "num_loops", otherwise=-1)
    team = next((found for one in items(policy, "teams") if (found := draft.teams.get(text(one, "id")))), None)
    draft.ladder(id_, name, f"team:{team.name}" if team else "", steps, loops if loops >= 0 else None)


def _targets(target: Item, policy: str, draft: Draft) -> tuple[str, ...]:
    id_, kind = text(target, "id"), text(target, "type")
    if kind in _SCHEDULES:
        found = draft.rota_targets(id_)
        if not found:
            draft.lose("policy", policy, f"it pages the schedule {id_}, which was not carried over")
        return found
    person = draft.who(id_, text(target, "name") or text(target, "summary")) if kind.startswith("user") else None
    if person is None:
        draft.lose("policy", policy, f"it pages a {kind or 'target without a type'}, which has no like here")
        return ()
    return (f"person:{person}",)
