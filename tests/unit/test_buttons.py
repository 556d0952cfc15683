"""What a button carries, and what a forged or an old one does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.verb import Verb
from bot.slack import buttons, forms

WORDS = sorted([*Verb, *forms.NAMES, "test", "order", forms.OPEN])


@given(st.sampled_from(WORDS), st.integers(1, 10**9), st.integers(0, 10**6), st.text(max_size=500))
def test_it_comes_back_as_it_went(verb: str, number: int, version: int, detail: str) -> None:
    meant = buttons.Meant(verb, f"INC-{number}", version, detail)
    assert buttons.decode(buttons.encode(meant)) == meant


def test_its_form() -> None:
    assert buttons.encode(buttons.Meant(Verb.ACKNOWLEDGE, "INC-7", 3)) == "2|acknowledge|INC-7|3|"
    assert buttons.encode(buttons.Meant("snooze", "INC-7", 3, "30")) == "2|snooze|INC-7|3|30"
    assert buttons.encode(buttons.Meant("order", detail="page ada | now")) == "2|order||0|page ada | now"


def test_a_detail_is_cut_where_slack_would_refuse_the_button() -> None:
    value = buttons.encode(buttons.Meant("order", detail="x" * 5_000))
    assert len(value) == buttons.LONGEST
    assert set(buttons.decode(value).detail) == {"x"}


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2",
        "1|acknowledge|INC-7|3",
        "3|acknowledge|INC-7|3|",
        "2|acknowledge|INC-7|3",
        "2|ACKNOWLEDGE|INC-7|3|",
        "2||INC-7|3|",
        "2|acknowledge|INC-|3|",
        "2|acknowledge|INC-7|-3|",
        "2|acknowledge|INC-7|٣|",
        "2|acknowledge|INC-7' OR 1=1|3|",
        "|" * 5000,
    ],
)
def test_what_is_not_ours_or_is_old_is_refused(value: str) -> None:
    with pytest.raises(BadInput, match="another version"):
        buttons.decode(value)


@given(st.text())
def test_anything_else_is_refused_in_order(value: str) -> None:
    try:
        meant = buttons.decode(value)
    except BadInput:
        return
    assert buttons.encode(meant).split("|")[1:3] == value.split("|")[1:3]


@given(st.text(max_size=4_000), st.text(max_size=4_000), st.sampled_from(sorted(forms.NAMES)))
def test_a_button_that_opens_a_form_brings_what_was_known_of_it(text: str, details: str, form: str) -> None:
    seed = forms.Seed(incident="INC-7", seen_version=3, text=text, details=details, target="person:ada")
    value = buttons.encode(buttons.Meant(forms.OPEN, "INC-7", 3, seed.card(form)))
    name, carried = forms.sow(buttons.decode(value))
    assert (name, carried.incident, carried.seen_version, carried.target) == (form, "INC-7", 3, "person:ada")
    assert carried.text in (text, "")
    if len(text) + len(details) < 250:
        assert (carried.text, carried.details) == (text, details)


def test_a_button_for_no_form_of_ours_is_old() -> None:
    for meant in (buttons.Meant(forms.OPEN, detail='{"form":"rm"}'), buttons.Meant(forms.OPEN, detail="[]")):
        with pytest.raises(BadInput, match="another version"):
            forms.sow(meant)
