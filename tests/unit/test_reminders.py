"""The question whether somebody is at it, and the ways on a person's own page: valid, in each language, literal."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import words
from bot.engine.addresses import Reached
from bot.model.incident import Phase
from bot.model.paged import Test
from bot.slack import buttons, home_ways, pieces, reminders, validate
from bot.slack.pieces import Json, Message
from bot.slack.reminders import Asked
from tests.unit import seen
from tests.unit.seen import NOW

HALF = timedelta(minutes=30)
HOSTILE = "<!channel> *bold* <https://evil.example|look> " * 40


def asked(*, over: bool = False, back: bool = True, **facts: object) -> Asked:
    """What bo is asked about what bo holds, unless `facts` of the incident say otherwise."""
    incident = replace(seen.incident(), **{"phase": Phase.ACKNOWLEDGED, "holder": "bo", **facts})  # type: ignore[arg-type]
    return Asked(seen.view(incident), "bo", NOW - 2 * HALF, NOW - 2 * HALF, NOW + HALF if back else None, over)


def shown(message: Message) -> str:
    """Everything that is drawn, as one text."""
    return str(message.blocks)


def valid(blocks: list[Json] | tuple[Json, ...], text: str = "x", surface: str = "message") -> bool:
    """Slack takes it."""
    if surface == "home":
        return validate.validate({"type": "home", "blocks": list(blocks)}, "home") == []
    return validate.validate({"text": text, "blocks": list(blocks)}, "message") == []


@pytest.mark.parametrize("w", [words.ENGLISH, words.TURKISH], ids=["en", "tr"])
@pytest.mark.parametrize("back", [True, False])
def test_the_question_has_its_buttons_and_says_what_silence_leads_to(w: words.Words, back: bool) -> None:
    message = reminders.draw(asked(back=back), w)
    assert valid(message.blocks, message.text)
    first, *others = message.blocks[-1]["elements"]
    assert (first["text"]["text"], first["style"]) == (w.attending.on_it, "primary")
    assert [buttons.decode(one["value"]).verb for one in (first, *others)] == ["attend", "escalate", "hand-over"]
    assert (w.attending.stays in shown(message)) is not back


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({}, "You are on it."),
        ({"holder": "cy"}, "cy holds it now."),
        ({"phase": Phase.TRIGGERED, "holder": None}, "It is not yours any more"),
        ({"phase": Phase.RESOLVED}, "It is resolved."),
    ],
)
def test_what_needs_no_answer_has_no_button_and_says_why(facts: dict[str, object], says: str) -> None:
    message = reminders.draw(asked(over=True, **facts), words.ENGLISH)  # type: ignore[arg-type]
    assert valid(message.blocks, message.text)
    assert says in shown(message)
    assert all(block["type"] != "actions" for block in message.blocks)


def test_a_title_from_an_alert_cannot_mention_anybody() -> None:
    message = reminders.draw(asked(title=HOSTILE), words.ENGLISH)
    assert valid(message.blocks, message.text)
    assert "<!channel>" not in message.text
    assert all("mrkdwn" not in str(block) for block in message.blocks)


def test_each_way_says_when_it_was_tested_and_what_came_of_it() -> None:
    ways = [Reached("ada", name, kind, "confirmed" if kind else "fine", "…01") for name, kind in
            (("slack", ""), ("sms", "phone"), ("call", "phone"), ("email", "email"))]  # fmt: skip
    tests = {
        "slack": Test("ada", "slack", "k1", NOW, answered_at=NOW + HALF),
        "sms": Test("ada", "sms", "k2", NOW, failure="not in service " + HOSTILE),
        "call": Test("ada", "call", "k3", NOW),
    }
    (block,) = home_ways.draw(ways, words.ENGLISH, tests)
    assert valid([block], surface="home")
    text = "".join(str(one) for one in block["elements"])
    assert ", answered " in text
    assert "not sent: " in text
    assert ", not answered" in text
    assert pieces.shorten("email", 9) in text
    assert home_ways.draw([ways[0]], words.ENGLISH, {}) == []  # it needs no address, and was never tested
