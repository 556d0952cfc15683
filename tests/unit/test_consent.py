"""Who may acknowledge, escalate and resolve, and the sentence of whoever may not."""

from dataclasses import replace

import pytest

from bot.model.incident import Phase
from bot.model.verdict import Verdict
from bot.rules import consent
from tests.store import made

TRIGGERED = made.incident(version=5)
ACKNOWLEDGED = replace(TRIGGERED, phase=Phase.ACKNOWLEDGED, holder="bo")
MITIGATED = replace(TRIGGERED, phase=Phase.MITIGATED)
RESOLVED = replace(TRIGGERED, phase=Phase.RESOLVED)
EXHAUSTED = replace(TRIGGERED, exhausted=True)
ACK, UP, END = consent.ACKNOWLEDGE, consent.ESCALATE, consent.RESOLVE

CASES = [
    # verb, incident, person, seen version (None: typed), verdict
    (ACK, TRIGGERED, "ada", 5, Verdict.GO),
    (ACK, TRIGGERED, "ada", None, Verdict.GO),
    (ACK, TRIGGERED, "ada", 1, Verdict.GO),  # an old card may still say "I look at it"
    (ACK, ACKNOWLEDGED, "ada", 5, Verdict.ALREADY),
    (ACK, ACKNOWLEDGED, "bo", 1, Verdict.ALREADY),  # a second press is no fault of its presser
    (ACK, MITIGATED, "ada", 5, Verdict.ALREADY),
    (ACK, RESOLVED, "ada", 5, Verdict.RESOLVED),
    (ACK, EXHAUSTED, "ada", 5, Verdict.GO),
    (ACK, TRIGGERED, "eve", 5, Verdict.NOT_ALLOWED),
    (ACK, TRIGGERED, None, 5, Verdict.STRANGER),
    (ACK, RESOLVED, None, 5, Verdict.STRANGER),
    (UP, TRIGGERED, "ada", 5, Verdict.GO),
    (UP, TRIGGERED, "ada", None, Verdict.GO),
    (UP, TRIGGERED, "ada", 4, Verdict.STALE),  # it would page a tier the presser did not see coming
    (UP, ACKNOWLEDGED, "ada", 5, Verdict.GO),
    (UP, MITIGATED, "ada", None, Verdict.GO),
    (UP, EXHAUSTED, "ada", 5, Verdict.EXHAUSTED),
    (UP, EXHAUSTED, "ada", 4, Verdict.STALE),
    (UP, RESOLVED, "ada", 5, Verdict.RESOLVED),
    (UP, TRIGGERED, "eve", 4, Verdict.NOT_ALLOWED),
    (UP, TRIGGERED, None, None, Verdict.STRANGER),
    (END, TRIGGERED, "ada", 5, Verdict.GO),
    (END, ACKNOWLEDGED, "ada", 1, Verdict.GO),
    (END, MITIGATED, "ada", None, Verdict.GO),
    (END, EXHAUSTED, "ada", 1, Verdict.GO),
    (END, RESOLVED, "ada", 5, Verdict.ALREADY),
    (END, RESOLVED, "eve", 5, Verdict.ALREADY),
    (END, TRIGGERED, "eve", 5, Verdict.NOT_ALLOWED),
    (END, TRIGGERED, None, 5, Verdict.STRANGER),
]


@pytest.mark.parametrize(("verb", "incident", "person", "seen", "verdict"), CASES)
def test_the_verdict(verb: str, incident, person: str | None, seen: int | None, verdict: Verdict) -> None:
    found = consent.may_respond(verb, incident, person=person, responders={"ada", "bo"}, seen_version=seen)
    assert found is verdict
    assert found.sentence.endswith(".")


@pytest.mark.parametrize("verb", [ACK, UP, END])
def test_an_empty_list_of_responders_refuses(verb: str) -> None:
    found = consent.may_respond(verb, TRIGGERED, person="ada", responders=(), seen_version=5)
    assert found is Verdict.NOT_ALLOWED
