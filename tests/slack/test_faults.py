"""When Slack refuses, stalls, forgets or goes away: nothing is lost, nothing is said twice."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.contract.plugin import Health
from bot.engine import report
from bot.engine.desk import Desk
from bot.errors import BadConfig
from bot.model.job import Lane, NewJob
from bot.runbooks import Library
from bot.sandbox.workspace import Workspace
from bot.settings import Settings, Slack
from bot.slack import payloads, presses
from bot.slack.door import Door
from bot.slack.pager import SCOPES
from bot.slack.sockets import Patience
from bot.store import Store, jobs
from bot.testing.clock import FakeClock
from tests.parts.waiting import until
from tests.slack import room as rooms
from tests.slack.room import START, Room, alert


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_a_post_in_doubt_is_looked_up_before_it_is_repeated(room: Room, kind: str) -> None:
    room.ws.fault("chat.postMessage", kind, times=2, after_effect=True)
    await room.book(alert())
    await room.pass_time(0.1)
    await room.pass_time(0.1)
    assert len(room.cards()) == 1
    assert len(room.ws.dms("ada")) == 1
    assert room.calls("chat.postMessage").count(kind) == 2
    (page,) = room.ws.dms("ada")
    await room.ws.press(page, "Acknowledge", by="ada")
    await room.settle()
    assert not room.ws.dms("ada")[0].buttons


async def test_a_post_that_never_arrived_is_posted_again(room: Room) -> None:
    room.ws.fault("chat.postMessage", "500", times=2)
    await room.book(alert())
    await room.pass_time(0.1)
    assert len(room.cards()) == 1
    assert len(room.ws.dms("ada")) == 1


async def test_a_notice_in_doubt_is_said_once(room: Room) -> None:
    room.ws.fault("chat.postMessage", "drop", after_effect=True)
    await room.say("person:cy", "The rota has a gap <!here>.")
    await room.pass_time(0.1)
    (message,) = room.ws.dms("cy")
    assert message.text == "The rota has a gap &lt;!here&gt;."
    assert message.shown == "The rota has a gap <!here>."


async def test_retry_after_is_honoured_there_and_nowhere_else(room: Room) -> None:
    room.ws.fault("chat.postMessage", "ratelimited", retry_after=30)
    await room.say("channel:#ml-oncall", "first", "a")
    await room.say("channel:#ml-retail", "elsewhere", "b")
    assert [m.text for m in room.ws.messages("#ml-retail")] == ["elsewhere"]
    assert room.ws.messages("#ml-oncall") == []
    await room.pass_time(0.4)
    assert room.ws.messages("#ml-oncall") == []
    await room.pass_time(0.2)
    assert [m.text for m in room.ws.messages("#ml-oncall")] == ["first"]
    assert "conversations.history" not in [call.method for call in room.ws.calls]


async def test_slack_never_has_to_slow_us_down(room: Room) -> None:
    wanted = [
        NewJob(f"notice/{n}", "notice", Lane.DIGEST, START, {"to": "channel:#ml-oncall", "text": f"n{n}"})
        for n in range(12)
    ]
    await room.ask_for(*wanted)
    assert len(room.ws.messages("#ml-oncall")) == 3
    for _ in range(12):
        await room.settle()
    assert sorted(m.text for m in room.ws.messages("#ml-oncall")) == sorted(f"n{n}" for n in range(12))
    assert "ratelimited" not in room.calls("chat.postMessage")
    assert "conversations.history" not in [call.method for call in room.ws.calls]


async def test_what_waited_for_its_turn_and_then_got_no_answer_is_looked_up(room: Room) -> None:
    texts = [f"n{n}" for n in range(4)]
    for text in texts:
        await room.desk.store.write(lambda tx, text=text: jobs.put(tx, notice(text)))  # type: ignore[misc]
    await room.worker.drain()
    assert len(room.ws.messages("#ml-oncall")) == 3  # the fourth waits, which is no attempt
    room.ws.fault("chat.postMessage", "drop", after_effect=True)
    for _ in range(6):
        await room.settle()
    assert sorted(message.text for message in room.ws.messages("#ml-oncall")) == texts


def notice(text: str) -> NewJob:
    """A sentence owed to the channel."""
    return NewJob(f"notice/{text}", "notice", Lane.DIGEST, START, {"to": "channel:#ml-oncall", "text": text})


async def test_many_changes_are_one_edit_and_equal_drawings_none(room: Room) -> None:
    await room.book(alert())
    edits = len(room.calls("chat.update"))
    for _ in range(5):
        await room.ask_for(NewJob("card/INC-1", "card", Lane.CARD, room.clock.now(), {"incident": "INC-1"}))
    assert len(room.calls("chat.update")) == edits


async def test_refused_blocks_go_as_plain_text(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    room.ws.fault("chat.postMessage", "invalid_blocks")
    await room.say("channel:#ml-oncall", "Nobody is on call.")
    (message,) = room.ws.messages("#ml-oncall")
    assert (message.text, message.blocks) == ("Nobody is on call.", [])
    assert "blocks_refused" in caplog.text


async def test_refused_blocks_of_an_edit_take_the_old_ones_away(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    room.ws.fault("chat.update", "msg_blocks_too_long")
    await room.ws.command("/incident", "resolve 1", by="bo")
    await room.settle()
    plain = [m for m in (*room.ws.messages("#ml-retail"), *room.ws.dms("ada")) if not m.blocks]
    assert len(plain) == 1
    assert "RESOLVED" in plain[0].text
    assert card.blocks


async def test_a_card_that_was_deleted_is_posted_anew(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    room.ws.state.delete(card)
    await room.ws.command("/incident", "ack 1", by="ada")
    await room.settle()
    (anew,) = room.cards()
    assert anew.ts != card.ts
    assert "Held by" in anew.shown


async def test_the_bot_walks_into_a_public_channel(room: Room) -> None:
    room.ws.channel("#ml-retail").inside.discard(room.ws.bot_user)
    await room.book(alert())
    assert len(room.cards()) == 1


async def test_a_card_nobody_takes_stands_in_the_default_channel(room: Room) -> None:
    room.ws.channel("#ml-retail").archived = True
    await room.book(alert())
    assert len(room.cards("#ml-oncall")) == 1
    assert room.ws.messages("#ml-retail") == []


async def test_who_cannot_be_reached_is_passed_over_at_once(room: Room) -> None:
    room.ws.change_person("ada", deleted=True)
    await room.book(alert())
    await room.settle()
    assert room.ws.dms("ada") == []
    assert "You are paged as L2" in room.ws.dms("bo")[0].shown
    assert "could be delivered" in room.ws.dms("cy")[0].text


async def test_a_revoked_token_fires_the_next_step_at_once(room: Room) -> None:
    room.ws.fault("conversations.open", "token_revoked")
    await room.book(alert())
    await room.settle()
    assert len(room.ws.dms("bo")) == 1


async def test_a_card_waits_for_a_token_that_is_mended(room: Room) -> None:
    room.ws.fault("chat.postMessage", "token_revoked", times=3)
    await room.book(alert(model="price"))
    await room.pass_time(2)
    assert len(room.cards("#ml-oncall")) == 1


async def test_a_whisper_that_fails_leaves_a_working_bot(room: Room) -> None:
    await room.book(alert())
    (card,) = room.cards()
    reply = await room.ws.press(card, "Acknowledge", by="eve")
    assert reply.acked
    room.ws.fault("*", "500", times=1)
    await room.settle()
    (card,) = room.cards()
    assert (await room.ws.press(card, "Acknowledge", by="ada")).acked


async def test_sockets_come_back_after_a_drop_and_a_refresh(tmp_path: Path) -> None:
    async with rooms.room(tmp_path, patience=Patience(ping=2.0, close=0.2)) as room:
        await room.ws.until(lambda: room.ws.sockets == 2)
        await room.ws.drop_sockets()
        await room.ws.until(lambda: room.ws.sockets == 2)
        assert (await room.ws.command("/incident", "help", by="ada")).acked
        opened = len(room.calls("apps.connections.open"))
        await room.ws.refresh_sockets()

        async def refreshed() -> bool:
            return len(room.calls("apps.connections.open")) == opened + 2 and room.ws.sockets == 2

        await until(refreshed, within=10, what="two fresh sockets")
        assert (await room.ws.command("/incident", "help", by="ada")).acked


async def test_a_silent_socket_is_renewed(tmp_path: Path) -> None:
    # The SDK's own pings are too far apart to notice anything within this test.
    patience = Patience(ping=60.0, look=1.0, silence=0.0, connect=5.0, close=0.2)
    async with rooms.room(tmp_path, patience=patience) as room:
        assert room.ws.sockets == 2
        opened = len(room.calls("apps.connections.open"))
        await room.clock.advance(1)  # the first look only learns what the signs of life are
        await room.clock.advance(1)
        await room.ws.until(lambda: len(room.calls("apps.connections.open")) >= opened + 2)
        await room.ws.until(lambda: room.ws.sockets == 2)
        assert (await room.ws.command("/incident", "help", by="ada")).acked


def door(ws: Workspace, store: Store, clock: FakeClock, folder: Path, url: str | None = None) -> Door:
    """A door with nothing behind it."""
    tokens = (SecretStr(ws.bot_token), SecretStr(ws.app_token), None)
    slack = Slack("socket", "#ml-oncall", 2, *tokens, url or ws.url)
    return Door(Desk(store, clock, Settings(folder, "", slack), Library()), slack, patience=rooms.QUICK)


async def test_the_bot_starts_without_slack_and_opens_when_it_answers(tmp_path: Path) -> None:
    clock = FakeClock(START)
    store = await Store.open(f"sqlite:///{tmp_path / 'a.db'}", clock=clock)
    async with Workspace(clock=clock, people=["ada"], channels=["#ml-oncall"]) as ws:
        ws.fault("auth.test", "503", times=2)
        one = door(ws, store, clock, tmp_path)
        await one.start()
        assert [(what, stands) for what, stands, _ in one.ready] == [("slack token", False), ("slack sockets", False)]
        assert [row.health for row in await one.pager.check()] == [Health.UNKNOWN] * len(SCOPES)
        await clock.advance(1)
        await ws.until(lambda: len([c for c in ws.calls if c.method == "auth.test"]) == 2)
        await asyncio.to_thread(lambda: None)
        while not all(stands for _, stands, _ in one.ready):
            await clock.advance(10)
            await asyncio.to_thread(lambda: None)
        await one.stop(1)
        assert ws.sockets == 0
    await store.close()


async def test_a_replica_that_only_works_opens_no_socket(tmp_path: Path) -> None:
    clock = FakeClock(START)
    store = await Store.open(f"sqlite:///{tmp_path / 'a.db'}", clock=clock)
    async with Workspace(clock=clock, people=["ada"], channels=["#ml-oncall"]) as ws:
        one = door(ws, store, clock, tmp_path)
        await one.start(listen=False)
        assert [(what, stands) for what, stands, _ in one.ready] == [("slack token", True)]
        assert ws.sockets == 0
        await one.stop(1)
    await store.close()


async def test_the_check_names_scopes_that_are_missing(tmp_path: Path) -> None:
    clock = FakeClock(START)
    store = await Store.open(f"sqlite:///{tmp_path / 'a.db'}", clock=clock)
    async with Workspace(clock=clock, people=["ada"], channels=["#ml-oncall"]) as ws:
        ws.revoke("im:write")
        one = door(ws, store, clock, tmp_path)
        await one.start()
        missing = [row for row in await one.pager.check() if row.health is Health.MISSING]
        assert [row.scope for row in missing] == ["im:write"]
        assert "direct message" in missing[0].do
        await one.stop(1)
    await store.close()


async def test_an_uninstalled_app_says_so(room: Room) -> None:
    assert all(stands for _, stands, _ in room.door.ready)
    room.ws.fault("auth.test", "token_revoked", times=1)
    assert await room.ws.event({"type": "app_uninstalled"})
    await room.door.runner.idle()
    assert not room.door.ready[0][1]
    assert "SLACK_BOT_TOKEN" in room.door.ready[0][2]


async def test_events_of_any_kind_are_taken(either: Room) -> None:
    for event in ({"type": "message", "channel": "C1", "text": "hello"}, {"type": "something_new"}):
        assert await either.ws.event(event)
    assert either.ws.failures == []


@pytest.mark.parametrize("name", ["SLACK_BOT_TOKEN", "SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "HTTPS_PROXY"])
async def test_the_environment_does_not_leak_into_the_libraries(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", name):
        monkeypatch.setenv(each, "http://127.0.0.1:9")
    async with rooms.room(tmp_path) as room:
        assert (await room.ws.command("/incident", "help", by="ada")).acked
        assert room.door._app.oauth_flow is None


@pytest.mark.parametrize(("mode", "lacks"), [("socket", "SLACK_APP_TOKEN"), ("http", "SLACK_SIGNING_SECRET")])
def test_a_mode_without_its_secret_is_refused(mode: str, lacks: str, tmp_path: Path) -> None:
    slack = Slack(mode, "#a", 2, SecretStr("xoxb-1"), SecretStr(""), SecretStr(""))
    with pytest.raises(BadConfig, match=lacks):
        Door(None, slack)  # type: ignore[arg-type]


async def test_a_call_that_hangs_is_in_doubt_and_looked_up(tmp_path: Path) -> None:
    async with rooms.room(tmp_path, timeout=0.3) as room:
        room.ws.fault("chat.postMessage", "hang", after_effect=True)
        await room.say("channel:#ml-oncall", "once")
        await room.pass_time(0.1)
        assert len(room.ws.messages("#ml-oncall")) == 1
        assert room.calls("chat.postMessage") == ["hang"]


async def test_what_was_acknowledged_is_finished_before_the_bot_stops(either: Room) -> None:
    await either.book(alert())
    (card,) = either.cards()
    assert (await either.ws.press(card, "Acknowledge", by="ada")).acked
    await either.door.stop(5)
    await either.worker.drain()
    entries = await report.view(either.desk, "INC-1")
    assert entries.incident.holder == "ada"
    if either.ws.request_url:
        assert (await either.ws.command("/incident", "list", by="ada")).error == "http_error"
    else:
        assert either.ws.sockets == 0


async def test_a_press_counts_once_on_two_replicas(room: Room, tmp_path: Path) -> None:
    await room.book(alert())
    (card,) = room.cards()
    asked = payloads.Asked(
        "U01ADA", room.ws.team_id, room.ws.team_id, "press/U01ADA/escalate/1.0", "button", card.channel
    )
    click = payloads.Click(asked, "escalate", card.buttons["Escalate"]["value"], card.ts)
    await asyncio.gather(*(presses.press(room.door.talk, click) for _ in range(2)))
    await room.settle()
    assert len(room.ws.dms("bo")) == 1
    assert room.ws.dms("cy") == []


@pytest.mark.parametrize("value", ["", "9|acknowledge|INC-1|1", "1|acknowledge|INC-1|x"])
async def test_a_button_of_another_version_is_explained(room: Room, value: str) -> None:
    await room.book(alert())
    (card,) = room.cards()
    forged = {"type": "button", "action_id": "old", "value": value, "text": {"type": "plain_text", "text": "Old"}}
    old = replace(card, blocks=[{"type": "actions", "block_id": "b", "elements": [forged]}])
    reply = await room.ws.press(old, "Old", by="ada")
    await room.settle()
    assert "another version of me" in reply.responses[0].text


async def test_half_open_sockets_are_noticed_and_replaced(tmp_path: Path) -> None:
    async with rooms.room(tmp_path, timeout=0.5, patience=rooms.QUICK) as room:
        opened = len(room.calls("apps.connections.open"))
        room.ws.blackhole()

        async def given_up() -> bool:
            return not room.door.ready[1][1]

        await until(given_up, within=5, what="the bot noticing that no pong comes")
        room.ws.blackhole(False)

        async def back() -> bool:
            return len(room.calls("apps.connections.open")) >= opened + 2 and room.ws.sockets == 2

        await until(back, within=10, what="two new sockets")
        assert (await room.ws.command("/incident", "help", by="ada")).acked
        assert room.door.ready[1][1]
