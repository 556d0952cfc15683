"""`/insights`, and what stands in the thread of an incident that is like one before: as people see it in Slack."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import words
from bot.engine import respond
from bot.engine.figures import About, Report
from bot.model.figures import Facts, Figures
from bot.model.likeness import Alike, Ending, Like, Reason
from bot.rules import figures
from bot.slack import insights, likened, validate
from bot.slack.pieces import Message
from tests.slack.room import START, Room, alert, key
from tests.unit import seen
from tests.unit.test_figures import CASES, CHANGES, MONDAY, RINGS, SHIFTS

GOLDEN = Path(__file__).parents[1] / "unit" / "golden"
HOSTILE = "<!channel> {x} *b* \u202e"
WEEK = timedelta(days=7)
NOW = figures.count(Facts(CASES * 3, RINGS * 3, CHANGES * 3, SHIFTS), timedelta(minutes=15))
BUSY = Report(About(entity="retail"), MONDAY, MONDAY + WEEK, NOW, replace(NOW, incidents=40, night_pages=40))
QUIET = Report(About(), MONDAY, MONDAY + WEEK, Figures(), Figures())
LIKE = Like("INC-3", 0.82, (Reason("model", ("churn",)), Reason("feature", ("age",)), Reason("change")))
ENDING = Ending(
    "INC-3", "Feature drift", "churn", MONDAY, MONDAY + timedelta(minutes=42), "resolved", "ada", "", "cents again",
    (("CHG-2", "rollback", "6"),), "PM-1",
)  # fmt: skip
FALSE = replace(
    ENDING, resolution="false alarm", by="bo", why=HOSTILE, title=HOSTILE, changes=(), note="", postmortem=""
)
ALIKE = (Alike(LIKE, ENDING), Alike(replace(LIKE, reasons=(Reason("words", ()),)), FALSE))


def drawings() -> dict[str, Message]:
    """Each message by name, in both languages."""
    found: dict[str, Message] = {}
    for w, end in ((words.ENGLISH, ""), (words.TURKISH, "_tr")):
        found |= {
            f"insights_busy{end}": insights.draw(BUSY, w),
            f"insights_quiet{end}": insights.draw(QUIET, w),
            f"likened{end}": likened.draw(seen.incident(), ALIKE, w),
        }
    return found


DRAWN = drawings()


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed_and_slack_takes_it(name: str) -> None:
    shown = {"text": DRAWN[name].text, "blocks": list(DRAWN[name].blocks)}
    assert validate.validate(shown, "message") == []
    file = GOLDEN / f"{name}.json"
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(shown, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(file.read_text("utf-8")) == shown


def test_names_from_outside_are_shown_literally() -> None:
    people = tuple(replace(NOW.people[0], person=f"{HOSTILE}{n}") for n in range(40))
    groups = tuple(replace(NOW.monitors[0], name=f"{HOSTILE}{n}" * 50) for n in range(40))
    message = insights.draw(replace(BUSY, now=replace(NOW, people=people, monitors=groups)), words.ENGLISH)
    shown = {"text": message.text, "blocks": list(message.blocks)}
    assert validate.validate(shown, "message") == []
    assert '"mrkdwn"' not in json.dumps(shown)
    assert "and 35 more: tocsin report --by monitor" in json.dumps(shown)


async def test_the_figures_are_asked_for_in_words_and_by_a_button(either: Room) -> None:
    room = either
    await room.book(alert())
    reply = await room.ws.command("/insights", "", by="ada", channel="#ml-retail")
    await room.settle()
    (answer,) = reply.responses
    assert "Figures of entity retail" in answer.shown
    assert "Incidents: 1, still open: 1 (before: 0)" in answer.shown
    assert list(answer.buttons) == ["7 days", "30 days", "90 days"]
    again = await room.ws.press(answer, "7 days", by="ada")
    await room.settle()
    assert "beside the 7 days before" in again.responses[-1].shown


async def said(room: Room, text: str, by: str = "ada") -> str:
    """What the command is answered with."""
    reply = await room.ws.command("/insights", text, by=by, channel="#ml-oncall")
    await room.settle()
    return "\n".join(one.shown for one in reply.responses)


@pytest.mark.parametrize(
    ("text", "about"),
    [("7d price", "price"), ("retail 7d", "entity retail"), ("churn-ml", "team churn-ml"), ("2h", "everything")],
)
async def test_a_span_and_a_name_in_any_order(room: Room, text: str, about: str) -> None:
    assert f"Figures of {about}" in await said(room, text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("chrun", "churn"),
        ("7x", "45s"),
        ("10y", "45s"),
        ("600w", "Write 7d"),
        ("<!channel> {x}", "Nothing is called"),
        ("5m", "Write 7d"),
    ],
)
async def test_nonsense_is_answered_with_what_helps(room: Room, text: str, answer: str) -> None:
    assert answer in await said(room, text)


async def test_what_it_is_like_stands_once_in_the_thread_of_the_new_card(either: Room) -> None:
    room = either
    await room.book(alert())
    press = respond.Press(respond.Verb.RESOLVE, "INC-1", "person:ada", room.clock.now(), "cli")
    await respond.take(room.desk, press)
    await room.settle(3)
    await room.book(alert(problem="again", started_at=START + timedelta(minutes=5), title=f"Feature drift {HOSTILE}"))
    for _ in range(5):
        await room.settle(3)
    (card,) = [one for one in room.cards() if key(one) == "card/INC-2"]
    assert "Like INC-1: same model churn, same feature age" in card.shown
    thread = room.ws.messages("#ml-retail", thread=card.ts)
    (told,) = [one for one in thread if key(one) == "likened/INC-2"]
    assert "Like INC-2, before" in told.shown
    assert "Alike: same model churn, same feature age" in told.shown
    assert "Ended: resolved by ada after 1m" in told.shown
