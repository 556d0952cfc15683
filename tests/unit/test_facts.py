"""What drawings say of counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import facts


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1"), (2, "2"), (3, "2+"), (4, "2+"), (5, "5+"), (9, "5+"), (10, "10+"), (199, "100+"), (200, "200+")],
)
def test_a_count_is_told_in_steps(count: int, said: str) -> None:
    assert facts.about(count) == said


@given(st.integers(min_value=3, max_value=10**9))
def test_it_is_never_too_much_and_at_least_half(count: int) -> None:
    told = int(facts.about(count).removesuffix("+"))
    assert told <= count < told * 2.5
