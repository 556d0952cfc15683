"""Serious incidents in the chat: marked and settled by word and by form, shown on the card and on own pages."""

from datetime import UTC, datetime

import pytest

from bot.engine import serious
from bot.engine.serious import Wish
from bot.model.serious import Clock, Standing
from bot.sandbox.workspace import Message
from bot.store import clocks
from tests.slack import forming
from tests.slack.room import Room, alert

WHY = "because patients were harmed"


async def typed(room: Room, text: str, by: str = "cy") -> str:
    """What `/incident text` is answered, for its person's eyes only."""
    reply = await room.ws.command("/incident", text, by=by, channel="#ml-retail")
    assert reply.acked
    await room.settle()
    return reply.responses[-1].text if reply.responses else ""


async def found(room: Room) -> list[Clock]:
    """The clocks of INC-1."""
    return await room.desk.store.read(lambda tx: clocks.of(tx, "INC-1"))


def labels(card: Message) -> list[str]:
    """What stands on the buttons of a card."""
    rows = [block for block in card.blocks if block["type"] == "actions"]
    return [element["text"]["text"] for row in rows for element in row["elements"]]


async def test_a_lead_marks_it_and_the_card_tells_how_long_is_left(either: Room) -> None:
    await either.book(alert())
    said = await typed(either, f"serious INC-1 eu-ai-act {WHY}")
    assert "INC-1 is marked as serious (eu-ai-act), counted from 2026-11-23 03:38" in said
    await either.settle()
    (card,) = either.cards()
    assert "Report to the market surveillance authority (AI Act, Art. 73) due in 14 d 23 h, by " in card.shown
    assert "Report made" in labels(card)
    await either.pass_time(60)
    (card,) = either.cards()
    assert "due in 14 d 22 h, by " in card.shown
    told = [one.text for one in either.ws.messages("#ml-retail")]
    assert [one for one in told if "cy marked INC-1 as serious (eu-ai-act)" in one]


async def test_a_report_is_made_by_word(either: Room) -> None:
    await either.book(alert())
    await typed(either, f"serious 1 nis2, dora since 03:00 {WHY}")
    assert {one.since for one in await found(either)} == {datetime(2026, 11, 23, 3, 0, tzinfo=UTC)}
    said = await typed(either, "reported INC-1 nis2/warning BSI 77/b")
    assert "Early warning (Art. 23): made, for INC-1." in said
    settled = [one for one in await found(either) if one.standing is Standing.MET]
    assert [one.reference for one in settled] == ["BSI 77/b"]
    (card,) = either.cards()
    assert "And 3 more." in card.shown


@pytest.mark.parametrize(
    ("text", "by", "sentence"),
    [
        (f"serious INC-1 dora {WHY}", "ada", "Only leads of teams of that entity"),
        (f"serious INC-1 dorra {WHY}", "cy", "There is no regime 'dorra'. Did you mean 'dora'?"),
        (f"serious INC-1 dora since 2199-01-01 10:00 {WHY}", "cy", "in the future"),
        (f"serious INC-1 dora since yesterday {WHY}", "cy", "is no moment"),
        ("reported INC-1 warning BSI-1", "cy", "No clock of this incident runs."),
        (f"serious INC-1 <!channel> {WHY}", "cy", "There is no regime"),
    ],
)
async def test_what_cannot_be_is_said(room: Room, text: str, by: str, sentence: str) -> None:
    await room.book(alert())
    assert sentence in await typed(room, text, by)
    assert await found(room) == []


async def test_the_form_marks_it_and_tells_by_when_each_report_is_due(room: Room) -> None:
    await room.book(alert())
    await typed(room, "serious INC-1 nis2")  # the reason is missing
    view = forming.top(room, "cy")
    assert "Early warning (Art. 23): due by 2026-11-24 03:38 UTC." in view.shown
    done = await forming.send(room, forming.top(room, "cy"), "cy", boxes=["nis2", "dora"], starts="03:00", why="harm")
    assert "INC-1 is marked as serious (" in done.shown
    assert "counted from 2026-11-23 03:00" in done.shown
    assert "no legal advice" in done.shown
    assert len(await found(room)) == 5


async def test_the_card_s_button_says_that_a_report_was_made(room: Room) -> None:
    await room.book(alert())
    await typed(room, f"serious INC-1 nis2 {WHY}")
    await room.settle()
    view = await forming.opened(room, "Report made", "cy")
    done = await forming.send(room, view, "cy", step="nis2/warning", reference="BSI-9", starts="")
    assert "Early warning (Art. 23): made, for INC-1." in done.shown
    again = await forming.opened(room, "Report made", "ada")
    refused = await forming.send(room, again, "ada", step="nis2/notification", reference="BSI-9")
    assert "Only leads of teams of that entity" in refused.shown
    assert "BSI-9" in str(refused.content)  # what was typed stands there still


async def test_the_menu_offers_it_to_who_may_alone(room: Room) -> None:
    await room.book(alert())
    for person, offered in (("cy", True), ("ada", False)):
        card = forming.cards(room)[0]
        more = next(label for label in card.buttons if label.startswith("More"))
        await room.ws.press(card, more, by=person)
        await room.settle()
        assert ("Mark as serious" in forming.top(room, person).buttons) is offered
    view = await forming.opened(room, "Mark as serious", "cy")
    assert "Serious incident of a high-risk AI system" in str(view.content)
    unknown = await forming.send(room, view, "cy", boxes=["dora"], starts="2199-01-01 10:00", why="harm")
    assert "in the future" in unknown.shown


async def test_whoever_owes_it_sees_it_on_their_own_page(room: Room) -> None:
    await room.book(alert())
    wish = Wish("1", "person:cy", room.clock.now(), "cli", "harm", ("eu-ai-act",))
    await serious.mark(room.desk, wish)
    await room.settle()
    for person, owes in (("cy", True), ("bo", False)):
        await room.ws.open_home(by=person)
        await room.ws.until(lambda: not room.ws.courier.busy)
        await room.settle()
        view = room.ws.home(person)
        assert view is not None
        assert ("Reports that are due" in view.shown) is owes
