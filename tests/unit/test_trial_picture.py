"""A trial as a picture: every figure is on it, in its place, and nothing is drawn of what was not measured."""

import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from bot.charts import trial as chart
from bot.errors import BadInput
from bot.model.trial import Estimate, Finding, Score, Scorecard, Slice, Trial
from tests.unit.test_trial_card import trial as made

pytest.importorskip("matplotlib")
OVERALL = Score("auc", Estimate(0.6, 0.55, 0.65), Estimate(0.8, 0.75, 0.85), Estimate(0.2, 0.1, 0.3))
ALONE = Score("auc", Estimate(0.5, 0.4, 0.6))


def tried(*slices: Slice, score: Score = OVERALL) -> Trial:
    card = Scorecard(Finding.BETTER, "8 is better.", 976, (score,), slices)
    return replace(made(), champion="7", challenger="8", scorecard=card)


def names(drawn: bytes) -> set[str]:
    return {one.get("id", "") for one in ElementTree.fromstring(drawn).iter()}


def test_all_rows_and_every_slice_are_drawn_with_both() -> None:
    part = Slice("country", "tr", 400, (OVERALL,), Finding.BETTER)
    found = names(chart.picture(tried(part), "svg"))
    assert {"champion:all rows", "challenger:all rows", "champion:country=tr", "challenger:country=tr"} <= found


def test_what_was_not_measured_is_not_drawn() -> None:
    part = Slice("country", "de", 10, (ALONE,), Finding.INSUFFICIENT)
    found = names(chart.picture(tried(part), "svg"))
    assert "champion:country=de" in found
    assert "challenger:country=de" not in found


def test_the_same_trial_is_the_same_picture_and_no_more_than_forty_slices() -> None:
    parts = [Slice("shop", f"<{n}>&", 500 - n, (OVERALL,), Finding.LEVEL) for n in range(60)]
    drawn = chart.picture(tried(*parts))
    assert drawn == chart.picture(tried(*parts))
    assert drawn.startswith(b"\x89PNG")
    assert sum(name.startswith("champion:shop") for name in names(chart.picture(tried(*parts), "svg"))) == chart.MOST


def test_a_trial_without_figures_is_refused() -> None:
    with pytest.raises(BadInput, match="has no figures to draw"):
        chart.picture(replace(made(), scorecard=None))
