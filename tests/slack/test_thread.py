"""The thread of an incident's card: evidence, the runbook's steps, notes; each stands once and shows what is."""

from dataclasses import replace
from typing import Any

from bot.engine import respond
from bot.model.alert import Status
from bot.model.verb import Verb
from bot.runbooks import Library
from bot.sandbox.workspace import Message
from tests.slack.room import Room, alert, runbook

BODY = """\
## Check first
1. Did an **upstream** table change?
2. Is {{ alert.feature }} late? See [the board](https://grafana.example/d/1).
## Act
1. Roll back.
"""


def with_steps(room: Room) -> None:
    """The runbook has three steps."""
    room.desk.runbooks = Library((replace(runbook(), body=BODY),))


def card(room: Room) -> Message:
    """The incident's card."""
    (found,) = [message for message in room.ws.messages("#ml-retail") if message.thread_ts in (None, message.ts)]
    return found


def thread(room: Room, channel: str = "#ml-retail") -> dict[str, Message]:
    """What stands in threads there, by the beginning of its key."""
    found = [one for one in room.ws.messages(channel) if one.thread_ts not in (None, one.ts) and not one.files]
    by_key = {str((one.metadata or {})["event_payload"]["key"]).partition("/")[0]: one for one in found}
    assert len(by_key) == len(found)
    return by_key


async def answer(room: Room, verb: Verb, by: str = "ada", **more: Any) -> None:
    """Somebody answers without Slack."""
    await respond.take(room.desk, respond.Press(verb, "INC-1", f"person:{by}", room.clock.now(), "cli", **more))
    await room.settle()


async def test_evidence_and_steps_stand_below_the_card(room: Room) -> None:
    with_steps(room)
    await room.book(alert(links=("https://grafana.example/d/1",), labels={"team": "churn <!here>"}))
    found = thread(room)
    assert list(found) == ["evidence", "steps"]
    assert {message.thread_ts for message in found.values()} == {card(room).ts}
    assert "psi of age 0.31 (threshold > 0.2)" in found["evidence"].shown
    assert "team = churn <!here>" in found["evidence"].shown
    assert "https://grafana.example/d/1" in found["evidence"].shown
    assert "2. Is age late? See the board (grafana.example)." in found["steps"].shown
    assert list(found["steps"].buttons) == ["Done 1", "Done 2", "Done 3"]


async def test_a_tick_shows_who_and_when_and_can_be_taken_back(room: Room) -> None:
    with_steps(room)
    await room.book(alert())
    await answer(room, Verb.ACKNOWLEDGE)
    old = thread(room)["steps"]
    assert (await room.ws.press(old, "Done 2", by="bo")).acked
    await room.settle()
    ticked = thread(room)["steps"]
    assert "done by bo" in ticked.shown
    assert "1 of 3 steps done" in ticked.shown
    assert list(ticked.buttons) == ["Done 1", "Undo 2", "Done 3"]
    await room.ws.press(ticked, "Undo 2", by="ada")
    await room.settle()
    assert thread(room)["steps"].shown == old.shown


async def test_equal_drawings_are_not_sent_again(room: Room) -> None:
    with_steps(room)
    await room.book(alert())
    await answer(room, Verb.ACKNOWLEDGE)
    assert card(room).edits == 1
    assert [message.edits for message in thread(room).values()] == [0, 0]


async def test_a_second_alert_joins_the_evidence(room: Room) -> None:
    await room.book(alert())
    await room.book(alert("Nulls in tenure"))
    await room.pass_time(0.2)
    assert "Nulls in tenure" not in thread(room)["evidence"].shown  # the edits Slack takes are for cards first
    await room.pass_time(0.4)
    assert "Nulls in tenure" in thread(room)["evidence"].shown
    await room.book(alert(status=Status.RESOLVED, ended_at=room.clock.now()))
    await room.pass_time(0.6)
    assert "Feature drift · churn 7 · resolved" in thread(room)["evidence"].shown


async def test_notes_stand_in_the_thread_once_there_are_some(room: Room) -> None:
    await room.book(alert())
    assert "notes" not in thread(room)
    await answer(room, Verb.NOTE, detail="The feed was late <!channel>")
    assert "ada: The feed was late <!channel>" in thread(room)["notes"].shown
    await answer(room, Verb.NOTE, by="bo", detail="It is back")
    assert thread(room)["notes"].edits == 1
    assert thread(room)["notes"].shown.endswith("bo: It is back")


async def test_after_the_end_no_step_can_be_pressed(room: Room) -> None:
    with_steps(room)
    await room.book(alert())
    await answer(room, Verb.RESOLVE)
    assert not thread(room)["steps"].buttons


async def test_a_card_posted_anew_gets_its_thread_anew(room: Room) -> None:
    await room.book(alert())
    before = card(room)
    room.ws.fault("chat.update", "message_not_found", times=1)
    await answer(room, Verb.ACKNOWLEDGE)
    await room.pass_time(0.1)
    cards = [message for message in room.ws.messages("#ml-retail") if message.thread_ts in (None, message.ts)]
    assert len(cards) == 2
    threads = {message.thread_ts for message in room.ws.messages("#ml-retail") if message not in cards}
    assert threads == {before.ts, cards[1].ts}


async def test_what_is_in_doubt_is_looked_up_in_the_thread(room: Room) -> None:
    with_steps(room)
    await room.book(alert())
    room.ws.fault("chat.postMessage", "drop", after_effect=True)
    await answer(room, Verb.NOTE, detail="look")
    await room.pass_time(0.2)
    assert "look" in thread(room)["notes"].shown
    assert room.calls("conversations.replies") == [None]


async def test_a_channel_that_is_archived_moves_card_and_thread(room: Room) -> None:
    room.ws.channel("#ml-retail").archived = True
    await room.book(alert())
    found = thread(room, "#ml-oncall")
    assert list(found) == ["evidence"]
    assert room.ws.messages("#ml-retail") == []
