"""What a terminal says of a plan before it is proposed: what it would learn, what is left out, and who must agree."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cli import planned
from bot.engine.preview import Preview
from tests.unit import retrained
from tests.unit.seen import NOW


def told(shown: Preview, key: str) -> list[str]:
    """What stands behind this word."""
    lines = (line.strip().partition(":") for line in planned.preview(shown))
    return [value.strip() for word, _, value in lines if word == key]


@pytest.mark.parametrize(
    ("approvers", "said"),
    [
        (("bo", "cy"), "2 of bo, cy"),
        (("bo",), "2 of bo, which are too few, so it will be refused"),
        ((), "2 of nobody, so it will be refused"),
    ],
)
def test_that_too_few_may_agree_is_said_before_it_is_proposed(approvers: tuple[str, ...], said: str) -> None:
    assert told(Preview(retrained.PLAN, 2, approvers), "must agree") == [said]


def test_what_a_fault_cut_off_at_an_end_is_said_too() -> None:
    whole = Preview(retrained.PLAN, 1, ("bo",))
    assert len(told(whole, "left out")) == 1
    until = (NOW - timedelta(days=2)).isoformat()
    cut = replace(retrained.PLAN, parameters={**retrained.SAID, "until": until, "excluded": []})
    (said,) = told(replace(whole, plan=cut), "left out")
    assert said == "2d at its ends: the data was not to be trusted"
