"""Cards, page messages and lists: golden drawings, always valid, and nothing hostile speaks through them."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.report import OnCall
from bot.model.alert import Alert, KeptAlert, Kind, Measure, Status
from bot.model.entry import Entry, Sealed
from bot.model.incident import Incident, Phase
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.rota import Holder, Shift
from bot.model.runbook import Policy, Tier
from bot.model.view import NextStep, View
from bot.slack import cards, lists, pieces, validate
from bot.slack.pieces import Message

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
OPENED = NOW - timedelta(minutes=2)
ADA, BO = Person("ada", slack="U01ADA"), Person("bo", slack="U01BO")
GOLDEN = Path(__file__).parent / "golden"
POLICY = Policy((Tier("L1", ("person:ada",), timedelta(minutes=10)),), "L1")


def incident(**more: Any) -> Incident:
    """An unanswered incident about churn v7."""
    facts: dict[str, Any] = {
        "id": "INC-7",
        "key": "k",
        "title": "Feature drift",
        "phase": Phase.TRIGGERED,
        "severity": "sev2",
        "entity": "retail",
        "kind": "drift",
        "model": "churn",
        "model_version": "7",
        "environment": "production",
        "runbook": "feature-drift",
        "runbook_revision": "r1",
        "why": "kind = drift matches. SEV2: drift.verdict = confirmed. Starts at L1.",
        "policy": POLICY,
        "tier": "L1",
        "round": 0,
        "step": 1,
        "opened_at": OPENED,
        "changed_at": OPENED,
        "version": 3,
        "next_step_at": NOW + timedelta(minutes=8),
        "alerts_firing": 1,
        "alerts_total": 1,
    }
    return Incident(**(facts | more))


def kept(**more: Any) -> KeptAlert:
    """An alert as the store keeps it."""
    facts: dict[str, Any] = {
        "source": "test",
        "connection": "prom",
        "problem": "p",
        "title": "Feature drift",
        "status": Status.FIRING,
        "kind": Kind.DRIFT,
        "started_at": OPENED,
        "measures": (Measure("psi", 0.31, 0.2, ">", feature="age"),),
    }
    alert = Alert(**(facts | more))
    return KeptAlert(alert, alert.status, 0, OPENED, OPENED, None)


def view(of: Incident | None = None, **more: Any) -> View:
    """The incident with ada paged and bo next."""
    facts: dict[str, Any] = {
        "incident": of or incident(),
        "headline": "",
        "alerts": (kept(),),
        "pages": (),
        "runbook_title": "Features drifted",
        "owner_team": "churn-ml",
        "holder": None,
        "waiting_for": (ADA,),
        "next_step": NextStep(NOW + timedelta(minutes=8), "L2", "bo"),
        "timeline": (),
    }
    return View(**(facts | more))


def page(**more: Any) -> Page:
    """Ada's page of the first step."""
    facts: dict[str, Any] = {
        "id": "INC-7/1/ada/slack",
        "incident": "INC-7",
        "step": 1,
        "tier": "L1",
        "person": "ada",
        "channel": "slack",
        "why": "on call in first-line (weekly)",
        "state": PageState.SENT,
        "decided_at": OPENED,
        "due_at": OPENED,
    }
    return Page(**(facts | more))


def acknowledged() -> View:
    """Ada has it."""
    held = incident(phase=Phase.ACKNOWLEDGED, holder="ada", version=4, next_step_at=None, changed_at=NOW)
    return view(held, holder=ADA, waiting_for=(), next_step=None)


def resolved() -> View:
    """Bo closed it."""
    over = incident(phase=Phase.RESOLVED, version=5, next_step_at=None, resolved_at=NOW, alerts_firing=0)
    entry = Entry("retail", "incident.resolved", NOW, "person:bo", "INC-7")
    return view(over, waiting_for=(), next_step=None, timeline=(Sealed(entry, 9, NOW, "", ""),))


def exhausted() -> View:
    """Nobody answered in any round."""
    return view(incident(exhausted=True, next_step_at=None), next_step=None)


SHIFT = Shift("first-line", OPENED, NOW + timedelta(days=2), (Holder("ada", "layer:weekly", ""),))
AFTER = Shift("first-line", SHIFT.end, SHIFT.end + timedelta(days=7), (Holder("bo", "layer:weekly", ""),))
DRAWINGS: dict[str, Message] = {
    "card_triggered": cards.incident_card(view(), NOW),
    "card_acknowledged": cards.incident_card(acknowledged(), NOW),
    "card_resolved": cards.incident_card(resolved(), NOW),
    "card_exhausted": cards.incident_card(exhausted(), NOW),
    "page_sent": cards.page_dm(view(), page(), NOW),
    "page_answered": cards.page_dm(acknowledged(), page(state=PageState.ANSWERED, answered_at=NOW), NOW),
    "page_moot": cards.page_dm(acknowledged(), page(person="bo"), NOW),
    "page_resolved": cards.page_dm(resolved(), page(), NOW),
    "list": lists.incidents([incident(), acknowledged().incident]),
    "list_empty": lists.incidents([]),
    "on_call": lists.on_call([OnCall("first-line", SHIFT, AFTER, (ADA,)), OnCall("nights", SHIFT, None, ())]),
    "usage": lists.usage("/incident"),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    drawn = DRAWINGS[name].payload()
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("name", DRAWINGS)
def test_slack_would_take_it(name: str) -> None:
    assert validate.validate(DRAWINGS[name].payload(), "message") == []
    assert DRAWINGS[name].text


def spans(message: Message) -> Iterator[dict[str, Any]]:
    """Every span of every line."""
    for block in message.blocks:
        if block["type"] == "rich_text":
            for part in block["elements"]:
                yield from part["elements"]


def height(message: Message) -> int:
    """Lines above the buttons, as on a wide screen."""
    breaks = sum(span.get("text") == "\n" for span in spans(message))
    return breaks + sum(block["type"] in ("header", "rich_text", "context") for block in message.blocks)


@pytest.mark.parametrize("name", [name for name in DRAWINGS if name.startswith(("card", "page"))])
def test_six_lines_are_enough(name: str) -> None:
    assert height(DRAWINGS[name]) <= 6


def test_the_push_text_is_whole() -> None:
    wanted = "[SEV2] churn v7: psi of age 0.31 (threshold &gt; 0.2). Ack: /incident ack INC-7"
    assert DRAWINGS["card_triggered"].text == wanted
    assert DRAWINGS["page_sent"].text == wanted


def test_equal_drawings_have_equal_digests() -> None:
    assert cards.incident_card(view(), NOW).digest == cards.incident_card(view(), NOW + timedelta(minutes=1)).digest
    assert cards.incident_card(view(), NOW).digest != cards.incident_card(acknowledged(), NOW).digest


def test_without_measures_the_summary_is_said() -> None:
    drawn = cards.incident_card(view(alerts=(kept(measures=(), summary="Three tables are late."),)), NOW)
    assert "Three tables are late." in drawn.text
    assert "Feature drift" in cards.incident_card(view(alerts=()), NOW).text


def test_people_without_a_good_slack_id_are_named_not_mentioned() -> None:
    forged = Person("mal", slack="channel> <!here")
    drawn = cards.incident_card(view(waiting_for=(forged,)), NOW)
    assert not [span for span in spans(drawn) if span["type"] == "user"]


NASTY = st.one_of(
    st.text(max_size=300),
    st.sampled_from(
        [
            "<!channel>",
            "<!here|here>",
            "<@U01BO>",
            "<#C01X>",
            "<https://evil.example|click>",
            "https://evil.example",
            "*b* _i_ ~s~ `c` ```x``` >q",
            "&lt;!channel&gt;",
            "\u202egnihtemos",
            "\x00\x07",
            "\ud800",
            "🔥" * 200,
            "a" * 10_000,
            "م" * 400,
            "\n\n\n",
            "",
            " ",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(NASTY, NASTY, NASTY, NASTY)
def test_hostile_words_stay_words(title: str, model: str, why: str, metric: str) -> None:
    bad = incident(title=title, model=model, model_version=metric, why=why, environment=title, entity=model)
    alert = kept(title=title or "x", summary=why, measures=(Measure(metric, 1.0, feature=title, segment=why),))
    seen = view(bad, alerts=(alert,), runbook_title=why)
    held = replace(bad, phase=Phase.ACKNOWLEDGED, holder=model)
    drawings = [
        cards.incident_card(seen, NOW),
        cards.page_dm(seen, page(why=why, person=model), NOW),
        cards.page_dm(replace(seen, incident=held), page(why=why, person=model, state=PageState.ANSWERED), NOW),
        lists.incidents([bad, held]),
        cards.notice(why),
    ]
    for drawn in drawings:
        assert validate.validate(drawn.payload(), "message") == []
        assert "<" not in drawn.text
        assert ">" not in drawn.text
        assert drawn.text.strip()
        assert len(drawn.text) <= 4000
        assert {span["type"] for span in spans(drawn)} <= {"text", "date", "user"}
        assert {span["user_id"] for span in spans(drawn) if span["type"] == "user"} <= {"U01ADA"}
        json.dumps(drawn.payload(), ensure_ascii=False).encode()
        assert not {"\u202e", "\x00"} & set(json.dumps(drawn.payload(), ensure_ascii=False))
        assert "mrkdwn" not in json.dumps(drawn.payload())


@settings(deadline=None)
@given(NASTY, st.integers(10, 400))
def test_shortening_says_so(text: str, most: int) -> None:
    short = pieces.shorten(text, most)
    assert len(short) <= most
    whole = pieces.clean(text)
    assert short == whole if len(whole) <= most else "…" in short
