"""A handover as it is drawn: golden drawings in both languages, always valid, cut with a word about it, not hostile."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import words
from bot.engine import handover_lines as lines
from bot.engine import handover_report
from bot.engine.handover_report import Report
from bot.model.handover import Handover, Remark, Standing
from bot.slack import buttons, forms, handover_card, validate
from bot.slack.pieces import Json, Message
from bot.words import Words

GOLDEN = Path(__file__).parent / "golden"
EN, TR = words.ENGLISH, words.TURKISH
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
SOON, THEN = lines.at(NOW + HOUR), lines.at(NOW - HOUR)


def opened(number: int, title: str = "Feature drift") -> lines.Line:
    """An open incident that nobody has answered."""
    next_ = lines.line("next_step", tier="L2", whom="person:bo", when=SOON)
    said = {"incident": f"INC-{number}", "severity": "SEV1", "about": "churn", "owner": "churn-ml"}
    return lines.line("open_line", **said, title=lines.title(title), next=next_)


def full() -> Report:
    """A shift in which everything happened."""
    what = {"lever": "rollback", "model": "churn"}
    leaving = lines.line("next_leaving", who="ada")
    held = {"incident": "INC-9", "severity": "SEV2", "about": "price", "owner": "ada"}
    back = lines.line("back_metric", metric="auc", until=SOON, before="7", after="6")
    step = {"lever": "rollback", "step": "verifying"}
    watch = {"model": "churn", "version": "7", "metric": "auc", "now": "0.71", "baseline": "0.9", "limit": "< 0.8"}
    ended = {"incident": "INC-3", "severity": "SEV3", "about": "price", "title": "latency rose"}
    sections = [
        lines.filled("open", [opened(7), lines.line("open_line", **held, title="latency rose", next=leaving)]),
        lines.filled(
            "approvals", [lines.line("approval_line", change="CHG-3", what=what, who="ada", needs=1, until=SOON)]
        ),
        lines.filled("changes", [lines.line("change_line", change="CHG-2", what=what, step=step, back=back)]),
        lines.filled("watches", [lines.line("watch_over", **watch, until=SOON)]),
        lines.filled("ways", [lines.line("way_line", model="price", when=THEN, why="No earlier version is usable.")]),
        lines.filled("quiet", [lines.line("held_line", count=3)]),
        lines.filled("ended", [lines.line("ended_line", **ended, risk=lines.line("risk_back", again="INC-9"))]),
        lines.filled("noise", [lines.line("noise_line", about="churn", title="psi", alerts=41, count=3)]),
        lines.filled("debts", [lines.line("debt_unnoted", count=1, names="INC-3")]),
        lines.filled("figures", [lines.line("figure_incidents", now="12", before="4, 7, 3, 5")]),
    ]
    return report(*sections)


def report(*sections: lines.Section, notable: bool = True) -> Report:
    """A report of these."""
    counts = dict.fromkeys(handover_report.WHERE, 0) | {one["kind"]: one["total"] for one in sections}
    return {
        "about": "first-line",
        "zone": "Europe/Istanbul",
        "since": (NOW - 24 * HOUR).isoformat(),
        "until": NOW.isoformat(),
        "drafted": NOW.isoformat(),
        "notable": notable,
        "sections": list(sections),
        "counts": counts | {"incidents": 12, "pages": 20},
        "load": {
            "since": (NOW - 24 * HOUR).isoformat(),
            "each": 3600.0,
            "incidents": [0, 1, 2, 0] * 6,
            "pages": [0, 3, 1, 0] * 6,
        },
    }


EMPTY = report(notable=False)
DRAFT = Handover("HND-7", "first-line", NOW, NOW - 24 * HOUR, ("ada",), ("bo",), Standing.DRAFT, NOW - HOUR, version=2)
TOLD = replace(DRAFT, remarks=(Remark("ada", NOW - HOUR, "The table moves at noon.\nDo not wake dee."),))
POSTED = replace(TOLD, standing=Standing.POSTED, version=3, posted_at=NOW)
LATE = replace(POSTED, posted_at=NOW + timedelta(minutes=25, seconds=40))
ACCEPTED = replace(POSTED, standing=Standing.ACCEPTED, version=4, accepted_by="bo", accepted_at=NOW + HOUR)
LAPSED = replace(POSTED, standing=Standing.LAPSED, version=4)
MOVED = replace(DRAFT, standing=Standing.MOVED, version=3)


def drawings(w: Words) -> dict[str, Message]:
    """Each message by name."""
    return {
        "draft": handover_card.draft(TOLD, full(), "#ml-retail", w),
        "draft_posted": handover_card.draft(POSTED, full(), "#ml-retail", w),
        "posted": handover_card.post(POSTED, full(), w),
        "late": handover_card.post(LATE, EMPTY, w),
        "accepted": handover_card.post(ACCEPTED, full(), w),
        "lapsed": handover_card.post(LAPSED, EMPTY, w),
        "moved": handover_card.post(MOVED, {}, w),
        "now": handover_card.now(None, full(), "ada", w),
        "now_incoming": handover_card.now(POSTED, full(), "bo", w, acceptable=True),
        "which": handover_card.which(["first-line", "second-line"], w),
        "digest": handover_card.digest(full(), w),
    }


def views(w: Words) -> dict[str, Json]:
    """The same as they are sent, and the parts of the home page."""
    messages = {name: {"text": one.text, "blocks": list(one.blocks)} for name, one in drawings(w).items()}
    rows = [*handover_card.row(POSTED, "bo", 0, w), *handover_card.row(DRAFT, "ada", 1, w)]
    return messages | {"home": {"type": "home", "blocks": rows}}


DRAWN = {f"handover_{name}": view for name, view in views(EN).items()}
DRAWN |= {
    f"handover_{name}_tr": view for name, view in views(TR).items() if name in ("draft", "posted", "late", "home")
}


@pytest.mark.parametrize("name", DRAWN)
def test_it_is_drawn_as_agreed(name: str) -> None:
    file = GOLDEN / f"{name}.json"
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        file.write_text(json.dumps(DRAWN[name], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert DRAWN[name] == json.loads(file.read_text(encoding="utf-8")), "TOCSIN_GOLDEN=write draws them anew."


@pytest.mark.parametrize("w", [EN, TR], ids=["en", "tr"])
def test_slack_would_take_it(w: Words) -> None:
    for name, view in views(w).items():
        assert validate.validate(view, "home" if name == "home" else "message") == [], name


def labels(message: Message) -> list[str]:
    """What can be pressed."""
    rows = [block for block in message.blocks if block["type"] == "actions"]
    return [each["text"]["text"] for row in rows for each in row["elements"]]


def shown(message: Message) -> str:
    """Everything it says."""
    return json.dumps([message.text, message.blocks], ensure_ascii=False)


def test_it_can_be_accepted_as_long_as_it_waits_and_by_whom_it_waits_for() -> None:
    assert labels(handover_card.post(POSTED, full(), EN)) == ["Accept", "Add a note"]
    for over in (ACCEPTED, LAPSED, MOVED):
        assert labels(handover_card.post(over, full(), EN)) == []
    assert labels(handover_card.now(POSTED, full(), "bo", EN, acceptable=True)) == ["Accept"]
    assert labels(handover_card.now(POSTED, full(), "ada", EN)) == ["Add a note"]
    assert labels(handover_card.now(POSTED, full(), "", EN)) == []
    assert labels(handover_card.now(DRAFT, full(), "bo", EN)) == []
    accept, note = handover_card.post(POSTED, full(), EN).blocks[-1]["elements"]
    assert buttons.decode(accept["value"]) == buttons.Meant("handover", "", 3, "accept HND-7")
    form, seed = forms.sow(buttons.decode(note["value"]))
    assert (form, seed.handover, seed.rota) == ("handover-note", "HND-7", "first-line")


def test_late_is_said_to_be_late_and_both_are_paged_until_it_is_accepted() -> None:
    assert "25m" in shown(handover_card.post(LATE, EMPTY, EN))
    assert "late" not in shown(handover_card.post(POSTED, EMPTY, EN))
    assert "Until somebody accepts it, ada, bo are all paged." in shown(handover_card.post(POSTED, full(), EN))
    assert "all paged" not in shown(handover_card.post(ACCEPTED, full(), EN))
    assert "Nothing notable." in shown(handover_card.post(POSTED, EMPTY, EN))


def test_what_must_be_done_first_stands_first() -> None:
    text = shown(handover_card.post(POSTED, full(), EN))
    titles = [
        "bo, press Accept.",
        "all paged",
        "From the outgoing",
        "Open incidents",
        "Waiting for approval",
        "Changes in flight",
        "Watch",
        "Debts",
    ]
    places = [text.index(title) for title in titles]
    assert places == sorted(places)


def test_three_hundred_are_cut_with_where_to_see_them() -> None:
    every = lines.filled("open", [opened(number, "x" * 300) for number in range(300)])
    rest = [lines.filled(kind, [opened(n, "y" * 300) for n in range(25)]) for kind in handover_report.WHERE]
    drawn = handover_card.post(POSTED, report(every, *rest), EN)
    assert validate.validate(drawn.payload(), "message") == []
    assert "and 288 more: /incident list" in shown(drawn)


def test_an_instant_is_on_the_readers_clock_in_slack_and_on_the_rotas_in_a_terminal() -> None:
    assert '"type": "date"' in shown(handover_card.post(POSTED, full(), EN))
    text = handover_report.plain(full(), LATE)
    assert "handed over at 2026-11-23 12:00 +03, 25m late: posted only 2026-11-23 12:25 +03" in text
    assert "The table moves at noon.\n    Do not wake dee." in text
    assert "INC-7 · SEV1 · churn (churn-ml): Feature drift. Nobody has answered; next is L2 (person:bo)" in text


def test_every_line_can_be_said_in_every_language() -> None:
    for w in (EN, TR):
        assert "{" not in handover_report.plain(full(), POSTED, w.language)


NASTY = st.one_of(
    st.text(max_size=400),
    st.sampled_from(
        ["<!channel>", "<@U01BO>", "<https://evil.example|click>", "*b* `c`", "\u202eevil", "\x00", "{who}"]
    ),
)


@given(NASTY, NASTY)
@settings(max_examples=60, deadline=None)
def test_words_of_others_are_shown_and_do_nothing(title: str, remark: str) -> None:
    given_ = replace(POSTED, remarks=(Remark(remark, NOW, remark),))
    for drawn in (
        handover_card.post(given_, report(lines.filled("open", [opened(7, title)])), EN),
        handover_card.draft(replace(given_, standing=Standing.DRAFT), report(), title, EN),
    ):
        assert validate.validate(drawn.payload(), "message") == []
        assert "<!" not in drawn.text
        assert "<@" not in drawn.text
        assert {"user", "usergroup", "broadcast", "link"}.isdisjoint(kinds(list(drawn.blocks)))


def kinds(node: Any) -> set[str]:
    """The types of everything in some blocks."""
    if isinstance(node, dict):
        return {str(node.get("type"))} | {kind for each in node.values() for kind in kinds(each)}
    return {kind for each in node for kind in kinds(each)} if isinstance(node, list) else set()


async def test_the_load_is_a_picture_with_its_words() -> None:
    pytest.importorskip("matplotlib")
    from bot.engine import handover_picture

    for w in (EN, TR):
        drawn = await handover_picture.drawn(full(), w.language)
        assert drawn.content.startswith(b"\x89PNG")
        assert "20" not in drawn.title
    assert drawn.name == "first-line-load-2026-11-22.png"
    again = await handover_picture.drawn(full(), "tr")
    assert again.content == drawn.content
    quiet = {**EMPTY, "load": {**EMPTY["load"], "incidents": [0], "pages": [0]}}
    assert "No pages." in (await handover_picture.drawn(quiet, "en")).aloud
