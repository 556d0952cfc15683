"""Who is paged when a step fires, and when the next one does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from bot.model.incident import Incident, Phase
from bot.model.page import ASKED, PageState
from bot.model.people import NotifyStep, People, Person, Team
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.model.runbook import Policy, Tier
from bot.rules import escalation
from tests.store import made

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
WAIT = {"L1": timedelta(minutes=10), "L2": timedelta(minutes=15), "L3": timedelta(minutes=30)}
SMS = MappingProxyType({"high": (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))})
PEOPLE = People(
    {
        **{name: Person(name, slack=f"U01{name.upper()}") for name in ("ada", "bo", "cy", "dee")},
        "sam": Person("sam", slack="U01SAM", notify=SMS),
        "noslack": Person("noslack"),
        "onlycall": Person("onlycall", slack="U01CALL", notify={"high": (NotifyStep("call"),)}),
        "twice": Person("twice", slack="U01TWICE", notify={"high": (NotifyStep("slack"), NotifyStep("slack"))}),
        "nudged": Person(
            "nudged",
            slack="U01NUDGED",
            notify={"high": (NotifyStep("slack"), NotifyStep("slack", timedelta(minutes=5)))},
        ),
    },
    {
        "ml": Team("ml", "retail", ("ada", "bo"), lead="cy"),
        "empty": Team("empty", "retail", ()),
    },
)
ROTAS = {
    "first": Rota("first", "UTC", (Layer("daily", datetime(2026, 11, 23), Every(1, Unit.DAY), ("ada", "bo")),)),
    "vacant": Rota("vacant", "UTC", (Layer("daily", datetime(2026, 11, 23), Every(1, Unit.DAY), (None,)),)),
}


def roster(*channels: str, overrides: tuple[Override, ...] = ()) -> escalation.Roster:
    return escalation.Roster(ROTAS, PEOPLE, overrides, channels or ("slack", "sms"))


def incident(*tiers: tuple[str, ...], **more: Any) -> Incident:
    """An unfired incident whose L1, L2 ... page these targets."""
    policy: dict[str, Any] = {"start": "L1", "repeats": 0, "fallback": (), "urgency": "high"}
    policy |= {key: more.pop(key) for key in list(more) if key in policy}
    built = tuple(Tier(name, page, WAIT[name]) for name, page in zip(WAIT, tiers, strict=False))
    return made.incident(policy=Policy(built, **policy), **{"tier": policy["start"], **more})


def march(start: Incident, *, most: int = 20, who: escalation.Roster | None = None) -> list[tuple[str, int, list[str]]]:
    """Fire until nothing is due: (tier, round, people paged) of each step."""
    told, now = [], NOON
    for number in range(1, most + 1):
        fired = escalation.fire(start, who or roster(), now)
        assert fired.incident.step == number
        assert fired.incident.version == start.version + 1
        assert len({page.id for page in fired.pages}) == len(fired.pages)
        tier = fired.pages[0].tier if fired.pages else "nobody"
        told.append((tier, fired.incident.round, sorted({page.person for page in fired.pages})))
        if fired.incident.next_step_at is None:
            assert fired.incident.exhausted
            return told
        now, start = fired.incident.next_step_at, fired.incident
    raise AssertionError("it never ends")


ALL = (("person:ada",), ("person:bo",), ("person:cy",))
ORDERS = {
    "upwards, then the end": (
        incident(*ALL),
        [("L1", 0, ["ada"]), ("L2", 0, ["bo"]), ("L3", 0, ["cy"]), ("nobody", 0, [])],
    ),
    "then the fallback": (
        incident(*ALL, fallback=("person:dee",)),
        [("L1", 0, ["ada"]), ("L2", 0, ["bo"]), ("L3", 0, ["cy"]), ("fallback", 0, ["dee"])],
    ),
    "round again": (
        incident(*ALL[:2], repeats=2, fallback=("person:dee",)),
        [(f"L{n % 2 + 1}", n // 2, [("ada", "bo")[n % 2]]) for n in range(6)] + [("fallback", 2, ["dee"])],
    ),
    "from the start tier, and round again from there": (
        incident(*ALL, start="L2", repeats=1),
        [("L2", 0, ["bo"]), ("L3", 0, ["cy"]), ("L2", 1, ["bo"]), ("L3", 1, ["cy"]), ("nobody", 1, [])],
    ),
    "an empty tier is passed over at once": (
        incident(ALL[0], ("rota:vacant",), ALL[2], repeats=1),
        [("L1", 0, ["ada"]), ("L3", 0, ["cy"]), ("L1", 1, ["ada"]), ("L3", 1, ["cy"]), ("nobody", 1, [])],
    ),
    "an empty start tier too": (
        incident(("team:empty",), ALL[1], repeats=1),
        [("L2", 0, ["bo"]), ("L2", 1, ["bo"]), ("nobody", 1, [])],
    ),
    "nobody anywhere ends at once at the fallback, however many rounds": (
        incident(("rota:none",), ("person:eve",), ("lead:empty",), repeats=9, fallback=("person:dee",)),
        [("fallback", 0, ["dee"])],
    ),
    "nobody at all": (incident(("rota:none",), repeats=9), [("nobody", 0, [])]),
    "no tier names anybody": (incident((), (), ()), [("nobody", 0, [])]),
}


@pytest.mark.parametrize("case", ORDERS)
def test_the_order_of_steps(case: str) -> None:
    start, wanted = ORDERS[case]
    assert march(start) == wanted


def test_each_step_waits_as_long_as_its_own_tier_says() -> None:
    first = escalation.fire(incident(*ALL), roster(), NOON)
    assert first.incident.next_step_at == NOON + WAIT["L1"]
    second = escalation.fire(first.incident, roster(), NOON + WAIT["L1"])
    assert second.incident.next_step_at == NOON + WAIT["L1"] + WAIT["L2"]
    assert (first.incident.changed_at, second.incident.tier) == (NOON, "L2")


def test_what_was_passed_over_is_told_with_its_reason_once() -> None:
    start = incident(("rota:vacant",), ("team:empty", "person:eve"), ("person:noslack",), start="L2", repeats=3)
    fired = escalation.fire(start, roster(), NOON)
    assert [tier for tier, _ in fired.skipped] == ["L2", "L3", "fallback"]
    why = dict(fired.skipped)
    assert "Team empty has no members." in why["L2"]
    assert "Nobody called eve is in config/people.yaml." in why["L2"]
    assert "No channel that works reaches noslack." in why["L3"]
    assert why["fallback"] == "no fallback is named"
    assert fired.incident.exhausted
    assert fired.pages == ()


def test_a_vacant_rota_says_so() -> None:
    fired = escalation.fire(incident(("rota:vacant",), ALL[1]), roster(), NOON)
    assert [page.person for page in fired.pages] == ["bo"]
    ((tier, why),) = fired.skipped
    assert tier == "L1"
    assert "vacant" in why


TARGETS = {
    "a rota's holder": (("rota:first",), ["ada"]),
    "a team": (("team:ml",), ["ada", "bo"]),
    "a lead": (("lead:ml",), ["cy"]),
    "one person by two targets is paged once": (("rota:first", "person:ada", "team:ml"), ["ada", "bo"]),
    "a target that names nobody does not hide the others": (("rota:none", "nonsense", "person:bo"), ["bo"]),
    "someone without a Slack id does not hide the others": (("person:noslack", "person:bo"), ["bo"]),
}


@pytest.mark.parametrize("case", TARGETS)
def test_who_is_paged(case: str) -> None:
    targets, wanted = TARGETS[case]
    fired = escalation.fire(incident(targets), roster(), NOON)
    assert [page.person for page in fired.pages] == wanted
    assert all(page.why and page.state is PageState.DECIDED and page.decided_at == NOON for page in fired.pages)


def test_who_is_paged_is_found_when_the_step_fires() -> None:
    start = incident(("rota:first",))
    day = timedelta(days=1)
    cover = Override("o1", "first", Amendment.OVERRIDE, NOON, NOON + day, person="dee", replaces="ada")
    assert [page.person for page in escalation.fire(start, roster(), NOON).pages] == ["ada"]
    assert [page.person for page in escalation.fire(start, roster(), NOON + day).pages] == ["bo"]
    assert [page.person for page in escalation.fire(start, roster(overrides=(cover,)), NOON).pages] == ["dee"]


WAYS = {
    "each way in its turn": ("sam", ("slack", "sms"), [("slack", 0), ("sms", 2)]),
    "a channel the bot lacks is left out": ("sam", ("sms",), [("sms", 2)]),
    "an unknown channel reaches nobody": ("onlycall", ("slack", "sms"), []),
    "no Slack id, no Slack": ("noslack", ("slack",), []),
    "the same way twice is one page": ("twice", ("slack",), [("slack", 0)]),
    "a nudge by the same channel is a page of its own": ("nudged", ("slack",), [("slack", 0), ("slack", 5)]),
}


@pytest.mark.parametrize("case", WAYS)
def test_the_ways_by_which_a_person_is_paged(case: str) -> None:
    name, channels, wanted = WAYS[case]
    fired = escalation.fire(incident((f"person:{name}",)), roster(*channels), NOON)
    assert [(page.channel, (page.due_at - NOON).total_seconds() / 60) for page in fired.pages] == wanted
    assert len({page.id for page in fired.pages}) == len(wanted)


def test_low_urgency_falls_back_to_the_ways_of_high() -> None:
    fired = escalation.fire(incident(("person:sam", "person:ada"), urgency="low"), roster(), NOON)
    assert [(page.person, page.channel) for page in fired.pages] == [("sam", "slack"), ("sam", "sms"), ("ada", "slack")]


def test_everybody_a_tier_or_the_fallback_names_may_answer() -> None:
    start = incident(("rota:first",), ("lead:ml",), ("person:noslack", "person:eve"), fallback=("person:dee",))
    assert escalation.responders(start, roster(), NOON) == {"ada", "cy", "noslack", "dee"}
    assert escalation.responders(incident(()), roster(), NOON) == frozenset()


def graver(start: str = "L2", *names: str) -> Policy:
    return Policy(tuple(Tier(name, ("person:dee",), WAIT["L1"]) for name in names or WAIT), start)


AT_L1 = incident(*ALL, step=1)
WORSE = {
    "its start is above: the step is due": (AT_L1, graver("L3"), "L3", True),
    "its start is where we are": (replace(AT_L1, tier="L2"), graver("L2"), "L3", False),
    "we are above already": (replace(AT_L1, tier="L3"), graver("L2"), "nobody", False),  # L3 was the last
    "somebody answered": (replace(AT_L1, phase=Phase.ACKNOWLEDGED), graver("L3"), "L2", False),
    "everybody was paged": (replace(AT_L1, exhausted=True), graver("L3"), "L2", False),
    "it has yet to open": (replace(AT_L1, step=0), graver("L3"), "L3", False),
    "it starts at a tier this incident does not have": (AT_L1, graver("L4", "L4"), "L2", False),
}


@pytest.mark.parametrize("case", WORSE)
def test_a_graver_alert_takes_the_incident_to_where_its_policy_starts(case: str) -> None:
    start, policy, tier, due = WORSE[case]
    after, now = escalation.worse(start, "sev1", policy)
    assert (after.severity, now) == ("sev1", due)
    fired = escalation.fire(after, roster(), NOON)
    assert (fired.pages[0].tier if fired.pages else "nobody") == tier
    begin = policy.start if policy.start in WAIT else start.policy.start
    # Whom to page and how long to wait stays as it was copied when the incident opened.
    assert after.policy == replace(start.policy, start=begin, urgency=policy.urgency)


def test_a_summons_pages_exactly_these_people_and_silence_goes_on_from_the_tier_in_force() -> None:
    at_l2 = replace(incident(*ALL, tier="L2"), step=3, round=1, exhausted=True)
    fired = escalation.summon(at_l2, ["dee", "sam", "dee"], roster(), NOON, "bo hands over.")
    assert [(page.id, page.person, page.tier, page.why) for page in fired.pages] == [
        ("INC-1/4/dee/slack", "dee", "L2", "bo hands over."),
        ("INC-1/4/sam/slack", "sam", "L2", "bo hands over."),
        ("INC-1/4/sam/sms+120s", "sam", "L2", "bo hands over."),
    ]
    after = fired.incident
    assert (after.step, after.tier, after.round, after.exhausted) == (4, "L2", 1, False)
    assert (after.next_step_at, after.version) == (NOON + WAIT["L2"], at_l2.version + 1)
    onwards = escalation.fire(replace(after, policy=replace(after.policy, repeats=1)), roster(), NOON)
    assert [(page.tier, page.person) for page in onwards.pages] == [("L3", "cy")]


@pytest.mark.parametrize("persons", [[], ["nobody"], ["noslack"], ["onlycall"]])
def test_a_summons_of_people_whom_nothing_reaches_holds_no_page(persons: list[str]) -> None:
    assert escalation.summon(incident(*ALL, step=1), persons, roster(), NOON, "why").pages == ()


def test_who_is_asked_to_join_gets_a_page_beside_the_step_in_force() -> None:
    start = incident(*ALL, step=2)
    first = escalation.ask(start, ["ada", "sam"], roster(), NOON, "bo asks.", 1)
    again = escalation.ask(start, ["ada"], roster(), NOON, "bo asks.", 2)
    assert [page.id for page in (*first, *again)] == [
        "INC-1/2.1/ada/slack",
        "INC-1/2.1/sam/slack",
        "INC-1/2.1/sam/sms+120s",
        "INC-1/2.2/ada/slack",
    ]
    assert {(page.step, page.tier, page.asked) for page in first} == {(2, ASKED, True)}
    assert escalation.ask(start, ["noslack", "nobody"], roster(), NOON, "bo asks.", 1) == ()
