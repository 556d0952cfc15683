"""What Slack does not allow, does not know any more or sends twice: one thing less, said once, and a working bot."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model.alert import Measure
from bot.model.incident import Phase
from bot.model.verb import Verb
from bot.sandbox.workspace.nouns import UserGroup
from bot.slack import groups, validate
from bot.slack.manifest import SCOPES
from bot.store import incidents, log
from tests.slack import room as rooms
from tests.slack.outage import FOREVER, furnish, go, posts, standing, take, unfit, whole
from tests.slack.room import Room, alert, key

OWN = "inc-1-churn-feature-drift"
EVERYTHING = {
    "page", "card", "index", "note by emoji", "mention", "message", "home", "form", "command", "own channel",
    "topic", "people", "pin", "bookmark", "user group",
}  # fmt: skip
NEED_A_CHANNEL = {"own channel", "topic", "people", "pin", "bookmark"}


async def night(room: Room) -> set[str]:
    """One incident with everything people do about it; what of `EVERYTHING` came of it."""
    furnish(room)
    slack = replace(room.desk.settings.slack, usergroups={"first-line": "oncall-ml"})
    room.desk.settings = replace(room.desk.settings, slack=slack)
    room.ws.add_group(UserGroup("oncall-ml"))
    await room.ask_for(groups.look("first-line", room.clock.now()))
    await room.ws.open_home(by="ada")
    await room.book(alert())
    await go(room, 30)
    card = standing(room, "card/INC-1")
    asked = await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> who is on call for churn?", by="ada")
    await room.ws.say(room.ws.bot_user, "list", by="ada")
    noted = await room.ws.say("#ml-retail", "The feed is late", by="bo", thread=card)
    await room.ws.react(noted, "pushpin", by="ada")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await room.ws.press(card, next(label for label in card.buttons if label.startswith("Snooze")), by="ada")
    listed = await room.ws.command("/incident", "list", by="ada", channel="ml-oncall")
    await go(room, 10)
    form = room.ws.view("ada")
    await room.ws.press(card, "Acknowledge", by="ada")
    await go(room, 60)
    own = room.ws.state.named(OWN)
    answers = [one for one in room.ws.messages("#ml-retail", thread=asked) if "@U01ADA" in one.shown]
    home = room.ws.home("ada")
    found = {
        "page": len(room.pages("ada")) == 1,
        "card": "Held by @U01ADA" in standing(room, "card/INC-1").shown,
        "index": "held by ada" in standing(room, "line/INC-1").shown,
        "note by emoji": "notes/INC-1" in posts(room),
        "mention": bool(answers),
        "message": any("INC-1" in one.shown for one in room.ws.dms("ada") if key(one).startswith("answer/")),
        "home": home is not None and "INC-1" in home.shown,
        "form": form is not None and "INC-1" in form.shown,
        "command": any("INC-1" in one.shown for one in listed.responses),
        "own channel": own is not None,
        "topic": own is not None and bool(own.topic),
        "people": own is not None and len(own.inside) > 1,
        "pin": own is not None and len(room.ws.pins(OWN)) == 1,
        "bookmark": own is not None and len(room.ws.bookmarks(OWN)) == 1,
        "user group": room.ws.group("oncall-ml").users == ("U01ADA",),
    }
    return {name for name, stands in found.items() if stands}


LOST = {
    "im:write": {"page"},
    "im:history": {"message"},
    "channels:history": {"note by emoji"},
    "channels:manage": NEED_A_CHANNEL,
    "channels:write.invites": {"people"},
    "channels:write.topic": {"topic"},
    "bookmarks:write": {"bookmark"},
    "pins:write": {"pin"},
    "reactions:read": {"note by emoji"},
    "app_mentions:read": {"mention"},
    "usergroups:read": {"user group"},
    "usergroups:write": {"user group"},
}


@pytest.mark.parametrize("scope", [name for name, scope in SCOPES.items() if not scope.required])
async def test_without_a_scope_its_feature_is_lost_and_no_other(room: Room, scope: str) -> None:
    room.ws.revoke(scope)
    assert EVERYTHING - await night(room) == LOST.get(scope, set())
    await whole(room)
    kept = await room.desk.store.read(lambda tx: incidents.get(tx, "INC-1"))
    assert (kept.phase, kept.holder) == (Phase.ACKNOWLEDGED, "ada")
    # Nobody is told again and again.
    told = [name for name in posts(room) if name.startswith("notice/")]
    assert len(told) <= 1
    refused = [call.method for call in room.ws.calls if call.error == "missing_scope" and call.method != "users.info"]
    assert all(refused.count(method) <= 3 for method in refused), "who asks is looked up anew, everything else is not"


async def test_a_token_that_is_taken_away_and_given_back(room: Room) -> None:
    sms = furnish(room)
    await room.book(alert())
    await go(room, 30)
    since = len(room.ws.journal)
    room.ws.fault("*", "token_revoked", times=FOREVER)
    await room.ws.event({"type": "tokens_revoked", "tokens": {"bot": [room.ws.bot_user]}})
    await room.book(alert("Scores are off", model="price"))
    await take(room, Verb.ACKNOWLEDGE, 1, by="bo")
    await go(room, 30)
    assert len(room.ws.journal) == since
    assert not room.door.ready[0][1]
    assert "SLACK_BOT_TOKEN" in room.door.ready[0][2]
    await go(room, 300)
    assert {(who, which) for who, which, _ in sms.sent} >= {("ada", "INC-2")}
    room.ws.clear_faults()
    await go(room, 120)
    await whole(room)
    assert room.door.ready[0][1]
    assert "Held by @U01BO" in standing(room, "card/INC-1").shown
    assert "Waiting for" in standing(room, "card/INC-2").shown
    assert "INC-2" in standing(room, "line/INC-2").shown
    assert (await room.ws.press(standing(room, "card/INC-2"), "Acknowledge", by="ada")).acked
    await go(room, 10)
    assert "Held by @U01ADA" in standing(room, "card/INC-2").shown


@pytest.mark.parametrize("channel", ["#ml-retail", "#incidents", OWN])
@pytest.mark.parametrize("fate", ["archived", "left"])
async def test_a_channel_that_is_lost_on_the_way_takes_no_incident_with_it(room: Room, channel: str, fate: str) -> None:
    furnish(room)
    await room.book(alert())
    await go(room, 30)
    (page,) = room.pages("ada")
    if fate == "archived":
        await room.ws.archive(channel, by="bo")
    else:
        await room.ws.leave(channel, by=room.ws.bot_user)
    await room.ws.until(lambda: not room.ws.courier.busy)
    assert (await room.ws.press(page, "Acknowledge", by="ada")).acked
    await take(room, Verb.NOTE, 1, detail="The feed is late")
    await go(room, 120)
    cards = [*room.cards(), *room.cards("#ml-oncall")]
    assert "Held by @U01ADA" in cards[-1].shown
    notes = [one for one in (*room.ws.messages(cards[-1].channel, thread=cards[-1].ts),) if key(one) == "notes/INC-1"]
    assert "The feed is late" in notes[0].shown
    assert not room.pages("ada")[0].buttons
    listed = await room.ws.command("/incident", "resolve 1", by="ada", channel=channel)
    await go(room, 60)
    assert "INC-1 is resolved." in listed.responses[0].shown
    assert "RESOLVED" in [*room.cards(), *room.cards("#ml-oncall")][-1].shown
    told = [name for name in posts(room) if name.startswith("notice/")]
    assert len(told) == len(set(told)) <= 1


LONG = {
    "words": "Ünïcode 🔥 " * 1_000,
    "one word": "x" * 10_000,
    "markup": "<!channel> *_~`&" * 625,
    "lines": "a\n" * 5_000,
}


@pytest.mark.parametrize("name", LONG)
async def test_ten_thousand_characters_are_cut_wherever_they_are_shown(room: Room, name: str) -> None:
    before, long = unfit(), LONG[name]
    furnish(room)
    measure = Measure(long, 0.31, 0.2, ">", feature=long, segment=long)
    more: dict[str, Any] = {
        "version": long,
        "environment": long,
        "measures": (measure,),
        "labels": {long: long},
        "links": (long,),
    }
    await room.book(alert(long, problem="long", **more), alert(long, model=long, problem="longer"))
    await room.ws.open_home(by="ada")
    await go(room, 30)
    card = standing(room, "card/INC-1")
    for label in (label for label in card.buttons if label.endswith("…") or label == "More"):
        await room.ws.press(card, label, by="ada")
        await room.settle()
        view = room.ws.view("ada")
        assert view is not None
        assert validate.validate(view.content, "modal") == []
        await room.ws.close(view, by="ada", clear=True)
    typed = ("note 1 ", "declare ", "show 1", "explain 1", "list", "handover 1 ", "falsealarm 2 ")
    for order in typed:
        reply = await room.ws.command("/incident", order + long[:8_000], by="ada", channel="ml-oncall")
        await room.settle()
        assert reply.acked
        assert reply.responses or room.ws.view("ada")
    await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> {long}", by="ada")
    await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> who is on call for {long}", by="ada")
    await room.ws.until(lambda: not room.ws.courier.busy)
    await take(room, Verb.FALSE_ALARM, 1)
    await go(room, 200)
    assert unfit() == before
    assert all("…" in standing(room, f"card/INC-{number}").shown for number in (1, 2))
    home = room.ws.home("ada")
    assert home is not None
    assert validate.validate({"type": "home", "blocks": home.blocks}, "home") == []
    await whole(room)


Act = Callable[[Room], Awaitable[Any]]
DELIVERIES: dict[str, Act] = {
    "shortcut on a message": lambda room: room.ws.shortcut(
        "timeline_add", by="ada", message=room.ws.messages("#ml-retail")[-1]
    ),
    "shortcut": lambda room: room.ws.shortcut("declare", by="ada"),
    "emoji": lambda room: room.ws.react(room.ws.messages("#ml-retail")[-1], "pushpin", by="ada"),
    "direct message": lambda room: room.ws.say(room.ws.bot_user, "list", by="ada"),
    "mention": lambda room: room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> note 1 so", by="ada"),
    "command": lambda room: room.ws.command("/incident", "note 1 so", by="ada"),
    "page": lambda room: room.ws.command("/page", "cy 1 come", by="ada"),
    "press": lambda room: room.ws.press(standing(room, "card/INC-1"), "Escalate", by="ada"),
    "look at the home tab": lambda room: room.ws.open_home(by="ada"),
}


async def came_of(folder: Path, act: Act, copies: int) -> tuple[Counter[tuple[str, str]], list[str]]:
    """What everybody saw, and what was written down, when a delivery came so many times."""
    folder.mkdir()
    async with rooms.room(folder) as room:
        furnish(room)
        await room.book(alert())
        await room.ws.say("#ml-retail", "The feed is late", by="bo", thread=standing(room, "card/INC-1"))
        await go(room, 10)
        since = len(room.ws.journal)
        room.ws.duplicate_next(copies - 1)
        await act(room)
        await room.ws.until(lambda: not room.ws.courier.busy)
        await go(room, 10)
        port = room.ws.origin.rpartition(":")[2]  # each run has its own, and links show it
        shown = [(one.kind, one.message.shown if one.message else "") for one in room.ws.journal[since:]]
        seen = Counter((str(kind), words.replace(port, "")) for kind, words in shown)
        told = await room.desk.store.read(lambda tx: log.of(tx.sql, "INC-1"))
        await whole(room)
        return seen, [sealed.entry.kind for sealed in told]


@pytest.mark.parametrize("name", DELIVERIES)
async def test_every_kind_of_delivery_that_comes_twice_is_as_one(tmp_path: Path, name: str) -> None:
    once = await came_of(tmp_path / "once", DELIVERIES[name], 1)
    assert once[0]
    assert await came_of(tmp_path / "twice", DELIVERIES[name], 2) == once
