"""What people are sent while a change waits for them, after the glass was broken, and how far a fault has reached."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.engine import propose
from bot.model.change import Lever
from bot.model.verdict import Verdict
from tests.slack.room import Room, alert
from tests.slack.serving import Shelf, serving, story
from tests.slack.test_legal import typed


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Room, Shelf]]:
    """Churn runs on a platform, and its runbook lets one break the glass for a rollback."""
    async with serving(tmp_path, approval="one", break_glass=True) as both:
        yield both


async def proposed(room: Room, glass: str = "") -> None:
    """Ada asks to roll churn back."""
    wish = propose.Wish(Lever.ROLLBACK, "churn", why="accuracy fell", glass=glass)
    answer = await propose.propose(room.desk, wish, "person:ada", room.clock.now(), "command")
    assert answer.verdict is Verdict.GO, answer.sentence
    await room.settle()


async def test_an_approver_gets_the_card_with_its_buttons_once(served: tuple[Room, Shelf]) -> None:
    room, shelf = served
    await proposed(room)
    for who in ("bo", "cy"):
        (card,) = room.ws.dms(who)
        assert "Approve" in card.buttons
    assert room.ws.dms("ada") == []
    await room.pass_time(20)  # cy leads the team, too
    assert [card.text[:40] for card in room.ws.dms("cy")[1:]] == ["CHG-1: nobody has agreed yet to rollback"]
    await room.pass_time(41)
    assert (await story(room))[-1] == "change.expired"
    assert room.ws.dms("ada")[-1].text.startswith("CHG-1 has expired: nobody agreed in time")
    assert list(room.ws.dms("bo")[0].buttons) == ["Propose again"]
    assert shelf.applied == []


async def test_the_glass_is_broken_loudly_and_reviewed_by_another(served: tuple[Room, Shelf]) -> None:
    room, shelf = served
    await proposed(room, glass="nobody answers at this hour")
    assert shelf.applied == ["churn -> 6"]
    for messages in (room.ws.dms("bo"), room.ws.dms("cy"), room.ws.messages("#ml-retail")):
        assert [one.text for one in messages if one.text.startswith("ada broke the glass: CHG-1")]
    assert "cannot be the one who reviews it" in await typed(room, "review CHG-1 it was fine", "ada")
    assert "needs a word" in await typed(room, "review CHG-1", "cy")
    assert await typed(room, "review CHG-1 it was the right thing to do", "cy") == "CHG-1 is reviewed."
    assert (await story(room))[-1] == "change.reviewed"


async def test_the_card_says_how_far_the_fault_has_reached(served: tuple[Room, Shelf]) -> None:
    room, _ = served
    await room.book(alert())
    (card,) = room.cards()
    assert "About 48,000 predictions since " in card.shown
    assert "(estimate)" in card.shown
