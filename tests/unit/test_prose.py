"""The linter of postmortems: every rule with cases both ways; what the bot keeps and what is quoted is not judged."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.postmortem import Doing, FollowUp
from bot.rules import blame, prose
from bot.rules.prose import Finding
from bot.words import ENGLISH, TURKISH

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NAMES = ("ada", "bo", "Çağla")
WHOLE = """\
# INC-7: accuracy fell

## Summary
The churn model scored with yesterday's features for two hours. Nobody outside was told a wrong price.

<!-- tocsin:impact 0123456789ab -->
## Impact
12 decisions, see the dashboard. Obviously ada broke it.
<!-- /tocsin:impact -->

## What went well
The runbook [drift](runbooks/drift.md) led to the way back in four minutes.

## Follow-ups
FU-1 Alert on the null rate.
"""


def rules(text: str, *follow_ups: FollowUp, names: tuple[str, ...] = NAMES) -> list[str]:
    """The rules that found something."""
    return [one.rule for one in prose.lint(text, follow_ups, names)]


def follow_up(owner: str | None = "bo", due: datetime | None = NOW, standing: Doing = Doing.OPEN) -> FollowUp:
    """One of INC-7."""
    return FollowUp("FU-1", "PM-1", "INC-7", "Alert on the null rate", owner, due, standing, NOW)


def human(line: str) -> list[str]:
    """What is found in a document that is whole but for this line of a person's."""
    return rules(WHOLE.replace("The runbook [drift]", f"{line}\n\nThe runbook [drift]"))


def test_a_whole_document_has_no_findings() -> None:
    assert prose.lint(WHOLE, [follow_up()], NAMES) == []


@pytest.mark.parametrize(
    "summary",
    ["", "<!-- three sentences -->", "_Write here what happened._", "- todo", "...", "TBD", "Buraya yazın", "\n \n"],
)
def test_an_empty_summary_is_found_and_is_hard(summary: str) -> None:
    text = WHOLE.replace(WHOLE.splitlines()[3], summary)
    found = [one for one in prose.lint(text, (), NAMES) if one.rule == "summary"]
    assert [(one.line, one.hard) for one in found] == [(3, True)]


def test_a_summary_that_is_not_there_at_all_is_found() -> None:
    assert "summary" in rules(WHOLE.replace("## Summary", "## Overview"))
    assert "summary" not in rules(WHOLE.replace("## Summary", "## Özet"))
    assert "summary" not in rules(WHOLE.replace("## Summary", "### SUMMARY:"))


def test_a_summary_that_the_bot_keeps_counts() -> None:
    kept = "<!-- tocsin:summary abcdefabcdef -->\nTwo hours of stale features.\n<!-- /tocsin:summary -->"
    assert rules(WHOLE.replace(WHOLE.splitlines()[3], kept)) == []


def test_empty_sections_are_found_and_written_ones_are_not() -> None:
    bare = WHOLE.replace(
        "## Follow-ups", "## What went badly\n\n## Where we were lucky\n<!-- hint -->\n\n## Follow-ups"
    )
    found = [one for one in prose.lint(bare, ()) if one.rule == "empty"]
    assert [one.parts["heading"] for one in found] == ["What went badly", "Where we were lucky"]
    assert not found[0].hard
    for filled in ("Nothing.", "> the alert said so", "### Later\nWords.", "```\nlog\n```"):
        assert "empty" not in rules(WHOLE.replace("FU-1 Alert on the null rate.", filled)), filled
    assert "empty" in rules(WHOLE.replace("FU-1 Alert on the null rate.", "### Later\n"))


@pytest.mark.parametrize(
    "line",
    [
        "_Write here what went well._",
        "- [TBD]",
        "todo: ask bo",
        "Fill this in",
        "Lorem ipsum dolor",
        "buraya yazın: kim",
    ],
)
def test_leftovers_of_the_template_are_found(line: str) -> None:
    assert human(line) == ["leftover"]


@pytest.mark.parametrize("line", ["We had to write here and there by hand.", "The tbd table is old.", "It was to-do."])
def test_words_like_leftovers_are_not(line: str) -> None:
    assert human(line) == []


def test_follow_ups_want_an_owner_and_a_day() -> None:
    (owner,) = prose.lint(WHOLE, [follow_up(owner=None)])
    assert (owner.rule, owner.line, owner.hard) == ("owner", 15, True)
    assert owner.sentence == "FU-1 has no owner: Alert on the null rate"
    (day,) = prose.lint(WHOLE, [follow_up(due=None)])
    assert (day.rule, day.hard) == ("date", False)
    assert rules(WHOLE, follow_up(None, None, Doing.DONE), follow_up(None, None, Doing.DROPPED)) == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("It was human error.", "human error"),
        ("The on-call was CARELESS.", "CARELESS"),
        ("It was carelessness, no more.", "carelessness"),
        ("They should have known.", "should have known"),
        ("Whoever was on call is to blame.", "to blame"),
        ("Obviously the join was wrong.", "Obviously"),
        ("Bu bir insan hatası.", "insan hatası"),
        ("Dikkatsizliği yüzünden oldu.", "Dikkatsizliği"),
        ("Nöbetçi bunu fark etmeliydi.", "fark etmeliydi"),
        ("İhmal etti ve bıraktı.", "ihmal etti"),
    ],
)
def test_blame_is_found_with_advice(line: str, said: str) -> None:
    text = f"{WHOLE}\n{line}\n"
    (found,) = prose.lint(text, ())
    assert (found.rule, found.parts["said"]) == ("blame", said)
    assert "{" not in found.sentence
    assert str(getattr(ENGLISH.prose, f"advice_{found.parts['advice']}")) in found.sentence
    assert str(getattr(TURKISH.prose, f"advice_{found.parts['advice']}")) in prose.said(found, TURKISH)


@pytest.mark.parametrize(
    "line",
    [
        "We hold this review blameless.",
        "The disk is fault tolerant, and a segmentation fault followed.",
        "The job failed to start.",
        "> ada wrote: obviously human error",
        "The alert said “human error”, and `obviously` is a column.",
        'Its title was "careless deploy".',
        "The model is lazily loaded.",
        "Alarm suçlamadan çaldı.",
        "Özenle yazıldı.",
    ],
)
def test_what_blames_nobody_or_is_quoted_is_left_alone(line: str) -> None:
    assert human(line) == []


def test_alert_text_in_code_is_not_judged() -> None:
    assert human("```\nada broke it, obviously human error\nsee the log\n```") == []


@pytest.mark.parametrize(
    "line",
    [
        "Ada forgot the migration.",
        "ada then simply missed it.",
        "It was caused by bo.",
        "This was ada's mistake.",
        "Çağla unuttu.",
        "Bo'nun hatası yüzünden geciktik.",
    ],
)
def test_a_name_next_to_a_word_of_fault_is_found(line: str) -> None:
    assert human(line) == ["person"]


@pytest.mark.parametrize(
    "line",
    [
        "Ada rolled it back, and the pipeline failed again.",
        "Bo noticed it first. Broken rows stayed.",
        "The nightly job forgot its state.",
        "Adaptive limits broke the feed.",
        "ada and the pager failed together: nobody was reached.",
    ],
)
def test_a_name_alone_blames_nobody(line: str) -> None:
    assert human(line) == []


@pytest.mark.parametrize(
    "line", ["See the dashboard of that day.", "It drifted (see the notebook).", "- see Grafana", "Bkz. panel 4."]
)
def test_a_claim_without_a_link_is_found(line: str) -> None:
    assert human(line) == ["claim"]


@pytest.mark.parametrize(
    "line",
    [
        "See https://grafana.example/d/1.",
        "It drifted (see [the notebook](https://nb.example/7)).",
        "See CHG-3.",
        "See What went well.",
        "See above.",
        "We did not see the drift.",
        "They see what the model sees.",
        "Bkz. https://grafana.example/d/1",
    ],
)
def test_a_claim_with_a_link_or_none_at_all_is_not(line: str) -> None:
    assert human(line) == []


def test_no_incident_and_no_runbook_are_found() -> None:
    assert rules(WHOLE.replace("INC-7", "It")) == ["incident"]
    assert rules(WHOLE.replace("The runbook [drift](runbooks/drift.md)", "It")) == ["runbook"]
    assert rules(WHOLE.replace("The runbook [drift](runbooks/drift.md)", "Kılavuzumuz")) == []


def test_findings_stand_in_the_order_of_their_lines() -> None:
    found = prose.lint("# x\n\n## A\nObviously.\n\n## B\n", [follow_up(owner=None)])
    assert [one.line for one in found] == sorted(one.line for one in found)
    assert {one.rule for one in found} == {"summary", "incident", "runbook", "owner", "blame", "empty"}


def test_every_rule_and_advice_has_its_sentence_in_both_languages() -> None:
    named = {one.removeprefix("rule_") for one in vars(ENGLISH.prose) if one.startswith("rule_")}
    assert named >= prose.HARD
    for rule in named:
        parts = {"heading": "H", "said": "S", "follow_up": "FU-1", "what": "W"}
        parts |= {"advice": blame.CAUSE} if rule in ("blame", "person") else {}
        for w in (ENGLISH, TURKISH):
            assert "{" not in prose.said(Finding(1, rule, parts), w)
    assert {getattr(ENGLISH.prose, f"advice_{each}") for each in blame.WORDS.values()}


@given(st.text(max_size=400), st.lists(st.text(min_size=1, max_size=8), max_size=3))
def test_it_takes_any_text(text: str, names: list[str]) -> None:
    for found in prose.lint(text, [follow_up(None, None)], names):
        assert 0 <= found.line <= len(text.splitlines())
        assert found.sentence


@pytest.mark.parametrize(
    "text",
    [
        "<!-- " * 5_000,
        "- " * 20_000,
        "see " * 20_000,
        "`" * 20_001,
        "## " + "a " * 20_000 + "\n",
        "ada " * 20_000 + "x",
    ],
)
def test_no_text_keeps_it_busy(text: str) -> None:
    assert prose.lint(text, (), NAMES)


def test_the_page_lists_every_rule_and_every_word_that_blames() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "follow_ups.md").read_text(encoding="utf-8")
    named = {one.removeprefix("rule_") for one in vars(ENGLISH.prose) if one.startswith("rule_")}
    assert [one for one in (*named, *blame.WORDS) if f"`{one}`" not in page] == []
