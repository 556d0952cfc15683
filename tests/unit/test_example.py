"""The example configuration and the default runbooks load, fit each other, route and are documented to the last key."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot import documents, registry, runbooks, settings
from bot.clock import SystemClock
from bot.contract import ConnectionSettings
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.noise import Grouping
from bot.model.runbook import Runbook
from bot.rules import matching, quiet, reach, routing
from bot.runbooks import gate, head, templates
from bot.settings import (
    audit,
    changes,
    estate,
    fit,
    handover,
    heartbeats,
    noise,
    oauth,
    people,
    postmortems,
    rotas,
    tocsin,
)

ROOT = Path(__file__).resolve().parents[2]
ENV = {"PROM_SECRET": "a", "QUALITY_SECRET": "b", "SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
AT = datetime(2026, 11, 23, 2, 10, tzinfo=UTC)
PARTS = ["Goal", "Check first", "Decide", "Act", "Verify", "When to escalate"]


@pytest.fixture(scope="module")
def example() -> settings.Settings:
    return settings.load(ROOT / "config", ENV)


@pytest.fixture(scope="module")
def library() -> runbooks.Library:
    return runbooks.load(ROOT / "runbooks", matching.parse)


def alert(kind: Kind, **said: object) -> Alert:
    fields = {"title": "t", "status": Status.FIRING, "started_at": AT, "model": "churn", "environment": "production"}
    return Alert("alertmanager", "prom", "p", kind=kind, **{**fields, **said})  # type: ignore[arg-type]


def test_the_example_is_whole(example: settings.Settings) -> None:
    assert len(example.people.persons) > 3
    assert len(example.people.teams) == len(example.estate.entities) == 2
    assert {model.kind for model in example.estate.models.values()} == {"model", "agent", "data"}
    assert {(connection.name, connection.plugin) for connection in example.connections} >= {("prom", "alertmanager")}


def test_the_example_keeps_noise_down(example: settings.Settings) -> None:
    noise = example.noise
    assert noise.inhibitions
    assert noise.storm is not None
    assert {rule.name for rule in noise.quiet} == {"nights", "weekends"}
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    found = quiet.until(noise, "sev4", "retail", "Europe/Istanbul", saturday)
    assert found is not None
    assert found[0] == datetime(2026, 11, 30, 4, tzinfo=UTC)  # Monday, 07:00
    assert quiet.until(noise, "sev2", "retail", "Europe/Istanbul", saturday) is None


def test_the_runbooks_are_good_and_fit_the_example(example: settings.Settings, library: runbooks.Library) -> None:
    assert [str(one) for one in (*library.complaints, *fit.check(library, example))] == []
    assert len(library.runbooks) >= 12


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (alert(Kind.DRIFT), "drift"),
        (alert(Kind.PERFORMANCE), "performance"),
        (alert(Kind.DATA_QUALITY), "data-quality"),
        (alert(Kind.FRESHNESS), "stale-features"),
        (alert(Kind.FRESHNESS, model="orders-daily"), "stale-features"),
        (alert(Kind.FAILURE, version="7"), "bad-deploy"),
        (alert(Kind.FAILURE), "latency-errors"),
        (alert(Kind.LATENCY), "latency-errors"),
        (alert(Kind.COST), "cost-spike"),
        (alert(Kind.COST, model="an agent nobody knows"), "cost-spike"),
        (alert(Kind.COST, model="refund-agent"), "agent-loop"),
        (alert(Kind.SAFETY, model="refund-agent"), "agent-loop"),
        (alert(Kind.FAILURE, model="refund-agent", title="ToolTimeouts", version="p-14"), "agent-loop"),
        (alert(Kind.LATENCY, model="refund-agent"), "latency-errors"),
        (alert(Kind.FAILURE, model="refund-agent", title="FineTuningFailed"), "failed-retraining"),
        (alert(Kind.FAILURE, title="ChurnRetrainingFailed", version="8", environment=None), "failed-retraining"),
        (alert(Kind.FAILURE, title="retrain of churn: out of memory", environment="training"), "failed-retraining"),
        (alert(Kind.FAILURE, title="retrain of churn: out of memory", environment="staging"), "default"),
        (alert(Kind.FAILURE, model="orders-daily", title="training set build failed"), "feature-pipeline"),
        (alert(Kind.DATA_QUALITY, model="warehouse.orders_daily"), "feature-pipeline"),
        (alert(Kind.FAILURE, model="orders-daily", version="2026-11-22"), "feature-pipeline"),
        (alert(Kind.DRIFT, measures=(Measure("psi", 0.4, feature="y_pred_proba"),)), "prediction-drift"),
        (alert(Kind.DRIFT, measures=(Measure("psi", 0.4, feature="Prediction"),)), "prediction-drift"),
        (alert(Kind.DRIFT, measures=(Measure("psi", 0.4, feature="credit_score"),)), "drift"),
        (alert(Kind.DRIFT, measures=(Measure("psi", 0.4, feature="predecessors"),)), "drift"),
        (alert(Kind.SAFETY), "default"),
        (alert(Kind.DRIFT, environment="staging"), "default"),
        (alert(Kind.DRIFT, environment=None, model=None), "default"),
    ],
)
def test_each_kind_of_alert_has_its_runbook(
    example: settings.Settings, library: runbooks.Library, said: Alert, expected: str
) -> None:
    chosen = routing.choose(library.runbooks, matching.Facts(said, example.estate.find(said.model)))
    assert chosen.runbook is not None
    assert chosen.runbook.name == expected


def test_every_tier_of_every_catalogued_model_reaches_somebody(
    example: settings.Settings, library: runbooks.Library
) -> None:
    for book in library.runbooks:
        for model in example.estate.models.values():
            policy = runbooks.policy(book, "sev3", model, example.escalation)
            for target in [*(target for tier in policy.tiers for target in tier.page), *policy.fallback, policy.owner]:
                assert target is not None
                reached = reach.people(target, example.rotas, example.people, example.overrides, AT)
                assert reached.persons, f"{book.name}, {model.name}: {reached.why}"


def test_every_runbook_says_what_to_do_at_night(library: runbooks.Library, example: settings.Settings) -> None:
    said = alert(Kind.DRIFT, measures=(Measure("psi", 0.4, 0.25, sample_size=900, feature="age"),))
    for book in library.runbooks:
        assert re.findall(r"^## (.*)$", book.body, re.MULTILINE) == PARTS, book.name
        for one, model in ((said, example.estate.find("churn")), (alert(Kind.DRIFT, model=None), None)):
            text = runbooks.render(book, one, model)
            assert "{{" not in text
            assert "so it stands here as written" not in text


def test_an_edit_of_the_example_is_still_checked(tmp_path: Path) -> None:
    for file in (ROOT / "config").glob("*.yaml"):
        text = file.read_text(encoding="utf-8").replace("lead: cy", "lead: nobody")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    with pytest.raises(settings.BadConfigs, match=r"people\.yaml:\d+: There is no person 'nobody'"):
        settings.load(tmp_path, ENV)


def test_the_platform_of_the_example_needs_no_more_than_its_comments(tmp_path: Path) -> None:
    for file in (ROOT / "config").glob("*.yaml"):
        text = (
            file.read_text(encoding="utf-8")
            .replace("  # - {name: disk", "  - {name: disk")
            .replace("/srv", str(tmp_path))
        )
        for key in ("platform", "retrain"):
            text = text.replace(f"# {key}: ", f"{key}: ")
        (tmp_path / file.name).write_text(text, encoding="utf-8")
    found = settings.load(tmp_path, ENV)
    assert found.estate.models["churn"].platform == "disk"
    assert found.estate.models["churn"].retrain is not None
    connected = registry.Registry(registry.discover(names={"local"}), SystemClock()).connect(found.connections[-1:])
    assert connected.faults == ()
    assert connected.parts["disk"].platform is not None


def keys(form: type[BaseModel], *without: str) -> Iterator[str]:
    for name, info in form.model_fields.items():
        if name not in without:
            yield info.alias or name


README = (ROOT / "config" / "README.md").read_text(encoding="utf-8")
DOCUMENTED = set(re.findall(r"^\| `([^`]+)`", README, re.MULTILINE))
SETTINGS = [
    "database",
    "admins",
    *(f"slack.{key}" for key in keys(tocsin.SlackForm, "oauth")),
    *(f"slack.oauth.{key}" for key in keys(oauth.OAuthForm)),
    *(f"web.{key}" for key in keys(tocsin.WebForm)),
    *(f"connections[].{key}" for form in (tocsin.ConnectionForm, ConnectionSettings) for key in keys(form)),
    *(f"heartbeats[].{key}" for key in keys(heartbeats.HeartbeatForm)),
    *(f"changes.{key}" for key in keys(changes.ChangesForm, "freezes")),
    *(f"changes.freezes[].{key}" for key in keys(changes.FreezeForm)),
    *(f"handover.{key}" for key in keys(handover.HandoverForm, "digests")),
    *(f"handover.digests[].{key}" for key in keys(handover.DigestForm)),
    *(f"audit.{key}" for key in keys(audit.AuditForm)),
    *(f"audit.serious[].{key}" for key in keys(audit.RegimeForm)),
    *(f"audit.serious[].duties[].{key}" for key in keys(audit.DutyForm)),
    *(f"postmortems.{key}" for key in keys(postmortems.PostmortemsForm)),
    *(f"escalation.{key}" for key in keys(tocsin.EscalationForm)),
    *(f"people[].{key}" for key in keys(people.PersonForm)),
    *(f"teams[].{key}" for key in keys(people.TeamForm)),
    *(f"entities[].{key}" for key in keys(estate.EntityForm, "budget")),
    *(f"entities[].budget.{key}" for key in keys(estate.BudgetForm)),
    *(f"models[].{key}" for key in keys(estate.ModelForm, "trial", "retrain")),
    *(f"models[].trial.{key}" for key in keys(estate.TrialForm)),
    *(f"models[].retrain.{key}" for key in keys(estate.RetrainForm)),
    *(f"rotas[].{key}" for key in keys(rotas.RotaForm, "overrides")),
    *(f"rotas[].layers[].{key}" for key in keys(rotas.LayerForm, "name", "start", "every", "members")),
    *(f"rotas[].overrides[].{key}" for key in keys(rotas.OverrideForm)),
    *(f"inhibit[].{key}" for key in keys(noise.InhibitionForm)),
    *(f"feeds.{key}" for key in keys(noise.FeedsForm)),
    *(f"storm.{key}" for key in keys(noise.StormForm)),
    *(f"quiet[].{key}" for key in keys(noise.QuietForm)),
]


def test_every_setting_has_its_line_and_no_line_lacks_its_setting() -> None:
    variables = {name for names in tocsin.TOKENS.values() for name in names} | {"SLACK_API_URL", *oauth.VARIABLES}
    fields = {*matching.FIELDS, *templates.CONTEXT}
    assert {*SETTINGS, *keys(head.Head), *variables, *fields} == DOCUMENTED


def test_every_smaller_key_of_a_runbook_is_named() -> None:
    inner = (
        head.TierForm,
        head.GradeForm,
        head.ActionForm,
        gate.GateForm,
        head.ConfirmForm,
        head.CalmForm,
        rotas.WindowForm,
        rotas.TemporaryForm,
    )
    for key in {key for form in inner for key in keys(form, "only")} | {*templates.FILTERS}:
        assert f"`{key}`" in README, key


def test_the_lines_on_fields_say_what_the_code_says() -> None:
    for name, sentence in {**templates.CONTEXT, **matching.FIELDS}.items():
        assert f"| `{name}` | {sentence} |" in README


def test_the_lengths_of_time_in_the_readme_are_read() -> None:
    for words in re.findall(r"`([^`]+)`", next(line for line in README.splitlines() if "A length of time" in line)):
        assert documents.duration(words)


def test_a_runbook_has_no_key_the_noun_forgets() -> None:
    grouping = {f"group_{name}" for name in Grouping.__dataclass_fields__}
    assert {*keys(head.Head)} <= {*Runbook.__dataclass_fields__, *grouping}
