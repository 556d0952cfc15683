"""The index: one living line for each incident, in a channel of its own."""

from dataclasses import replace

from bot.engine import respond
from bot.model.verb import Verb
from bot.sandbox.workspace import Channel
from bot.slack.line import PATIENCE
from tests.slack.room import Room, alert, key


def index(room: Room, channel: str = "#incidents", *, exists: bool = True) -> None:
    """The configuration names an index channel."""
    if exists:
        room.ws.add_channel(Channel(channel))
    room.desk.settings = replace(room.desk.settings, slack=replace(room.desk.settings.slack, index=channel))


async def answer(room: Room, verb: Verb, incident: str = "INC-1", detail: str = "") -> None:
    """Ada answers without Slack."""
    press = respond.Press(verb, incident, "person:ada", room.clock.now(), "cli", detail=detail)
    await respond.take(room.desk, press)
    await room.settle()


async def test_a_line_says_how_it_stands_and_where_its_card_is(room: Room) -> None:
    index(room)
    await room.book(alert())
    (line,) = room.ws.messages("#incidents")
    assert line.shown.startswith("TRIGGERED · SEV2 · INC-1 · churn v7 · Feature drift · waiting for ada · since ")
    assert line.shown.endswith(f"card in #{room.ws.channel('#ml-retail').id}")
    assert not line.buttons
    assert line.edits == 0


async def test_it_is_edited_in_place_to_the_end(room: Room) -> None:
    index(room)
    await room.book(alert(), alert(model="price"))
    await answer(room, Verb.ACKNOWLEDGE)
    first, second = sorted(room.ws.messages("#incidents"), key=key)  # which of two is posted first is open
    assert "ACKNOWLEDGED · SEV2 · INC-1 · churn v7 · Feature drift · held by ada" in first.shown
    assert "TRIGGERED" in second.shown
    await answer(room, Verb.MERGE, "INC-2", "INC-1")
    await answer(room, Verb.RESOLVE)
    first, second = sorted(room.ws.messages("#incidents"), key=key)  # which of two is posted first is open
    assert "RESOLVED" in first.shown
    assert "now part of INC-1" in second.shown


async def test_without_an_index_there_is_no_line(room: Room) -> None:
    await room.book(alert())
    assert [m for m in room.ws.messages("#ml-oncall") if "TRIGGERED" in m.shown] == []


async def test_an_index_that_is_not_there_is_told_of_once(room: Room) -> None:
    index(room, "#nowhere", exists=False)
    await room.book(alert(), alert(model="price"))
    await room.pass_time(1)
    told = [m for m in room.ws.messages("#ml-oncall") if "#nowhere" in m.shown]
    assert len(told) == 1
    assert "channel_not_found" in told[0].shown


async def test_a_card_that_stands_nowhere_does_not_hold_the_line_up(room: Room) -> None:
    index(room)
    for channel in ("#ml-retail", "#ml-oncall"):
        room.ws.channel(channel).archived = True
    await room.book(alert())
    for _ in range(PATIENCE):
        await room.pass_time(0.1)
    (line,) = room.ws.messages("#incidents")
    assert "card in" not in line.shown
