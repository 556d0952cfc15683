"""By which keys an alert holds others, and by which it may be held."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, Kind, Status
from bot.model.estate import Estate, Model
from bot.model.held import Cause
from bot.model.matcher import Matcher
from bot.model.noise import FEED, Feeds, Inhibition, Noise
from bot.rules import inhibition, matching
from tests.store import made

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MODELS = {
    "orders": Model("orders", "retail", "data", kind="data", feeds=("features",)),
    "features": Model("features", "retail", "data", kind="data", feeds=("churn", "price")),
    "churn": Model("churn", "retail", "ml"),
    "price": Model("price", "retail", "ml", feeds=("features",)),  # a circle
    "alone": Model("alone", "retail", "ml"),
}
ESTATE = Estate(models=MODELS, names=MODELS)
OUTAGE = Inhibition(
    "outage",
    (Matcher("severity", "=", "critical"),),
    (Matcher("kind", "=~", "drift|latency"),),
    ("environment", "label.zone"),
)
NOISE = Noise((OUTAGE,))


def facts(model: str = "alone", kind: Kind = Kind.DRIFT, **more: Any) -> matching.Facts:
    said = {"environment": "production", **more}
    return matching.Facts(Alert("t", "prom", "p", "t", Status.FIRING, kind, NOON, model=model, **said), MODELS[model])


def test_the_values_of_the_equal_fields_are_the_key_on_both_sides() -> None:
    source = facts(kind=Kind.FAILURE, severity="critical", labels={"zone": "eu"})
    (key,) = inhibition.holds(NOISE, ESTATE, source)
    assert [key] == inhibition.held_by(NOISE, ESTATE, facts(labels={"zone": "eu"}))
    assert [key] != inhibition.held_by(NOISE, ESTATE, facts(labels={"zone": "us"}))
    assert [key] != inhibition.held_by(NOISE, ESTATE, facts(labels={"zone": "eu"}, environment="staging"))
    assert inhibition.held_by(NOISE, ESTATE, facts(kind=Kind.COST)) == []


def test_what_is_absent_on_both_sides_is_equal() -> None:
    source = facts(kind=Kind.FAILURE, severity="critical", environment=None)
    assert inhibition.holds(NOISE, ESTATE, source) == inhibition.held_by(NOISE, ESTATE, facts(environment=None))


def test_what_matches_both_sides_is_never_held_by_that_rule() -> None:
    both = facts(kind=Kind.DRIFT, severity="critical")
    assert inhibition.holds(NOISE, ESTATE, both)
    assert inhibition.held_by(NOISE, ESTATE, both) == []


def test_a_broken_table_holds_all_that_follows_from_it_in_its_environment() -> None:
    keys = inhibition.holds(Noise(), ESTATE, facts("orders", Kind.FRESHNESS))
    held = {name: inhibition.held_by(Noise(), ESTATE, facts(name))[0] for name in ("features", "churn", "price")}
    assert set(held.values()) == set(keys)
    assert {rule for rule, _ in keys} == {FEED}
    staging = inhibition.held_by(Noise(), ESTATE, facts("churn", environment="staging"))
    assert set(staging).isdisjoint(keys)
    assert inhibition.held_by(Noise(), ESTATE, facts("alone")) == []
    assert inhibition.held_by(Noise(), ESTATE, facts("orders")) == []


def test_only_some_kinds_upstream_hold_only_some_kinds_downstream() -> None:
    assert inhibition.holds(Noise(), ESTATE, facts("orders", Kind.COST)) == []
    assert inhibition.held_by(Noise(), ESTATE, facts("churn", Kind.LATENCY)) == []
    wider = Noise(feeds=Feeds(kinds=("cost",), holds=("latency",)))
    assert inhibition.holds(wider, ESTATE, facts("orders", Kind.COST))
    assert inhibition.held_by(wider, ESTATE, facts("churn", Kind.LATENCY))


@given(st.sampled_from(list(MODELS)), st.sampled_from(list(Kind)), st.sampled_from([None, "critical"]))
def test_no_alert_is_held_by_a_key_under_which_it_holds_others(model: str, kind: Kind, severity: str | None) -> None:
    one = facts(model, kind, severity=severity)
    assert set(inhibition.holds(NOISE, ESTATE, one)).isdisjoint(inhibition.held_by(NOISE, ESTATE, one))


def test_a_key_of_any_length_fits_into_an_index() -> None:
    long = facts(kind=Kind.FAILURE, severity="critical", labels={"zone": "e" * 5000})
    longer = facts(kind=Kind.FAILURE, severity="critical", labels={"zone": "e" * 5001})
    ((_, one),), ((_, other),) = (inhibition.holds(NOISE, ESTATE, each) for each in (long, longer))
    assert one != other
    assert len(one) < 100


def test_the_reason_names_the_rule_and_the_incident_that_pages() -> None:
    hold = inhibition.by("outage", made.incident(4, title="Orders are stale"))
    assert (hold.cause, hold.by, hold.incident) == (Cause.INHIBITION, "outage", "INC-4")
    assert hold.why == "Held by outage while INC-4 is open (Orders are stale)."


def test_a_rule_may_be_in_shadow() -> None:
    assert inhibition.shadow(Noise((Inhibition("a", (), (), shadow=True),)), "a")
    assert not inhibition.shadow(NOISE, "outage")
    assert inhibition.shadow(Noise(feeds=Feeds(shadow=True)), FEED)
