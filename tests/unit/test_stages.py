"""The stages of a tier: how they are written, what is refused about them, and in which order they fire."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import runbooks
from bot.model.incident import Incident
from bot.model.people import People, Person, Team
from bot.model.rota import Every, Layer, Rota, Unit, Window
from bot.model.runbook import Only, Policy, Stage, Tier
from bot.rules import differing, escalation, matching, reach, stages
from bot.store import incidents as rows
from tests.store import made

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
FIVE = timedelta(minutes=5)
WORK = (Window(frozenset(range(5)), time(9), time(18)),)
PEOPLE = People(
    {name: Person(name, slack=f"U01{name.upper()}") for name in ("ada", "bo", "cy", "dee")},
    {"ml": Team("ml", "retail", ("ada", "bo", "cy"), lead="cy"), "empty": Team("empty", "retail", ())},
)
ROTAS = {
    "first": Rota("first", "UTC", (Layer("daily", datetime(2026, 11, 23), Every(1, Unit.DAY), ("ada", "bo", None)),)),
    "alone": Rota("alone", "UTC", (Layer("daily", datetime(2026, 11, 23), Every(1, Unit.DAY), ("ada",)),)),
}
ROSTER = escalation.Roster(ROTAS, PEOPLE, (), ("slack",), agents=("triage",))
L2 = Tier("L2", ("person:dee",), FIVE)


def incident(*course: Stage, **more: Any) -> Incident:
    page = tuple(dict.fromkeys(target for stage in course for target in stage.page))
    tier = Tier("L1", page, sum((one.wait for one in course), timedelta(0)), (), course)
    policy = Policy((tier, L2), "L1", repeats=0)
    return made.incident(policy=policy, tier="L1", **more)


def march(start: Incident) -> list[tuple[int, str]]:
    """(minutes after the first, who is paged or what it waits for) of each step, until the last resort."""
    told, now = [], NOON
    for _ in range(12):
        fired = escalation.fire(start, ROSTER, now)
        names = [page.person for page in fired.pages] + [f"agent {name}" for name in fired.agents]
        told.append((round((now - NOON) / timedelta(minutes=1)), "waits" if fired.waits else " ".join(names)))
        if fired.incident.next_step_at is None:
            return told
        start, now = fired.incident, fired.incident.next_step_at
    raise AssertionError("it never ends")


ADA, BO = Stage(("person:ada",), FIVE), Stage(("person:bo",), FIVE)
TWICE = Stage(back_to=1, times=2)
COURSES = {
    "one after the other, then the next tier": ((ADA, BO), "0 ada, 5 bo, 10 dee, 15 "),
    "a wait pages nobody": ((ADA, Stage(wait=FIVE), BO), "0 ada, 5 waits, 10 bo, 15 dee, 20 "),
    "back to the beginning, twice": ((ADA, TWICE), "0 ada, 5 ada, 10 ada, 15 dee, 20 "),
    "back after a wait": ((ADA, Stage(wait=FIVE, back_to=1, times=1)), "0 ada, 5 waits, 10 ada, 15 dee, 20 "),
    "back to the second": ((ADA, BO, Stage(back_to=2, times=1)), "0 ada, 5 bo, 10 bo, 15 dee, 20 "),
    "nobody is passed over at once": ((Stage(("team:empty",), FIVE), BO), "0 bo, 5 dee, 10 "),
    "nothing is waited for where nobody was paged": (
        (Stage(("team:empty",), FIVE), Stage(wait=FIVE), Stage(back_to=1, times=9), BO),
        "0 bo, 5 dee, 10 ",
    ),
    "a stage that is not for now is passed over": (
        (Stage(("person:ada",), FIVE, only=Only(10, FIVE)), BO),
        "0 bo, 5 dee, 10 ",
    ),
    "everybody of a rota": ((Stage(("rota:first/everyone",), FIVE),), "0 ada bo, 5 dee, 10 "),
    "who comes next": ((Stage(("rota:first/next",), FIVE),), "0 bo, 5 dee, 10 "),
    "an agent first": ((Stage(("agent:triage",), FIVE, spend=2.0), BO), "0 agent triage, 5 bo, 10 dee, 15 "),
    "an agent nobody knows": ((Stage(("agent:gone",), FIVE), BO), "0 bo, 5 dee, 10 "),
    "a place": ((Stage(("channel:#ml", "usergroup:oncall"), FIVE),), "0 channel:#ml usergroup:oncall, 5 dee, 10 "),
    "only waits and nobody": ((Stage(("team:empty",), FIVE), Stage(wait=FIVE)), "0 dee, 5 "),
}


@pytest.mark.parametrize("case", COURSES)
def test_the_order_of_stages(case: str) -> None:
    course, wanted = COURSES[case]
    assert ", ".join(f"{at} {who}" for at, who in march(incident(*course))) == wanted


def test_a_tier_waits_until_its_hours_and_pages_then() -> None:
    night = NOON.replace(hour=22)
    start = incident(ADA, Stage(until=WORK), BO)
    facts = stages.Facts("Europe/Istanbul")  # 09:00 there is 06:00 UTC
    first = escalation.fire(start, ROSTER, night, facts)
    held = escalation.fire(first.incident, ROSTER, night + FIVE, facts)
    assert (held.waits, held.pages, held.incident.next_step_at) == (True, (), datetime(2026, 11, 24, 6, tzinfo=UTC))
    assert held.incident.waits == "Its hours begin at 2026-11-24 09:00 +03."
    again = escalation.fire(held.incident, ROSTER, datetime(2026, 11, 24, 6, tzinfo=UTC), facts)
    assert ([page.person for page in again.pages], again.incident.waits) == (["bo"], "")


def test_within_its_hours_nothing_is_waited_for() -> None:
    assert march(incident(Stage(until=WORK), BO))[0] == (0, "bo")


def test_hours_before_the_first_page_of_all_and_over_a_weekend() -> None:
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    held = escalation.fire(incident(Stage(("person:ada",), FIVE, until=WORK)), ROSTER, saturday)
    assert held.incident.next_step_at == datetime(2026, 11, 30, 9, tzinfo=UTC)
    assert escalation.fire(held.incident, ROSTER, held.incident.next_step_at).pages[0].person == "ada"


@pytest.mark.parametrize(("count", "paged"), [(10, "bo"), (11, "ada")])
def test_more_than_ten_is_eleven(count: int, paged: str) -> None:
    start = incident(Stage(("person:ada",), FIVE, only=Only(10, FIVE)), BO)
    fired = escalation.fire(start, ROSTER, NOON, stages.Facts(alerts={FIVE: count}))
    assert [page.person for page in fired.pages] == [paged]
    why = "It is for more than 10 alerts within 5m; there were 10."
    assert fired.passed == ((("L1 stage 1", why),) if paged == "bo" else ())
    assert fired.skipped == ()  # nothing to mend, so no owner is told


def test_one_in_turn_is_the_next_each_time() -> None:
    start = incident(Stage(("team:ml",), FIVE, in_turn=True))
    key = stages.turn(("team:ml",))
    found = [escalation.fire(start, ROSTER, NOON, stages.Facts(turns={key: n})) for n in range(4)]
    assert [[page.person for page in fired.pages] for fired in found] == [["ada"], ["bo"], ["cy"], ["ada"]]
    assert {fired.turns for fired in found} == {(key,)}


def test_a_whole_tier_that_is_not_for_now_leaves_the_last_resort() -> None:
    start = incident(Stage(("person:ada",), FIVE, only=Only(hours=WORK)))
    start = replace(
        start, policy=replace(start.policy, tiers=start.policy.tiers[:1], repeats=5, fallback=("person:bo",))
    )
    fired = escalation.fire(start, ROSTER, NOON.replace(hour=20))
    assert ([page.person for page in fired.pages], fired.incident.exhausted) == (["bo"], True)


def test_every_round_begins_at_the_first_stage_and_counts_its_own_turns_back() -> None:
    start = incident(ADA, Stage(back_to=1, times=1))
    start = replace(start, policy=replace(start.policy, tiers=start.policy.tiers[:1], repeats=1))
    assert [who for _, who in march(start)] == ["ada", "ada", "ada", "ada", ""]


def test_who_comes_next_is_whoever_is_not_on_call_now() -> None:
    tuesday = NOON + timedelta(days=1)  # bo's day; the seat after it is vacant, then it is ada's again
    assert reach.people("rota:first/next", ROTAS, PEOPLE, (), tuesday).persons == ("ada",)
    assert reach.people("rota:alone/next", ROTAS, PEOPLE, (), NOON).why == "Nobody else comes next in alone."
    assert "no 'last'" in reach.people("rota:first/last", ROTAS, PEOPLE, (), NOON).why


def test_a_place_is_reached_only_where_slack_is_on() -> None:
    off = replace(ROSTER, channels=("sms",))
    fired = escalation.fire(incident(Stage(("channel:#ml",), FIVE)), off, NOON)
    assert fired.skipped[0] == ("L1 stage 1", "#ml is in Slack, which is off.")


def test_a_policy_with_stages_is_kept_whole() -> None:
    course = (
        Stage(("person:ada",), FIVE, WORK, Only(3, FIVE, WORK), True),
        TWICE,
        Stage(("agent:x",), FIVE, spend=2.5),
    )
    policy = incident(*course).policy
    assert rows.thaw(rows.freeze(policy)) == policy


def test_what_differs_is_said_in_sentences() -> None:
    was = incident(ADA, BO).policy
    now = replace(was, tiers=(replace(was.tiers[0], stages=(ADA,)),), repeats=3, fallback=("channel:#ml",))
    assert list(differing.between(was, now)) == [
        "L2 is no more.",
        "L1 goes by stages: 1. pages person:ada, waits 5m; it goes by stages: 1. pages person:ada, waits 5m;"
        " 2. pages person:bo, waits 5m before.",
        "All tiers are tried again 3 times, not 0.",
        "The last resort is channel:#ml, not nobody.",
    ]
    assert list(differing.between(was, was)) == []


def test_of_as_many_stages_only_those_that_are_other_are_said() -> None:
    was = incident(ADA, BO).policy
    longer = replace(ADA, wait=FIVE * 2)
    first = replace(was.tiers[0], stages=(longer, *was.tiers[0].stages[1:]), may=("evaluate",))
    now = replace(was, tiers=(first, *was.tiers[1:]))
    assert list(differing.between(was, now)) == [
        "L1 stage 1 pages person:ada, waits 10m; it pages person:ada, waits 5m before.",
        "L1 may do alone: evaluate; before: nothing.",
    ]


# --- how they are written ---

HEAD = """---
title: Anything
owner: person:ada
review_by: 2099-01-01
match: {}
severity: [{is: sev2}]
tiers:
  L1:
    may: [evaluate]
    stages:
STAGES
---
"""
WRITTEN = """
      - {page: "rota:first-line", wait: 5m}
      - {page: ["rota:first-line/next"], wait: 5m, only: {more_than: 10, within: 5m}}
      - {page: "team:churn-ml", in_turn: true, wait: 5m}
      - {until: {days: mon-fri, from: "09:00", to: "18:00"}}
      - {page: "usergroup:oncall-ml", wait: 2m, only: {hours: {days: "sat,sun"}}}
      - {page: "rota:first-line/everyone", all_must: true, wait: 10m}
      - {page: "agent:triage", wait: 3m, spend: 2}
      - {wait: 5m, back_to: 1, times: 2}"""


def read(folder: Path, text: str) -> runbooks.Library:
    (folder / "any.md").write_text(HEAD.replace("STAGES", text), encoding="utf-8")
    return runbooks.load(folder, matching.parse)


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    library = read(tmp_path, WRITTEN)
    assert library.complaints == ()
    (tier,) = library.runbooks[0].tiers
    assert tier.answer_within == timedelta(minutes=35)
    assert tier.page == (
        *("rota:first-line", "rota:first-line/next", "team:churn-ml"),
        *("usergroup:oncall-ml", "rota:first-line/everyone", "agent:triage"),
    )
    assert tier.stages[1].only == Only(10, FIVE)
    assert tier.stages[3].until == WORK
    assert (tier.stages[6].spend, tier.stages[7].back_to, tier.stages[7].times) == (2.0, 1, 2)


PAGE = '- {page: "person:ada", wait: 5m}'
WRONG = {
    "back to a later stage": (f"{PAGE}\n      - {{back_to: 2, times: 1}}", 12, "Stage 2 is not before it"),
    "back to none": (f"{PAGE}\n      - {{back_to: 9, times: 1}}", 12, "Stage 9 is not before it"),
    "times nought": (f"{PAGE}\n      - {{back_to: 1, times: 0}}", 12, "times` must be greater than or equal to 1"),
    "back for ever": (f"{PAGE}\n      - {{back_to: 1}}", 12, "Nobody says how often"),
    "back twice": (f"{PAGE}\n      - {{back_to: 1, times: 1}}\n      - {{back_to: 1, times: 1}}", 13, "second time"),
    "an empty condition": ('- {page: "person:ada", wait: 5m, only: {}}', 11, "`only` names no condition"),
    "half a condition": ('- {page: "person:ada", wait: 5m, only: {more_than: 3}}', 11, "belong together"),
    "an agent without a wait": ('- {page: "agent:triage"}', 11, "how long it may look"),
    "a page without a wait": ('- {page: "person:ada"}', 11, "how long they have"),
    "spending without an agent": ('- {page: "person:ada", wait: 5m, spend: 2}', 11, "`spend` is for an agent"),
    "all of a channel": ('- {page: "channel:#ml", wait: 5m, all_must: true}', 11, "is for people"),
    "until nothing": (f"{PAGE}\n      - {{until: {{}}}}", 12, "`until` names no hours"),
    "nobody at all": ("- {wait: 5m}", 10, "pages nobody"),
    "a mention": ('- {page: "usergroup:@oncall", wait: 5m}', 11, "is no user group"),
    "no channel": ('- {page: "channel:ml", wait: 5m}', 11, "is no Slack channel"),
    "no part of a rota": ('- {page: "rota:first/last", wait: 5m}', 11, "is no part of a rota"),
    "no day": (f"{PAGE}\n      - {{until: {{days: someday}}}}", 12, "names no days"),
    "too many": ("\n      ".join([PAGE] * 21), 10, "21 stages"),
    "nothing": (f"{PAGE}\n      - {{}}", 12, "It does nothing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_nonsense_is_refused_with_its_line_and_a_cure(tmp_path: Path, case: str) -> None:
    text, line, what = WRONG[case]
    library = read(tmp_path, f"      {text}")
    assert not library.runbooks
    found = [one for one in library.complaints if what in one.what]
    assert [(one.line, bool(one.do)) for one in found] in ([(line, True)], [(line, False)]), library.complaints
    assert found[0].do or "must be" in found[0].what


@pytest.mark.parametrize(
    ("tier", "what"),
    [
        ('{page: "person:ada", stages: [{page: "person:ada", wait: 5m}]}', "`page` stands beside `stages`"),
        ('{answer_within: 5m, stages: [{page: "person:ada", wait: 5m}]}', "`answer_within` stands beside `stages`"),
        ('{page: "person:ada"}', "`tiers.L1.answer_within` is missing"),
        ("{may: [evaluate]}", "`tiers.L1.page` is missing"),
        ('{page: "agent:triage", answer_within: 5m}', "is no target"),
    ],
)
def test_a_tier_is_plain_or_has_stages(tmp_path: Path, tier: str, what: str) -> None:
    text = HEAD[: HEAD.index("  L1:")] + f"  L1: {tier}\n---\n"
    (tmp_path / "any.md").write_text(text, encoding="utf-8")
    library = runbooks.load(tmp_path, matching.parse)
    assert any(what in one.what for one in library.complaints), library.complaints
