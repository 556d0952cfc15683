"""How much of the time that a version was tried on lies in the data it learnt from."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules import learnt
from bot.rules.retraining import Window

DAY = timedelta(days=1)
START = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "share"),
    [
        ((0, 10, ()), 1.0),
        ((0, 5, ()), 0.5),
        ((5, 20, ()), 0.5),
        ((-20, 0, ()), 0.0),
        ((10, 20, ()), 0.0),
        ((0, 10, ((2, 4),)), 0.8),
        ((0, 10, ((-2, 1), (9, 30))), 0.8),
        ((0, 5, ((6, 8),)), 0.5),
    ],
)
def test_the_share(window: tuple[int, int, tuple[tuple[int, int], ...]], share: float) -> None:
    since, until, excluded = window
    spans = tuple((START + one * DAY, START + other * DAY) for one, other in excluded)
    data = Window(START + since * DAY, START + until * DAY, spans)
    assert learnt.share(data, START, START + 10 * DAY) == pytest.approx(share)


def test_of_no_time_at_all_nothing_was_learnt() -> None:
    assert learnt.share(Window(START, START + DAY), START, START) == 0.0
