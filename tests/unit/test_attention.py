"""Whether whoever holds an incident is still at it: the decision alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model.incident import Incident, Phase
from bot.rules import attention
from bot.rules.attention import Ask, GiveBack, Later
from tests.store import made

HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)
NOW = made.START + timedelta(days=1)
POLICY = replace(made.incident().policy, remind=HOUR, give_back=HALF, urgency="high")
HELD = replace(made.incident(), phase=Phase.ACKNOWLEDGED, holder="bo", policy=POLICY)
LOW = replace(HELD, policy=replace(POLICY, urgency="low"))


def test_its_holder_is_asked_an_hour_after_they_last_did_anything() -> None:
    assert attention.due(HELD, NOW) == NOW + HOUR
    assert attention.decide(HELD, NOW, None, NOW + HALF) == Later(NOW + HOUR)
    asked = attention.decide(HELD, NOW, None, NOW + HOUR)
    assert isinstance(asked, Ask)
    assert (asked.why, asked.back_at) == ("bo has done nothing about it for 1h.", NOW + HOUR + HALF)


@pytest.mark.parametrize(
    "other",
    [
        replace(HELD, phase=Phase.TRIGGERED),
        replace(HELD, phase=Phase.MITIGATED),
        replace(HELD, phase=Phase.RESOLVED),
        replace(HELD, holder="connection:pd"),
        replace(HELD, holder=None),
        replace(HELD, policy=replace(POLICY, remind=timedelta(0))),
    ],
)
def test_what_is_in_nobodys_hands_or_never_asked_about_needs_nothing(other: Incident) -> None:
    assert attention.due(other, NOW) is None
    assert attention.decide(other, NOW, None, NOW + 9 * HOUR) is None


def test_a_snooze_counts_from_its_end_and_calm_is_left_alone() -> None:
    snoozed = replace(HELD, snoozed_until=NOW + 3 * HOUR)
    assert attention.decide(snoozed, NOW, None, NOW + HOUR) == Later(NOW + 4 * HOUR)
    assert attention.decide(replace(HELD, calm_since=NOW), NOW, None, NOW + HOUR) == Later(NOW + 2 * HOUR)


def test_what_is_not_urgent_waits_for_the_end_of_quiet_hours_and_never_goes_back() -> None:
    morning = NOW + 5 * HOUR
    assert attention.decide(LOW, NOW, None, NOW + HOUR, rested=morning) == Later(morning)
    assert isinstance(attention.decide(HELD, NOW, None, NOW + HOUR, rested=morning), Ask)  # urgency passes
    asked = attention.decide(LOW, NOW, None, NOW + HOUR)
    assert isinstance(asked, Ask)
    assert asked.back_at is None
    unanswered = attention.decide(LOW, NOW, NOW + HOUR, NOW + 2 * HOUR)
    assert unanswered == Later(NOW + 3 * HOUR, NOW + HOUR)  # they are not asked twice


def test_an_answer_begins_anew_and_silence_gives_it_back() -> None:
    asked, did = NOW + HOUR, NOW + HOUR + timedelta(minutes=5)
    assert attention.decide(HELD, did, asked, asked + HALF) == Later(did + HOUR)
    assert attention.decide(HELD, asked, asked, asked + HALF) == Later(asked + HOUR)  # at the very moment
    assert attention.decide(HELD, NOW, asked, did) == Later(asked + HALF, asked)
    back = attention.decide(HELD, NOW, asked, asked + HALF)
    assert back == GiveBack("bo was asked whether they are at it, and did not answer for 30m.")
    never = replace(HELD, policy=replace(POLICY, give_back=timedelta(0)))
    assert attention.decide(never, NOW, asked, asked + HALF) == Later(asked + HALF + HOUR, asked)


def test_what_is_given_back_stands_before_its_start() -> None:
    climbed = replace(HELD, tier="L3", round=1, stage=2, loops=1, exhausted=True, attended_at=NOW)
    start = attention.returned(climbed, NOW)
    assert (start.phase, start.holder, start.attended_at, start.exhausted) == (Phase.TRIGGERED, None, None, False)
    assert (start.tier, start.round, start.stage, start.loops) == (POLICY.start, 0, -1, 0)
    assert start.version == climbed.version + 1
