"""Which alerts become one incident, and that nothing in their text can merge what does not belong together."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, Kind, Status
from bot.model.estate import Model
from bot.rules import grouping

BY = ("entity", "model", "environment", "kind")
AT = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)


def alert(**said: object) -> Alert:
    fields = {"title": "t", "kind": Kind.DRIFT, "status": Status.FIRING, "started_at": AT, **said}
    return Alert("webhook", "hook", "p", **fields)  # type: ignore[arg-type]


def test_alerts_about_one_cause_share_a_key() -> None:
    one = alert(entity="retail", model="churn", environment="production", title="PSI of income")
    two = alert(entity="retail", model="churn", environment="production", title="PSI of age", version="7")
    assert grouping.key(one, None, BY) == grouping.key(two, None, BY)
    assert grouping.key(one, None, BY) == (
        '[["entity","retail"],["model","churn"],["environment","production"],["kind","drift"]]'
    )


@pytest.mark.parametrize("field", ["entity", "model", "environment"])
def test_another_value_is_another_incident(field: str) -> None:
    same = {"entity": "retail", "model": "churn", "environment": "production"}
    assert grouping.key(alert(**same), None, BY) != grouping.key(alert(**{**same, field: "x"}), None, BY)
    assert grouping.key(alert(**same), None, BY) != grouping.key(alert(**{**same, field: None}), None, BY)


def test_the_names_its_monitors_use_lead_to_one_incident() -> None:
    churn = Model("churn", "retail", "churn-ml", aliases=("customer_churn",))
    assert grouping.key(alert(model="customer_churn"), churn, BY) == grouping.key(alert(model="churn"), churn, BY)


def test_the_catalogue_says_whose_business_it_is() -> None:
    churn = Model("churn", "retail", "churn-ml")
    assert grouping.key(alert(model="churn", entity="lending"), churn, ("entity",)) == '[["entity","retail"]]'


def test_nothing_known_is_a_key_still() -> None:
    assert grouping.key(alert(), None, ("model", "label.x")) == '[["model",null],["label.x",null]]'


def test_half_a_character_does_no_harm() -> None:
    half, escaped = alert(model="\ud800"), alert(model="\\ud800")
    assert grouping.key(half, None, ("model",)).encode()
    assert grouping.key(half, None, ("model",)) != grouping.key(escaped, None, ("model",))


values = st.none() | st.text() | st.sampled_from(["", "null", '"', '","', '"],["model","', "a|b", "a/b", "\ud800"])


@given(*[values] * 6)
def test_equal_keys_mean_equal_values(a: str, b: str, c: str, d: str, e: str, f: str) -> None:
    by = ("entity", "model", "label.x")
    one = alert(entity=a, model=b, labels={} if c is None else {"x": c})
    two = alert(entity=d, model=e, labels={} if f is None else {"x": f})
    assert (grouping.key(one, None, by) == grouping.key(two, None, by)) == ((a, b, c) == (d, e, f))


@given(values)
def test_the_same_value_in_another_field_is_another_incident(value: str) -> None:
    assert grouping.key(alert(model=value), None, ("model",)) != grouping.key(alert(entity=value), None, ("entity",))
