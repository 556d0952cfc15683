"""What a button carries, and what a forged one does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.respond import Verb
from bot.errors import BadInput
from bot.slack import buttons


@given(st.sampled_from(list(Verb)), st.integers(1, 10**9), st.integers(0, 10**6))
def test_it_comes_back_as_it_went(verb: Verb, number: int, version: int) -> None:
    meant = buttons.Meant(verb, f"INC-{number}", version)
    assert buttons.decode(buttons.encode(meant)) == meant


def test_its_form() -> None:
    assert buttons.encode(buttons.Meant(Verb.ACKNOWLEDGE, "INC-7", 3)) == "1|acknowledge|INC-7|3"


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "2|acknowledge|INC-7|3",
        "1|delete|INC-7|3",
        "1|acknowledge|INC-|3",
        "1|acknowledge|INC-7|-3",
        "1|acknowledge|INC-7|3|4",
        "1|acknowledge|INC-7|٣",
        "1|acknowledge|INC-7' OR 1=1|3",
        "|" * 5000,
    ],
)
def test_what_is_not_ours_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="another version"):
        buttons.decode(value)


@given(st.text())
def test_anything_else_is_refused_in_order(value: str) -> None:
    try:
        meant = buttons.decode(value)
    except BadInput:
        return
    assert buttons.encode(meant).split("|")[1:3] == value.split("|")[1:3]
