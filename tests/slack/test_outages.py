"""Slack away, slow, sparing or half gone: people are reached another way, and in the end everything stands once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.model.alert import Status
from bot.model.job import Lane, NewJob
from bot.model.verb import Verb
from tests.parts.waiting import until
from tests.slack import room as rooms
from tests.slack.outage import FOREVER, furnish, go, posts, standing, take, unfit, whole
from tests.slack.room import Room, alert, key


@pytest.fixture
async def brief(tmp_path: Path) -> AsyncIterator[Room]:
    """The room of a bot that does not wait long for an answer of Slack's."""
    before = unfit()
    async with rooms.room(tmp_path, timeout=0.5, patience=rooms.QUICK) as one:
        yield one
    assert unfit() == before


async def test_ten_minutes_without_slack_end_with_everything_in_its_place_once(brief: Room) -> None:
    room, sms = brief, furnish(brief)
    await room.ws.open_home(by="ada")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.book(alert())
    await go(room, 30)
    began, since = room.clock.now(), len(room.ws.journal)
    # it answers 500
    room.ws.fault("*", "500", times=FOREVER)
    await room.book(alert("Scores are off", model="price"))
    await go(room, 240)
    # Of the first she was told in Slack, so its text waits its time; for the second nobody waits for Slack any more.
    assert [(who, which) for who, which, _ in sms.sent] == [("ada", "INC-2"), ("ada", "INC-1")]
    await take(room, Verb.ACKNOWLEDGE, 1, by="bo")
    # nobody listens there
    room.ws.clear_faults()
    port = urlsplit(room.ws.origin).port
    assert port
    await room.ws.stop()
    await take(room, Verb.NOTE, 1, detail="The feed is late")
    await room.book(alert("A blip", model="fraud", problem="blip"))
    await room.book(alert("A blip", model="fraud", problem="blip", status=Status.RESOLVED))
    await room.say("channel:#ml-oncall", "The rota has a gap.", "gap")
    await go(room, 300)
    # it takes everything and says nothing
    await room.ws.start(port)
    room.ws.fault("*", "hang", times=FOREVER)
    await go(room, (began + timedelta(minutes=11) - room.clock.now()).total_seconds())
    assert [
        when >= began + timedelta(minutes=10) for who, which, when in sms.sent if (who, which) == ("bo", "INC-2")
    ] == [
        True  # his turn comes when it always does, and then by the way that is left
    ]
    assert len(room.ws.journal) == since
    # and is back
    room.ws.clear_faults()
    room.ws.fault("chat.postMessage", "drop", times=4, after_effect=True)  # the first answers get lost
    back = room.clock.now()
    await go(room, 50)  # a page is tried every 15 seconds, and its guard rests for 30
    assert {one for one in posts(room, since) if one.startswith("page/INC-2")} == {
        "page/INC-2/1/ada/slack",
        "page/INC-2/2/bo/slack",
    }
    await go(room, 120)
    await whole(room)
    assert max(change.at for change in room.ws.journal[since:]) - back < timedelta(seconds=130)
    shows_what_is(room)
    made = posts(room, since)
    for before, after in (
        ("card/INC-2", "evidence/INC-2"),
        ("card/INC-2", "line/INC-2"),
        ("card/INC-2", "steps/INC-2"),
    ):
        assert made.index(before) < made.index(after)
    assert not [name for name in made if name.startswith("page/INC-3")]


def shows_what_is(room: Room) -> None:
    """Every living message of the long outage tells the state at its end."""
    for where in ("card/INC-1", "own/INC-1"):
        assert "Held by @U01BO" in standing(room, where).shown
    assert "ACKNOWLEDGED" in standing(room, "line/INC-1").shown
    assert "held by bo" in standing(room, "line/INC-1").shown
    assert "The feed is late" in standing(room, "notes/INC-1").shown
    assert not standing(room, "page/INC-1/1/ada/slack").buttons
    for where in ("card/INC-2", "own/INC-2"):
        assert "Waiting for L2: @U01BO" in standing(room, where).shown
    assert "waiting for bo" in standing(room, "line/INC-2").shown
    assert "RESOLVED" in standing(room, "card/INC-3").shown
    assert "RESOLVED" in standing(room, "line/INC-3").shown
    assert standing(room, "notice/gap").shown == "The rota has a gap."
    assert [channel.name for channel in room.ws.state.channels.values() if channel.name.startswith("inc-3")] == []
    home = room.ws.home("ada")
    assert home is not None
    assert "INC-2" in home.shown


# --- Slack asks for less ---

HELD = (
    "conversations.create",
    "conversations.setTopic",
    "conversations.invite",
    "pins.add",
    "chat.getPermalink",
    "bookmarks.add",
    "conversations.open",
    "views.publish",
    "chat.update",
)


@pytest.mark.parametrize("method", HELD)
async def test_a_method_that_is_held_is_left_alone_and_holds_up_no_other(room: Room, method: str) -> None:
    furnish(room)
    await room.ws.open_home(by="ada")
    await room.ws.open_home(by="bo")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.settle()
    if method != "conversations.open":
        await room.book(alert())
        await go(room, 10)
    before = len(room.ws.calls)
    room.ws.fault(method, "ratelimited", retry_after=60)
    if method == "conversations.open":
        await room.book(alert())
    await room.book(alert("Scores are off", model="price"))
    await room.book(alert(model="fraud"))  # by now the bot has been told
    await take(room, Verb.HAND_OVER, 1, by="cy", detail="person:bo")
    await go(room, 50)
    assert "Waiting for" in standing(room, "card/INC-2").shown
    assert "waiting for" in standing(room, "line/INC-2").shown
    assert (len(room.pages("bo")) == 0) == (method == "conversations.open")
    await go(room, 140)
    first, *others = [call for call in room.ws.calls[before:] if call.method == method]
    assert (first.error, {call.error for call in others}) == ("ratelimited", {None})
    assert min(call.at for call in others) >= first.at + timedelta(seconds=60)
    await whole(room)
    assert "Waiting for L1: @U01BO" in standing(room, "card/INC-1").shown
    assert room.ws.pins("inc-2-price-scores-are-off")
    # ada need not hear of what was handed over while nobody could write to her
    assert [len(room.pages(who)) for who in ("ada", "bo")] == [2 if method == "conversations.open" else 3, 1]


async def test_what_waits_for_a_channel_goes_by_its_lane(room: Room) -> None:
    await room.say("channel:#ml-oncall", "hello", "hello")
    await go(room, 10)
    room.ws.fault("chat.postMessage", "ratelimited", retry_after=30)
    await room.say("channel:#ml-oncall", "the first", "first")
    digests = [
        NewJob(f"notice/d{n}", "notice", Lane.DIGEST, room.clock.now(), {"to": "channel:#ml-oncall", "text": f"d{n}"})
        for n in range(4)
    ]
    await room.ask_for(*digests)
    await room.book(*(alert(model=f"fraud-{n}") for n in range(4)))
    await room.say("channel:#ml-oncall", "somebody must look", "urgent")
    assert len(room.pages("ada")) == 3  # a burst; the fourth has its turn in a second
    assert len(room.ws.messages("#ml-oncall")) == 1
    await go(room, 120)
    shown = [key(one) for one in room.ws.messages("#ml-oncall")][1:]
    order = [name.partition("/")[0] + name.rpartition("/")[2][:1] for name in shown if name and "evidence" not in name]
    assert order[:2] == ["noticef", "noticeu"]
    assert [name for name in order if name.startswith("noticed")] == order[-4:]
    assert room.calls("chat.postMessage").count("ratelimited") == 1
    await whole(room)


async def test_a_busy_incident_leaves_another_its_turn(room: Room) -> None:
    furnish(room)
    await room.book(alert(), alert("Scores are off", model="price"))
    await go(room, 60)
    for second in range(90):  # somebody cannot make up their mind
        await take(room, Verb.REGRADE, 1, detail="sev3" if second % 2 else "sev4")
        if second == 30:
            await take(room, Verb.ACKNOWLEDGE, 2)
            pressed = room.clock.now()
        await room.settle(1)
    edits = [change for change in room.ws.journal if change.kind == "edit" and change.at >= pressed]
    drawn = [key(change.message) for change in edits if change.message]
    earlier = Counter(drawn[: drawn.index("card/INC-2")])
    assert max(earlier.values(), default=0) <= 1, "nothing is drawn twice before it had its turn"
    assert "ratelimited" not in [call.error for call in room.ws.calls]
    await go(room, 120)
    assert "SEV3" in standing(room, "card/INC-1").shown
    await whole(room)


@pytest.mark.parametrize("method", ["views.open", "users.info"])
async def test_a_form_that_cannot_be_opened_in_time_is_said_to_be_late(brief: Room, method: str) -> None:
    await brief.book(alert())
    (card,) = brief.cards()
    brief.ws.fault(method, "hang")
    asleep = brief.clock.sleeping
    reply = await brief.ws.press(card, next(label for label in card.buttons if label.startswith("Hand over")), by="ada")
    assert reply.acked
    if method == "users.info":  # it waits no longer for who asks than the trigger is good for
        await brief.ws.until(lambda: brief.clock.sleeping > asleep)
        await brief.clock.advance(1)
        await brief.ws.until(lambda: brief.ws.view("ada"))
        brief.ws.clear_faults()
    await brief.settle()
    if method == "views.open":
        (said,) = reply.responses
        assert "Press again, or type /incident handover INC-7 PERSON" in said.text
    reply = await brief.ws.press(card, next(label for label in card.buttons if label.startswith("Hand over")), by="ada")
    await brief.settle()
    view = brief.ws.view("ada")
    assert view is not None
    assert "INC-1" in view.shown


async def test_forms_that_slack_wants_fewer_of_end_in_a_sentence_and_the_rest_goes_on(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    room.ws.fault("views.open", "ratelimited", retry_after=30)
    reply = await room.ws.press(card, next(label for label in card.buttons if label.startswith("Snooze")), by="ada")
    await room.settle()
    (said,) = reply.responses
    assert "Press again, or type /incident snooze INC-7 30m" in said.text
    await room.ws.press(card, "Acknowledge", by="ada")
    await room.settle()
    assert "Held by @U01ADA" in standing(room, "card/INC-1").shown


async def test_half_open_in_both_directions(brief: Room) -> None:
    room, sms = brief, furnish(brief)
    await room.ws.until(lambda: room.ws.sockets == 2)
    room.ws.blackhole(api=True)
    pressed = asyncio.ensure_future(room.ws.command("/incident", "list", by="ada"))

    async def given_up() -> bool:
        return not room.door.ready[1][1]

    await until(given_up, within=10, what="the bot noticing that no pong comes")
    await room.book(alert())
    await go(room, 150)
    assert [(who, which) for who, which, _ in sms.sent] == [("ada", "INC-1")]
    assert (await pressed).error
    room.ws.blackhole(False)

    async def back() -> bool:
        await room.clock.advance(rooms.QUICK.look)
        return room.ws.sockets == 2 and room.door.ready[1][1]

    await until(back, within=20, what="two new sockets")
    await go(room, 120)
    await whole(room)
    (page,) = room.pages("ada")
    assert (await room.ws.press(page, "Acknowledge", by="ada")).acked
    await room.settle()
    assert "Held by @U01ADA" in standing(room, "card/INC-1").shown
