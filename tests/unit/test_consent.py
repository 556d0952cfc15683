"""Who may do what to an incident, and the sentence of whoever may not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import words
from bot.model.incident import FALSE_ALARM, MERGED, Phase, close
from bot.model.people import People, Person, Team
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import consent
from tests.store import made

TRIGGERED = made.incident(version=5)
ACKNOWLEDGED = replace(TRIGGERED, phase=Phase.ACKNOWLEDGED, holder="bo")
MITIGATED = replace(TRIGGERED, phase=Phase.MITIGATED)
RESOLVED = replace(TRIGGERED, phase=Phase.RESOLVED)
SNOOZED = replace(ACKNOWLEDGED, snoozed_until=made.START + timedelta(hours=1))
EXHAUSTED = replace(TRIGGERED, exhausted=True)
ACK, UP, END = Verb.ACKNOWLEDGE, Verb.ESCALATE, Verb.RESOLVE

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
    (ACK, SNOOZED, "bo", 1, Verdict.GO),  # it ends the snooze
    (ACK, SNOOZED, "ada", None, Verdict.GO),
    (ACK, SNOOZED, "eve", None, Verdict.NOT_ALLOWED),
    (Verb.FALSE_ALARM, ACKNOWLEDGED, "ada", 1, Verdict.GO),
    (Verb.FALSE_ALARM, RESOLVED, "ada", 5, Verdict.ALREADY),
    (Verb.TICK, ACKNOWLEDGED, "ada", 1, Verdict.GO),  # a step is done whatever else has changed
    (Verb.UNTICK, TRIGGERED, "ada", None, Verdict.GO),
    (Verb.TICK, TRIGGERED, "eve", 5, Verdict.NOT_ALLOWED),
    (Verb.TICK, RESOLVED, "ada", 5, Verdict.RESOLVED),
    (Verb.PAGE, TRIGGERED, "eve", 1, Verdict.GO),  # anybody may ask for help
    (Verb.PAGE, ACKNOWLEDGED, "ada", None, Verdict.GO),
    (Verb.PAGE, RESOLVED, "ada", 5, Verdict.RESOLVED),
    (Verb.PAGE, TRIGGERED, None, 5, Verdict.STRANGER),
    (Verb.NOTE, TRIGGERED, "eve", 1, Verdict.GO),
    (Verb.NOTE, RESOLVED, "eve", None, Verdict.GO),  # what is learned afterwards is worth writing down
    (Verb.NOTE, RESOLVED, None, None, Verdict.STRANGER),
]


@pytest.mark.parametrize(("verb", "incident", "person", "seen", "verdict"), CASES)
def test_the_verdict(verb: Verb, incident, person: str | None, seen: int | None, verdict: Verdict) -> None:
    found = consent.may_respond(verb, incident, person=person, responders={"ada", "bo"}, seen_version=seen)
    assert found is verdict
    assert found.sentence.endswith(".")


@pytest.mark.parametrize("verb", sorted(consent.DECISIVE))
@pytest.mark.parametrize("start", [TRIGGERED, ACKNOWLEDGED, MITIGATED, SNOOZED])
def test_what_decides_over_others_needs_a_fresh_look(verb: Verb, start) -> None:
    def asked(seen: int | None, person: str | None = "ada") -> Verdict:
        return consent.may_respond(verb, start, person=person, responders={"ada"}, seen_version=seen)

    assert [asked(seen) for seen in (4, 5, None)] == [Verdict.STALE, Verdict.GO, Verdict.GO]
    assert [asked(5, person) for person in ("eve", None)] == [Verdict.NOT_ALLOWED, Verdict.STRANGER]
    over = consent.may_respond(verb, RESOLVED, person="ada", responders={"ada"}, seen_version=4)
    assert over is Verdict.RESOLVED


@pytest.mark.parametrize("verb", sorted(set(Verb) - consent.OPEN_TO_ALL))
def test_an_empty_list_of_responders_refuses(verb: Verb) -> None:
    found = consent.may_respond(verb, TRIGGERED, person="ada", responders=(), seen_version=5)
    assert found is Verdict.NOT_ALLOWED


def test_an_incident_goes_to_people_and_not_to_who_holds_it() -> None:
    assert consent.may_hand_over(ACKNOWLEDGED, ("ada",)) is Verdict.GO
    assert consent.may_hand_over(ACKNOWLEDGED, ("ada", "bo")) is Verdict.GO
    assert consent.may_hand_over(ACKNOWLEDGED, ("bo",)) is Verdict.ALREADY
    assert consent.may_hand_over(TRIGGERED, ("bo",)) is Verdict.GO
    assert consent.may_hand_over(TRIGGERED, ()) is Verdict.UNREACHABLE


@pytest.mark.parametrize(
    ("persons", "waiting", "verdict"),
    [
        (("bo",), (), Verdict.GO),
        (("ada", "bo"), (), Verdict.GO),
        (("ada",), (), Verdict.YOURSELF),  # or whoever is asked could let themselves in
        ((), (), Verdict.UNREACHABLE),
        (("bo",), ("bo",), Verdict.ALREADY),
        (("ada", "bo"), ("bo",), Verdict.ALREADY),
        (("bo", "cy"), ("bo",), Verdict.GO),
    ],
)
def test_whom_somebody_may_ask_to_join(persons: tuple[str, ...], waiting: tuple[str, ...], verdict: Verdict) -> None:
    assert consent.may_ask("ada", persons, waiting) is verdict


def test_a_severity_is_changed_to_another() -> None:
    assert consent.may_regrade(TRIGGERED, TRIGGERED.severity) is Verdict.ALREADY
    assert consent.may_regrade(TRIGGERED, "sev1") is Verdict.GO


def test_what_may_become_part_of_what() -> None:
    other = made.incident(2, entity="market")
    over = close(other, FALSE_ALARM, made.START)
    circle = close(other, MERGED, made.START, merged_into=TRIGGERED.id)

    def asked(into, person: str = "ada") -> Verdict:
        return consent.may_merge(TRIGGERED, into, person=person, responders={"ada"})

    assert asked(other) is Verdict.GO  # of another entity: whoever answers for both may say so
    assert asked(other, "bo") is Verdict.NOT_ALLOWED_THERE
    assert asked(TRIGGERED) is Verdict.ITSELF
    assert [asked(over), asked(circle)] == [Verdict.OVER, Verdict.OVER]


def test_a_step_is_ticked_once() -> None:
    assert [consent.may_tick(*pair) for pair in ((False, True), (True, False))] == [Verdict.GO, Verdict.GO]
    assert [consent.may_tick(*pair) for pair in ((True, True), (False, False))] == [Verdict.ALREADY, Verdict.ALREADY]


def test_each_verdict_has_a_sentence_in_each_language() -> None:
    for verdict in Verdict:
        assert words.TURKISH.answer.verdicts[verdict.name] != verdict.sentence
    assert set(words.TURKISH.answer.phases) == set(words.ENGLISH.answer.phases) == set(Phase)


CREW = People(
    {name: Person(name) for name in ("ada", "bo", "cy", "dee", "eve", "root")},
    {"churn-ml": Team("churn-ml", "retail", ("ada",), "cy"), "price-ml": Team("price-ml", "market", ("dee",))},
    ("root",),
)
SILENCING = [
    # person, everything, the teams it names, the responders of what it hits, said twice, verdict
    (None, False, {"churn-ml"}, (), True, Verdict.STRANGER),
    (None, True, (), (), True, Verdict.STRANGER),
    ("ada", False, {"churn-ml"}, (), False, Verdict.GO),
    ("ada", False, {"price-ml"}, (), False, Verdict.NOT_YOURS),
    ("ada", False, (), (), False, Verdict.NOT_YOURS),
    ("cy", False, {"price-ml"}, (), False, Verdict.GO),  # leads another team
    ("root", False, (), (), False, Verdict.GO),
    ("bo", False, (), ({"bo", "eve"},), False, Verdict.GO),
    ("bo", False, (), ({"bo"}, {"eve"}), False, Verdict.NOT_YOURS),  # it hits what is not theirs, too
    ("bo", False, (), ({"eve"},), False, Verdict.NOT_YOURS),
    ("ada", True, {"churn-ml"}, ({"ada"},), True, Verdict.ADMINS_ONLY),
    ("cy", True, (), (), True, Verdict.ADMINS_ONLY),
    ("root", True, (), (), False, Verdict.UNSURE),
    ("root", True, (), (), True, Verdict.GO),
]


@pytest.mark.parametrize(("person", "everything", "teams", "responders", "sure", "verdict"), SILENCING)
def test_who_may_silence(person: str | None, everything: bool, teams, responders, sure: bool, verdict: Verdict) -> None:
    reach = consent.Reach(everything, teams, iter(responders))
    assert consent.may_silence(person, reach, CREW, sure=sure) is verdict


def test_anybody_we_know_may_have_alerts_heard_again() -> None:
    assert consent.may_end_silence("eve", over=False) is Verdict.GO
    assert consent.may_end_silence("eve", over=True) is Verdict.ALREADY
    assert consent.may_end_silence(None, over=True) is Verdict.STRANGER
