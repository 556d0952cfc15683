"""What people pick in forms, how modals stack, and what the views.* methods refuse."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.workspace import View, Workspace
from tests.workspace.conftest import bolt

OPTIONS = [
    {"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("PSI", "KS", "Wasserstein")
]
TITLE = {"type": "plain_text", "text": "A form"}
Seen = list[dict[str, Any]]


def ask(name: str, element: dict[str, Any]) -> dict[str, Any]:
    """One question, named like its element's action."""
    label = {"type": "plain_text", "text": name.title()}
    return {"type": "input", "block_id": name, "label": label, "element": element | {"action_id": f"{name}.said"}}


def form(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A modal."""
    view = {"type": "modal", "callback_id": "form", "title": TITLE, "submit": TITLE, "blocks": list(blocks)}
    return view | more


@pytest.fixture
async def seen(ws: Workspace) -> AsyncIterator[Seen]:
    """Every interaction a bot saw that acknowledges all of them."""
    bodies: Seen = []

    def listen(app: AsyncApp) -> None:
        async def hear(ack: AsyncAck, body: dict[str, Any]) -> None:
            bodies.append(body)
            await ack()

        app.shortcut("open")(hear)
        app.view("form")(hear)
        app.action("pick")(hear)

    async with bolt(ws, "socket", listen):
        yield bodies


async def opened(ws: Workspace, slack: AsyncWebClient, seen: Seen, view: dict[str, Any]) -> View:
    """A modal on ada's screen."""
    await ws.shortcut("open", by="ada")
    await slack.views_open(trigger_id=seen[-1]["trigger_id"], view=view)
    shown = ws.view("ada")
    assert shown is not None
    return shown


async def test_every_kind_of_field_says_what_was_picked(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    fields: dict[str, tuple[dict[str, Any], object, dict[str, object]]] = {
        "one": ({"type": "radio_buttons", "options": OPTIONS}, "KS", {"selected_option": OPTIONS[1]}),
        "some": ({"type": "checkboxes", "options": OPTIONS}, ["psi", "KS"], {"selected_options": OPTIONS[:2]}),
        "many": ({"type": "multi_static_select", "options": OPTIONS}, "psi", {"selected_options": OPTIONS[:1]}),
        "people": ({"type": "multi_users_select"}, ["ada", "bo"], {"selected_users": ["U01ADA", "U01BO"]}),
        "room": ({"type": "channels_select"}, "#ml-oncall", {"selected_channel": "C01MLONCALL"}),
        "talk": ({"type": "conversations_select"}, "ml-oncall", {"selected_conversation": "C01MLONCALL"}),
        "day": ({"type": "datepicker"}, "2026-11-23", {"selected_date": "2026-11-23"}),
        "hour": ({"type": "timepicker"}, "03:38", {"selected_time": "03:38"}),
        "moment": (
            {"type": "datetimepicker"},
            datetime(2026, 11, 23, 3, 38, tzinfo=UTC),
            {"selected_date_time": 1795405080},
        ),
        "number": ({"type": "number_input", "is_decimal_allowed": True}, 0.2, {"value": "0.2"}),
        "found": (
            {"type": "external_select"},
            "INC-7",
            {"selected_option": {"text": {"type": "plain_text", "text": "INC-7"}, "value": "INC-7"}},
        ),
        "kept": ({"type": "plain_text_input", "initial_value": "as it was"}, None, {"value": "as it was"}),
    }
    view = await opened(ws, slack, seen, form(*(ask(name, element) for name, (element, _, _) in fields.items())))

    said = {name: value for name, (_, value, _) in fields.items() if value is not None}
    assert (await ws.submit(view, said, by="ada")).acked

    state = seen[-1]["view"]["state"]["values"]
    for name, (element, _, expected) in fields.items():
        assert state[name] == {f"{name}.said": {"type": element["type"]} | expected}


async def test_a_select_in_a_message_says_the_option(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    select = {"type": "static_select", "action_id": "pick", "options": OPTIONS}
    blocks = [{"type": "section", "text": TITLE, "accessory": select}]
    await slack.chat_postMessage(channel="C01MLONCALL", text="x", blocks=blocks)

    await ws.press(ws.messages("ml-oncall")[0], "pick", by="bo", value="Wasserstein")

    assert seen[-1]["actions"][0]["selected_option"] == OPTIONS[2]


async def test_an_overflow_says_the_option(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    overflow = {"type": "overflow", "action_id": "pick", "options": OPTIONS}
    await slack.chat_postMessage(channel="C01MLONCALL", text="x", blocks=[{"type": "actions", "elements": [overflow]}])

    await ws.press(ws.messages("ml-oncall")[0], "pick", by="bo", value="ks")

    assert seen[-1]["actions"][0]["selected_option"]["value"] == "ks"


async def test_a_shortcut_on_a_message_carries_it(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    message = await ws.say("ml-oncall", "look at this", by="bo")

    reply = await ws.shortcut("open", by="ada", message=message)

    assert reply.acked
    assert (seen[-1]["type"], seen[-1]["message"]["text"]) == ("message_action", "look at this")
    assert seen[-1]["channel"]["id"] == "C01MLONCALL"


async def test_an_update_of_a_view_that_changed_meanwhile_is_refused(
    ws: Workspace, slack: AsyncWebClient, seen: Seen
) -> None:
    view = await opened(ws, slack, seen, form())
    await slack.views_update(view_id=view.id, hash=view.hash, view=form(title=TITLE | {"text": "Second"}))

    with pytest.raises(SlackApiError) as caught:
        await slack.views_update(view_id=view.id, hash=view.hash, view=form())
    assert caught.value.response["error"] == "hash_conflict"
    with pytest.raises(SlackApiError) as caught:
        await slack.views_update(view_id="V0NONE", view=form())
    assert caught.value.response["error"] == "not_found"
    assert [shown.title for shown in ws.views("ada")] == ["Second"]


async def test_modals_are_three_deep_at_most(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    first = await opened(ws, slack, seen, form())
    for _ in range(2):
        await ws.shortcut("open", by="ada")
        await slack.views_push(trigger_id=seen[-1]["trigger_id"], view=form())

    await ws.shortcut("open", by="ada")
    with pytest.raises(SlackApiError) as caught:
        await slack.views_push(trigger_id=seen[-1]["trigger_id"], view=form())

    assert caught.value.response["error"] == "push_limit_reached"
    assert [view.root_id for view in ws.views("ada")] == [first.id] * 3
    await ws.shortcut("open", by="bo")
    with pytest.raises(SlackApiError) as caught:
        await slack.views_push(trigger_id=seen[-1]["trigger_id"], view=form())
    assert caught.value.response["error"] == "not_found"


async def test_a_bad_view_names_its_faults_and_keeps_the_trigger(
    ws: Workspace, slack: AsyncWebClient, seen: Seen
) -> None:
    await ws.shortcut("open", by="ada")
    trigger = seen[-1]["trigger_id"]
    with pytest.raises(SlackApiError) as caught:
        await slack.views_open(trigger_id=trigger, view=form({"type": "banner"}))

    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] unknown block type [json-pointer:/view/blocks/0/type]"
    ]
    await slack.views_open(trigger_id=trigger, view=form(external_id="one"))
    await ws.shortcut("open", by="bo")
    with pytest.raises(SlackApiError) as caught:
        await slack.views_open(trigger_id=seen[-1]["trigger_id"], view=form(external_id="one"))
    assert caught.value.response["error"] == "duplicate_external_id"


async def test_a_form_that_is_gone_cannot_be_sent(ws: Workspace, slack: AsyncWebClient, seen: Seen) -> None:
    view = await opened(ws, slack, seen, form())
    assert await ws.close(view, by="ada") is None
    with pytest.raises(LookupError, match="not on the screen"):
        await ws.submit(view, {}, by="ada")
