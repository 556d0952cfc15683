"""Which runbook is for an alert, how severe the matter is, and which runbooks would both want it."""

from datetime import UTC, date, datetime
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.estate import Model
from bot.model.runbook import Grade, Runbook
from bot.rules import matching, routing


def runbook(name: str, *conditions: str, severity: tuple[Grade, ...] = (Grade("sev3"),)) -> Runbook:
    match = tuple(matching.parse(condition) for condition in conditions)
    return Runbook(name, f"{name}.md", "r1", name, "team:a", date(2027, 1, 1), match, severity, (), {})


def facts(kind: Kind = Kind.DRIFT, model: Model | None = None, **said: object) -> matching.Facts:
    at = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
    fields = {"title": "t", "status": Status.FIRING, "started_at": at, "environment": "production", **said}
    return matching.Facts(Alert("webhook", "hook", "p", kind=kind, **fields), model)  # type: ignore[arg-type]


DEFAULT = runbook("default")
DRIFT = runbook("drift", "kind = drift")
PRODUCTION = runbook("drift-production", "kind = drift", "environment = production")
LIKE_PRODUCTION = runbook("drift-like-production", "kind = drift", 'environment =~ "prod.*"')


def test_the_one_that_matches_is_chosen() -> None:
    chosen = routing.choose([DRIFT, runbook("failure", "kind = failure")], facts())
    assert chosen.runbook is DRIFT
    assert chosen.why == "drift matches (kind = drift)."


def test_none_is_an_answer() -> None:
    chosen = routing.choose([DRIFT], facts(Kind.LATENCY))
    assert chosen.runbook is None
    assert chosen.why == "No runbook matches."


def test_more_conditions_win_then_more_exact_ones() -> None:
    for order in permutations([DEFAULT, DRIFT, PRODUCTION, LIKE_PRODUCTION]):
        chosen = routing.choose(order, facts())
        assert chosen.runbook is PRODUCTION
        assert chosen.why == (
            "drift-production matches (kind = drift and environment = production) "
            "more specifically than default, drift, drift-like-production."
        )


def test_what_no_other_is_for_goes_to_the_one_that_matches_everything() -> None:
    chosen = routing.choose([DEFAULT, DRIFT], facts(Kind.SAFETY))
    assert chosen.runbook is DEFAULT
    assert chosen.why == "default matches (everything)."


def test_a_tie_is_decided_the_same_way_whatever_the_order() -> None:
    a, b = runbook("a", "kind = drift"), runbook("b", "environment = production")
    assert {routing.choose(order, facts()).runbook.name for order in ([a, b], [b, a])} == {"a"}  # type: ignore[union-attr]


GRADES = (
    Grade("sev1", (matching.parse("criticality = critical"), matching.parse("drift.share >= 0.3"))),
    Grade("sev2", (matching.parse("drift.verdict = confirmed"),)),
    Grade("sev3"),
)


@pytest.mark.parametrize(
    ("criticality", "share", "verdict", "expected"),
    [
        ("critical", 0.3, "confirmed", "sev1"),
        ("critical", 0.29, "confirmed", "sev2"),
        ("high", 0.9, "confirmed", "sev2"),
        ("critical", 0.29, "noise", "sev3"),
        ("critical", None, "", "sev3"),
    ],
)
def test_the_first_severity_that_holds_counts(criticality: str, share: float, verdict: str, expected: str) -> None:
    model = Model("churn", "retail", "churn-ml", criticality=criticality)
    said = facts(model=model, measures=(Measure("drift.share", share),), labels={"drift_verdict": verdict})
    assert routing.severity(runbook("drift", severity=GRADES), said)[0] == expected


def test_a_severity_says_why() -> None:
    book = runbook("drift", severity=GRADES)
    assert routing.severity(book, facts(labels={"drift.verdict": "confirmed"})) == (
        "sev2",
        "sev2 because drift.verdict = confirmed.",
    )
    assert routing.severity(book, facts()) == ("sev3", "sev3 because nothing worse holds.")
    assert routing.severity(DRIFT, facts()) == ("sev3", "sev3 whatever the alert says.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["kind = drift"], ["environment = production"]),
        (["kind = drift"], ["kind = drift"]),
        (['model =~ "churn-.*"'], ['model =~ ".*-v2"']),
        (['kind =~ "drift|cost"'], ['kind =~ "cost|latency"']),
        (["value > 1"], ["value < 2"]),
        (["value >= 1"], ["value <= 1"]),
        (["kind != drift"], ["kind != cost"]),
        ([], []),
    ],
)
def test_runbooks_that_could_both_match_tie(one: list[str], other: list[str]) -> None:
    a, b = runbook("a", *one), runbook("b", *other)
    assert routing.ties([a, b]) == [(a, b)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["kind = drift"], ["kind = cost"]),
        (["kind = drift"], ["kind = drift", "environment = production"]),
        (["kind = drift"], ['kind =~ "drift|cost"']),  # an exact one is more specific
        (['kind =~ "drift|cost"'], ['kind =~ "latency|failure"']),
        (['model =~ "churn-.*"'], ['model =~ "fraud-.*"']),
        (["environment != production"], ['environment !~ "(?i)x"', "environment = production"]),
        (["value > 2"], ["value < 2"]),
        (["value > 2"], ["value <= 2"]),
        (["environment = production", 'version != ""'], ["environment = production", 'version = ""']),
    ],
)
def test_runbooks_that_cannot_both_match_do_not_tie(one: list[str], other: list[str]) -> None:
    assert routing.ties([runbook("a", *one), runbook("b", *other)]) == []


conditions = st.lists(
    st.sampled_from(
        [
            *("kind = drift", "kind = cost", "kind != drift", 'kind =~ "drift|cost"', 'kind !~ "drift|cost"'),
            *("environment = production", 'environment = ""', 'environment =~ "prod.*"', 'environment =~ "st.*"'),
            *("value > 1", "value < 1", "value >= 2", "value <= 2", "value = 2"),
        ]
    ),
    max_size=3,
    unique=True,
)
alerts = st.builds(
    facts,
    kind=st.sampled_from(Kind),
    environment=st.sampled_from([None, "production", "staging"]),
    measures=st.sampled_from([None, 0.5, 1.0, 1.5, 2.0, 3.0]).map(lambda value: (Measure("m", value),)),
)


@given(conditions, conditions, alerts)
def test_no_alert_is_wanted_by_two_that_do_not_tie(one: list[str], other: list[str], said: matching.Facts) -> None:
    a, b = runbook("a", *one), runbook("b", *other)
    equal = routing.specificity(a.match) == routing.specificity(b.match)
    if equal and matching.holds(a.match, said) and matching.holds(b.match, said):
        assert routing.ties([a, b]) == [(a, b)]


def test_why_not_names_each_condition_that_fails_and_the_value_seen() -> None:
    wanted = runbook("wanted", "kind = failure", 'version != ""', "drift.share >= 0.3", "environment = production")
    seen = facts(measures=(Measure("drift.share", 0.125),))
    assert routing.why_not(wanted, seen) == (
        'kind = failure fails: it is drift; version != "" fails: the alert does not say; '
        "drift.share >= 0.3 fails: it is 0.125."
    )


def test_why_not_of_one_that_matches_says_what_it_lost_by() -> None:
    lost = {other.name: routing.why_not(other, facts(), PRODUCTION) for other in (DEFAULT, DRIFT, LIKE_PRODUCTION)}
    assert lost["default"] == "It matches with fewer conditions: 0, against 2 of drift-production."
    assert lost["drift"] == "It matches with fewer conditions: 1, against 2 of drift-production."
    assert lost["drift-like-production"] == "It matches with fewer exact conditions: 1, against 2 of drift-production."
    twin = runbook("twin", "kind = drift", "environment = production")
    assert (
        routing.why_not(twin, facts(), PRODUCTION)
        == "It matches with equal right; drift-production comes first by name."
    )
    assert routing.why_not(PRODUCTION, facts(), PRODUCTION) == ""


def test_why_not_quotes_an_alert_within_bounds() -> None:
    said = routing.why_not(runbook("a", "title = x"), facts(title="y" * 5000))
    assert len(said) < 120
    assert said.endswith("….")
