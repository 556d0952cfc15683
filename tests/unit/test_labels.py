"""Alertmanager's names and our fields: what is shown means the same when it comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.matcher import Matcher
from bot.rules import matching
from bot.web import labels

FIELDS = [name for name in matching.FIELDS if not name.endswith(".NAME")]
LABELS = ["label.team", "label.model", "label.alertname", "label.source", "label.field.x", "measure.psi", "drift.share"]


@pytest.mark.parametrize("field", [*FIELDS, *LABELS])
@pytest.mark.parametrize("operator", ["=", "!=", "=~", "!~"])
def test_what_is_shown_comes_back_as_it_was(field: str, operator: str) -> None:
    value = matching.CLOSED.get(field, ("x",))[0]
    shown = labels.shown(Matcher(field, operator, value))
    assert labels.OPERATORS[shown["isEqual"], shown["isRegex"]] == operator
    assert labels.matcher(shown["name"], operator, shown["value"]) == Matcher(field, operator, value)


@pytest.mark.parametrize("operator", ["<", "<=", ">", ">="])
def test_a_comparison_of_numbers_cannot_come_back_as_something_else(operator: str) -> None:
    shown = labels.shown(Matcher("drift.share", operator, "0.3"))
    assert shown["name"] == f"drift.share{operator}"
    with pytest.raises(BadInput):
        labels.matcher(shown["name"], "=", shown["value"])


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("alertname", "title"),
        ("model", "model"),
        ("feature", "label.feature"),  # Prometheus' users mean the label
        ("source", "label.source"),
        ("field.feature", "feature"),
        ("label.model", "label.model"),
        ("model.team", "model.team"),
        ("team", "label.team"),
    ],
)
def test_a_name_means(name: str, field: str) -> None:
    assert labels.matcher(name, "=", "x") == Matcher(field, "=", "x")


@given(name=st.text(max_size=20), value=st.text(max_size=40), operator=st.sampled_from(["=", "!="]))
def test_neither_name_nor_value_can_become_another_condition(name: str, value: str, operator: str) -> None:
    try:
        found = labels.matcher(name, operator, value)
    except BadInput:
        return
    assert (found.op, found.field) == (operator, labels.matcher(name, operator, "drift").field)
    assert found.value in (value, value.lower())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a=b", Matcher("a", "=", "b")),
        (' a =~ "b|c" ', Matcher("a", "=~", "b|c")),
        ('a!="say \\"hi\\"\\n"', Matcher("a", "!=", 'say "hi"\n')),
        ('"with space"="x"', Matcher("with space", "=", "x")),
        ("a=", Matcher("a", "=", "")),
        ('a="x=y"', Matcher("a", "=", "x=y")),
    ],
)
def test_filters_are_read_as_amtool_writes_them(text: str, found: Matcher) -> None:
    assert labels.filters([text]) == [found]
