"""Which past incidents are like a new one: what counts, what is told, and nothing is shown rather than nonsense."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.likeness import Like, Reason, Trace
from bot.rules import similarity, wording

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def trace(name: str, text: str, days: float = 1, **facts: Any) -> Trace:
    """Drift of churn, so many days ago."""
    sets: dict[str, Any] = {key: frozenset(value) if isinstance(value, set) else value for key, value in facts.items()}
    usual = {"model": "churn", "kind": "drift"}
    return Trace(id=name, at=NOON - timedelta(days=days), text=text, **(usual | sets))


NEW = trace("INC-9", "PSI of amount is 0.31", 0, features={"amount"}, metrics={"psi"}, monitors={"prom"}, changed=True)
SAME = trace("INC-1", "amount drifted again", 9, features={"amount"}, metrics={"psi"}, monitors={"prom"}, changed=True)
OTHER = trace("INC-2", "PSI of age is 0.28", 2, features={"age"}, metrics={"psi"}, monitors={"prom"})
FAILED = trace("INC-3", "Pod OOMKilled, restarts in a loop", 1, kind="failure")


def kinds(found: Like) -> list[str]:
    """What is told of it."""
    return [reason.kind for reason in found.reasons]


def test_what_has_the_model_the_feature_and_the_monitor_in_common_is_like_it_and_says_so() -> None:
    (found,) = similarity.like(NEW, [FAILED, OTHER, SAME])
    assert found.incident == "INC-1"
    assert found.score >= similarity.LEAST
    assert found.reasons[:2] == (Reason("model", ("churn",)), Reason("feature", ("amount",)))
    assert kinds(found)[2:] == ["metric", "kind", "monitor", "change"]


@pytest.mark.parametrize("past", [[], [NEW], [FAILED], [OTHER, FAILED]])
def test_nothing_is_shown_rather_than_the_newest_of_the_model(past: list[Trace]) -> None:
    assert similarity.like(NEW, past) == []


def test_the_words_alone_tell_two_of_one_model_and_say_which_they_were() -> None:
    new = trace("INC-9", "Container of churn exceeded its memory limit (137)", kind="failure")
    past = [trace("INC-4", "container exceeded memory limit, killed 3 times", 5, kind="failure"), FAILED]
    (found,) = similarity.like(new, past)
    assert found.incident == "INC-4"
    assert set(found.reasons[-1].names) <= {"container", "exceeded", "memory", "limit"}


def test_words_that_a_monitor_uses_of_every_model_are_no_likeness_between_two_models() -> None:
    said = "Accuracy fell below the baseline after the rollout"
    new = trace("INC-9", said, kind="performance", monitors={"prom"}, metrics={"auc"})
    other = replace(new, id="INC-5", model="price", at=NOON - timedelta(days=3))
    assert similarity.like(new, [other]) == []
    assert [one.incident for one in similarity.like(new, [replace(other, model="churn")])] == ["INC-5"]


def test_what_two_models_wait_for_makes_one_cause_and_another_name_does_not() -> None:
    new = trace("INC-9", "Timeouts calling feature-gateway", kind="latency", names={"feature-gateway"}, metrics={"p99"})
    here = trace(
        "INC-6", "Timeouts calling feature-gateway", 4, model="price", kind="latency", names={"feature-gateway"}
    )
    there = trace("INC-7", "Timeouts calling pricing-api", 3, kind="latency", names={"pricing-api"}, metrics={"p99"})
    (found,) = similarity.like(new, [here, there])
    assert found.incident == "INC-6"
    assert Reason("name", ("feature-gateway",)) in found.reasons


def test_the_most_alike_come_first_of_equals_the_newest_and_three_at_most() -> None:
    twins = [replace(SAME, id=f"INC-{n}", at=NOON - timedelta(days=n)) for n in (5, 3, 4, 6)]
    exact = replace(NEW, id="INC-20", at=NOON - timedelta(days=300))
    found = similarity.like(NEW, [*twins, exact])
    assert [one.incident for one in found] == ["INC-20", "INC-3", "INC-4"]
    assert all(0 < one.score <= 1 for one in found)


def test_only_the_newest_five_thousand_are_compared() -> None:
    noise = [trace(f"OLD-{n}", "", n / 1000, model=None, kind="cost") for n in range(similarity.MOST)]
    assert similarity.like(NEW, [*noise, replace(SAME, at=NOON - timedelta(days=300))]) == []
    assert similarity.like(NEW, [*noise[1:], replace(SAME, at=NOON - timedelta(days=300))])


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0\ud800\u202e", "a" * 100_000, "0 0 0", "🔥" * 400, "<!channel> {x} %s \\N", "_" * 300, "x." * 5000],
)
def test_hostile_text_is_compared_like_any_other(text: str) -> None:
    new = replace(NEW, text=text)
    (found,) = similarity.like(new, [replace(SAME, text=text)])
    assert found.incident == "INC-1"
    assert similarity.like(new, [replace(FAILED, text="fine")]) == []
    assert all(len(name) <= similarity.LONGEST for name in similarity.names(text))


def test_names_are_of_parts_and_not_the_numbers_of_a_run() -> None:
    said = "DAG load_fx_rates missed its SLA: pricing-api 2026-11-23 8f12-7731 churn-v2 support-agent e.g"
    assert similarity.names(said, "support-agent") == {"load_fx_rates", "pricing-api", "churn-v2", "e.g"}


def test_case_digits_and_signs_do_not_count_and_endings_nearly_do_not() -> None:
    compared = wording.compare("Timeouts: p99 = 31 s", ["TIMEOUTS p07 (2 s)", "timeout", "unrelated words", ""])
    assert compared.words[0] == pytest.approx(1.0)
    assert compared.words[1] == 0.0
    assert compared.runs[1] > 0.5
    assert list(compared.words[2:]) == [0.0, 0.0]
    assert set(compared.shared(0, 9)) == {"timeouts", "p00", "s"}


def test_what_every_text_says_weighs_less_than_what_two_say() -> None:
    others = ["alert churn drifted", "alert churn failed", "alert price failed", "alert churn drifted too"]
    compared = wording.compare("alert churn drifted", others)
    assert compared.words[0] == pytest.approx(1.0)
    assert compared.words[3] > compared.words[1] > compared.words[2]
    assert compared.shared(3, 1) == ["drifted"]


def test_a_likeness_is_read_as_it_was_written() -> None:
    (found,) = similarity.like(NEW, [SAME])
    assert Like.read(found.spelled()) == found
