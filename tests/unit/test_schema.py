"""Whether a version's columns are served: by name, by type, and told by the first few that are not."""

import pytest

from bot.model.trial import Finding, Scorecard
from bot.rules import gate, schema
from bot.rules.schema import Columns
from tests.unit.test_trial_gate import card


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("double", "float64", True),
        (" BIGINT ", "long", True),
        ("int", "Integer", True),
        ("str", "string", True),
        ("boolean", "bool", True),
        ("array<double>", "array<double>", True),
        ("float", "double", False),
        ("int", "long", False),
        ("string", "double", False),
        ("", "", False),
        (" ", "double", False),
    ],
)
def test_one_type_has_many_names_and_an_empty_one_means_none(one: str, other: str, same: bool) -> None:
    assert schema.same(one, other) is same
    assert schema.same(other, one) is same


def test_what_is_served_beside_them_does_not_matter() -> None:
    assert schema.found(Columns({"age": "int"}, {"age": "int32", "more": "string"})) == (True, "all 1 of them")


def test_names_are_told_apart_by_their_case() -> None:
    assert schema.found(Columns({"Age": "int"}, {"age": "int"})) == (False, "Age is not served")


def test_the_first_five_faults_are_told_in_the_order_of_their_names() -> None:
    wanted = {f"c{number}": "int" for number in range(7)}
    ok, told = schema.found(Columns(wanted, {"c0": "string", "c1": ""}))
    first = "c0 is string instead of int, c1 is of no known type instead of int"
    assert not ok
    assert told == f"{first}, c2 is not served, c3 is not served, c4 is not served and 2 more"


def test_names_from_outside_are_cut_and_stay_on_one_line() -> None:
    _, told = schema.found(Columns({"x\ny" + "z" * 500: "int"}, {}))
    assert "\n" not in told
    assert len(told) < 100


def test_a_gate_without_it_does_not_ask_and_one_with_it_needs_an_answer() -> None:
    found: Scorecard = card(finding=Finding.BETTER)
    assert gate.judge(found, gate.Gate("auc")).passed
    unasked = gate.judge(found, gate.Gate("auc", schema=True))
    reason = unasked.reasons[-1]
    assert (reason.what, reason.ok, reason.got) == (gate.SCHEMA, False, schema.UNASKED.why)
    served = Columns({"age": "int"}, {"age": "int"})
    assert gate.judge(found, gate.Gate("auc", schema=True), columns=served).passed
    assert not gate.judge(found, gate.Gate("auc", schema=True), columns=Columns({"age": "int"}, {})).passed
    why = gate.judge(found, gate.Gate("auc", schema=True), columns=Columns(why="not measured: ask ada")).reasons[-1]
    assert (why.got, why.ok) == ("not measured: ask ada", False)
