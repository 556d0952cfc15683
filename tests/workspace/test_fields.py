"""Fields that are filled before a form is sent, what the bot hears of it, and what stays when the form changes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import App, View, Workspace
from bot.testing.clock import FakeClock
from tests.workspace.conftest import Heard, bolt, hearing
from tests.workspace.test_forms_and_views import OPTIONS, TITLE, ask, form, opened

MODEL = ask("model", {"type": "static_select", "options": OPTIONS}) | {"dispatch_action": True}
TEXT = ask("text", {"type": "plain_text_input"})


@pytest.fixture
async def seen(ws: Workspace) -> AsyncIterator[Heard]:
    """Every interaction of a bot that acknowledges all of them."""
    async with hearing(ws) as heard:
        yield heard


async def test_a_field_that_dispatches_tells_the_whole_form(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    view = await opened(ws, slack, seen, form(MODEL, TEXT))
    before = len(seen)

    assert await ws.fill(view, {"text": "accuracy fell"}, by="ada") == []
    [reply] = await ws.fill(view, {"Model": "KS"}, by="ada")

    assert reply.acked
    [body] = seen[before:]
    assert (body["type"], body["container"]) == ("block_actions", {"type": "view", "view_id": view.id})
    [action] = body["actions"]
    assert (action["block_id"], action["selected_option"]) == ("model", OPTIONS[1])
    assert body["view"]["state"]["values"]["text"]["text.said"]["value"] == "accuracy fell"
    assert body["view"]["hash"] == view.hash
    assert "state" not in body
    await ws.submit(view, {}, by="ada")
    values = seen[-1]["view"]["state"]["values"]
    assert (values["text"]["text.said"]["value"], values["model"]["model.said"]["selected_option"]) == (
        "accuracy fell",
        OPTIONS[1],
    )


async def test_typing_into_a_field_that_dispatches_is_heard(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    view = await opened(ws, slack, seen, form(TEXT | {"dispatch_action": True}))
    await ws.fill(view, {"text": "INC"}, by="ada")
    [action] = seen[-1]["actions"]
    assert (action["type"], action["value"]) == ("plain_text_input", "INC")


async def test_what_waits_for_enter_goes_along_with_what_is_heard_next(
    ws: Workspace, slack: AsyncWebClient, seen: Heard
) -> None:
    view = await opened(ws, slack, seen, form(MODEL, TEXT | {"dispatch_action": True}))
    before = len(seen)
    assert await ws.fill(view, {"text": "8h"}, by="ada", quietly=True) == []
    assert len(seen) == before
    await ws.fill(view, {"Model": "KS"}, by="ada")
    assert seen[-1]["view"]["state"]["values"]["text"]["text.said"]["value"] == "8h"


async def test_what_was_typed_stays_while_its_ids_stay(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    first = ask("first", {"type": "plain_text_input", "initial_value": "one"})
    view = await opened(ws, slack, seen, form(first, TEXT, MODEL))
    await ws.fill(view, {"text": "typed", "model": "PSI"}, by="ada")

    other = ask("first", {"type": "plain_text_input", "initial_value": "two"})
    renamed = ask("text.2", {"type": "plain_text_input"})
    narrower = ask("model", {"type": "static_select", "options": OPTIONS[1:]})
    await slack.views_update(view_id=view.id, view=form(other, renamed, narrower))

    shown = ws.view("ada")
    assert shown is not None
    assert {name: next(iter(field.values())) for name, field in shown.state.items()} == {
        "first": {"type": "plain_text_input", "value": "one"},
        "text.2": {"type": "plain_text_input", "value": None},
        "model": {"type": "static_select", "selected_option": None},
    }
    await slack.views_update(view_id=view.id, view=form(ask("first.2", other["element"])))
    await ws.submit(shown, {}, by="ada")
    assert seen[-1]["view"]["state"]["values"]["first.2"]["first.2.said"]["value"] == "two"


async def test_errors_leave_what_was_typed_and_the_hash(ws: Workspace, slack: AsyncWebClient) -> None:
    hashes: list[str] = []

    def listen(app: AsyncApp) -> None:
        @app.shortcut("open")
        async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form(TEXT))

        @app.view("form")
        async def sent(ack: AsyncAck, view: dict[str, Any]) -> None:
            hashes.append(view["hash"])
            await ack(response_action="errors", errors={"text": "say more"})

    async with bolt(ws, "socket", listen):
        await ws.shortcut("open", by="ada")
        view = await ws.until(lambda: ws.view("ada"))
        await ws.submit(view, {"text": "x"}, by="ada")
        await ws.submit(view, {}, by="ada")
        shown = ws.view("ada")

    assert shown is not None
    assert shown.state["text"]["text.said"]["value"] == "x"
    assert shown.errors == {"text": "say more"}
    assert hashes == [view.hash, view.hash]


async def test_a_press_in_an_input_that_keeps_to_itself_is_no_press(
    ws: Workspace, slack: AsyncWebClient, seen: Heard
) -> None:
    view = await opened(ws, slack, seen, form(ask("quiet", {"type": "users_select"})))
    with pytest.raises(ValueError, match="use fill"):
        await ws.press(view, "quiet.said", by="ada", value="bo")


@pytest.mark.parametrize(
    ("element", "bad"),
    [
        ({"type": "number_input", "is_decimal_allowed": False}, "0.5"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "1"}, "2"),
        ({"type": "number_input", "is_decimal_allowed": True}, "many"),
        ({"type": "email_text_input"}, "ada at example"),
        ({"type": "url_text_input"}, "example"),
        ({"type": "datepicker"}, "tomorrow"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "multi_users_select", "max_selected_items": 1}, ["ada", "bo"]),
    ],
)
async def test_the_client_keeps_nonsense_out(
    element: dict[str, Any], bad: object, ws: Workspace, slack: AsyncWebClient, seen: Heard
) -> None:
    view = await opened(ws, slack, seen, form(ask("field", element)))
    with pytest.raises(ValueError, match=r"field\.said"):
        await ws.fill(view, {"field": bad}, by="ada")


async def test_everything_that_can_be_picked_in_a_message(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    rows: list[tuple[dict[str, Any], object, dict[str, Any]]] = [
        ({"type": "radio_buttons", "options": OPTIONS}, "ks", {"selected_option": OPTIONS[1]}),
        ({"type": "checkboxes", "options": OPTIONS}, ["psi", "ks"], {"selected_options": OPTIONS[:2]}),
        ({"type": "users_select"}, "bo", {"selected_user": "U01BO"}),
        ({"type": "conversations_select"}, "#ml-oncall", {"selected_conversation": "C01MLONCALL"}),
        ({"type": "datepicker"}, "2026-11-24", {"selected_date": "2026-11-24"}),
        (
            {"type": "datetimepicker"},
            datetime(2026, 11, 23, 3, 38, tzinfo=UTC),
            {"selected_date_time": 1795405080},
        ),
    ]
    elements = [element | {"action_id": f"a{n}"} for n, (element, _, _) in enumerate(rows)]
    many = {"type": "multi_static_select", "action_id": "many", "options": OPTIONS}
    blocks = [
        {"type": "actions", "block_id": "b", "elements": elements},
        {"type": "section", "block_id": "s", "text": TITLE, "accessory": many},
    ]
    await slack.chat_postMessage(channel="C01MLONCALL", text="x", blocks=blocks)
    [card] = ws.messages("ml-oncall")

    for number, (_, value, expected) in enumerate(rows):
        await ws.press(card, f"a{number}", by="bo", value=value)
        [action] = seen[-1]["actions"]
        assert {key: action[key] for key in expected} == expected
    await ws.press(card, "many", by="bo", value=["psi"])
    await ws.press(card, "a0", by="ada", value="psi")
    await ws.press(card, "a1", by="bo", value=[])

    mine, theirs = seen[-1]["state"]["values"], seen[-2]["state"]["values"]
    assert mine["b"]["a0"]["selected_option"] == OPTIONS[1]
    assert mine["s"]["many"]["selected_options"] == OPTIONS[:1]
    assert mine["b"]["a1"]["selected_options"] == []
    assert theirs["b"]["a0"]["selected_option"] == OPTIONS[0]
    assert theirs["b"]["a2"]["selected_user"] is None


SEARCH = ask("incident", {"type": "external_select", "min_query_length": 2})
OFFER = {"text": {"type": "plain_text", "text": "INC-7 churn"}, "value": "7"}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"options": [OFFER]}, [OFFER]),
        ({"option_groups": [{"label": TITLE, "options": [OFFER]}]}, [OFFER]),
        ({"options": []}, []),
    ],
)
async def test_options_are_asked_for_what_is_typed(
    answer: dict[str, Any], expected: list[Any], ws: Workspace, slack: AsyncWebClient
) -> None:
    async with _offering(ws, answer) as (view, asked):
        assert await ws.suggest(view, "incident.said", "c", by="ada") == []
        assert asked == []
        assert await ws.suggest(view, "incident.said", "churn", by="ada") == expected
        [body] = asked
        assert (body["type"], body["value"], body["action_id"]) == ("block_suggestion", "churn", "incident.said")
        assert body["view"]["id"] == view.id
        if expected:
            await ws.fill(view, {"incident": "INC-7 churn"}, by="ada")
            shown = ws.view("ada")
            assert shown is not None
            assert shown.state["incident"]["incident.said"]["selected_option"] == OFFER
        with pytest.raises(LookupError, match="does not offer 'INC-8'"):
            await ws.fill(view, {"incident": "INC-8"}, by="ada")
    assert ws.failures == []


@pytest.mark.parametrize(
    "answer",
    [
        {"options": [OFFER] * 101},
        {"options": [{"text": {"type": "plain_text", "text": "x" * 76}, "value": "1"}]},
        {"options": [{"text": {"type": "plain_text", "text": "x"}, "value": ""}]},
        {"choices": [OFFER]},
        {},
    ],
)
async def test_options_slack_would_not_take_are_none(
    answer: dict[str, Any], ws: Workspace, slack: AsyncWebClient
) -> None:
    async with _offering(ws, answer) as (view, _):
        assert await ws.suggest(view, "incident.said", "churn", by="ada") == []
    assert [failure.reason for failure in ws.failures] == ["invalid_options"]


class _offering:
    """A bot that opens a form with a search in it, and answers every search the same."""

    def __init__(self, ws: Workspace, answer: dict[str, Any]) -> None:
        self.ws, self.answer = ws, answer
        self.asked: Heard = []

    async def __aenter__(self) -> tuple[View, Heard]:
        def listen(app: AsyncApp) -> None:
            @app.shortcut("open")
            async def start(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
                await ack()
                await client.views_open(trigger_id=body["trigger_id"], view=form(SEARCH))

            @app.options("incident.said")
            async def offer(ack: AsyncAck, body: dict[str, Any]) -> None:
                self.asked.append(body)
                await ack(self.answer)

        self.bot = bolt(self.ws, "socket", listen)
        await self.bot.__aenter__()
        await self.ws.shortcut("open", by="ada")
        return await self.ws.until(lambda: self.ws.view("ada")), self.asked

    async def __aexit__(self, *gone: object) -> None:
        await self.bot.__aexit__(None, None, None)


async def test_closing_all_tells_of_each_that_asks(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    await opened(ws, slack, seen, form(TEXT, notify_on_close=True, private_metadata="low"))
    for name in ("quiet", "top"):
        await ws.shortcut("open", by="ada")
        view = form(TEXT, notify_on_close=name == "top", private_metadata=name)
        await slack.views_push(trigger_id=seen[-1]["trigger_id"], view=view)
    top = ws.view("ada")
    assert top is not None
    reply = await ws.close(top, by="ada", clear=True)
    assert reply is not None
    assert reply.acked
    closed = [(b["view"]["private_metadata"], b["is_cleared"]) for b in seen if b["type"] == "view_closed"]
    assert closed == [("top", True), ("low", True)]
    assert ws.views("ada") == []


async def test_a_conversation_that_may_be_answered_to_brings_its_address(
    ws: Workspace, slack: AsyncWebClient, seen: Heard
) -> None:
    where = ask("where", {"type": "conversations_select", "response_url_enabled": True})
    view = await opened(ws, slack, seen, form(where))
    await ws.submit(view, {"where": "ml-oncall"}, by="ada")
    [address] = seen[-1]["response_urls"]
    assert (address["block_id"], address["channel_id"]) == ("where", "C01MLONCALL")


async def test_a_trigger_spent_on_a_push_opens_nothing_else(ws: Workspace, slack: AsyncWebClient, seen: Heard) -> None:
    view = await opened(ws, slack, seen, form(MODEL))
    await ws.fill(view, {"model": "PSI"}, by="ada")
    trigger = seen[-1]["trigger_id"]
    await slack.views_push(trigger_id=trigger, view=form(TEXT))
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await slack.views_push(trigger_id=trigger, view=form(TEXT))
    assert len(ws.views("ada")) == 2


async def test_a_home_tab_remembers_what_was_picked_in_it(clock: FakeClock) -> None:
    async with Workspace(clock=clock, people=["ada"], app=App()) as ws, hearing(ws) as seen:
        async with bolt(ws, "socket", lambda app: None) as app:
            select = {"type": "static_select", "action_id": "pick", "options": OPTIONS}
            block = {"type": "section", "block_id": "s", "text": TITLE, "accessory": select}
            await app.client.views_publish(user_id="U01ADA", view={"type": "home", "blocks": [block]})
        home = await ws.until(lambda: ws.home("ada"))
        await ws.until(lambda: ws.sockets == 1)
        await ws.fill(home, {"pick": "KS"}, by="ada")
    assert seen[-1]["view"]["state"]["values"]["s"]["pick"]["selected_option"] == OPTIONS[1]
