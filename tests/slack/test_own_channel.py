"""A channel of its own for a severe incident: each step once, whatever Slack does."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.engine import respond
from bot.model.verb import Verb
from bot.sandbox.workspace import Channel, Message
from tests.slack.room import Room, alert

NAME = "inc-1-churn-feature-drift"


def severe(room: Room, **more: Any) -> None:
    """Incidents of the severity that the tests' runbook gives get a channel of their own."""
    slack = replace(room.desk.settings.slack, **{"own_channel": ("sev2",), **more})
    room.desk.settings = replace(room.desk.settings, slack=slack)


def opened(room: Room) -> dict[str, Channel]:
    """The channels the bot has opened, by name."""
    found = [room.ws.channel(str(call.args["name"])) for call in room.ws.calls if _opens(call.method, call.error)]
    return {channel.name: channel for channel in found}


def _opens(method: str, error: str | None) -> bool:
    return method == "conversations.create" and error is None


def card_channel(room: Room) -> str:
    """The id of the incident's own channel."""
    return room.ws.channel(NAME).id


def card(room: Room, channel: str = "#ml-retail", key: str = "card/INC-1") -> Message:
    """The incident's card there."""
    (found,) = [m for m in room.ws.messages(channel) if (m.metadata or {}).get("event_payload", {}).get("key") == key]
    return found


async def answer(room: Room, verb: Verb, by: str = "ada", detail: str = "") -> None:
    """Somebody answers without Slack."""
    await respond.take(room.desk, respond.Press(verb, "INC-1", f"person:{by}", room.clock.now(), "cli", detail=detail))
    await room.settle()


async def test_a_severe_incident_gets_a_channel_with_everything_in_it(room: Room) -> None:
    severe(room)
    await room.book(alert())
    channel = room.ws.channel(NAME)
    assert channel.topic == "INC-1 · SEV2 · churn v7 · Feature drift"
    people = {room.ws.person(name).id for name in ("ada", "bo", "cy")}
    assert channel.inside == {*people, room.ws.bot_user}
    inner = card(room, NAME, "own/INC-1")
    assert room.ws.pins(NAME) == [inner]
    assert list(inner.buttons) == list(card(room).buttons)
    (mark,) = room.ws.bookmarks(NAME)
    assert mark["title"] == "Card of INC-1"
    assert card(room).ts.replace(".", "") in mark["link"]
    assert f"Channel: #{channel.id}" in card(room).shown
    await room.pass_time(9)
    assert len(opened(room)) == 1


async def test_both_cards_live_and_a_press_on_either_counts(room: Room) -> None:
    severe(room)
    await room.book(alert())
    await room.ws.press(card(room, NAME, "own/INC-1"), "Acknowledge", by="ada")
    await room.settle()
    assert "Held by @U01ADA" in card(room).shown
    assert "Held by @U01ADA" in card(room, NAME, "own/INC-1").shown


async def test_who_comes_later_is_invited(room: Room) -> None:
    severe(room)
    people = room.desk.settings.people
    alone = replace(people, teams={})
    room.desk.settings = replace(room.desk.settings, people=alone)
    await room.book(alert())
    channel = room.ws.channel(NAME)
    assert channel.inside == {"U01ADA", room.ws.bot_user}
    await room.pass_time(10)
    assert channel.inside == {"U01ADA", "U01BO", room.ws.bot_user}
    invited = [call.args["users"] for call in room.ws.calls if call.method == "conversations.invite"]
    assert invited == ["U01ADA", "U01BO"]


async def test_a_bad_id_does_not_keep_the_others_out(room: Room) -> None:
    severe(room)
    room.ws.change_person("cy", deleted=True)
    await room.book(alert())
    await room.pass_time(1)
    assert {"U01ADA", "U01BO"} <= room.ws.channel(NAME).inside
    assert room.calls("conversations.invite").count(None) == 1


async def test_lighter_incidents_get_none(room: Room) -> None:
    severe(room, own_channel=("sev1",))
    await room.book(alert())
    assert opened(room) == {}
    await answer(room, Verb.REGRADE, detail="sev1")
    assert list(opened(room)) == [NAME]


async def test_a_name_that_others_have_gets_a_number(room: Room) -> None:
    severe(room)
    room.ws.add_channel(Channel(f"#{NAME}", archived=True))
    await room.book(alert())
    assert list(opened(room)) == [f"{NAME}-2"]


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_a_channel_opened_in_doubt_is_found_again(room: Room, kind: str) -> None:
    severe(room)
    room.ws.fault("conversations.create", kind, after_effect=True)
    await room.book(alert())
    await room.pass_time(1)
    made = [channel.name for channel in room.ws.state.channels.values() if channel.name.startswith("inc-")]
    assert made == [NAME]
    assert card(room, NAME, "own/INC-1").shown


STEPS = ("conversations.setTopic", "conversations.invite", "pins.add", "chat.getPermalink")


@pytest.mark.parametrize("method", STEPS)
async def test_a_step_that_fails_in_passing_is_done_later_and_the_others_once(room: Room, method: str) -> None:
    severe(room)
    room.ws.fault(method, "500", times=2)
    await room.book(alert())
    await room.pass_time(1)
    done = {step: room.calls(step).count(None) for step in (*STEPS, "conversations.create", "bookmarks.add")}
    assert set(done.values()) == {1}
    assert len(room.ws.bookmarks(NAME)) == 1


@pytest.mark.parametrize("method", STEPS[:-1])
async def test_a_step_whose_answer_was_lost_is_not_done_twice(room: Room, method: str) -> None:
    severe(room)
    room.ws.fault(method, "drop", after_effect=True)
    await room.book(alert())
    await room.pass_time(1)
    inside = [change for change in room.ws.journal if change.message and change.message.channel == card_channel(room)]
    joined = [change for change in inside if change.message and "has joined" in change.message.text]
    assert len(joined) == len({change.message.text for change in joined if change.message})
    assert len(room.ws.pins(NAME)) == 1
    assert len(room.ws.bookmarks(NAME)) == 1


async def test_a_bookmark_in_doubt_is_not_set_twice(room: Room) -> None:
    severe(room)
    room.ws.fault("bookmarks.add", "drop", after_effect=True)
    await room.book(alert())
    await room.pass_time(1)
    assert len(room.ws.bookmarks(NAME)) == 1


SCOPES: Mapping[str, str] = {
    "channels:write.topic": "topic",
    "channels:write.invites": "people",
    "pins:write": "pin",
    "bookmarks:write": "bookmark",
}


@pytest.mark.parametrize("scope", SCOPES)
async def test_without_a_scope_only_its_step_is_left_out(room: Room, scope: str) -> None:
    severe(room)
    room.ws.revoke(scope)
    await room.book(alert())
    await room.pass_time(5)
    there = {
        "topic": bool(room.ws.channel(NAME).topic),
        "people": len(room.ws.channel(NAME).inside) > 1,
        "pin": bool(room.ws.pins(NAME)),
        "bookmark": bool(room.ws.bookmarks(NAME)),
    }
    assert [part for part, stands in there.items() if not stands] == [SCOPES[scope]]
    assert [call.error for call in room.ws.calls].count("missing_scope") == 1


@pytest.mark.parametrize("code", ["missing_scope", "restricted_action"])
async def test_where_no_channel_may_be_opened_the_owner_hears_of_it_once(room: Room, code: str) -> None:
    severe(room)
    room.ws.fault("conversations.create", code, times=10)
    await room.book(alert(), alert(model="price"))
    await room.pass_time(5)
    told = [message for message in room.ws.dms("cy") if "No channel could be opened" in message.shown]
    assert len(told) == 1
    assert code in told[0].shown
    assert len(room.calls("conversations.create")) == 2
    assert "Channel:" not in card(room).shown


async def test_a_day_after_the_end_it_is_archived(room: Room) -> None:
    severe(room)
    await room.book(alert())
    await answer(room, Verb.RESOLVE)
    await room.clock.advance(timedelta(hours=23))
    await room.settle()
    assert not room.ws.channel(NAME).archived
    await room.clock.advance(timedelta(hours=1))
    await room.settle()
    assert room.ws.channel(NAME).archived
    assert room.calls("conversations.archive") == [None]


async def test_a_channel_archived_by_hand_is_left_alone(room: Room) -> None:
    severe(room)
    await room.book(alert())
    room.ws.channel(NAME).archived = True
    await answer(room, Verb.ACKNOWLEDGE)
    await room.pass_time(1)
    assert len(opened(room)) == 1
    assert "Held by @U01ADA" in card(room).shown
    assert "Channel:" not in card(room).shown
    await answer(room, Verb.RESOLVE)
    await room.clock.advance(timedelta(days=1))
    await room.settle()
    assert room.calls("conversations.archive") == []
