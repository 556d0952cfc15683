"""Whatever was drawn, what leaves for Slack is something Slack takes, and its words are still there."""

import copy
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot import telemetry
from bot.sandbox.workspace import Workspace
from bot.slack import fit, validate
from bot.slack.client import Client
from bot.slack.pieces import Message
from tests.unit.blocks import GOOD, QUESTION, Json, actions, button, modal, mrkdwn, plain, section
from tests.unit.test_validate import JUNK, places

WORDS = "[SEV2] churn: psi 0.31 > 0.2. Ack: /incident ack INC-1"
UNFIT = {"text": WORDS, "blocks": [section(), actions(button(text=plain("x" * 76)))]}


def counted(surface: str) -> float:
    return telemetry.REGISTRY.get_sample_value("tocsin_slack_unfit_total", {"surface": surface}) or 0.0


@pytest.mark.parametrize(("surface", "payload"), GOOD)
def test_what_slack_takes_goes_as_it_is(surface: validate.Surface, payload: Json) -> None:
    before = counted(surface)
    assert fit.sendable(payload, surface) is payload
    assert counted(surface) == before


def test_a_message_keeps_its_words_and_loses_its_blocks() -> None:
    given_ = UNFIT | {"channel": "C01", "attachments": [{"text": "more"}]}
    assert fit.sendable(given_, "message") == {"text": WORDS, "blocks": [], "attachments": [], "channel": "C01"}
    assert given_["blocks"]


def test_a_message_without_words_says_where_to_look() -> None:
    assert fit.sendable({"blocks": [{"type": "banner"}]}, "message") == {"text": fit.LOST, "blocks": []}


def test_it_is_counted_and_told_where_without_what(caplog: pytest.LogCaptureFixture) -> None:
    before = counted("message")
    with caplog.at_level(logging.ERROR):
        fit.sendable({"text": WORDS, "blocks": [section(text=mrkdwn("hunter2" * 500))]}, "message")
    assert counted("message") == before + 1
    assert "slack.blocks_unfit" in caplog.text
    assert "/blocks/0/text/text: at most 3000 characters" in caplog.text
    assert "hunter2" not in caplog.text
    assert "churn" not in caplog.text


def test_a_form_becomes_a_small_one_that_says_so() -> None:
    view = fit.sendable(modal(QUESTION, title=plain("x" * 25)), "modal")
    assert (view["type"], view["title"]["text"], "submit" in view) == ("modal", "Tocsin", False)
    assert view["blocks"][0]["text"]["text"] == fit.LOST
    assert validate.validate(view, "modal") == []
    home = fit.sendable({"type": "home", "blocks": [{"type": "banner"}]}, "home")
    assert (home["type"], len(home["blocks"])) == ("home", 1)
    assert validate.validate(home, "home") == []


@pytest.mark.parametrize(("method", "longest"), [("chat.postMessage", 40_000), ("chat.update", 4_000)])
def test_a_long_text_is_cut_where_slack_would_refuse_it(method: str, longest: int) -> None:
    whole = {"channel": "C01", "text": "x" * longest}
    assert fit.arguments(method, whole) is whole
    assert fit.arguments(method, whole | {"text": "x" * longest + "y"})["text"] == "x" * (longest - 1) + "…"
    torn = "x" * (longest - 3) + "&amp;&amp;"
    assert fit.arguments(method, whole | {"text": torn})["text"] == "x" * (longest - 3) + "…"


def test_half_a_character_does_not_stop_a_page() -> None:
    sent = fit.arguments("chat.postMessage", {"channel": "C01", "text": "psi \ud83d rose"})
    assert sent["text"] == "psi ? rose"


def test_an_edit_that_says_nothing_of_text_still_does() -> None:
    given_ = {"channel": "C01", "ts": "1.2", "metadata": {}}
    assert fit.arguments("chat.update", given_) is given_


def test_the_surface_of_a_view_is_its_own() -> None:
    bad = {"blocks": [{"type": "banner"}]}
    sent = fit.arguments("views.publish", {"user_id": "U01ADA", "view": {"type": "home"} | bad})
    assert (sent["user_id"], sent["view"]["type"]) == ("U01ADA", "home")
    for method in ("views.open", "views.push", "views.update"):
        assert fit.arguments(method, {"view": {"type": "modal"} | bad})["view"]["title"]["text"] == "Tocsin"


def test_calls_that_draw_nothing_are_left_alone() -> None:
    given_: dict[str, Any] = {"users": "U01ADA", "view": {"type": "banner"}, "text": "x" * 50_000}
    assert fit.arguments("conversations.open", given_) is given_


async def test_nothing_leaves_the_client_that_slack_would_refuse() -> None:
    message = Message(WORDS, tuple(UNFIT["blocks"]))
    async with (
        Workspace(people=["ada"], channels=["#ml-oncall"]) as ws,
        Client(SecretStr(ws.bot_token), url=ws.url) as us,
    ):
        await us.call("chat.postMessage", channel="#ml-oncall", **message.payload())
        whisper, _ = ws.state.response_url("U01ADA", ws.channel("#ml-oncall").id)
        await us.whisper(whisper, message)
        form = modal(QUESTION)  # has a question and no way to send it
        await us.call("views.open", trigger_id=ws.state.trigger("U01ADA"), view=form)
        for shown in (ws.messages("#ml-oncall")[-1], ws.ephemerals("ada")[-1]):
            assert (shown.text, shown.blocks) == (WORDS, [])
        view = ws.view("ada")
        assert view
        assert view.content["blocks"][0]["text"]["text"] == fit.LOST
        assert not [call for call in ws.calls if call.error]


@given(st.data())
def test_junk_anywhere_is_sent_in_a_form_slack_takes(data: st.DataObject) -> None:
    surface, good = data.draw(st.sampled_from(GOOD))
    payload = copy.deepcopy(good)
    container, key = data.draw(st.sampled_from(places(payload) or [(payload, "blocks")]))
    container[key] = data.draw(st.sampled_from(JUNK))

    sent = fit.sendable(payload, surface)

    assert validate.validate(sent, surface) == []
    if surface == "message" and isinstance(payload.get("text"), str) and payload["text"].isascii():
        assert sent["text"] == payload["text"] or not payload["text"]
