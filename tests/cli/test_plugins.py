"""`tocsin plugins` and `tocsin plugin new`."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Type


def test_what_is_installed_is_listed_with_where_it_comes_from(typed: Type) -> None:
    told = json.loads(typed("plugins", "--json").stdout)
    plugins = {plugin["name"]: plugin for plugin in told["plugins"]}
    assert {"alertmanager", "webhook", "slackhook", "cloudevents"} <= set(plugins)
    assert plugins["webhook"]["distribution"] == "tocsin"
    assert plugins["slackhook"]["places"] == ["POST /services/{team}/{bot}/{key}"]
    (prom,) = plugins["alertmanager"]["connections"]
    assert (prom["name"], prom["checks"][0]["scope"], prom["checks"][0]["health"]) == ("prom", "secret", "missing")
    assert all(plugin["summary"] for plugin in told["plugins"])
    assert told["refused"] == told["left_out"] == []


def test_a_platform_is_shown_with_its_levers_and_its_state(typed: Type, folder: Path) -> None:
    file = folder / "config/tocsin.yaml"
    connection = f"  - {{name: disk, plugin: local, root: {folder / 'models'}}}\n"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if "name: prom" in line)
    file.write_text("".join([*lines[: place + 1], connection, *lines[place + 1 :]]), "utf-8")
    plugins = {plugin["name"]: plugin for plugin in json.loads(typed("plugins", "--json").stdout)["plugins"]}
    assert plugins["local"]["parts"] == ["platform", "evaluator", "trainer", "feature"]
    assert plugins["local"]["levers"] == ["pause", "promote", "resume", "rollback", "shift"]
    assert plugins["webhook"]["levers"] == []
    (disk,) = plugins["local"]["connections"]
    checks = [(row["scope"], row["health"]) for row in disk["checks"]]
    assert checks == [("root", "missing"), ("rows", "missing"), ("features", "ok")]
    said = typed("plugins").stdout
    assert "local (tocsin " in said
    assert "  levers: pause, promote, resume, rollback, shift\n" in said


def test_a_person_reads_the_same_with_what_to_do(typed: Type) -> None:
    said = typed("plugins").stdout
    assert "alertmanager (tocsin " in said
    assert "connection prom" in said
    assert "do: Set `secret` for this connection" in said


def test_the_plugins_are_listed_where_there_is_no_configuration(typed: Type, tmp_path: Path) -> None:
    said = typed("plugins", "--config", tmp_path / "nowhere").stdout
    assert "webhook (tocsin " in said
    assert "  connection " not in said


def test_a_configuration_that_does_not_load_costs_only_its_connections(typed: Type, folder: Path) -> None:
    (folder / "config/people.yaml").write_text("people: [{name: ada, slak: U}]\n", "utf-8")
    result = typed("plugins", "--json")
    assert all(not plugin["connections"] for plugin in json.loads(result.stdout)["plugins"])
    assert "people.yaml:1" in result.stderr


def test_a_wrong_option_is_told_and_hides_no_other_connection(typed: Type, folder: Path) -> None:
    file = folder / "config/tocsin.yaml"
    file.write_text(file.read_text("utf-8") + "  - {name: hook, plugin: webhook, secrt: x}\n", "utf-8")
    text = file.read_text("utf-8").replace('escalation: {fallback: ["person:cy"]}\n', "")
    file.write_text(text, "utf-8")
    told = json.loads(typed("plugins", "--json").stdout)
    (left,) = told["left_out"]
    assert "unknown key secrt" in left["what"]
    assert [one["name"] for plugin in told["plugins"] for one in plugin["connections"]] == ["prom"]


@pytest.mark.parametrize("kind", ["source", "pager", "platform"])
def test_a_new_plugin_is_written_whole(typed: Type, tmp_path: Path, kind: str) -> None:
    made = tmp_path / "made"
    said = typed("plugin", "new", "sea-horn", "--kind", kind, "--folder", made).stdout
    assert "pytest" in said
    files = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert {"pyproject.toml", "README.md", "tests/test_tocsin_sea_horn.py", "tocsin_sea_horn/__init__.py"} <= files
    assert f"tocsin_sea_horn/{kind}.py" in files
    for path in files:
        text = (made / path).read_text("utf-8")
        assert "@NAME@" not in text + path
        assert "@PACKAGE@" not in text
        if path.endswith(".py"):
            compile(text, path, "exec")


@pytest.mark.parametrize("name", ["Sea", "sea_horn", "-sea", "sea-", "1sea", "sea/../..", "", "x" * 41])
def test_a_name_that_is_none_is_refused(typed: Type, tmp_path: Path, name: str) -> None:
    result = typed("plugin", "new", "--folder", tmp_path / "made", "--", name, code=2)
    assert "is no name for a plugin" in result.stderr
    assert not (tmp_path / "made").exists()


def test_a_name_that_is_taken_is_refused(typed: Type, tmp_path: Path) -> None:
    assert "installed already" in typed("plugin", "new", "webhook", "--folder", tmp_path / "m", code=2).stderr


def test_nothing_is_written_over(typed: Type, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "mine.txt").write_text("mine", "utf-8")
    assert "is there already" in typed("plugin", "new", "horn", "--folder", tmp_path / "made", code=2).stderr
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_said(typed: Type, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert "cannot be written" in typed("plugin", "new", "horn", "--folder", tmp_path / "file" / "x", code=2).stderr


def test_a_connection_with_two_channels_is_looked_at_once_and_knows_where_it_is_reached(
    typed: Type, folder: Path
) -> None:
    # Twilio is not asked: nobody listens there, so its rows are unknown.
    far = '{name: twilio, plugin: twilio, account: AC%s, token: "t", from: "+15005550006", url: "http://127.0.0.1:9"}'
    file = folder / "config/tocsin.yaml"
    written = file.read_text("utf-8").replace("connections:\n", f"connections:\n  - {far % ('0' * 32)}\n")
    file.write_text(f'{written}web: {{address: "https://tocsin.example.com"}}\n', "utf-8")
    plugins = {plugin["name"]: plugin for plugin in json.loads(typed("plugins", "--json").stdout)["plugins"]}
    (twilio,) = plugins["twilio"]["connections"]
    scopes = [check["scope"] for check in twilio["checks"]]
    assert len(scopes) == len(set(scopes)) >= 1
    assert not any("web.address" in check["do"] for check in twilio["checks"])
    doctor = typed("doctor", code=1).stdout
    assert "Set web.address" not in doctor
    assert doctor.count("twilio: account") == 1


def test_a_connection_that_calls_nobody_says_no_host(typed: Type, folder: Path) -> None:
    file = folder / "config/tocsin.yaml"
    hooks = "  - {name: jobs, plugin: webhook, secret: x}\n  - {name: desk, plugin: webhook, secret: x"
    paging = ', page_url: "https://desk.example.com/p", page_secret: whsec_a2tra2tra2tra2tra2tra2tra2tra2tr'
    file.write_text(file.read_text("utf-8").replace("connections:\n", f"connections:\n{hooks}{paging}}}\n"), "utf-8")
    said = typed("plugins").stdout
    assert "connection jobs\n" in said
    assert "connection desk (calls desk.example.com)" in said
