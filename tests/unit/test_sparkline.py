"""Rows of bars in text: the lowest is the smallest, the highest the tallest, and nothing breaks them."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.rules import sparkline


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((), ""),
        ((1,), "▄"),
        ((5, 5, 5), "▄▄▄"),
        ((0, 1), "▁█"),
        ((0, 1, 2, 3, 4, 5, 6, 7), "▁▂▃▄▅▆▇█"),
        ((7, 0, 7), "█▁█"),
        ((-1, nan, 1, None, inf, -inf), "▁·█···"),
        ((nan, inf), "··"),
        ((-1e308, 0, 1e308), "▁▅█"),
        ((5e-324, 0.0), "▄▄"),
    ],
)
def test_the_bars_of_values(values: tuple[float | None, ...], bars: str) -> None:
    assert sparkline.draw(values) == bars


def test_of_many_values_no_peak_is_lost() -> None:
    values = [0.0] * 1000
    values[517] = 9.0
    drawn = sparkline.draw(values)
    assert len(drawn) == sparkline.MOST
    assert drawn.count("█") == 1


def test_the_scale_knows_finite_values_alone() -> None:
    assert sparkline.scale([nan, 3, None, -2, inf]) == (-2, 3)
    assert sparkline.scale([nan, None]) is None


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=200), st.integers(1, 60))
def test_whatever_comes_is_drawn(values: list[float | None], most: int) -> None:
    drawn = sparkline.draw(values, most)
    assert len(drawn) == min(len(values), most)
    assert set(drawn) <= {*sparkline.BARS, sparkline.GAP}
