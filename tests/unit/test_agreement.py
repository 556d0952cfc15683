"""No sequence of votes approves with fewer people than it needs, or with its requester's own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.change import Agreement, Change, Lever, Plan, Serving, Step, move
from bot.model.ticket import Ticket
from bot.model.verdict import Verdict
from bot.rules import agreement
from bot.rules.agreement import AGREE, REJECT, WITHDRAW, Ballot

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
HOUR = timedelta(hours=1)
PEOPLE = ("ada", "bo", "cy", "dee")
PLAN = Plan(Lever.ROLLBACK, "churn", "shelf", {}, Serving({"7": 100.0}), Serving({"6": 100.0}), "asked", "6 for 7")
OTHER = replace(PLAN, after=Serving({"5": 100.0}))


def proposed(needs: int = 1) -> Change:
    """Ada wants to roll back."""
    return Change("CHG-1", PLAN, Step.PROPOSED, "retail", "ada", NOW, "why", needs, NOW + HOUR, NOW)


def count(change: Change, ballot: Ballot, approvers: frozenset[str]) -> Change:
    """What a vote makes of a change, in the words of the engine."""
    if agreement.may_decide(ballot, change, approvers) is not Verdict.GO:
        return change
    if ballot.verb != AGREE:
        return move(change, Step.REJECTED if ballot.verb == REJECT else Step.WITHDRAWN, ballot.at)
    assert ballot.person is not None
    yes = Agreement(ballot.person, f"person:{ballot.person}", ballot.at, change.plan.digest, "button")
    after = replace(change, agreements=(*change.agreements, yes))
    enough = len(agreement.agreed(after, approvers)) >= change.needs
    return move(after, Step.APPROVED, ballot.at) if enough else after


ballots = st.builds(
    Ballot,
    verb=st.sampled_from((AGREE, AGREE, AGREE, REJECT, WITHDRAW, "approve")),
    person=st.sampled_from((*PEOPLE, None, agreement.AUTOMATION)),
    at=st.integers(0, 70).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    digest=st.sampled_from((None, PLAN.digest, PLAN.digest, OTHER.digest, "")),
)
approvers = st.frozensets(st.sampled_from(PEOPLE))


@given(st.lists(st.tuples(ballots, approvers), max_size=12), st.sampled_from((1, 2)))
def test_approval_takes_enough_people_who_may_and_did_not_ask(
    votes: list[tuple[Ballot, frozenset[str]]], needs: int
) -> None:
    change = proposed(needs)
    for ballot, may in votes:
        before, change = change, count(change, ballot, may)
        if change.step is Step.APPROVED and before.step is Step.PROPOSED:
            for_it = {one.by for one in change.agreements if one.digest == PLAN.digest}
            assert len(for_it & may - {"ada"}) >= needs
            assert ballot.at < change.expires_at
            assert ballot.digest in (None, PLAN.digest)
    assert "ada" not in {one.by for one in change.agreements}
    assert len({one.by for one in change.agreements}) == len(change.agreements)


@given(st.lists(st.sampled_from(PEOPLE), max_size=6), approvers, st.booleans())
def test_only_agreements_to_this_plan_by_those_who_still_may_count(
    by: list[str], may: frozenset[str], other: bool
) -> None:
    digest = OTHER.digest if other else PLAN.digest
    yes = tuple(Agreement(name, f"person:{name}", NOW, digest, "cli") for name in by)
    found = agreement.agreed(replace(proposed(), agreements=yes), may)
    assert found == (frozenset() if other else set(by) & may - {"ada"})


@pytest.mark.parametrize(
    ("approval", "least", "alone", "needs"),
    [
        ("none", "none", False, 0),
        ("none", "one", True, 1),
        ("one", "none", True, 1),
        ("one", "two", False, 2),
        ("two", "one", False, 2),
        ("tier", "none", True, 0),
        ("tier", "none", False, 1),
        ("tier", "two", True, 2),
    ],
)
def test_the_stricter_one_wins(approval: str, least: str, alone: bool, needs: int) -> None:
    assert agreement.needed(approval, least, alone=alone) == needs


@pytest.mark.parametrize(
    ("step", "verb", "verdict"),
    [
        (Step.APPROVED, AGREE, Verdict.DECIDED),
        (Step.APPROVED, REJECT, Verdict.DECIDED),
        (Step.APPROVED, WITHDRAW, Verdict.GO),
        (Step.APPLYING, WITHDRAW, Verdict.DECIDED),
        (Step.EXPIRED, AGREE, Verdict.EXPIRED),
        (Step.EXPIRED, WITHDRAW, Verdict.EXPIRED),
        (Step.DONE, REJECT, Verdict.DECIDED),
        (Step.UNKNOWN, AGREE, Verdict.DECIDED),
    ],
)
def test_what_is_over_is_over(step: Step, verb: str, verdict: Verdict) -> None:
    change = replace(proposed(), step=step)
    assert agreement.may_decide(Ballot(verb, "bo", NOW), change, {"bo"}) is verdict


@pytest.mark.parametrize(
    ("ticket", "verdict"),
    [
        (None, Verdict.WORTHLESS),
        (Ticket("T", "CHG-2", PLAN.digest, AGREE, NOW + HOUR), Verdict.WORTHLESS),
        (Ticket("T", "CHG-1", PLAN.digest, REJECT, NOW + HOUR), Verdict.WORTHLESS),
        (Ticket("T", "CHG-1", PLAN.digest, AGREE, NOW + HOUR, NOW, "person:cy"), Verdict.USED),
        (Ticket("T", "CHG-1", OTHER.digest, AGREE, NOW + HOUR), Verdict.PLAN_STALE),
        (Ticket("T", "CHG-1", PLAN.digest[:12], AGREE, NOW + HOUR), Verdict.PLAN_STALE),
        (Ticket("T", "CHG-1", PLAN.digest, AGREE, NOW + HOUR), Verdict.GO),
    ],
)
def test_a_button_is_worth_its_ticket(ticket: Ticket | None, verdict: Verdict) -> None:
    ballot = Ballot(AGREE, "bo", NOW, PLAN.digest, pressed=True, ticket=ticket)
    assert agreement.may_decide(ballot, proposed(), {"bo"}) is verdict


@pytest.mark.parametrize(
    ("person", "verdict"),
    [
        (None, Verdict.STRANGER),
        ("zoe", Verdict.NOT_YOUR_MODEL),
        ("bo", Verdict.GO),
        (agreement.AUTOMATION, Verdict.GO),
    ],
)
def test_who_may_propose(person: str | None, verdict: Verdict) -> None:
    assert agreement.may_propose(person, {"bo"}) is verdict


def test_levers_that_no_runbook_names_are_the_same_act_another_way_round() -> None:
    names = {lever: agreement.action_name(lever) for lever in Lever}
    assert names[Lever.SHIFT] == "promote"
    assert names[Lever.RESUME] == "pause"
    assert names[Lever.ROLLBACK] == "rollback"
