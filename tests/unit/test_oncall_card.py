"""Duty as it is drawn: golden drawings in both languages, always valid, cut with a word about it, nothing hostile."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.model.cover import Request
from bot.slack import buttons, forms, home_duty, oncall, oncall_card, validate
from bot.slack.forms import prospect
from bot.slack.pieces import Json, Message
from bot.words import Words
from tests.unit import on_duty
from tests.unit.on_duty import ADA, ANSWERING, ASKED, BO, BYHAND, MINE, NOW, ON_CALL, PAST, SWAP, TAKEN, WITHDRAWN

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
COMING = {"first-line": [on_duty.NOW_ON, on_duty.NEXT, on_duty.GAP]}


def drawings(w: Words) -> dict[str, Message]:
    """Each message by name."""
    return {
        "overview": oncall_card.overview(ON_CALL, MINE[0], 2, ADA, w),
        "stranger": oncall_card.overview(ON_CALL, None, 0, None, w),
        "rota": oncall_card.standing(ANSWERING, COMING, BYHAND, ADA, w),
        "rota_stranger": oncall_card.standing(ANSWERING, COMING, BYHAND, None, w),
        "mine": oncall_card.mine(MINE, ADA, NOW, w),
        "mine_none": oncall_card.mine((), ADA, NOW, w),
        "covers": oncall_card.covers((ASKED, SWAP), BO, w),
        "covers_none": oncall_card.covers((), ADA, w),
        "offer": oncall_card.offer(ASKED, w),
        "offer_direct": oncall_card.offer(SWAP, w, direct=True),
        "offer_taken": oncall_card.offer(TAKEN, w),
        "offer_withdrawn": oncall_card.offer(WITHDRAWN, w),
        "offer_past": oncall_card.offer(PAST, w),
    }


def views(w: Words) -> dict[str, Json]:
    """The same as they are sent, and the parts of the home page."""
    messages = {name: {"text": one.text, "blocks": list(one.blocks)} for name, one in drawings(w).items()}
    return messages | {"home": {"type": "home", "blocks": home_duty.draw(on_duty.AHEAD, ADA, w)}}


DRAWN = {f"oncall_{name}": view for name, view in views(EN).items()}
DRAWN |= {f"oncall_{name}_tr": view for name, view in views(TR).items() if name in ("overview", "rota", "mine", "home")}
DRAWN |= {f"oncall_{name}_tr": view for name, view in views(TR).items() if name.startswith("offer")}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(DRAWN[name], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert DRAWN[name] == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
def test_slack_would_take_it(w: Words) -> None:
    for name, view in views(w).items():
        assert validate.validate(view, "home" if name == "home" else "message") == [], name


def test_an_offer_carries_what_was_seen_and_is_closed_when_it_is_over() -> None:
    accept, withdraw = oncall_card.offer(ASKED, EN).blocks[-1]["elements"]
    assert buttons.decode(accept["value"]) == buttons.Meant("offer", "", 1, "accept CVR-7")
    assert buttons.decode(withdraw["value"]) == buttons.Meant("offer", "", 1, "withdraw CVR-7")
    assert "confirm" in accept
    for over in (TAKEN, WITHDRAWN, PAST):
        assert "actions" not in {block["type"] for block in oncall_card.offer(over, EN).blocks}


def test_a_shift_that_goes_on_is_given_away_from_now_on() -> None:
    row = oncall_card.mine(MINE, ADA, NOW, EN).blocks[2]["elements"]
    form, seed = forms.sow(buttons.decode(row[0]["value"]))
    assert (form, seed.rota, seed.starts, seed.ends) == ("ask-cover", "first-line", "", "2026-11-30 09:00")


def test_a_moment_that_the_clocks_show_twice_is_written_with_its_offset() -> None:
    zone = "America/Chicago"
    for at in (NOW, NOW.replace(month=11, day=1, hour=6, minute=30), NOW.replace(month=11, day=1, hour=7, minute=30)):
        typed = {"starts": prospect.written(at, zone, NOW)}
        assert prospect.starts(typed, zone, NOW) == at


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("", ("overview", "", "", "")),
        ("mine", ("mine", "", "", "")),
        ("My  Shifts", ("mine", "", "", "")),
        ("ne zaman nöbetçiyim", ("mine", "", "", "")),
        ("covers", ("covers", "", "", "")),
        ("swap", ("", "swap", "", "")),
        ("override for nobody", ("", "rota-override", "", "")),
        ("cover me friday", ("", "ask-cover", "", "")),
        ("cover", ("", "rota-cover", "", "")),
        ("yokluk", ("", "rota-absence", "", "")),
        ("accept CVR-7", ("", "", "accept", "CVR-7")),
        ("kabul 7", ("", "", "accept", "7")),
        ("Withdraw cvr-7", ("", "", "withdraw", "cvr-7")),
        ("churn", ("answering", "", "", "churn")),
        ("accept everything", ("answering", "", "", "accept everything")),
    ],
)
def test_what_is_typed_after_oncall(said: str, wanted: tuple[str, str, str, str]) -> None:
    found = oncall.read(said, on_duty.SETTINGS)
    assert (found.look, found.form, found.vote, found.about) == wanted


NASTY = st.one_of(
    st.text(max_size=400),
    st.sampled_from(["<!channel>", "<@U01BO>", "<https://evil.example|click>", "*b* `c`", "\u202eevil", "\x00"]),
)


@settings(max_examples=60, deadline=None)
@given(NASTY, NASTY, st.integers(0, 60))
def test_nothing_hostile_speaks_and_nothing_is_too_long(why: str, name: str, many: int) -> None:
    person = replace(ADA, name=name or "x", slack=None)
    request: Request = replace(SWAP, why=why, person=name or "x", rota=name or "x", offered=(name or "x",) * many)
    byhand = [replace(BYHAND[0], id=name or "x", rota=name or "x", person=name or "x", why=why)] * many
    for w in (EN, TR):
        for drawn in (
            oncall_card.offer(request, w),
            oncall_card.covers([request] * many, person, w),
            oncall_card.mine([MINE[1], MINE[0]] * many, person, NOW, w),
            oncall_card.standing(ANSWERING, {name or "x": [on_duty.NEXT] * many}, byhand, person, w),
        ):
            shown = {"text": drawn.text, "blocks": list(drawn.blocks)}
            assert validate.validate(shown, "message") == []
            assert "'type': 'broadcast'" not in str(shown)
            assert "'type': 'link'" not in str(shown)
            assert "<!" not in drawn.text
