"""The configuration becomes frozen settings, or every fault at once with its file, line and cure."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.model.people import NotifyStep
from bot.model.rota import Amendment, Every, Unit
from bot.settings import BadConfigs

ENV = {
    "PROM_SECRET": "open sesame",
    "SLACK_BOT_TOKEN": "xoxb-hunter2",
    "SLACK_APP_TOKEN": "xapp-hunter2",
    "SLACK_SIGNING_SECRET": "hunter2",
}
FILES = {
    "tocsin": """database: ${DATABASE_URL:-sqlite:///tocsin.db}
slack: {mode: socket, channel: "#ml-oncall"}
web: {port: 9000}
connections:
  - {name: prom, plugin: alertmanager, secret: "${PROM_SECRET}", model_labels: [model]}
escalation: {repeats: 1, fallback: ["lead:churn-ml"], urgency: {sev3: high}}
""",
    "people": """people:
  - {name: ada, slack: U01ADA, phone: "+905550000001", timezone: Europe/Istanbul, notify: {high: [slack, sms after 2m]}}
  - {name: bo, slack: U02BO}
  - {name: cy, email: cy@example.com, notify: {high: [email]}}
teams:
  - {name: churn-ml, entity: retail, members: [ada, bo], lead: cy}
""",
    "estate": """entities:
  - {name: retail, channel: "#ml-retail", timezone: Europe/Istanbul}
models:
  - {name: churn, entity: retail, team: churn-ml, criticality: high, platform: prom,
     approvers: ["team:churn-ml"], aliases: [c2]}
  - {name: refunds, kind: agent, entity: retail, team: churn-ml}
""",
    "rotas": """rotas:
  - {name: first-line, timezone: Europe/Istanbul, owner: churn-ml,
     start: "2026-11-02 09:00", every: 1 day, members: [ada, null]}
  - name: churn-ml-primary
    timezone: America/Chicago
    layers:
      - {name: weekly, start: 2026-11-02 09:00:00, every: 1 week, members: [ada, bo, cy]}
      - {name: nights, start: "2026-11-02T20:00", every: 12 hours, members: [bo]}
    overrides:
      - {start: "2026-12-31 09:00", end: "2027-01-02 09:00", person: cy, replaces: ada, why: New Year}
      - {kind: absence, start: "2026-07-01 00:00", end: "2026-07-02 00:00", person: bo}
""",
}


def written(folder: Path, *changes: tuple[str, str, str]) -> Path:
    texts = dict(FILES)
    for name, before, after in changes:
        assert before in texts[name], before
        texts[name] = texts[name].replace(before, after)
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def complaints(folder: Path, *changes: tuple[str, str, str], env: dict[str, str] = ENV) -> list[str]:
    with pytest.raises(BadConfigs) as caught:
        settings.load(written(folder, *changes), env)
    assert str(caught.value).splitlines() == [str(one) for one in caught.value.complaints]
    return [str(one).removeprefix(f"{folder}/") for one in caught.value.complaints]


@pytest.fixture
def loaded(tmp_path: Path) -> settings.Settings:
    return settings.load(written(tmp_path), ENV)


def test_the_doors(loaded: settings.Settings) -> None:
    assert loaded.database == "sqlite:///tocsin.db"
    assert (loaded.slack.mode, loaded.slack.channel, loaded.slack.sockets) == ("socket", "#ml-oncall", 2)
    assert loaded.slack.bot_token is not None
    assert loaded.slack.bot_token.get_secret_value() == "xoxb-hunter2"
    assert loaded.web == settings.Web("127.0.0.1", 9000, 1_048_576)


def test_a_connection_keeps_its_plugins_own_keys(loaded: settings.Settings) -> None:
    (prom,) = loaded.connections
    assert (prom.name, prom.plugin, prom.line) == ("prom", "alertmanager", 5)
    assert prom.options == {"secret": "open sesame", "model_labels": ["model"]}


def test_people_and_how_to_reach_them(loaded: settings.Settings) -> None:
    ada = loaded.people.persons["ada"]
    assert ada.ways("high") == (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))
    assert loaded.people.persons["bo"].ways("high") == (NotifyStep("slack"),)
    assert loaded.people.by_slack("U02BO") is loaded.people.persons["bo"]
    assert loaded.people.teams["churn-ml"].lead == "cy"


def test_the_estate_knows_every_name_of_a_model(loaded: settings.Settings) -> None:
    assert loaded.estate.find("c2") is loaded.estate.find("churn") is loaded.estate.models["churn"]
    assert loaded.estate.models["refunds"].kind == "agent"
    assert loaded.estate.entities["retail"].channel == "#ml-retail"


def test_rotas_in_the_short_form_and_in_layers(loaded: settings.Settings) -> None:
    first = loaded.rotas["first-line"]
    assert (first.owner, first.layers[0].members) == ("churn-ml", ("ada", None))
    weekly, nights = loaded.rotas["churn-ml-primary"].layers
    assert (weekly.start, weekly.every) == (datetime(2026, 11, 2, 9), Every(1, Unit.WEEK))
    assert (nights.start, nights.every) == (datetime(2026, 11, 2, 20), Every(12, Unit.HOUR))


def test_overrides_are_instants_of_the_rotas_zone(loaded: settings.Settings) -> None:
    new_year, holiday = loaded.overrides
    assert (new_year.id, new_year.start) == ("config/churn-ml-primary/1", datetime(2026, 12, 31, 15, tzinfo=UTC))
    assert (new_year.person, new_year.replaces, new_year.why) == ("cy", "ada", "New Year")
    assert (holiday.kind, holiday.start) == (Amendment.ABSENCE, datetime(2026, 7, 1, 5, tzinfo=UTC))


def test_an_override_in_a_skipped_hour_begins_right_after_it(tmp_path: Path) -> None:
    change = ("rotas", "2026-07-01 00:00", "2026-03-08 02:30")
    override = settings.load(written(tmp_path, change), ENV).overrides[1]
    assert override.start == datetime(2026, 3, 8, 8, tzinfo=UTC)  # 03:00 in Chicago


def test_escalation_adds_to_the_usual_urgencies(loaded: settings.Settings) -> None:
    assert (loaded.escalation.repeats, loaded.escalation.fallback) == (1, ("lead:churn-ml",))
    assert loaded.escalation.urgency == {"sev1": "high", "sev2": "high", "sev3": "high"}


def test_settings_are_frozen_and_show_no_secret(loaded: settings.Settings) -> None:
    with pytest.raises(FrozenInstanceError):
        loaded.database = "x"  # type: ignore[misc]
    shown = repr(loaded)
    assert "hunter2" not in shown
    assert "open sesame" not in shown
    assert "+905550000001" not in shown


def test_the_environment_fills_in_text_never_yaml(tmp_path: Path) -> None:
    change = ("tocsin", "port: 9000", 'port: "${PORT}", host: "$${literal}"')
    env = {**ENV, "PORT": "8081", "PROM_SECRET": "x}, plugin: evil", "DATABASE_URL": "postgresql://u:p@db/tocsin"}
    loaded = settings.load(written(tmp_path, change), env)
    assert (loaded.web.port, loaded.web.host) == (8081, "${literal}")
    assert loaded.connections[0].options["secret"] == "x}, plugin: evil"
    assert loaded.connections[0].plugin == "alertmanager"
    assert loaded.database == "postgresql://u:p@db/tocsin"
    assert "u:p@" not in repr(loaded)


@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_or_empty_variable_is_named(tmp_path: Path, value: str | None) -> None:
    env = {k: v for k, v in {**ENV, "PROM_SECRET": value}.items() if v is not None}
    assert complaints(tmp_path, env=env) == [
        "tocsin.yaml:5: The environment has no PROM_SECRET. Set it, or write ${PROM_SECRET:-default}."
    ]


@pytest.mark.parametrize(
    ("mode", "missing", "said"),
    [
        (
            "socket",
            "SLACK_APP_TOKEN",
            "tocsin.yaml:2: The environment has no SLACK_APP_TOKEN, which mode socket needs.",
        ),
        ("http", "SLACK_SIGNING_SECRET", "The environment has no SLACK_SIGNING_SECRET, which mode http needs."),
    ],
)
def test_each_mode_of_slack_needs_its_tokens(tmp_path: Path, mode: str, missing: str, said: str) -> None:
    env = {name: value for name, value in ENV.items() if name != missing}
    (found,) = complaints(tmp_path, ("tocsin", "mode: socket", f"mode: {mode}"), env=env)
    assert said in found


def test_tokens_that_changed_places_are_noticed_and_not_shown(tmp_path: Path) -> None:
    env = {**ENV, "SLACK_BOT_TOKEN": "xapp-1-verysecret", "SLACK_APP_TOKEN": "xoxb-verysecret"}
    found = complaints(tmp_path, env=env)
    assert "SLACK_BOT_TOKEN does not begin with xoxb-." in found[0]
    assert "SLACK_APP_TOKEN does not begin with xapp-." in found[1]
    assert "verysecret" not in str(found)


def test_without_slack_neither_token_nor_channel_is_needed(tmp_path: Path) -> None:
    change = ("tocsin", 'slack: {mode: socket, channel: "#ml-oncall"}', "slack: {mode: off}")
    assert settings.load(written(tmp_path, change), {"PROM_SECRET": "x"}).slack.mode == "off"


BAD = [
    # keys nobody knows
    ("tocsin", "web:", "wbe:", "tocsin.yaml:3: There is no setting `wbe`. Did you mean 'web'?"),
    ("tocsin", "mode:", "mod:", "tocsin.yaml:2: There is no setting `slack.mod`. Did you mean 'mode'?"),
    (
        "people",
        "slack: U02BO",
        "slak: U02BO",
        "people.yaml:3: There is no setting `people[1].slak`. Did you mean 'slack'?",
    ),
    ("people", "teams:", "team:", "people.yaml:5: There is no setting `team`. Did you mean 'teams'?"),
    ("rotas", "replaces: ada", "replace: ada", "rotas.yaml:10: There is no setting `rotas[1].overrides[0].replace`."),
    ("estate", "aliases:", "alias:", "estate.yaml:5: There is no setting `models[0].alias`. Did you mean 'aliases'?"),
    # names nobody defines
    ("people", "[ada, bo], lead", "[ada, boo], lead", "people.yaml:6: There is no person 'boo'. Did you mean 'bo'?"),
    ("people", "lead: cy", "lead: dee", "people.yaml:6: There is no person 'dee'. Known: ada, bo, cy."),
    (
        "people",
        "entity: retail",
        "entity: retial",
        "people.yaml:6: There is no entity 'retial'. Did you mean 'retail'?",
    ),
    ("estate", "team: churn-ml}", "team: churn}", "estate.yaml:6: There is no team 'churn'. Did you mean 'churn-ml'?"),
    ("estate", "platform: prom", "platform: mlflow", "estate.yaml:4: There is no connection 'mlflow'. Known: prom."),
    ("estate", "team:churn-ml", "team:churnml", "estate.yaml:5: There is no team 'churnml'. Did you mean 'churn-ml'?"),
    (
        "estate",
        "team:churn-ml",
        "churn-ml",
        "estate.yaml:5: `models[0].approvers[0]` is no target. Write one of rota:NAME",
    ),
    ("tocsin", "lead:churn-ml", "lead:churn", "tocsin.yaml:6: There is no team 'churn'. Did you mean 'churn-ml'?"),
    ("people", ", lead: cy", "", "tocsin.yaml:6: Team 'churn-ml' has no lead."),
    (
        "rotas",
        "owner: churn-ml",
        "owner: churnml",
        "rotas.yaml:2: There is no team 'churnml'. Did you mean 'churn-ml'?",
    ),
    ("rotas", "[ada, bo, cy]", "[ada, bob, cy]", "rotas.yaml:7: There is no person 'bob'. Did you mean 'bo'?"),
    ("rotas", "person: cy", "person: cyy", "rotas.yaml:10: There is no person 'cyy'. Did you mean 'cy'?"),
    ("people", "sms after", "smss after", "people.yaml:2: There is no channel 'smss'. Did you mean 'sms'?"),
    # names given twice
    ("people", "name: bo,", "name: ada,", "people.yaml:3: The name 'ada' is taken already, in line 2."),
    ("people", "U02BO", "U01ADA", "people.yaml:3: The Slack id U01ADA belongs to ada already."),
    ("people", "[ada, bo], lead", "[ada, ada], lead", "people.yaml:6: 'ada' is a member already."),
    ("estate", "aliases: [c2]", "aliases: [refunds]", "estate.yaml:5: The name 'refunds' belongs to refunds already."),
    ("estate", "aliases: [c2]", "aliases: [c2, c2]", "estate.yaml:5: The name 'c2' belongs to churn already."),
    ("rotas", "name: nights", "name: weekly", "rotas.yaml:8: The layer 'weekly' is there already."),
    (
        "rotas",
        "timezone: America",
        "name: x\n    timezone: America",
        "rotas.yaml:5: The key 'name' stands in line 4 already.",
    ),
    # values that mean nothing
    (
        "people",
        "Europe/Istanbul",
        "Europe/Istambul",
        "people.yaml:2: `people[0].timezone` is no time zone. Did you mean",
    ),
    ("people", "Europe/Istanbul", "Europe/Istambul", "'Europe/Istanbul'?"),
    ("people", "U02BO", "bo", "people.yaml:3: `people[1].slack` is no Slack member id. Open the profile"),
    (
        "people",
        "sms after 2m",
        "sms after 2",
        "people.yaml:2: `people[0].notify.high[1]` waits for something that is no length",
    ),
    ("people", "sms after 2m", "sms in 2m", "people.yaml:2: `people[0].notify.high[1]` is no way to reach somebody."),
    ("people", 'phone: "+905550000001", ', "", "people.yaml:2: ada has no phone for sms. Add `phone`."),
    ("people", "slack: U02BO", "timezone: UTC", "people.yaml:3: Nothing reaches bo. Add `slack`"),
    ("people", "[ada, bo], lead", "[], lead", "people.yaml:6: `teams[0].members` List should have at least 1 item"),
    ("people", "name: bo,", 'name: "bo b",', "people.yaml:3: `people[1].name` is no plain name."),
    ("estate", "criticality: high", "criticality: hgih", "estate.yaml:4: `models[0].criticality` must be"),
    ("estate", "criticality: high", "criticality: hgih", "Did you mean 'high'?"),
    ("estate", '"#ml-retail"', "ml-retail", "estate.yaml:2: `entities[0].channel` is no Slack channel. Write"),
    (
        "estate",
        "kind: agent",
        "kind: agnt",
        "estate.yaml:6: `models[1].kind` must be 'model', 'agent' or 'data'. Did you mean 'agent'?",
    ),
    (
        "tocsin",
        "mode: socket",
        "mode: sockets",
        "tocsin.yaml:2: `slack.mode` must be 'socket', 'http' or 'off'. Did you mean",
    ),
    ("tocsin", "port: 9000", "port: 99999", "tocsin.yaml:3: `web.port` must be less than or equal to 65535."),
    ("tocsin", "repeats: 1", "repeats: often", "tocsin.yaml:6: `escalation.repeats` must be a valid integer"),
    ("tocsin", "sev3: high", "sev9: high", "tocsin.yaml:6: `escalation.urgency.sev9` must be 'sev1'"),
    (
        "tocsin",
        "${DATABASE_URL:-sqlite:///tocsin.db}",
        "mysql://x",
        "tocsin.yaml:1: `database` is no database. Write sqlite",
    ),
    ("tocsin", ', channel: "#ml-oncall"', "", "tocsin.yaml:2: No channel is named for the incident cards."),
    ("tocsin", "${DATABASE_URL", "${DATABASE URL", "tocsin.yaml:1: A `${` here is not closed or names no variable."),
    ("tocsin", "plugin: alertmanager, ", "", "tocsin.yaml:5: `connections[0].plugin` is missing."),
    ("tocsin", "connections:\n  - {", "connections: {", "tocsin.yaml:4: `connections` must be a list."),
    # rotas that hold nobody, or never
    ("rotas", "[ada, null]", "[null]", "rotas.yaml:3: `rotas[0].members` has nobody in it."),
    ("rotas", "[ada, null]", "[]", "rotas.yaml:3: `rotas[0].members` has nobody in it."),
    (
        "rotas",
        "[ada, null]",
        "[[], ada]",
        "rotas.yaml:3: `rotas[0].members`",
    ),
    (
        "rotas",
        ", members: [ada, null]",
        "",
        "rotas.yaml:2: Rota first-line has no `members`. Add it, or write `layers`.",
    ),
    ("rotas", "every: 1 day", "every: fortnight", "rotas.yaml:3: `rotas[0].every` is no turn's length. Write 1 week"),
    ("rotas", "every: 1 day", "every: 0 days", "rotas.yaml:3: `rotas[0].every` is no turn's length."),
    ("rotas", 'start: "2026-11-02 09:00"', "start: 2026-11-02", "rotas.yaml:3: `rotas[0].start` needs an hour."),
    (
        "rotas",
        '2026-11-02 09:00"',
        '2026-11-02 09:00+03:00"',
        "rotas.yaml:3: `rotas[0].start` names a zone of its own.",
    ),
    ("rotas", '2026-11-02 09:00"', 'next monday"', "rotas.yaml:3: `rotas[0].start` is no time."),
    ("rotas", "    layers:", "    every: 1 day\n    layers:", "rotas.yaml:6: `every` stands beside `layers`. Move it"),
    (
        "rotas",
        "members: [bo]}",
        "members: [bo], only: [{days: someday}]}",
        "`rotas[1].layers[1].only[0].days` names no days.",
    ),
    ("rotas", 'end: "2027-01', 'end: "2025-01', "rotas.yaml:10: It ends before it begins."),
    ("rotas", "person: bo}", "person: bo, replaces: cy}", "rotas.yaml:11: An entry of kind absence replaces nobody."),
]


@pytest.mark.parametrize(("file", "before", "after", "said"), BAD)
def test_what_is_wrong_is_refused_with_line_and_cure(
    tmp_path: Path, file: str, before: str, after: str, said: str
) -> None:
    found = complaints(tmp_path, (file, before, after))
    assert any(said in one for one in found), found


def test_one_fault_is_one_complaint(tmp_path: Path) -> None:
    # bo's entry is wrong, yet bo is a member of a team and of rotas: those are not to blame.
    assert len(complaints(tmp_path, ("people", "U02BO", "nonsense"))) == 1


def test_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    found = complaints(
        tmp_path,
        ("tocsin", "port: 9000", "port: x"),
        ("people", "lead: cy", "lead: c"),
        ("people", "U02BO", "bo"),
        ("estate", "kind: agent", "kind: x"),
        ("rotas", "every: 1 day", "every: x"),
    )
    assert [one.split(" ")[0] for one in found] == [
        *("tocsin.yaml:3:", "people.yaml:3:", "people.yaml:6:", "estate.yaml:6:", "rotas.yaml:3:")
    ]


def test_a_missing_file_is_named_and_blames_nobody_else(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "people.yaml").unlink()
    with pytest.raises(BadConfig) as caught:
        settings.load(tmp_path, ENV)
    assert str(caught.value) == f"{tmp_path}/people.yaml: There is no such file. `tocsin init` writes one."


def test_an_empty_folder_names_every_file(tmp_path: Path) -> None:
    with pytest.raises(BadConfigs) as caught:
        settings.load(tmp_path, ENV)
    names = [Path(one.file).name for one in caught.value.complaints if "no such file" in str(one)]
    assert names == ["tocsin.yaml", "people.yaml", "estate.yaml", "rotas.yaml"]


@pytest.mark.parametrize(
    "text", ["- a\n", "just words\n", "people: {a: 1}\n", "people: [1, {name: 2}, [x]]\n", "people:\n"]
)
def test_nonsense_in_a_file_is_complaints(tmp_path: Path, text: str) -> None:
    written(tmp_path)
    (tmp_path / "people.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BadConfigs):
        settings.load(tmp_path, ENV)


def test_a_complaint_about_a_value_from_the_environment_does_not_show_it(tmp_path: Path) -> None:
    changes = [
        ("tocsin", "mode: socket", "mode: '${PROM_SECRET}'"),
        ("tocsin", "port: 9000", "port: '${PROM_SECRET}'"),
        ("tocsin", "${DATABASE_URL:-sqlite:///tocsin.db}", "${PROM_SECRET}"),
        ("people", "Europe/Istanbul", "${PROM_SECRET}"),
        ("rotas", "every: 1 day", "every: '${PROM_SECRET}'"),
    ]
    assert "sesame" not in str(complaints(tmp_path, *changes))
