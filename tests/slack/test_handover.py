"""A shift changes hands in Slack: the draft, the note, the post with its picture, Accept, the command, the own page."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.engine import handover_digest, handover_news, handover_turns
from bot.model.handover import Handover, Standing
from bot.model.rota import Every, Unit
from bot.sandbox.workspace import Message
from bot.settings.nouns import Digest
from bot.slack import off
from bot.store import handovers
from tests.slack import rostering
from tests.slack.forming import send, top
from tests.slack.room import START, Room, alert, key
from tests.slack.rostering import home_of, said

CHANGE = START.replace(hour=0, minute=0) + timedelta(days=1)  #: ada goes, bo comes


@pytest.fixture(autouse=True)
def daily(request: pytest.FixtureRequest) -> None:
    """The rota of the team hands over each midnight."""
    if not {"either", "room"} & set(request.fixturenames):
        return
    room: Room = request.getfixturevalue("either" if "either" in request.fixturenames else "room")
    rostering.owned(room)
    own = room.desk.settings
    (layer,) = own.rotas["first-line"].layers
    rota = replace(own.rotas["first-line"], layers=(replace(layer, every=Every(1, Unit.DAY)),))
    room.desk.settings = replace(own, rotas={"first-line": rota})


async def until(room: Room, at: datetime) -> None:
    """Time passes, and the ticker looks."""
    await handover_turns.recur(room.desk, room.clock.now())
    await room.settle()
    await room.clock.advance((at - room.clock.now()).total_seconds())
    await handover_turns.recur(room.desk, room.clock.now())
    await room.settle(3)
    await room.settle(3)


async def stored(room: Room) -> Handover:
    """The handover as it is kept."""
    return await room.desk.store.read(lambda tx: handovers.find(tx, "1"))


def posts(room: Room, where: str = "#ml-retail") -> list[Message]:
    """The living messages of handovers there."""
    found = room.ws.messages(where) if where.startswith("#") else room.ws.dms(where)
    return [one for one in found if key(one).startswith("handover/")]


async def test_a_shift_changes_hands(either: Room) -> None:
    room = either
    await room.book(alert("<!channel> drift"))
    await until(room, CHANGE - timedelta(minutes=29))
    (draft,) = posts(room, "ada")
    assert "HND-1 · a draft" in draft.shown
    assert posts(room) == []
    assert list(draft.buttons) == ["Add a note"]
    await room.ws.press(draft, "Add a note", by="ada")
    await room.settle()
    done = await send(room, top(room, "ada"), "ada", text="<!here> the table moves at noon")
    assert "the table moves" not in done.shown
    await until(room, CHANGE + timedelta(seconds=30))
    (post,) = posts(room)
    assert "Handover of first-line: ada to bo" in post.shown
    assert "<!here> the table moves at noon" in post.shown
    assert "<!channel> drift" in post.shown
    assert "Until somebody accepts it, ada, bo are all paged." in post.shown
    assert list(post.buttons) == ["Accept", "Add a note"]
    (direct,) = posts(room, "ada")
    assert f"It has been posted in #{post.channel}." in direct.shown
    before = len(room.calls("chat.update"))
    await room.ws.press(post, "Accept", by="bo")
    await room.settle(3)
    kept = await stored(room)
    assert (kept.standing, kept.accepted_by) == (Standing.ACCEPTED, "bo")
    (after,) = posts(room)
    assert "Accepted by bo" in after.shown
    assert list(after.buttons) == []
    assert after.ts == post.ts
    assert len(room.calls("chat.update")) > before


async def test_the_picture_of_the_load_stands_below_the_post_once(room: Room) -> None:
    pytest.importorskip("matplotlib")
    await until(room, CHANGE - timedelta(minutes=29))
    await until(room, CHANGE + timedelta(seconds=30))
    (post,) = posts(room)
    await room.settle(3)
    shared = [one for one in room.ws.messages("#ml-retail", thread=post.ts) if one.files]
    assert [one.files[0]["title"] for one in shared] == ["The load of first-line"]
    await until(room, CHANGE + timedelta(minutes=20))
    assert len(room.ws.files) == 1


async def test_an_equal_drawing_is_not_sent_again(room: Room) -> None:
    await until(room, CHANGE - timedelta(minutes=29))
    await until(room, CHANGE + timedelta(seconds=30))
    sent = len(room.calls("chat.update"))
    kept = await stored(room)
    await room.desk.store.write(lambda tx: handover_news.redraw(tx, kept))
    await room.settle(3)
    assert len(room.calls("chat.update")) == sent


async def test_whose_it_is_not_is_told_so_and_changes_nothing(room: Room) -> None:
    await until(room, CHANGE - timedelta(minutes=29))
    await until(room, CHANGE + timedelta(seconds=30))
    (post,) = posts(room)
    for who in ("ada", "eve"):
        await room.ws.press(post, "Accept", by=who)
        await room.settle(3)
        assert (await stored(room)).standing is Standing.POSTED
    await room.ws.press(post, "Accept", by="bo")
    await room.settle(3)
    await room.ws.press(post, "Accept", by="bo")  # an old screen
    await room.settle(3)
    assert (await stored(room)).accepted_by == "bo"


async def test_where_no_channel_takes_it_nobody_is_told_that_it_stands_there(room: Room) -> None:
    await until(room, CHANGE - timedelta(minutes=29))
    room.ws.fault("chat.postMessage", "is_archived", times=2)
    await until(room, CHANGE + timedelta(seconds=30))
    (draft,) = [one for one in room.ws.dms("ada") if "HND-1" in one.shown]
    assert posts(room) == []
    assert "It has been posted" not in draft.shown
    assert "No channel took it: /handover first-line has it." in draft.shown


async def test_the_command_shows_it_at_any_time_with_the_buttons_that_fit(room: Room) -> None:
    assert "Nothing notable." in await said(room, "first-line", "ada", "/handover")
    assert "The shift of first-line" in await said(room, "", "ada", "/handover")
    near = await said(room, "first-lime", "ada", "/handover")
    assert "There is no rota 'first-lime'." in near
    await until(room, CHANGE - timedelta(minutes=29))
    reply = await room.ws.command("/handover", "", by="ada", channel="#ml-retail")
    await room.settle()
    (answer,) = reply.responses
    assert list(answer.buttons) == ["Add a note"]
    await until(room, CHANGE + timedelta(seconds=30))
    reply = await room.ws.command("/handover", "first-line", by="bo", channel="#ml-retail")
    await room.settle()
    (answer,) = reply.responses
    assert list(answer.buttons) == ["Accept"]
    await room.ws.press(answer, "Accept", by="bo")
    await room.settle(3)
    assert (await stored(room)).accepted_by == "bo"


async def test_ones_own_page_has_it_as_long_as_it_waits(room: Room) -> None:
    await until(room, CHANGE - timedelta(minutes=29))
    await until(room, CHANGE + timedelta(seconds=30))
    page = await home_of(room, "bo")
    assert "HND-1 · first-line is yours since" in page.shown
    (post,) = posts(room)
    await room.ws.press(post, "Accept", by="bo")
    await room.settle(3)
    assert "HND-1" not in (await home_of(room, "bo")).shown


async def test_a_digest_is_posted_once_into_its_channel(room: Room) -> None:
    await room.book(alert())
    own = room.desk.settings
    digest = Digest("#ml-oncall", "daily", entity="retail", timezone="UTC")
    room.desk.settings = replace(own, handover=replace(own.handover, digests=(digest,)))
    await room.clock.advance((START.replace(hour=9, minute=1) - room.clock.now()).total_seconds())
    for _ in range(2):
        await room.desk.store.write(lambda tx: handover_digest.recur(tx, room.desk, room.clock.now()))
        await room.settle(3)
    found = [one for one in room.ws.messages("#ml-oncall") if key(one).startswith(handover_digest.SUMMARY)]
    assert [("Report of retail" in one.shown, list(one.buttons)) for one in found] == [(True, [])]


def test_with_slack_off_there_is_nothing_to_draw_on() -> None:
    assert {"handover_card", "handover_picture", "handover_summary"} <= set(off.HANDLERS)
