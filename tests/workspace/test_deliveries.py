"""Commands, presses, forms and events, as a real bolt app gets them over both transports."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import SystemClock
from bot.sandbox.workspace import EVENTS, App, Channel, Person, Workspace
from bot.testing.clock import FakeClock
from tests.workspace.conftest import bolt

ROOM = "C01MLONCALL"
Bot = Callable[[Callable[[AsyncApp], None]], AbstractAsyncContextManager[AsyncApp]]


@pytest.fixture
async def ws(clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace that tells the bot of more than it does by default."""
    app = App(events=(*EVENTS, "message.channels", "reaction_added", "member_joined_channel"))
    async with Workspace(clock=clock, people=["ada", "bo"], channels=["#ml-oncall"], app=app) as workspace:
        yield workspace


@pytest.fixture(params=["socket", "http"])
def bot(request: pytest.FixtureRequest, ws: Workspace) -> Bot:
    """Starts a real bolt app: async with bot(listen): ..."""
    if request.param == "http":
        # bolt compares the signature's time with the machine's own clock.
        ws.state.clock = _Now()
    return lambda listen: bolt(ws, request.param, listen)


class _Now(FakeClock):
    """Stands still at the real present."""

    def __init__(self) -> None:
        super().__init__(SystemClock().now())


def button(label: str, value: str = "1") -> dict[str, Any]:
    """An actions block with one button."""
    text = {"type": "plain_text", "text": label}
    return {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": text, "value": value}]}


def modal(**more: Any) -> dict[str, Any]:
    """A form that asks for a title, a severity and, if one likes, a person."""
    options = [{"text": {"type": "plain_text", "text": s.upper()}, "value": s} for s in ("sev1", "sev2")]

    def ask(block: str, label: str, element: dict[str, Any], **extra: Any) -> dict[str, Any]:
        text = {"type": "plain_text", "text": label}
        return {"type": "input", "block_id": block, "label": text, "element": element | {"action_id": "said"}} | extra

    return {
        "type": "modal",
        "callback_id": "declare",
        "title": {"type": "plain_text", "text": "Declare"},
        "submit": {"type": "plain_text", "text": "Go"},
        "private_metadata": "INC-7",
        "blocks": [
            ask("title", "Title", {"type": "plain_text_input", "max_length": 20}),
            ask("severity", "Severity", {"type": "static_select", "options": options}),
            ask("lead", "Lead", {"type": "users_select"}, optional=True),
        ],
    } | more


async def test_a_command_is_acked_with_words_only_its_author_sees(ws: Workspace, bot: Bot) -> None:
    seen: dict[str, Any] = {}

    def listen(app: AsyncApp) -> None:
        @app.command("/incident")
        async def incident(ack: AsyncAck, command: dict[str, Any]) -> None:
            seen.update(command)
            await ack(f"you said {command['text']}")

    async with bot(listen):
        reply = await ws.command("/incident", "list", by="ada", channel="#ml-oncall")

    assert (reply.acked, reply.text) == (True, "you said list")
    assert [message.text for message in ws.ephemerals("ada")] == ["you said list"]
    assert ws.messages(ROOM) == []
    assert (seen["channel_id"], seen["channel_name"], seen["user_id"]) == (ROOM, "ml-oncall", "U01ADA")
    assert ws.failures == []


async def test_a_press_edits_the_card_and_whispers_through_the_response_url(ws: Workspace, bot: Bot) -> None:
    bodies: list[dict[str, Any]] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond) -> None:
            await ack()
            bodies.append(body)
            place = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
            await client.chat_update(**place, text="acknowledged", blocks=[])
            await respond("thank you", replace_original=False)

    async with bot(listen) as app:
        metadata = {"event_type": "ml_incident", "event_payload": {"id": "INC-1"}}
        blocks = [button("Acknowledge", "INC-1|3")]
        await app.client.chat_postMessage(channel=ROOM, text="open", blocks=blocks, metadata=metadata)
        [card] = ws.messages(ROOM)
        reply = await ws.press(card, "Acknowledge", by="bo")
        await ws.until(lambda: reply.responses)

    assert ws.messages(ROOM)[0].text == "acknowledged"
    assert [(m.text, m.ephemeral_to) for m in reply.responses] == [("thank you", "U01BO")]
    [body] = bodies
    assert body["actions"][0]["value"] == "INC-1|3"
    assert body["message"]["metadata"] == metadata
    assert body["container"] == {"type": "message", "message_ts": card.ts, "channel_id": ROOM, "is_ephemeral": False}
    assert (body["user"]["id"], body["team"]["id"]) == ("U01BO", ws.team_id)


async def test_an_old_screen_sends_what_its_button_said_then(ws: Workspace, bot: Bot) -> None:
    values: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, action: dict[str, Any]) -> None:
            values.append(action["value"])
            await ack()

    async with bot(listen) as app:
        ts = (await app.client.chat_postMessage(channel=ROOM, text="x", blocks=[button("Ack", "v1")]))["ts"]
        [old] = ws.messages(ROOM)
        await app.client.chat_update(channel=ROOM, ts=ts, text="x", blocks=[button("Ack", "v2")])
        [new] = ws.messages(ROOM)
        await ws.press(old, "Ack", by="ada")
        await ws.press(new, "Ack", by="ada")

    assert values == ["v1", "v2"]


async def test_a_form_is_refused_with_errors_and_then_taken(ws: Workspace, bot: Bot) -> None:
    states: list[Any] = []

    def listen(app: AsyncApp) -> None:
        @app.command("/declare")
        async def declare(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal())

        @app.view("declare")
        async def declared(ack: AsyncAck, view: dict[str, Any]) -> None:
            states.append((view["private_metadata"], view["state"]["values"]))
            if view["state"]["values"]["title"]["said"]["value"] == "short":
                await ack(response_action="errors", errors={"title": "say more"})
            else:
                await ack()

    async with bot(listen):
        await ws.command("/declare", by="ada")
        view = await ws.until(lambda: ws.view("ada"))
        refused = await ws.submit(view, {"title": "short", "severity": "SEV2"}, by="ada")
        still = ws.view("ada")
        taken = await ws.submit(view, {"Title": "accuracy fell", "severity": "sev1", "lead": "bo"}, by="ada")

    assert refused.errors == {"title": "say more"}
    assert still is not None
    assert still.errors == {"title": "say more"}
    assert taken.acked
    assert ws.view("ada") is None
    hidden, filled = states[1]
    assert hidden == "INC-7"
    assert filled["title"]["said"] == {"type": "plain_text_input", "value": "accuracy fell"}
    assert filled["severity"]["said"]["selected_option"]["value"] == "sev1"
    assert filled["lead"]["said"] == {"type": "users_select", "selected_user": "U01BO"}


async def test_the_client_does_not_send_an_unfinished_form(ws: Workspace, bot: Bot) -> None:
    def listen(app: AsyncApp) -> None:
        @app.shortcut("declare")
        async def declare(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal())

    async with bot(listen):
        await ws.shortcut("declare", by="ada")
        view = await ws.until(lambda: ws.view("ada"))

    with pytest.raises(ValueError, match="'Severity' is required"):
        await ws.submit(view, {"title": "x"}, by="ada")
    with pytest.raises(ValueError, match="0 to 20 characters"):
        await ws.submit(view, {"title": "x" * 21, "severity": "sev1"}, by="ada")
    with pytest.raises(LookupError, match="does not offer 'sev9'"):
        await ws.submit(view, {"title": "x", "severity": "sev9"}, by="ada")
    with pytest.raises(LookupError, match="has no"):
        await ws.submit(view, {"title": "x", "severity": "sev1", "colour": "red"}, by="ada")


async def test_modals_stack_change_and_close(ws: Workspace, bot: Bot) -> None:
    closed: list[str] = []
    nothing: list[Any] = []
    text = {"type": "section", "text": {"type": "plain_text", "text": "sure?"}}

    def listen(app: AsyncApp) -> None:
        @app.shortcut("declare")
        async def declare(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=modal(blocks=nothing))

        @app.view("declare")
        async def declared(ack: AsyncAck, view: dict[str, Any]) -> None:
            second = modal(callback_id="sure", blocks=[text], notify_on_close=True)
            await ack(response_action="push", view=second)

        @app.view_closed("sure")
        async def gone(ack: AsyncAck, view: dict[str, Any]) -> None:
            closed.append(view["callback_id"])
            await ack()

        @app.view("sure")
        async def sure(ack: AsyncAck) -> None:
            await ack(response_action="clear")

    async with bot(listen):
        await ws.shortcut("declare", by="ada")
        first = await ws.until(lambda: ws.view("ada"))
        await ws.submit(first, {}, by="ada")
        [_, second] = ws.views("ada")
        assert second.shown == "Declare\nsure?"
        await ws.close(second, by="ada")
        assert ws.views("ada") == [first]
        await ws.submit(first, {}, by="ada")
        await ws.submit(ws.views("ada")[-1], {}, by="ada")

    assert ws.views("ada") == []
    assert closed == ["sure"]


async def test_a_trigger_is_good_once_and_for_three_seconds(ws: Workspace, bot: Bot) -> None:
    triggers: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.command("/declare")
        async def declare(ack: AsyncAck, body: dict[str, Any]) -> None:
            triggers.append(body["trigger_id"])
            await ack()

    async def refusal(client: AsyncWebClient, trigger: str) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger, view=modal())
        return str(caught.value.response["error"])

    async with bot(listen) as app:
        await ws.command("/declare", by="ada")
        await ws.command("/declare", by="ada")
        await app.client.views_open(trigger_id=triggers[0], view=modal())
        assert await refusal(app.client, triggers[0]) == "exchanged_trigger_id"
        assert await refusal(app.client, "made-up") == "invalid_trigger_id"
        clock = ws.state.clock
        assert isinstance(clock, FakeClock)
        await clock.advance(3.1)
        assert await refusal(app.client, triggers[1]) == "expired_trigger_id"


async def test_events_reach_the_bot_with_their_id(ws: Workspace, bot: Bot) -> None:
    seen: list[tuple[str, str]] = []

    def listen(app: AsyncApp) -> None:
        async def hear(event: dict[str, Any], body: dict[str, Any]) -> None:
            assert body["event_id"].startswith("Ev")
            seen.append((event["type"], event.get("text") or event.get("reaction") or event["user"]))

        for name in ("message", "app_mention", "reaction_added", "app_home_opened"):
            app.event(name)(hear)

    async with bot(listen):
        message = await ws.say(ROOM, f"<@{ws.bot_user}> who is on call?", by="ada")
        await ws.react(message, "eyes", by="bo")
        await ws.open_home(by="bo")
        await ws.say(ws.bot_user, "in private", by="bo")
        assert await ws.event({"type": "reaction_added", "user": "U01BO", "reaction": "fire", "item": {}})
        await ws.until(lambda: len(seen) >= 6)

    mention = f"<@{ws.bot_user}> who is on call?"
    assert sorted(seen) == sorted(
        [
            ("message", mention),
            ("app_mention", mention),
            ("reaction_added", "eyes"),
            ("app_home_opened", "U01BO"),
            ("message", "in private"),
            ("reaction_added", "fire"),
        ]
    )


async def test_a_duplicate_reaches_the_listener_twice(ws: Workspace, bot: Bot) -> None:
    presses: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, action: dict[str, Any]) -> None:
            presses.append(action["action_ts"])
            await ack()

    async with bot(listen) as app:
        await app.client.chat_postMessage(channel=ROOM, text="x", blocks=[button("Ack")])
        ws.duplicate_next()
        assert (await ws.press(ws.messages(ROOM)[0], "Ack", by="ada")).acked
        assert (await ws.press(ws.messages(ROOM)[0], "Ack", by="ada")).acked

    assert len(presses) == 3
    assert presses[0] == presses[1] != presses[2]


async def test_a_home_tab_is_published_and_pressed(ws: Workspace, bot: Bot) -> None:
    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            assert body["container"]["type"] == "view"
            await client.views_publish(user_id=body["user"]["id"], view={"type": "home", "blocks": []})

    async with bot(listen) as app:
        home = {"type": "home", "blocks": [button("Take over")]}
        await app.client.views_publish(user_id="U01ADA", view=home)
        view = ws.home("ada")
        assert view is not None
        await ws.press(view, "Take over", by="ada")

    assert ws.home("bo") is None
    after = ws.home("ada")
    assert after is not None
    assert after.blocks == []


async def test_pressing_what_is_not_there_says_what_is(ws: Workspace, bot: Bot) -> None:
    async with bot(lambda app: None) as app:
        two = [button("Ack", "1"), button("Ack", "2") | {"block_id": "second"}]
        await app.client.chat_postMessage(channel=ROOM, text="x", blocks=two)
    [card] = ws.messages(ROOM)
    with pytest.raises(LookupError, match=r"no 'Resolve' to press. There are: \['Ack', 'Ack'\]"):
        await ws.press(card, "Resolve", by="ada")
    with pytest.raises(LookupError, match="2 elements"):
        await ws.press(card, "Ack", by="ada")
    with pytest.raises(LookupError, match="Nobody called 'eve'"):
        await ws.press(card, "1", by="eve")


async def test_a_stranger_presses_from_another_team(ws: Workspace, bot: Bot) -> None:
    teams: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.action("go")
        async def press(ack: AsyncAck, body: dict[str, Any]) -> None:
            teams.append(body["user"]["team_id"])
            await ack()

    ws.add_person(Person("eve", is_stranger=True))
    async with bot(listen) as app:
        ws.add_channel(Channel("shared"))
        await app.client.chat_postMessage(channel="C01SHARED", text="x", blocks=[button("Ack")])
        await ws.press(ws.messages("shared")[0], "Ack", by="eve")

    assert teams == ["T01STRANGERS"]


async def test_bolt_answers_the_challenge_and_refuses_another_secret(ws: Workspace) -> None:
    ws.state.clock = _Now()
    async with bolt(ws, "http", lambda app: None):
        assert await ws.verify_url()
        ws.state.keys = replace(ws.state.keys, signing_secret="another")
        assert (await ws.command("/incident", by="ada")).error == "http_error"
