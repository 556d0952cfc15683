"""`lint` finds what is wrong with a runbook and what is weak about it; every shipped runbook is neither."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import runbooks, settings
from bot.engine import coverage
from bot.model.connection import Connection
from bot.model.estate import Entity, Estate, Model
from bot.model.people import People, Person, Team
from bot.model.rota import Rota
from bot.model.trial import Terms
from bot.rules import matching, patterns
from bot.settings import Settings, fit, lint
from bot.settings.lint import Around

ROOT = Path(__file__).resolve().parents[2]
ENV = {"PROM_SECRET": "a", "QUALITY_SECRET": "b", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
AT = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
CHURN = Model("churn", "retail", "churn-ml", platform="registry")
SETTINGS = Settings(
    folder=Path("config"),
    database="sqlite://",
    connections=(Connection("prom", "alertmanager"), Connection("jobs", "webhook"), Connection("registry", "mlflow")),
    people=People(
        {"ada": Person("ada", slack="U1")},
        {"churn-ml": Team("churn-ml", "retail", ("ada",))},
    ),
    estate=Estate({"retail": Entity("retail")}, {"churn": CHURN}, {"churn": CHURN}),
    rotas={"first-line": Rota("first-line", "UTC", ())},
)
AROUND = Around(once=frozenset({"prom"}), levers={"registry": frozenset({"rollback", "promote"})})
BOTH = ("country", "plan")
GOOD = """---
title: x
owner: churn-ml
review_by: 2027-06-01
match: {kind: drift}
severity: [{is: sev3}]
tiers:
  L1: {page: "rota:first-line", answer_within: 10m}
actions:
  rollback: {approval: one}
---
## Goal
Serve.

## Check first
1. Is it so?

## Decide
This or that.

## Act
- Roll back.

## Verify
- It is over.

## When to escalate
- At once.
"""


def found(folder: Path, *changes: tuple[str, str], around: Around = AROUND, **others: str) -> list[str]:
    """What is said of drift.md after `changes`, wrong things marked with an exclamation mark."""
    text = GOOD
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    for name, body in {"drift": text, **others}.items():
        (folder / f"{name}.md").write_text(body, encoding="utf-8")
    library = runbooks.load(folder, matching.parse)
    every = lint.look(library, SETTINGS, around, AT)
    return [f"{'!' * one.wrong}{one.complaint}".replace(f"{folder}/", "") for one in every]


def test_a_good_runbook_is_let_be(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("owner: churn-ml", "owner: chrun-ml", "!drift.md:3: There is no team 'chrun-ml'."),
        ("{kind: drift}", "{kind: drfit}", "!drift.md:5: kind is never 'drfit'."),
        ("[{is: sev3}]", "[{is: sev3, if: ['title =~ (x']}, {is: sev4}]", "!drift.md:6: The pattern '(x' is wrong"),
        ("Serve.", "{{ alert.titel }}", "!drift.md:13: There is no alert.titel here"),
        ("actions:", "start: {sev2: L1}\nactions:", "!drift.md:9: sev3 starts at no tier."),
        ("rota:first-line", "rota:first", "!drift.md:8: L1 reaches nobody: There is no rota 'first'."),
        ("## Verify\n- It is over.\n\n", "", "drift.md:12: There is no section `Verify`. Write a section `## Verify`"),
        ("- It is over.\n\n", "\n", "drift.md:24: The section `Verify` is empty."),
        ("1. Is it so?", "Is it so?", "drift.md:12: It has no steps, so the card has no checklist."),
        (
            "2027-06-01",
            "2026-11-22",
            "drift.md:4: drift was to be reviewed by 2026-11-22. team:churn-ml: read it again",
        ),
        ("2027-06-01", "2026-12-07", "drift.md:4: drift is to be reviewed by 2026-12-07, in 14 days."),
        ("owner: churn-ml", "owner: rota:first-line", "drift.md:3: Nobody is behind its owner rota:first-line: "),
        ("actions:", "confirm: {breaches: 2, of: 3}\nactions:", "drift.md:9: `confirm` counts evaluations, but prom"),
        ("actions:", "calm: {evaluations: 2}\nactions:", "drift.md:9: `calm` counts evaluations, but prom tells each"),
        ("{kind: drift}", "{kind: drift, model.kind: data}", "drift.md:5: drift matches nothing: no model, agent or d"),
        ("{kind: drift}", "{kind: drift, source: grafana}", "drift.md:5: drift matches nothing: no connection brings"),
        ("{kind: drift}", "{connection: jobs, source: alertmanager}", "drift.md:5: drift matches nothing: no connect"),
    ],
)
def test_what_is_wrong_or_weak_is_named_with_its_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    (one,) = found(tmp_path, (before, after))
    assert one.startswith(said)


def test_a_tie_is_wrong(tmp_path: Path) -> None:
    (one,) = found(tmp_path, other=GOOD.replace("{kind: drift}", "{environment: production}"))
    assert one.startswith("!other.md:5: other and drift match the same alerts with equal right")


@pytest.mark.parametrize(
    "change",
    [
        ("actions:", "confirm: {breaches: 2, of: 3, shadow: true}\nactions:"),
        ("actions:", "confirm: {breaches: 1, of: 3}\nactions:"),
        ("actions:", "calm: {after: 10m}\nactions:"),
        ("actions:", "group_wait: 0s\ngroup_interval: 0m\ncalm: {after: 0s}\nactions:"),
        ("{kind: drift}\n", "{kind: drift, connection: jobs}\nconfirm: {breaches: 2, of: 3}\n"),
        ("2027-06-01", "2026-12-08"),
        ("{kind: drift}", "{source: tocsin, label.rule: storm}"),
        ("{kind: drift}", "{source: person}"),
    ],
)
def test_what_is_well_is_not_told_of(tmp_path: Path, change: tuple[str, str]) -> None:
    assert found(tmp_path, change) == []


def test_a_lever_that_nothing_pulls_is_named(tmp_path: Path) -> None:
    (one,) = found(tmp_path, around=Around())
    assert one.startswith("drift.md:10: No platform of what it is for offers `rollback` (platforms: registry).")


def test_a_lever_is_asked_for_one_by_one(tmp_path: Path) -> None:
    levers = "rollback: {approval: one}\n  pause: {approval: none}\n  retrain: {approval: two}"
    one, other = found(tmp_path, ("rollback: {approval: one}", levers))
    assert one.startswith("drift.md:11: No platform of what it is for offers `pause` (platforms: registry).")
    assert other.startswith("drift.md:12: No model that it is for has `retrain` in config/estate.yaml.")


def test_a_canary_that_no_platform_can_do_is_named(tmp_path: Path) -> None:
    canary = "promote: {approval: one, canary: {steps: [10], wait: 30m}}"
    (one,) = found(tmp_path, ("rollback: {approval: one}", canary))
    assert one.startswith("drift.md:10: No platform of what it is for can share the traffic out")
    able = replace(AROUND, levers={"registry": frozenset({"promote", "shift"})})
    assert found(tmp_path, ("rollback: {approval: one}", canary), around=able) == []


def gated(folder: Path, lever: str, terms: Terms | None) -> list[str]:
    """What is said of a gate under `lever`, of a model that is tried under `terms`."""
    gate = "gate: {metric: auc,\n    slices_at_least: {country=TR: 0.7, plan: 0.6}}"
    (folder / "drift.md").write_text(GOOD.replace("rollback: {approval: one", f"{lever}: {{approval: one, {gate}"))
    churn = replace(CHURN, trial=terms)
    tried = replace(SETTINGS, estate=replace(SETTINGS.estate, models={"churn": churn}, names={"churn": churn}))
    every = lint.look(runbooks.load(folder, matching.parse), tried, AROUND, AT)
    return [f"{'!' * one.wrong}{one.complaint}".replace(f"{folder}/", "") for one in every]


@pytest.mark.parametrize("terms", [None, Terms("auc", slices=("plan", "country")), Terms("f1", ("auc",), slices=BOTH)])
def test_a_gate_that_the_trials_answer_is_let_be(tmp_path: Path, terms: Terms | None) -> None:
    assert gated(tmp_path, "promote", terms) == []


def test_a_gate_that_no_trial_answers_is_named(tmp_path: Path) -> None:
    assert gated(tmp_path, "promote", Terms("rmse", slices=("plan",))) == [
        "drift.md:10: It never passes for churn, whose trial does not measure auc. Add auc to its `trial.also` in"
        " config/estate.yaml.",
        "drift.md:11: It never passes for churn, whose trial has no slices by country. Add country to its"
        " `trial.slices` in config/estate.yaml.",
    ]


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (CHURN, []),
        (replace(CHURN, platform=None, features="feast"), []),
        (
            replace(CHURN, platform=None),
            [
                "drift.md:10: It never passes for churn, whose columns nobody is named to serve. Name the connection of"
                " its feature store in its `features` in config/estate.yaml."
            ],
        ),
    ],
)
def test_a_gate_on_columns_that_nobody_serves_is_named(tmp_path: Path, model: Model, said: list[str]) -> None:
    wanted = "promote: {approval: one, gate: {metric: auc, schema: true}"
    (tmp_path / "drift.md").write_text(GOOD.replace("rollback: {approval: one", wanted))
    churn = replace(model, trial=Terms("auc", connection="registry"))
    tried = replace(SETTINGS, estate=replace(SETTINGS.estate, models={"churn": churn}, names={"churn": churn}))
    every = lint.look(runbooks.load(tmp_path, matching.parse), tried, AROUND, AT)
    told = [f"{one.complaint}".replace(f"{tmp_path}/", "") for one in every]
    assert [one for one in told if "columns" in one] == said


def test_a_gate_that_nobody_asks_is_named(tmp_path: Path) -> None:
    (one,) = gated(tmp_path, "rollback", Terms("rmse"))
    assert one == "drift.md:10: `rollback` asks no gate. Put it under promote or retrain, or drop it."


def test_a_catalogue_without_platforms_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "drift.md").write_text(GOOD, "utf-8")
    (tmp_path / "other.md").write_text(GOOD.replace("kind: drift", "kind: cost"), "utf-8")
    bare = replace(SETTINGS, estate=replace(SETTINGS.estate, models={"churn": replace(CHURN, platform=None)}))
    (one,) = lint.look(runbooks.load(tmp_path, matching.parse), bare, AROUND, AT)
    assert (one.wrong, one.complaint.what.startswith("No model names a `platform`, so the levers of 2 runb")) == (
        False,
        True,
    )


def test_a_pattern_that_could_run_away_is_named_whatever_engine_is_installed(tmp_path: Path) -> None:
    (one,) = found(tmp_path, ("{kind: drift}", "['title =~ \"(a+)+b\"']"))
    assert "could run away" in one
    assert one.startswith("!drift.md:5" if patterns.re2 is None else "drift.md:5")


# --- those that are shipped ---


@pytest.fixture(scope="module")
def example() -> settings.Settings:
    return settings.load(ROOT / "config", ENV)


def shipped() -> list[str]:
    return [file.stem for file in sorted((ROOT / "runbooks").glob("*.md")) if file.stem != "README"]


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_runbook_is_neither_wrong_nor_weak(name: str, example: settings.Settings) -> None:
    library = runbooks.load(ROOT / "runbooks", matching.parse)
    around = Around(once=frozenset({"prom"}))
    every = [one.complaint for one in lint.look(library, example, around, AT)]
    assert [str(one) for one in every if Path(one.file).stem == name] == []


def test_every_shipped_runbook_is_for_something_and_has_what_the_night_needs(example: settings.Settings) -> None:
    library = runbooks.load(ROOT / "runbooks", matching.parse)
    for book in library.runbooks:
        assert fit.candidates(book, example.estate), book.name
        assert all(tier.may for tier in book.tiers), book.name
        assert max(len(line) for line in book.body.splitlines()) <= 180, book.name
        body = book.body.replace("`", "")
        assert len(body) < 6_000, book.name  # read at 02:10, on a telephone


def test_what_of_the_example_only_the_default_runbook_is_for(example: settings.Settings) -> None:
    library = runbooks.load(ROOT / "runbooks", matching.parse)
    assert coverage.inner(library, example) <= {"storm"}  # the bot's own alerts are no matter of coverage
    assert set(coverage.bare(library, example)) == {("churn", "safety"), ("credit-score", "safety")}
