"""Everything that is drawn of an incident: golden drawings, always valid, and nothing hostile speaks through them."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.engine.report import OnCall
from bot.model.alert import Measure
from bot.model.checklist import Item, Step
from bot.model.incident import Phase
from bot.model.page import PageState
from bot.model.people import Person
from bot.model.rota import Holder, Shift
from bot.model.verb import Verb
from bot.model.view import Remark
from bot.slack import buttons, cards, evidence, line, lists, own_channel, pieces, steps, thread, validate
from bot.slack.pieces import Message
from tests.unit import seen
from tests.unit.seen import NOW

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
SHIFT = Shift("first-line", seen.OPENED, NOW + timedelta(days=2), (Holder("ada", "layer:weekly", ""),))
AFTER = Shift("first-line", SHIFT.end, SHIFT.end + timedelta(days=7), (Holder("bo", "layer:weekly", ""),))


def _drawings(w: words.Words) -> dict[str, Message]:
    """Every drawing there is, in one language."""
    drawn = {f"card_{name}": cards.incident_card(view, NOW, w) for name, view in seen.CARDS.items()}
    drawn["card_own_channel"] = cards.incident_card(seen.view(), NOW, w, own="C01INC7")
    drawn["storm_card"] = cards.incident_card(seen.storm(), NOW, w)
    drawn["storm_card_small"] = cards.incident_card(seen.storm(2), NOW, w)
    drawn["notice_digest"] = cards.notice(
        "Quiet hours of retail are over. What waited: 2", ["INC-7 · pages now", "INC-8"]
    )
    drawn |= {f"page_{name}": cards.page_dm(view, page, NOW, w) for name, (view, page) in seen.PAGES.items()}
    drawn |= {
        "thread_evidence": evidence.draw(seen.rich(), w),
        "thread_evidence_by_hand": evidence.draw(seen.by_hand(), w),
        "thread_evidence_merged": evidence.draw(replace(seen.CARDS["merged"], alerts=()), w),
        "thread_steps": steps.draw(seen.worked(), w),
        "thread_steps_over": steps.draw(replace(seen.closed(), checklist=seen.worked().checklist), w),
        "thread_notes": thread.notes(seen.worked(), w),
        "thread_notes_none": thread.notes(seen.view(), w),
    }
    named = ("triggered", "acknowledged", "snoozed", "resolved", "merged", "exhausted", "unreached")
    return drawn | {f"line_{name}": line.draw(seen.CARDS[name], w, card="C01MLRETAIL") for name in named}


IN_TURKISH = (
    "card_triggered",
    "card_snoozed",
    "card_false_alarm",
    "card_many_alerts",
    "card_waits",
    "card_put_off",
    "card_calm",
    "card_under_storm",
    "card_holds",
    "storm_card",
    "page_sent",
    "page_answered",
    "page_to_join",
    "thread_evidence",
    "thread_steps",
    "thread_notes",
    "line_triggered",
)
ENGLISH, TURKISH = _drawings(EN), _drawings(TR)
LISTS = {
    "list": lists.incidents([seen.incident(), seen.held().incident], 2, EN),
    "list_empty": lists.incidents([], 0, EN),
    "on_call": lists.on_call([OnCall("first-line", SHIFT, AFTER, (seen.ADA,)), OnCall("nights", SHIFT, None, ())], EN),
}
DRAWINGS = ENGLISH | {f"{name}_tr": TURKISH[name] for name in IN_TURKISH} | LISTS


@pytest.mark.parametrize("name", DRAWINGS)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    drawn = DRAWINGS[name].payload()
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        file.write_text(json.dumps(drawn, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert drawn == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("name", [*DRAWINGS, *(f"{name}_tr" for name in ENGLISH)])
def test_slack_would_take_it(name: str) -> None:
    drawn = DRAWINGS.get(name) or TURKISH[name.removesuffix("_tr")]
    assert validate.validate(drawn.payload(), "message") == []
    assert drawn.text


def spans(message: Message) -> Iterator[dict[str, Any]]:
    """Every span of every line."""
    for block in message.blocks:
        for part in block["elements"] if block["type"] == "rich_text" else ():
            for inner in part["elements"]:
                yield from inner.get("elements", (inner,))


def height(message: Message) -> int:
    """Lines above the buttons, as on a wide screen."""
    breaks: int = sum(span.get("text") == "\n" for span in spans(message))
    return breaks + len([block for block in message.blocks if block["type"] in ("header", "rich_text", "context")])


def pressed(message: Message) -> dict[str, dict[str, Any]]:
    """The buttons by their labels."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return {button["text"]["text"]: button for row in rows for button in row["elements"]}


def shown(message: Message) -> str:
    """Every word of its lines."""
    return "".join(str(span.get("text", span.get("fallback", ""))) for span in spans(message))


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
def test_six_lines_are_enough(w: words.Words) -> None:
    for name, drawn in _drawings(w).items():
        if name.startswith(("card", "page")):
            assert height(drawn) <= 6, name
        if name.startswith("line"):
            assert height(drawn) == 1, name


def test_the_push_text_is_whole() -> None:
    wanted = "[SEV2] churn v7: psi of age 0.31 (threshold &gt; 0.2). Ack: /incident ack INC-7"
    assert ENGLISH["card_triggered"].text == wanted
    assert ENGLISH["page_sent"].text == wanted
    assert "join INC-7" in ENGLISH["page_to_join"].text


def test_equal_drawings_have_equal_digests() -> None:
    drawn = cards.incident_card(seen.view(), NOW, EN)
    assert drawn.digest == cards.incident_card(seen.view(), NOW + timedelta(minutes=1), EN).digest
    assert drawn.digest != cards.incident_card(seen.held(), NOW, EN).digest


OFFERS = {
    "triggered": "Acknowledge Escalate Hand_over Snooze Resolve False_alarm More",
    "acknowledged": "Resolve Hand_over Snooze Escalate False_alarm More",
    "snoozed": "Acknowledge Resolve Hand_over Snooze Escalate False_alarm More",
    "mitigated": "Resolve Hand_over Snooze Escalate False_alarm More",
    "exhausted": "Acknowledge Hand_over Snooze Resolve False_alarm More",
    "resolved": "Postmortem More",
    "merged": "More",
}


@pytest.mark.parametrize("name", OFFERS)
def test_the_buttons_fit_the_phase(name: str) -> None:
    found = pressed(ENGLISH[f"card_{name}"])
    assert list(found) == [label.replace("_", " ") for label in OFFERS[name].split()]
    for button in found.values():
        meant = buttons.decode(button["value"])
        assert (meant.incident, meant.seen_version) == ("INC-7", seen.CARDS[name].incident.version)
        assert meant.verb in {*Verb, cards.MORE, cards.POSTMORTEM}
        assert "INC-7" in button["accessibility_label"]


def test_a_page_that_was_answered_has_no_buttons_and_says_by_whom() -> None:
    assert list(pressed(ENGLISH["page_sent"])) == ["Acknowledge", "Escalate", "Hand over", "Snooze"]
    assert list(pressed(ENGLISH["page_to_join"])) == ["Acknowledge"]
    for name in ("answered", "moot", "resolved", "joined"):
        assert not pressed(ENGLISH[f"page_{name}"])
    assert "Answered by ada 2026-11-23 03:40 UTC" in shown(ENGLISH["page_answered"])
    assert "Answered by bo" in shown(ENGLISH["page_joined"])


def test_a_step_is_ticked_and_unticked_by_its_id_whatever_the_version() -> None:
    found = {label: buttons.decode(button["value"]) for label, button in pressed(ENGLISH["thread_steps"]).items()}
    assert found == {
        "Undo 1": buttons.Meant("untick", "INC-7", 0, "aaaa1111"),
        "Done 2": buttons.Meant("tick", "INC-7", 0, "bbbb2222"),
        "Done 3": buttons.Meant("tick", "INC-7", 0, "cccc3333"),
    }
    assert not pressed(ENGLISH["thread_steps_over"])
    struck = [span["text"] for span in spans(ENGLISH["thread_steps"]) if span.get("style", {}).get("strike")]
    assert "".join(struck) == "Did an upstream table change? See dbt."


def test_links_of_an_alert_are_what_they_say() -> None:
    drawn = [span for span in spans(ENGLISH["thread_evidence"]) if span["type"] == "link"]
    assert [(span["url"], span["text"]) for span in drawn] == [
        (address, address) for address in ("https://grafana.example/d/abc?var=1", "https://runs.example/7")
    ]
    assert "javascript:alert(1)" in shown(ENGLISH["thread_evidence"])


def test_what_does_not_fit_is_counted() -> None:
    long = tuple(
        seen.kept(title="x" * 150, summary="y" * 300, labels={f"l{n}": "v" * 90 for n in range(30)}) for _ in range(20)
    )
    drawn = evidence.draw(seen.view(seen.incident(alerts_total=400), alerts=long), EN)
    told = len([block for block in drawn.blocks if block["type"] == "rich_text"])
    assert 2 <= told < 20
    assert drawn.blocks[-1]["elements"][0]["text"] == f"More alerts: {400 - told}"
    assert "and 18 more" in shown(drawn)
    items = tuple(Item(Step(f"{n:08x}", n, f"Part {n}" * 20, "word " * 300)) for n in range(40))
    many = steps.draw(seen.view(checklist=items), EN)
    assert validate.validate(many.payload(), "message") == []
    assert f"More steps, in the runbook: {40 - len(pressed(many))}" in json.dumps(many.blocks)
    short = steps.draw(seen.view(checklist=tuple(Item(Step(f"{n:08x}", n, "", "look")) for n in range(40))), EN)
    assert len(pressed(short)) == 40
    written = tuple(Remark("note " * 100, "ada", NOW, "command") for _ in range(50))
    some = thread.notes(seen.view(notes=written), EN)
    assert validate.validate(some.payload(), "message") == []
    assert "Earlier notes, in the timeline: " in json.dumps(some.blocks)


def test_without_measures_the_summary_is_said() -> None:
    drawn = cards.incident_card(seen.view(alerts=(seen.kept(measures=(), summary="Three tables are late."),)), NOW, EN)
    assert "Three tables are late." in drawn.text
    assert "Feature drift" in cards.incident_card(seen.view(alerts=()), NOW, EN).text


def test_people_without_a_good_slack_id_are_named_not_mentioned() -> None:
    forged = Person("mal", slack="channel> <!here")
    drawn = cards.incident_card(seen.view(waiting_for=(forged,)), NOW, EN)
    assert not [span for span in spans(drawn) if span["type"] == "user"]
    assert not [span for span in spans(line.draw(seen.view(), EN, card="#x>")) if span["type"] in ("user", "channel")]


def test_a_channel_is_named_by_slacks_rules() -> None:
    assert next(own_channel.names("inc", seen.incident())) == "inc-7-churn-feature-drift"
    hostile = seen.incident(model="Ödeme Iı", title="<!here> ../" + "é🔥" * 900)
    for name in own_channel.names("inc", hostile):
        assert len(name) <= 80
        assert set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-")
    assert next(own_channel.names("inc", hostile)).startswith("inc-7-odeme-ii-here-ee")
    assert next(own_channel.names("inc", seen.incident(model="支払い", title="漂移"))) == "inc-7"
    assert "<" not in own_channel.topic(hostile)
    assert len(own_channel.topic(seen.incident(title="<&>" * 200))) <= 250


HOSTILE = [
    "<!channel>",
    "<!here|here>",
    "<@U01BO>",
    "<#C01X>",
    "<https://evil.example|click>",
    "https://evil.example",
    "[x](https://evil.example) **b** `c` # h",
    "*b* _i_ ~s~ `c` ```x``` >q",
    "&lt;!channel&gt;",
    "\u202egnihtemos",
    "\x00\x07",
    "\ud800",
    "🔥" * 200,
    "a" * 10_000,
    "م" * 400,
    "{who} {0} {",
    "\n\n\n",
    "",
    " ",
]
NASTY = st.one_of(st.text(max_size=300), st.sampled_from(HOSTILE))


def _hostile(said: tuple[str, str, str, str], w: words.Words) -> list[Message]:
    title, model, why, metric = said
    bad = seen.incident(title=title, model=model, model_version=metric, why=why, environment=title, entity=model)
    measure = Measure(metric, 1.0, 0.5, why, feature=title, segment=why, window=model)
    alert = seen.kept(
        title=title or "x", summary=why, measures=(measure,) * 9, labels={title: why, model: metric}, links=(why, model)
    )
    items = (Item(Step("aaaa1111", 1, title, why), model, NOW), Item(Step("bbbb2222", 2, model, title)))
    remark = Remark(why, model, NOW, "command", f"slack:{title}", None, metric)
    view = seen.view(bad, alerts=(alert,), runbook_title=why, checklist=items, notes=(remark,))
    held = replace(view, incident=replace(bad, phase=Phase.ACKNOWLEDGED, holder=model))
    over = replace(seen.closed("false alarm", by=f"person:{model}", why=why), alerts=(alert,))
    return [
        *(cards.incident_card(one, NOW, w, own=title) for one in (view, held, over)),
        cards.page_dm(view, seen.page(why=why, person=model), NOW, w),
        cards.page_dm(held, seen.page(why=why, person=model, state=PageState.ANSWERED), NOW, w),
        cards.page_dm(held, seen.to_join(why=why, person=model), NOW, w),
        *(line.draw(one, w, card=title) for one in (view, held, over)),
        *thread.drawings(view, w).values(),
        cards.notice(why),
    ]


@settings(max_examples=120, deadline=None)
@given(st.tuples(NASTY, NASTY, NASTY, NASTY), st.sampled_from([EN, TR]))
def test_hostile_words_stay_words(said: tuple[str, str, str, str], w: words.Words) -> None:
    for drawn in _hostile(said, w):
        written = json.dumps(drawn.payload(), ensure_ascii=False)
        assert validate.validate(drawn.payload(), "message") == []
        assert not {"<", ">"} & set(drawn.text)
        assert drawn.text.strip()
        assert len(drawn.text) <= 4000
        assert {span["type"] for span in spans(drawn)} <= {"text", "date", "user", "link", "channel"}
        assert {span["user_id"] for span in spans(drawn) if span["type"] == "user"} <= {"U01ADA"}
        written.encode()
        assert not {"\u202e", "\x00"} & set(written)
        assert "mrkdwn" not in written


@settings(max_examples=120, deadline=None)
@given(st.tuples(NASTY, NASTY, NASTY, NASTY))
def test_a_card_of_anything_has_six_lines(said: tuple[str, str, str, str]) -> None:
    for drawn in _hostile(said, EN)[:6]:
        assert height(drawn) <= 6


@settings(deadline=None)
@given(NASTY, st.integers(10, 400))
def test_shortening_says_so(text: str, most: int) -> None:
    short = pieces.shorten(text, most)
    assert len(short) <= most
    whole = pieces.clean(text)
    assert short == whole if len(whole) <= most else "…" in short
