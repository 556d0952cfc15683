"""The one line that says what is wrong."""

from bot.contract import Measure
from bot.engine import headline
from tests.unit import seen


def said(title: str, metric: str) -> str:
    first = seen.kept(title=title, measures=(Measure(metric, 0.31, feature="tenure"),))
    return headline.of(seen.incident(title=title, severity="sev1"), first)


def test_what_was_measured_stands_beside_the_title() -> None:
    assert said("Feature drift", "psi").endswith(": Feature drift - psi of tenure 0.31")


def test_a_title_that_is_the_name_of_the_metric_is_said_once() -> None:
    assert said("FeatureDriftPSIHigh", "FeatureDriftPSIHigh").endswith(": FeatureDriftPSIHigh of tenure 0.31")
