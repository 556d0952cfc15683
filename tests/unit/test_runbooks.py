"""Runbooks are read, checked and rendered; what an alert says in them stays mere text."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import runbooks
from bot.errors import BadInput
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.escalation import Escalation
from bot.model.estate import Model
from bot.model.runbook import Policy, Runbook
from bot.rules import matching

GOOD = """---
title: Features drifted
owner: ml-platform
review_by: 2027-06-01
match: {kind: drift, environment: production}
severity:
  - {is: sev1, if: ["criticality = critical", "drift.share >= 0.3"]}
  - {is: sev3}
tiers:
  L2: {page: "rota:{{ model.team }}-primary", answer_within: 15m, may: [rollback, retrain]}
  L1: {page: ["rota:first-line", "person:ada"], answer_within: 1h30m, may: [evaluate, silence]}
start: {sev1: L2, sev3: L1}
actions:
  rollback: {approval: one, verify_within: 10m}
  retrain: {approval: two, gate: {metric: auc, not_below_champion_by: 0.01}}
---
## Check first
{{ alert.title }} on {{ model.name }} ({{ label.region }})
"""
CHURN = Model("churn", "retail", "churn-ml")


def alert(**said: object) -> Alert:
    at = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
    fields = {"title": "PSI is high", "kind": Kind.DRIFT, "status": Status.FIRING, "started_at": at, **said}
    return Alert("webhook", "hook", "p", **fields)  # type: ignore[arg-type]


def read(folder: Path, previous: runbooks.Library | None = None, **texts: str) -> runbooks.Library:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return runbooks.load(folder, matching.parse, previous)


def complaints(folder: Path, *changes: tuple[str, str]) -> list[str]:
    text = GOOD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    library = read(folder, drift=text)
    assert library.runbooks == () or not library.complaints
    return [str(one).removeprefix(f"{folder}/") for one in library.complaints]


def only(folder: Path, text: str = GOOD) -> Runbook:
    library = read(folder, drift=text)
    assert library.complaints == ()
    return library.runbooks[0]


def with_body(folder: Path, body: str) -> Runbook:
    return only(folder, GOOD.partition("## Check")[0] + body)


def test_a_runbook_is_what_its_head_says(tmp_path: Path) -> None:
    book = only(tmp_path)
    assert (book.name, book.title, book.owner) == ("drift", "Features drifted", "team:ml-platform")
    assert book.review_by == date(2027, 6, 1)
    assert [str(m) for m in book.match] == ["kind = drift", "environment = production"]
    assert [(g.severity, len(g.conditions)) for g in book.severity] == [("sev1", 2), ("sev3", 0)]
    assert [(t.name, t.page, t.answer_within) for t in book.tiers] == [
        ("L1", ("rota:first-line", "person:ada"), timedelta(minutes=90)),
        ("L2", ("rota:{{ model.team }}-primary",), timedelta(minutes=15)),
    ]
    assert book.tiers[1].may == ("rollback", "retrain")
    assert book.start == {"sev1": "L2", "sev3": "L1"}
    assert [(a.name, a.approval, a.options) for a in book.actions] == [
        ("rollback", "one", {"verify_within": 600.0}),
        ("retrain", "two", {"gate": {"metric": "auc", "not_below_champion_by": 0.01}}),
    ]
    assert book.group.by == ("entity", "model", "environment", "kind")


def test_the_revision_is_a_digest_of_the_text(tmp_path: Path) -> None:
    first = only(tmp_path).revision
    assert only(tmp_path).revision == first
    assert only(tmp_path, GOOD + "\n").revision != first


def test_conditions_may_be_a_list(tmp_path: Path) -> None:
    book = only(
        tmp_path, GOOD.replace("{kind: drift, environment: production}", "['kind =~ \"drift|cost\"', value > 3]")
    )
    assert [str(m) for m in book.match] == ["kind =~ drift|cost", "value > 3"]


def test_a_readme_is_no_runbook(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# How to write one\n", encoding="utf-8")
    assert [book.name for book in read(tmp_path, drift=GOOD).runbooks] == ["drift"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("owner: ml-platform", "ownr: ml-platform", "drift.md:3: There is no setting `ownr`. Did you mean 'owner'?"),
        ("owner: ml-platform\n", "", "drift.md:2: `owner` is missing. Add it."),
        ("title: Features drifted", "title: ''", "drift.md:2: `title` String should have at least 1 character"),
        ("2027-06-01", "soon", "drift.md:4: `review_by` must be a valid date"),
        ("kind: drift,", "kind: drfit,", "drift.md:5: kind is never 'drfit'. It is one of: drift, performance"),
        ("kind: drift,", "knd: drift,", "drift.md:5: There is no field 'knd'. Known are: kind, environment"),
        ("kind: drift,", "kind: drift, kind: cost,", "drift.md:5: The key 'kind' stands in line 5 already."),
        ("drift.share >= 0.3", "drift.share >= lots", "drift.md:7: drift.share is compared with 'lots'"),
        ("drift.share >= 0.3", "title =~ (x", "drift.md:7: The pattern '(x' is wrong: missing )"),
        ("{is: sev1", "{is: sev0", "drift.md:7: `severity[0].is` must be 'sev1', 'sev2'"),
        ("  - {is: sev3}\n", "", "drift.md:7: No severity is left when no condition holds. End the list with one"),
        ("  - {is: sev3}", "  - {is: sev2}\n  - {is: sev3}", "drift.md:8: Nothing behind sev2 is ever asked"),
        ("start: {sev1: L2, sev3: L1}", "start: {sev1: L3, sev3: L1}", "drift.md:12: sev1 starts at L3, which is not"),
        ("start: {sev1: L2, sev3: L1}", "start: {sev1: L1}", "drift.md:12: sev3 starts at no tier. Add sev3"),
        ("start: {sev1: L2, sev3: L1}", "start: {sev1: L2, sev3: L2}", "drift.md:11: L1 cannot be reached"),
        ("start: {sev1: L2, sev3: L1}", "start: {sev1: L2, sev3: L4}", "drift.md:12: `start.sev3` must be 'L1', 'L2'"),
        ('["rota:first-line", "person:ada"]', "[]", "drift.md:11: `tiers.L1.page` names nobody."),
        ("person:ada", "ada", "drift.md:11: `tiers.L1.page[1]` is no target. Write rota:NAME"),
        ("1h30m", "90", "drift.md:11: `tiers.L1.answer_within` needs a unit. Write 45s, 10m"),
        ("1h30m", "0m", "drift.md:11: `tiers.L1.answer_within` must be longer than nothing."),
        ("[evaluate, silence]", "[evaluate, rolback]", "drift.md:11: `tiers.L1.may[1]` must be"),
        ("[evaluate, silence]", "[evaluate, rolback]", "Did you mean 'rollback'?"),
        (
            "approval: one",
            "approval: on",
            "drift.md:14: `actions.rollback.approval` must be 'none', 'one', 'two' or 'tier'",
        ),
        ("  retrain: {approval", "  retain: {approval", "drift.md:15: `actions.retain` must be 'evaluate'"),
        ("  retrain: {approval", "  retain: {approval", "Did you mean 'retrain'?"),
        ("metric: auc", "metrik: auc", "drift.md:15: There is no setting `actions.retrain.gate.metrik`. Did you mean"),
        (
            "model.team }}",
            "model.taem }}",
            "drift.md:10: `tiers.L2.page[0]` cannot be filled in: There is no model.taem",
        ),
        ("model.team }}", "alert.title }}", "cannot be filled in: 'alert' is no value here"),
        ("model.team }}", "label.team }}", "cannot be filled in: 'label' is no value here"),
        ("model.team }}", "model.team", "drift.md:10: `tiers.L2.page[0]` cannot be filled in: The template is wrong"),
        (
            "start:",
            "group_by: [model, featur]\nstart:",
            "`group_by[1]` is nothing to group by. Did you mean 'feature'?",
        ),
        ("start:", "group_by: []\nstart:", "drift.md:12: `group_by` List should have at least 1 item"),
        ("start:", "repeats: 99\nstart:", "drift.md:12: `repeats` must be less than or equal to 20."),
        (
            "start:",
            "urgency: {sev1: hihg}\nstart:",
            "drift.md:12: `urgency.sev1` must be 'high' or 'low'. Did you mean",
        ),
        ("{{ alert.title }}", "{{ alert.tittle }}", "drift.md:18: There is no alert.tittle here"),
        ("{{ alert.title }}", "\n{{ title }}", "drift.md:19: 'title' is no value here"),
        ("{{ alert.title }}", "\n\n{% if %}", "drift.md:20: The template is wrong"),
        ("---\n## Check", "## Check", "drift.md:1: There is no YAML head."),
    ],
)
def test_a_head_that_is_wrong_is_refused_with_line_and_cure(tmp_path: Path, before: str, after: str, said: str) -> None:
    found = complaints(tmp_path, (before, after))
    assert len(found) >= 1
    assert any(said in one for one in found), found


def test_everything_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        ("kind: drift,", "kind: x,"),
        ("- {is: sev3}", "- {is: sev3, if: [y]}"),
        ("{{ alert.title }}", "{{ z }}"),
    )
    assert [one.split(" ")[0] for one in found] == ["drift.md:18:", "drift.md:8:", "drift.md:5:", "drift.md:8:"]


@pytest.mark.parametrize(
    "body",
    [
        "{% for i in range(10000000) %}x{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 99999999 }}",
        "{{ alert.title.__class__.__mro__ }}",
        "{{ ''.join(['a']) }}",
        "{{ cycler }}",
        "{{ self }}",
        "{{ alert }}",
        "{{ alert['title']['x'] }}",
        "{{ label[alert.title] }}",
        "{% include 'x' %}",
        "{% set x = 1 %}",
        "{% macro m() %}{% endmacro %}",
        "{{ alert.title | center(9999999) }}",
        "{{ alert.value | round(99999999) }}",
        "{{ alert.title | format(1) }}",
        "{{ alert.value > 3 }}",
        "{{ alert.title ~ alert.title }}",
    ],
)
def test_a_body_that_could_run_away_or_fail_is_refused(tmp_path: Path, body: str) -> None:
    found = complaints(tmp_path, ("{{ alert.title }}", body))
    assert found
    assert all(one.startswith("drift.md:18: ") for one in found)


def test_a_broken_edit_keeps_the_last_good_revision_and_says_so(tmp_path: Path) -> None:
    good = read(tmp_path, drift=GOOD, other=GOOD.replace("kind: drift", "kind: cost"))
    broken = read(tmp_path, good, drift=GOOD.replace("kind: drift", "kind: drfit"))
    assert broken.runbooks == good.runbooks
    assert broken.documents.keys() == good.documents.keys()
    revision = good.get("drift").revision  # type: ignore[union-attr]
    said = [str(one) for one in broken.complaints]
    assert len(said) == 2
    assert "drift.md:5: kind is never 'drfit'" in said[0]
    assert f"drift.md: Revision {revision} of drift stays in force." in said[1]

    still = read(tmp_path, broken)
    assert still.runbooks == good.runbooks
    mended = read(tmp_path, still, drift=GOOD.replace("Features", "Inputs"))
    assert mended.complaints == ()
    assert mended.get("drift").title == "Inputs drifted"  # type: ignore[union-attr]


def test_a_broken_new_file_is_left_out_and_the_others_stand(tmp_path: Path) -> None:
    library = read(tmp_path, drift=GOOD, new="no head")
    assert [book.name for book in library.runbooks] == ["drift"]
    assert library.get("new") is None
    assert len(library.complaints) == 1


def test_a_file_that_is_gone_is_out_of_force(tmp_path: Path) -> None:
    good = read(tmp_path, drift=GOOD, other=GOOD)
    (tmp_path / "other.md").unlink()
    assert [book.name for book in read(tmp_path, good).runbooks] == ["drift"]


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_without_runbooks_keeps_what_is_in_force(tmp_path: Path, folder: str) -> None:
    good = read(tmp_path, drift=GOOD)
    (tmp_path / "empty").mkdir()
    library = runbooks.load(tmp_path / folder, matching.parse, good)
    assert library.runbooks == good.runbooks
    assert "There are no runbooks in this folder. `tocsin init` writes" in str(library.complaints[0])


def test_a_name_that_is_no_word_is_refused(tmp_path: Path) -> None:
    (tmp_path / "my drift.md").write_text(GOOD, encoding="utf-8")
    assert "A runbook's name is a plain word." in str(runbooks.load(tmp_path, matching.parse).complaints[0])


def test_any_reader_of_conditions_may_refuse(tmp_path: Path) -> None:
    def never(text: str) -> matching.Matcher:
        raise BadInput(f"{text} is not known.", "Leave it out.")

    (tmp_path / "drift.md").write_text(GOOD, encoding="utf-8")
    said = [str(one) for one in runbooks.load(tmp_path, never).complaints]
    assert len(said) == 4
    assert 'drift.md:5: kind = "drift" is not known. Leave it out.' in said[0]


def policy(book: Runbook, severity: str = "sev3", model: Model | None = CHURN, **defaults: object) -> Policy:
    return runbooks.policy(book, severity, model, Escalation(**defaults))  # type: ignore[arg-type]


def test_the_policy_is_filled_in_from_the_catalogue(tmp_path: Path) -> None:
    found = policy(only(tmp_path), "sev1", fallback=("person:fay",), repeats=5)
    assert [tier.page for tier in found.tiers] == [("rota:first-line", "person:ada"), ("rota:churn-ml-primary",)]
    assert (found.start, found.repeats, found.fallback) == ("L2", 5, ("person:fay",))
    assert (found.urgency, found.owner) == ("high", "team:ml-platform")


def test_a_runbook_may_have_its_own_repeats_fallback_and_urgency(tmp_path: Path) -> None:
    own = 'repeats: 0\nfallback: "lead:{{ model.team }}"\nurgency: {sev3: high}\nstart:'
    found = policy(only(tmp_path, GOOD.replace("start:", own)), "sev3", fallback=("person:fay",), repeats=5)
    assert (found.repeats, found.fallback, found.urgency) == (0, ("lead:churn-ml",), "high")


def test_urgency_comes_from_the_severity(tmp_path: Path) -> None:
    book = only(tmp_path)
    assert [policy(book, severity).urgency for severity in ("sev1", "sev2", "sev3", "sev4")] == [
        *("high", "high", "low", "low")
    ]
    assert policy(book, "sev4", urgency={"sev4": "high"}).urgency == "high"


def test_without_start_every_severity_starts_at_the_lowest_tier(tmp_path: Path) -> None:
    book = only(tmp_path, GOOD.replace("start: {sev1: L2, sev3: L1}\n", ""))
    assert policy(book, "sev1").start == "L1"


def test_a_severity_set_by_hand_starts_at_the_lowest_tier(tmp_path: Path) -> None:
    assert policy(only(tmp_path), "sev5").start == "L1"


def test_a_model_nobody_catalogued_leaves_its_target_as_written(tmp_path: Path) -> None:
    found = policy(only(tmp_path), "sev1", None)
    assert found.tiers[1].page == ("rota:{{ model.team }}-primary",)
    assert found.tiers[0].page == ("rota:first-line", "person:ada")


def test_a_body_is_filled_in(tmp_path: Path) -> None:
    text = runbooks.render(only(tmp_path), alert(labels={"region": "eu west"}), CHURN)
    assert text == "## Check first\nPSI is high on churn (eu west)"


def test_what_an_alert_did_not_say_is_unknown(tmp_path: Path) -> None:
    book = with_body(
        tmp_path,
        "{{ model.team }}, {{ alert.value }}, {{ label.x }}, {{ alert.feature | default('all') }}"
        "{% if alert.feature %}!{% endif %}",
    )
    assert runbooks.render(book, alert(), None) == "unknown, unknown, unknown, all"
    said = alert(measures=(Measure("psi", 0.25, feature="age"),), labels={"x": "y"})
    assert runbooks.render(book, said, CHURN) == "churn-ml, 0.25, y, age!"


@pytest.mark.parametrize(
    "title",
    [
        "{{ 7 * 7 }}",
        "{{ model.team }}",
        "{% for i in range(9) %}x{% endfor %}",
        "{# gone #}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    ],
)
def test_a_template_in_an_alert_is_data(tmp_path: Path, title: str) -> None:
    book = with_body(tmp_path, "{{ alert.title }}|{{ label.x }}")
    text = runbooks.render(book, alert(title=title, labels={"x": title}), CHURN)
    plain = text.replace("\\", "")
    assert plain == f"{title}|{title}"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("<!channel> <@U01ADA>", "\\<\\!channel\\> \\<@U01ADA\\>"),
        ("[click](https://evil.example)", "\\[click\\](https://evil.example)"),
        ("a\n\n# Approved by cy\n- [x] done", "a \\# Approved by cy - \\[x\\] done"),
        ("**bold** _it_ `code` ~no~", "\\*\\*bold\\*\\* \\_it\\_ \\`code\\` \\~no\\~"),
        ("a\x00b\u2028c", "a b c"),
        ("\\[x](y)", "\\\\\\[x\\](y)"),
        ("x" * 10_000, "x" * 500),
    ],
)
def test_markdown_in_an_alert_is_text(tmp_path: Path, title: str, shown: str) -> None:
    assert runbooks.render(with_body(tmp_path, "{{ alert.title }}"), alert(title=title), CHURN) == shown


@pytest.mark.parametrize(
    "title", ["1. Roll back at once", "2) now", "- x", "+ x", "* x", "===", "---", "# Approved", " 1. x", "12. - x"]
)
def test_an_alert_cannot_begin_a_list_and_so_forge_a_step_of_the_checklist(tmp_path: Path, title: str) -> None:
    book = with_body(tmp_path, "Goal\n{{ alert.title }}\n\n{{ label.x }}\n\n1. The operator's own step")
    text = runbooks.render(book, alert(title=title, labels={"x": title}), CHURN)
    assert [step.text for step in runbooks.steps(text)] == ["The operator's own step"]


@pytest.mark.parametrize("name", ["__init__", "__class__", "_values"])
def test_what_holds_the_labels_cannot_be_looked_into(tmp_path: Path, name: str) -> None:
    book = with_body(tmp_path, f"{{{{ label.{name} }}}}, {{{{ label['{name}'] }}}}")
    assert runbooks.render(book, alert(labels={name: "x"}), None) == "unknown, x"


def test_a_filter_takes_no_taint_away(tmp_path: Path) -> None:
    book = with_body(tmp_path, "{{ alert.title | upper }} {{ label.x | default('a') | trim | title }}")
    text = runbooks.render(book, alert(title="<!here>", labels={"x": "[a](b)"}), CHURN)
    assert text == "\\<\\!HERE\\> \\[A\\](B)"


def test_a_body_that_fails_all_the_same_is_shown_as_written(tmp_path: Path) -> None:
    # A runbook must help at 02:10 even where the checks at load did not foresee what an alert says.
    book = replace(only(tmp_path), body="Look first. {{ alert.title > 3 }}")
    text = runbooks.render(book, alert(), CHURN)
    assert "stands here as written" in text
    assert text.endswith("Look first. {{ alert.title > 3 }}")


def test_a_long_body_is_cut_with_a_word_on_where_it_stands(tmp_path: Path) -> None:
    text = runbooks.render(with_body(tmp_path, "x" * 30_000), alert(), CHURN)
    assert text.startswith("x" * 20_000 + "\n\n(Cut here")
    assert len(text) < 20_500


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_an_alert_says_every_mark_of_it_is_escaped(title: str, label: str) -> None:
    body = "{{ alert.title }}\x1e{{ label.x }}"
    book = Runbook("b", "b.md", "r", "t", "team:a", date(2027, 1, 1), (), (), (), {}, body=body)
    for part in runbooks.render(book, alert(title=title, labels={"x": label}), None).split("\x1e"):
        bare = part.replace("\\\\", "")
        assert all(bare[at - 1] == "\\" for at, mark in enumerate(bare) if mark in "`*_[]<>&|~#!{}")
        assert not any(ord(mark) < 32 for mark in part)
