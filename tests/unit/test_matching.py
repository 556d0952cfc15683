"""Whether conditions hold for an alert, whatever its sender wrote into it."""

from datetime import UTC, datetime

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.estate import Model
from bot.model.matcher import Matcher
from bot.rules import matching, patterns

AT = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
CHURN = Model("churn", "retail", "churn-ml", criticality="critical")


def alert(**said: object) -> Alert:
    fields = {
        "source": "alertmanager",
        "connection": "prom",
        "problem": "p",
        "title": "PSI of income is high",
        "status": Status.FIRING,
        "kind": Kind.DRIFT,
        "started_at": AT,
        "model": "customer_churn",
        "environment": "production",
    }
    return Alert(**{**fields, **said})  # type: ignore[arg-type]


def holds(*conditions: str, model: Model | None = CHURN, **said: object) -> bool:
    return matching.holds([matching.parse(c) for c in conditions], matching.Facts(alert(**said), model))


@pytest.mark.parametrize(
    "condition",
    [
        "kind = drift",
        "kind=drift",
        '  kind  =  "drift" ',
        "kind != failure",
        'environment =~ "prod|production"',
        'environment !~ "staging|test.*"',
        "model = churn",
        "entity = retail",
        "model.team = churn-ml",
        "model.kind = model",
        "criticality = critical",
        "connection = prom",
        'label.region = ""',
        "version != 7",
        'title =~ "PSI of .*"',
    ],
)
def test_a_condition_on_text_holds(condition: str) -> None:
    assert holds(condition)


@pytest.mark.parametrize(
    "condition",
    [
        "kind = failure",
        'environment =~ "prod"',  # a pattern must match the whole value
        'environment !~ "prod.*"',
        "model = customer_churn",  # the catalogue's name counts, not the monitor's
        'label.region != ""',
        "label.region = eu",
        "severity = critical",
    ],
)
def test_a_condition_on_text_does_not_hold(condition: str) -> None:
    assert not holds(condition)


def test_every_condition_must_hold() -> None:
    assert holds("kind = drift", "environment = production")
    assert not holds("kind = drift", "environment = staging")
    assert holds()


MEASURES = (
    Measure("psi", 0.41, 0.25, ">", 0.1, 1_000, "6h", "income", "web"),
    Measure("drift.share", 0.3),
    Measure("auc", None),
    Measure("auc", 0.7),
)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("value > 0.4", True),
        ("value >= 0.41", True),
        ("value > 0.41", False),
        ("value < 0.5", True),
        ("value <= 0.4", False),
        ("threshold = 0.250", True),
        ("threshold != 0.25", False),
        ("sample_size < 200", False),
        ("metric = psi", True),
        ("feature = income", True),
        ("segment = web", True),
        ("baseline = 0.1", True),
        ("drift.share >= 0.3", True),
        ("measure.auc < 0.8", True),
        ("measure.drift.share > 0.29", True),
        ("measure.f1 < 0.8", False),
        ("measure.f1 > 0.8", False),
    ],
)
def test_conditions_on_measures(condition: str, expected: bool) -> None:
    assert holds(condition, measures=MEASURES) is expected


@pytest.mark.parametrize(
    "labels",
    [{"drift.verdict": "confirmed", "drift.share": "0.5"}, {"drift_verdict": "confirmed", "drift_share": "0.5"}],
)
def test_drift_may_come_in_labels(labels: dict[str, str]) -> None:
    assert holds("drift.verdict = confirmed", "drift.share >= 0.3", labels=labels)


@pytest.mark.parametrize("said", ["", "much", "nan", "1_0x", "9" * 5_000, "\ud800"])
def test_a_word_meets_no_comparison_with_a_number(said: str) -> None:
    assert not holds("label.share < 0", labels={"share": said})


def test_an_uncatalogued_model_has_the_name_it_was_given() -> None:
    assert holds("model = customer_churn", 'criticality = ""', 'model.team = ""', model=None)
    assert not holds("criticality = low", model=None)


def test_every_documented_field_can_be_asked_for() -> None:
    facts = matching.Facts(alert(measures=MEASURES, version="7", labels={"NAME": "x"}), CHURN)
    for field in matching.FIELDS:
        assert matching.known(field.replace("NAME", "x"))
        facts.get(field)
    assert facts.get("label.NAME") == "x"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no condition"),
        ("kind", "is no condition"),
        ("kind drift", "is no condition"),
        ("= drift", "is no condition"),
        ("kind == drift", "kind is never '= drift'"),
        ("knd = drift", "There is no field 'knd'"),
        ("label = x", "There is no field 'label'"),
        ("label.NAME.x. = x", None),
        ("drift. = x", "There is no field 'drift.'"),
        ("kind = drfit", "kind is never 'drfit'. It is one of: drift,"),
        ("criticality != hi", "It is one of: low, medium, high, critical"),
        ("drift.share >= much", "which is no number"),
        ("drift.share >= nan", "which is no number"),
        ("drift.share >=", "which is no number"),
        ('title = "half', "not closed"),
        ('title = "a" b"', "not closed"),
        ('title = " x"', "space or a quote"),
        (r'title = "\"x\""', "space or a quote"),
        ('title =~ "("', "is wrong"),
        ('title =~ "[[a]"', "is wrong"),
        ("title =~ a{99999999999}", "is wrong"),
        ("title = " + "x" * 1_025, "over 1024 characters"),
    ],
)
def test_a_condition_that_is_wrong_is_refused(text: str, said: str | None) -> None:
    if said is None:
        assert matching.parse(text).field == "label.NAME.x."
        return
    with pytest.raises(BadInput) as caught:
        matching.parse(text)
    assert said in str(caught.value)


@pytest.mark.skipif(patterns.re2 is not None, reason="with re2 installed these are tried in linear time")
@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a*)*",
        "([a-z]+)*",
        "(a|aa)+",
        "(a|a)*b",
        "(?i)(ab|AB)*c",
        "(|a)+",
        "(a?){30}",
        "(.*a){20}",
        "(x+x+)+y",
        "a*a*a*b",
        ".*a.*b.*c",
        "a{1,200}b{1,200}c{1,200}d{1,200}",
        r"(\w+)\1+",
        "(?=(a+)+)b",
        "(?>a+)+b",
        "((ab?)+c)*",
    ],
)
def test_a_pattern_that_could_run_away_is_refused(pattern: str) -> None:
    with pytest.raises(BadInput, match="could run away"):
        matching.parse(f"title =~ {pattern}")


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("churn-.*", "churn-v2", "xchurn-v2"),
        (".*foo.*bar.*", "a foo\nand bar b", "bar foo"),
        ("prod|production", "prod", "products"),
        ("v[0-9]+\\.[0-9]+", "v1.22", "v1."),
        ("(foo|bar)*", "foobarfoo", "foobaz"),
        ("[0-9]{1,3}(\\.[0-9]{1,3}){3}", "10.0.0.1", "10.0.0"),
        ("(?i)CHURN", "Churn", "chur"),
        ("(\\w+-)?eu", "west-eu", "-eu"),
    ],
)
def test_ordinary_patterns_are_taken_and_match_whole(pattern: str, yes: str, no: str) -> None:
    assert holds(f"title =~ {pattern}", title=yes)
    assert not holds(f"title =~ {pattern}", title=no)


def test_only_the_beginning_of_a_long_text_is_tried() -> None:
    assert holds('title =~ "a{1024}"', title="a" * 1_000_000)


@pytest.mark.parametrize(
    ("pattern", "expected"), [("a|b|c-d", {"a", "b", "c-d"}), ("(a|b)", {"a", "b"}), ("a.*", None)]
)
def test_a_plain_list_is_told_from_a_pattern(pattern: str, expected: set[str] | None) -> None:
    assert patterns.words(pattern) == expected


def test_the_quotes_and_escapes_of_alertmanager() -> None:
    assert matching.parse(r'title = "say \"hi\" \\ twice"').value == r'say "hi" \ twice'
    assert matching.parse(r'title =~ "v\\.1"').value == r"v\.1"
    assert matching.parse(r'title =~ "v\.1"').value == r"v\.1"


fields = st.sampled_from([*(f for f in matching.FIELDS if not f.endswith("NAME")), "label.a", "measure.b-c", "drift.d"])
operators = st.sampled_from(matching.OPERATORS)


@given(fields, operators, st.text(max_size=30) | st.floats(allow_nan=False).map(str))
def test_what_is_written_back_is_read_as_the_same(field: str, operator: str, value: str) -> None:
    try:
        matcher = matching.parse(f"{field} {operator} {value}")
    except BadInput:
        assume(False)
    assert matching.parse(str(matcher)) == matcher


@given(st.text(max_size=30))
def test_any_quoted_value_is_refused_or_read_whole(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    try:
        matcher = matching.parse(f'title = "{quoted}"')
    except BadInput:
        assert value != value.strip() or value.startswith('"')
        return
    assert matcher == Matcher("title", "=", value)
    assert matching.parse(str(matcher)) == matcher
    assert holds(f'title = "{quoted}"', title=value)


@given(st.text(alphabet="ab(|)*+?{1,9}[]^$.\\", max_size=20), st.text(alphabet="ab", max_size=12))
def test_any_pattern_is_refused_or_tried_without_an_error(pattern: str, text: str) -> None:
    try:
        matching.parse(f'title =~ "{pattern}"')
    except BadInput:
        return
    assert holds(f'title =~ "{pattern}"', title=text) is not holds(f'title !~ "{pattern}"', title=text)
