"""The card of a postmortem: golden drawings in both languages, always valid, and nothing hostile speaks through it."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.postmortem_sheet import Sheet
from bot.model.postmortem import Doing, Export, FollowUp, Postmortem, Sent, Standing
from bot.rules import prose
from bot.rules.prose import Finding
from bot.slack import pieces, postmortem_card, validate
from bot.slack.pieces import Json, Message
from bot.words import ENGLISH as EN
from bot.words import TURKISH as TR
from bot.words import Words
from tests.unit import seen

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NASTY = "<!channel> *all* <https://evil.example|ok> `x`\n\u202egnp {who}"
DRAFT = Postmortem(
    "PM-7", "INC-7", "retail", "accuracy of churn fell", Standing.DRAFT, "", "ada", NOW - DAY, NOW, 3, NOW + 4 * DAY
)
PUBLISHED = replace(DRAFT, standing=Standing.PUBLISHED, published_at=NOW, owner=None)
OWNED = FollowUp("FU-1", "PM-7", "INC-7", "Alert on nulls", "bo", NOW - 3 * DAY, Doing.OPEN, NOW - 9 * DAY)
BARE = FollowUp("FU-2", "PM-7", "INC-7", "Mend the join", None, None, Doing.OPEN, NOW, link="https://tickets.example/7")
DONE = replace(OWNED, id="FU-3", what="Tell the buyers", standing=Doing.DONE)
FINDINGS = tuple(prose.lint("# INC-7\n\n## Summary\n\n## Lessons\nIt was human error.\n", [BARE]))
EXPORTS = (
    Export("PM-7", "wiki", Sent.DONE, 3, NOW, link="https://wiki.example/pm-7"),
    Export("PM-7", "repo", Sent.FAILED, 3, NOW, failure="the branch is protected"),
)
BUSY = Sheet(DRAFT, (OWNED, BARE, DONE), FINDINGS, EXPORTS)


def sheets() -> dict[str, Sheet]:
    """What is drawn, by name."""
    return {
        "draft": BUSY,
        "clean": Sheet(replace(DRAFT, owner=None, due_at=None)),
        "late": Sheet(replace(DRAFT, standing=Standing.REVIEW, due_at=NOW - DAY)),
        "published": Sheet(PUBLISHED, (DONE,), (), EXPORTS[:1]),
    }


def views(w: Words) -> dict[str, Json]:
    """Each message as it is sent, and the rows of the home page."""
    drawn = {name: postmortem_card.draw(sheet, NOW, w) for name, sheet in sheets().items()}
    drawn |= {"which": postmortem_card.which([seen.incident()], w), "which_none": postmortem_card.which([], w)}
    messages: dict[str, Json] = {name: {"text": one.text, "blocks": list(one.blocks)} for name, one in drawn.items()}
    return messages | {"home": {"type": "home", "blocks": postmortem_card.mine([OWNED], NOW, w, 90)}}


DRAWN = {f"postmortem_{name}": view for name, view in views(EN).items()}
DRAWN |= {f"postmortem_{name}_tr": view for name, view in views(TR).items() if name in ("draft", "home")}


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


def shown(message: Message) -> str:
    """All that can be read in it."""
    return json.dumps(message.blocks, ensure_ascii=False)


def test_what_is_hard_stands_first_and_is_marked() -> None:
    text = shown(postmortem_card.draw(BUSY, NOW, EN))
    assert text.index("There is no summary") < text.index("human error")
    assert text.index("FU-2 has no owner") < text.index("human error")


def test_a_full_one_is_cut_with_a_word_about_it() -> None:
    many = tuple(replace(BARE, id=f"FU-{n}", what="w" * 500) for n in range(1, 90))
    over = tuple(replace(DONE, id=f"FU-{n}", what="w" * 500) for n in range(90, 190))
    found = tuple(Finding(n, "leftover", {"said": "x" * 60}) for n in range(200))
    sent = tuple(replace(EXPORTS[1], connection=f"c{n}" * 30, failure="f" * 900) for n in range(20))
    drawn = postmortem_card.draw(Sheet(replace(DRAFT, title="t" * 300), (*many, *over), found, sent), NOW, TR)
    view = {"text": drawn.text, "blocks": list(drawn.blocks)}
    assert validate.validate(view, "message") == []
    assert f"ve {200 - postmortem_card.FINDINGS} tane daha" in shown(drawn)
    assert f"ve {89 - postmortem_card.OPEN + 100 - postmortem_card.OVER} tane daha" in shown(drawn)


@given(st.sampled_from([NASTY, "", " ", "\u202e", "&lt;!here&gt;", "x" * 5_000]) | st.text(max_size=60))
def test_nothing_hostile_speaks_through_it(text: str) -> None:
    sheet = Sheet(
        replace(DRAFT, title=text, owner=text or None),
        (replace(BARE, what=text, link="https://tickets.example/7"), replace(DONE, what=text)),
        (Finding(1, "blame", {"said": text, "advice": "plain"}),),
        (replace(EXPORTS[0], connection=text, link="javascript:alert(1)"), replace(EXPORTS[1], failure=text)),
    )
    drawn = postmortem_card.draw(sheet, NOW, EN)
    assert validate.validate({"text": drawn.text, "blocks": list(drawn.blocks)}, "message") == []
    kinds = {span["type"] for block in drawn.blocks for span in _spans(block)}
    assert kinds <= {"text", "date", "link"}
    assert {span["url"] for block in drawn.blocks for span in _spans(block) if span["type"] == "link"} <= {
        "https://tickets.example/7"
    }
    assert "<!" not in drawn.text
    assert "<http" not in drawn.text


def _spans(block: Json) -> list[Json]:
    found: list[Json] = []
    for each in block.get("elements", ()):
        found += each["elements"] if each.get("type") == "rich_text_section" else []
        if each.get("type") == "rich_text_list":
            found += [span for section in each["elements"] for span in section["elements"]]
    return found


def test_every_button_carries_no_more_than_slack_takes() -> None:
    for block in postmortem_card.draw(BUSY, NOW, EN).blocks:
        for each in block.get("elements", ()):
            if each["type"] == "button":
                assert len(each["value"]) <= 2_000
                assert len(each["text"]["text"]) <= pieces.BUTTON
