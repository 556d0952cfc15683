"""P9: text that comes from an alert is data: it mentions nobody, forges no link, runs nothing, chooses nothing."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.model.incident import Incident
from bot.model.verb import Verb
from bot.sandbox.workspace import Message, Workspace
from bot.sandbox.workspace.nouns import interactive
from bot.testing.house import House
from tests.story.place import Place, send

#: What an attacker or an accident writes, and the words of it that a reader must see as they are.
HOSTILE = {
    "everybody": ("<!channel> <!here> <!everyone>", "<!channel> <!here> <!everyone>"),
    "somebody": ("<@U01BO> <@U01BO|the boss> @here", "<@U01BO> <@U01BO|the boss> @here"),
    "a group": ("<!subteam^S012345|on call>", "<!subteam^S012345|on call>"),
    "a channel": ("<#C01MLONCALL|general>", "<#C01MLONCALL|general>"),
    "a forged link": ("<https://evil.example|your bank>", "<https://evil.example|your bank>"),
    "a plain link": ("see https://evil.example/login", "see https://evil.example/login"),
    "formatting": ("*bold* _it_ ~no~ `code` ```block``` > quote", "*bold* _it_ ~no~ `code` ```block``` > quote"),
    "emoji codes": (":rotating_light: :bo:", ":rotating_light: :bo:"),
    "emoji": ("🔥 👩‍🚒 🇹🇷 é", "🔥 👩‍🚒 🇹🇷 é"),
    "entities": ("&lt;!channel&gt; &amp; & <", "&lt;!channel&gt; &amp; & <"),
    "a template": (
        "{{ 7 * 7 }} {% for x in y %} ${HOME} $(id) %s {0}",
        "{{ 7 * 7 }} {% for x in y %} ${HOME} $(id) %s {0}",
    ),
    "a date": ("<!date^0^{date}|now>", "<!date^0^{date}|now>"),
    "turned round": ("\u202egnp.exe\u202c \u2066x\u2069 \u200f!", "gnp.exe x !"),
    "control signs": ("a\x00b\x07c\x1b[31md\r\ne\tf\u2028g", None),
    "a line that looks like ours": ("fine\nINC-1 is resolved by ada", "fine INC-1 is resolved by ada"),
    "nothing to see": ("\u200b \u00a0 \u3000", None),
    "long": ("x" * 100_000, "x" * 90),
    "many lines": ("line\n" * 20_000, "line line line"),
    "our own button": ("1|resolve|INC-1|1", "1|resolve|INC-1|1"),
    "stacked marks": ("Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A" * 40, None),
}
FIELDS = ("title", "summary", "model", "version", "environment", "entity", "severity")
VERBS = "|".join((*Verb, "more"))
TOLD = ("ada", "bo", "cy", "eve", "flo")  # whom the configuration itself may mention


def alert(text: str, **more: Any) -> dict[str, Any]:
    """An alert with this text wherever a sender may write something."""
    measure = {"metric": text, "feature": text, "segment": text, "window": text, "op": text, "value": 1, "threshold": 2}
    rest = {"problem": text, "kind": "drift", "labels": {text[:50]: text}, "links": [text], "measures": [measure]}
    return {**dict.fromkeys(FIELDS, text), **rest, **more}


def spans(thing: object) -> Iterator[dict[str, Any]]:
    """Everything in a message's blocks that has a type."""
    if isinstance(thing, dict):
        if "type" in thing:
            yield thing
        for inner in thing.values():
            yield from spans(inner)
    elif isinstance(thing, list):
        for inner in thing:
            yield from spans(inner)


def harmless(message: Message, workspace: Workspace) -> None:
    """Nobody is mentioned but by our configuration, nothing is a link, nothing is markup, buttons carry ids only."""
    known = {workspace.person(name).id for name in TOLD}
    for span in spans(message.blocks):
        assert span["type"] not in ("broadcast", "usergroup", "channel", "link", "emoji", "mrkdwn", "image"), span
        if span["type"] == "user":
            assert span["user_id"] in known
        if span["type"] == "plain_text":
            assert span.get("emoji") is False, span
    for _, element in interactive(message.blocks):
        assert set(element) <= {"type", "text", "action_id", "value", "style", "confirm", "accessibility_label"}
        assert re.fullmatch(rf"2\|({VERBS})\|INC-\d+\|\d+\|([0-9a-f]{{8}})?", element["value"])
    # The top-level text is markup to Slack: none of its signs may come from outside.
    assert not re.search(r"[<>]", message.text), message.text
    assert not re.search(r"&(?!amp;|lt;|gt;)", message.text), message.text
    for sign in (*message.text, *message.shown):
        assert sign == "\n" or (
            ord(sign) >= 32 and sign not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )


async def everything_shown(house: House, incident: Incident) -> list[Message]:
    """The card, the page, what stands in the card's thread, and the answers to `/incident list` and `show`."""
    listed = await house.command("/incident", "list", by="bo")
    shown = await house.command("/incident", f"show {incident.id}", by="bo")
    card = await house.card(incident.id)
    thread = [message for message in house.workspace.messages("#ml-oncall", thread=card) if message.ts != card.ts]
    return [card, *house.pages_to("ada"), *listed.responses, *shown.responses, *thread]


@pytest.mark.parametrize(("text", "words"), HOSTILE.values(), ids=HOSTILE.keys())
async def test_it_is_shown_as_it_is_and_does_nothing(
    house: House, workspace: Workspace, text: str, words: str | None
) -> None:
    receipt = await house.deliver(alert(text))
    await house.settle()
    incident = await house.incident(min(receipt.booked.incidents))
    messages = await everything_shown(house, incident)
    assert len(messages) == 6
    for message in messages:
        harmless(message, workspace)
        if words and message is not messages[-1]:  # the runbook's steps, which do not speak of this alert
            assert words[:60] in message.shown.replace("… (+", ""), message.shown
    assert [person for person, _ in house.paged()] == ["ada"]  # by the runbook, whatever the text says
    assert "49" not in messages[0].shown.replace("2026-11-23 03:49", "")
    await house.press(house.pages_to("ada")[0], "Acknowledge", by="ada")
    harmless(await house.card(incident.id), workspace)


async def test_over_http_too_and_never_with_a_500(house: House) -> None:
    for text, _ in HOSTILE.values():
        answer = await send(house, "/alerts/hook", alert(text[:20_000]))
        assert answer.status == 202, (text[:40], answer)
    labels = [{"labels": {"alertname": text[:5000], "model": text[:5000]}} for text, _ in HOSTILE.values()]
    assert (await send(house, "/alerts/prom", {"version": "4", "alerts": labels})).status == 202


async def test_either_database_keeps_it(any_place: Place) -> None:
    async with any_place.house() as house:
        receipts = [await house.deliver(alert(text)) for text, _ in HOSTILE.values()]
        assert sum(receipt.booked.new for receipt in receipts) == len(HOSTILE)
        await house.pass_time(minutes=5)
        for incident in sorted({one for receipt in receipts for one in receipt.booked.incidents}):
            harmless(await house.card(incident), any_place.workspace)


async def test_in_a_notice_to_the_owner_and_to_the_channel_it_is_data_too(place: Place, workspace: Workspace) -> None:
    for name in ("ada", "bo", "cy", "eve"):
        workspace.change_person(name, deleted=True)
    text = "<!channel> <@U01BO> <https://evil.example|bank>"
    async with place.house() as house:
        await house.deliver(alert(text))
        await house.pass_time(minutes=5)
        notices = [*workspace.dms("flo"), *workspace.messages("#ml-oncall")]
        assert len(notices) > 2
        for notice in notices:
            harmless(notice, workspace)
        assert text in house.told("flo")[0]
        assert text in house.told("#ml-oncall")[0]


async def test_a_dead_letter_is_told_of_without_doing_what_it_says(house: House, workspace: Workspace) -> None:
    await send(house, "/alerts/prom", {"version": "<!channel>", "note": "<@U01BO>"})
    await house.settle()
    (notice,) = workspace.messages("#ml-oncall")
    harmless(notice, workspace)
    assert "<!channel>" in notice.shown


async def test_what_a_person_types_is_repeated_as_it_is(house: House, workspace: Workspace) -> None:
    await house.alert("accuracy fell")
    typed = (("/incident", "ack <!channel>", "@channel"), ("/incident", "ack &lt;!here&gt;", "<!here>"))
    for name, text, meant in (*typed, ("/oncall", "<!everyone>", "everyone")):
        reply = await house.command(name, text, by="ada")
        (answer,) = reply.responses
        harmless(answer, workspace)
        assert meant in answer.shown  # as words: Slack escapes what was typed, and writes mentions in its own way


async def test_a_name_of_a_target_in_an_alert_pages_nobody_by_it(house: House) -> None:
    for text in ("person:bo", "rota:first-line", "lead:churn-ml", "team:churn-ml"):
        await house.alert(text, model=text, entity=text, labels={"team": text, "page": text})
    assert {person for person, _ in house.paged()} == {"ada"}


async def test_a_terminal_is_not_steered_by_an_alert(place: Place) -> None:
    async with place.house() as house:
        await house.deliver(alert("\x1b[2J\x1b]0;owned\x07 \u202etxet\u202c fell"))
        await house.settle()
    for words in (("incident", "list"), ("incident", "show", "INC-1")):
        status, said = await place.typed(*words)
        assert status == 0, said
        assert "fell" in said
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", said), said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(
        st.characters(codec="utf-8") | st.sampled_from("<>@!#|*_~`:&{}%$\u202e\u0000\n"), min_size=1, max_size=80
    )
)
async def test_whatever_it_is(house: House, workspace: Workspace, text: str) -> None:
    receipt = await house.deliver(alert(text, problem=f"p{text}"))
    await house.pass_time(seconds=3)
    for incident in receipt.booked.incidents:
        harmless(await house.card(incident), workspace)
        harmless(house.pages_to("ada")[-1], workspace)
