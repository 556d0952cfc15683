"""Presses, over both transports: each counts once, for whoever may, and everything else is answered with a sentence."""

import copy
import dataclasses

import pytest

from bot import words
from bot.model.incident import Incident
from bot.sandbox.workspace import Message
from bot.slack import buttons, forms
from bot.slack.buttons import Meant
from bot.store import incidents, log
from tests.slack.room import Room, alert


def card(room: Room) -> Message:
    """The card of the incident."""
    return next(m for m in room.ws.messages("#ml-retail") if m.buttons and m.thread_ts is None)


def carrying(message: Message, value: str) -> Message:
    """The message with one button more, which carries `value`."""
    face = {"type": "plain_text", "text": "Crafted"}
    row = {"type": "actions", "block_id": "crafted", "elements": [{"type": "button", "text": face, "value": value}]}
    row["elements"][0]["action_id"] = "crafted"  # type: ignore[index]
    return dataclasses.replace(message, blocks=[*copy.deepcopy(message.blocks), row])


async def pressed(room: Room, meant: Meant | str, by: str = "ada") -> str:
    """Somebody presses a button that carries this; what they read in answer."""
    value = buttons.encode(meant) if isinstance(meant, Meant) else meant
    reply = await room.ws.press(carrying(card(room), value), "Crafted", by=by)
    assert reply.acked, reply.error
    await room.settle()
    assert all(message.ephemeral_to == room.ws.person(by).id for message in reply.responses)
    return "\n".join(message.shown for message in reply.responses)


async def incident(room: Room) -> Incident:
    """The incident as it stands."""
    return await room.desk.store.read(lambda tx: incidents.get(tx, "INC-1"))


@pytest.mark.parametrize(
    "value",
    [
        "1|acknowledge|INC-1|1",
        "2|detonate|INC-1|1|",
        "2|open||0|{}",
        "2|open||0|" + '{"form":"rm"}',
        "",
        "2|acknowledge",
        "\u202e" * 300,
    ],
)
async def test_a_button_of_another_version_is_said_to_be_one(room: Room, value: str) -> None:
    await room.book(alert())
    before = await incident(room)
    assert "This button comes from another version of me." in await pressed(room, value or " ")
    assert await incident(room) == before


async def test_a_button_that_brings_what_its_verb_needs_asks_nothing(either: Room) -> None:
    await either.book(alert())
    version = (await incident(either)).version
    assert await pressed(either, Meant("snooze", "INC-1", version, "30")) == ""
    assert (await incident(either)).snoozed_until is not None
    assert either.ws.view("ada") is None


async def test_one_that_does_not_opens_the_form(either: Room) -> None:
    await either.book(alert())
    assert await pressed(either, Meant("snooze", "INC-1", 1)) == ""
    view = either.ws.view("ada")
    assert view is not None
    assert view.title == "Snooze"


async def test_what_it_brings_may_be_wrong(either: Room) -> None:
    await either.book(alert())
    assert "is no time to snooze for" in await pressed(either, Meant("snooze", "INC-1", 9, "forever"))
    assert "There is no incident INC-99" in await pressed(either, Meant("acknowledge", "INC-99", 1))
    assert "There is no incident INC-99" in await pressed(either, Meant("snooze", "INC-99", 1))
    assert "no such step" in await pressed(either, Meant("tick", "INC-1", 1, "feature-drift/1"))
    assert either.ws.view("ada") is None


async def test_an_order_on_a_button_is_obeyed(either: Room) -> None:
    await either.book(alert())
    assert "INC-1" in await pressed(either, Meant("order", detail="list"))
    assert "/tocsin help" in await pressed(either, Meant("order", detail="dance"))


async def test_a_test_page_goes_out_and_its_answer_comes_back(either: Room) -> None:
    await either.book(alert())
    assert "slack: the test page is on its way." in await pressed(either, Meant("test"))
    page = either.ws.dms("ada")[-1]
    assert "Test page" in page.shown
    label = next(iter(page.buttons))
    reply = await either.ws.press(page, label, by="ada")
    await either.settle()
    assert "Test received" in reply.responses[0].shown
    told = await either.desk.store.read(lambda tx: log.of(tx.sql, "person:ada"))
    assert [each.entry.kind for each in told] == ["pager.tested", "pager.test_received"]
    assert "less than a minute ago" in await pressed(either, Meant("test"))


async def test_whom_nobody_knows_tests_nothing(either: Room) -> None:
    await either.book(alert())
    assert "I do not know you" in await pressed(either, Meant("test"), by="eve")
    assert either.ws.dms("eve") == []


async def test_a_copy_of_a_press_does_nothing(either: Room) -> None:
    await either.book(alert())
    either.ws.duplicate_next()
    assert await pressed(either, Meant("acknowledge", "INC-1", 1)) == ""
    kinds = [e.entry.kind for e in await either.desk.store.read(lambda tx: log.of(tx.sql, "INC-1"))]
    assert kinds.count("incident.acknowledged") == 1


async def test_where_nothing_can_be_opened_a_button_brings_the_form_with_what_was_said(either: Room) -> None:
    await either.book(alert())
    seed = forms.Seed(incident="INC-1", seen_version=1, text="the feed | was late", target="person:cy")
    offered = forms.opener("page", seed, words.ENGLISH)
    button = offered.blocks[-1]["elements"][0]
    assert await pressed(either, button["value"]) == ""
    view = either.ws.view("ada")
    assert view is not None
    assert "@U01CY is paged: slack" in view.shown
    await either.ws.submit(view, {}, by="ada")
    await either.settle()
    last = either.ws.view("ada")
    assert last is not None
    assert "cy paged and asked to join" in last.shown
    said = await either.desk.store.read(lambda tx: log.of(tx.sql, "INC-1"))
    assert "the feed | was late" in [each.entry.why for each in said]


async def test_somebody_who_may_not_is_told_so(either: Room) -> None:
    await either.book(alert())
    assert "I do not know you" in await pressed(either, Meant("acknowledge", "INC-1", 1), by="eve")
    assert (await incident(either)).holder is None
