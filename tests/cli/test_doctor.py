"""`tocsin doctor`: one page of what stands and what does not, and an exit code a script can trust."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from bot.contract.plugin import Check, Health
from bot.rules import signing
from bot.sandbox.workspace import SCOPES, Workspace
from bot.slack import manifest
from tests.cli import conftest, kiln
from tests.cli.conftest import Type

Ask = Callable[..., Awaitable[Result]]
SECRET = "{name: prom, plugin: alertmanager, entity: retail, secret: a-long-secret}"


@pytest.fixture
async def ws() -> AsyncIterator[Workspace]:
    """A workspace with the people and the channel of the folder's configuration."""
    async with Workspace(people=["ada", "bo", "cy"], channels=["#ml-oncall"]) as one:
        one.revoke(*set(SCOPES) - set(manifest.SCOPES))
        yield one


@pytest.fixture
async def ask(ws: Workspace, folder: Path, typed: Type, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """`await ask("--json", code=0)`: the doctor, beside the workspace, with a database that stands."""
    top = conftest.TOCSIN.format(folder=folder, slack="socket")
    top = top.replace("{name: prom, plugin: alertmanager, entity: retail}", SECRET)
    (folder / "audit.pem").write_bytes(signing.private_pem(signing.make()))
    sealed = f"audit: {{key: {folder / 'audit.pem'}, post: [{folder / 'checkpoints.txt'}]}}\n"
    (folder / "config/tocsin.yaml").write_text(f"{top}{sealed}", "utf-8")
    monkeypatch.setenv("SLACK_BOT_TOKEN", ws.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", ws.app_token)
    monkeypatch.setenv("SLACK_API_URL", ws.url)
    await asyncio.to_thread(typed, "migrate")

    async def run(*words: str, code: int = 0) -> Result:
        return await asyncio.to_thread(typed, "doctor", *words, code=code)

    return run


def rows(result: Result) -> dict[str, dict[str, Any]]:
    return {row["what"]: row for row in json.loads(result.stdout)["checks"]}


async def test_what_a_platform_knows_of_each_model_has_a_row(ask: Ask, folder: Path) -> None:
    models = folder / "models"
    (models / "churn" / "versions" / "7").mkdir(parents=True)
    (models / "churn" / "serving.json").write_text('{"split": {"7": 100}, "paused": true, "seq": 1}', "utf-8")
    top = (folder / "config/tocsin.yaml").read_text("utf-8")
    top = top.replace(SECRET, f"{SECRET}\n  - {{name: disk, plugin: local, root: {models}}}")
    (folder / "config/tocsin.yaml").write_text(top, "utf-8")
    estate = (folder / "config/estate.yaml").read_text("utf-8")
    known = estate.replace("team: churn-ml", "team: churn-ml, platform: disk, ref: {name: churn}", 1)
    assert known != estate
    (folder / "config/estate.yaml").write_text(known, "utf-8")
    seen = rows(await ask("--json"))
    assert (seen["disk: root"]["health"], seen["disk: serves churn"]["health"]) == ("ok", "ok")
    assert seen["disk: serves churn"]["found"] == "7 (100 %), paused."
    (folder / "config/estate.yaml").write_text(known.replace("{name: churn}", "{name: chrun}"), "utf-8")
    seen = rows(await ask("--json", code=1))
    assert seen["disk: serves churn"]["health"] == "missing"
    assert "There is churn." in seen["disk: serves churn"]["do"]


async def test_who_trains_each_model_has_a_row(ask: Ask, folder: Path) -> None:
    await asyncio.to_thread(kiln.furnish, folder, kiln.LASTS)
    top = (folder / "config/tocsin.yaml").read_text("utf-8")
    top = top.replace('mode: "off"', 'mode: "socket"').replace(
        "{name: prom, plugin: alertmanager, entity: retail}", SECRET
    )
    (folder / "config/tocsin.yaml").write_text(top, "utf-8")
    seen = rows(await ask("--json"))
    assert (seen["disk: trains churn"]["health"], seen["disk: trains churn"]["found"]) == ("ok", "Nothing goes on.")
    assert seen["disk: features"]["health"] == "ok"
    kiln.edit(folder / "config/estate.yaml", "ref: {name: churn}", "ref: {name: chrun}")
    assert rows(await ask("--json", code=1))["disk: trains churn"]["health"] == "missing"
    kiln.edit(folder / "config/estate.yaml", "retrain: {", "retrain: {connection: prom, ")
    seen = rows(await ask("--json", code=1))
    assert seen["prom: trains churn"]["found"] == "The plugin alertmanager has no trainer."


async def test_all_green_is_one_page_and_exit_code_zero(ask: Ask, ws: Workspace) -> None:
    page = (await ask()).stdout
    assert page.endswith("Everything is there.\n")
    assert [line for line in page.splitlines() if not line.startswith(" ")][:-1] == [
        "Configuration", "Database", "Slack", "Connections", "On call", "Clocks",
    ]  # fmt: skip
    assert page.count("  ok  ") >= 11
    assert len(page.splitlines()) < 25
    told = json.loads((await ask("--json")).stdout)
    assert told["ok"] is True
    assert {row["health"] for row in told["checks"]} == {"ok"}
    assert ws.bot_token not in page + str(told)


async def test_an_optional_scope_that_lacks_is_told_and_fails_nothing(ask: Ask, ws: Workspace) -> None:
    ws.revoke("reactions:read")
    page = (await ask()).stdout
    assert "  without  scope reactions:read: Only the shortcut and /incident note do.\n" in page
    assert "do: OAuth & Permissions, Bot Token Scopes: add reactions:read; then Reinstall to Workspace.\n" in page
    assert page.endswith("1 optional and missing.\n")


async def test_what_is_required_and_missing_is_exit_code_one(ask: Ask, ws: Workspace) -> None:
    ws.channel("#ml-oncall").archived = True
    failed = await ask(code=1)
    assert "  MISSING  channel #ml-oncall (slack.channel): It is archived.\n" in failed.stdout
    assert failed.stdout.endswith("1 required and missing.\n")
    told = await ask("--json", code=1)
    assert json.loads(told.stdout)["ok"] is False
    assert rows(told)["channel #ml-oncall (slack.channel)"]["health"] == "missing"


async def test_a_dead_slack_is_one_row_and_the_rest_is_looked_at(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    answer = await ask("--json", code=1)
    told = json.loads(answer.stdout)["checks"]
    assert [(row["what"], row["health"]) for row in told if row["part"] == "Slack"] == [("Slack", "missing")]
    assert {row["part"] for row in told} == {"Configuration", "Database", "Slack", "Connections", "On call", "Clocks"}
    assert rows(answer)["clock of Slack"]["health"] == "unknown"


def test_a_configuration_that_does_not_load_is_all_there_is_to_say(typed: Type, folder: Path) -> None:
    (folder / "config/people.yaml").write_text("people: 7\n", "utf-8")
    failed = typed("doctor", code=1)
    assert f"MISSING  {folder}/config/people.yaml:1" in failed.stdout
    assert "do:" in failed.stdout
    assert "Slack" not in failed.stdout


def test_a_wrong_runbook_and_a_missing_database_hide_nothing(typed: Type, folder: Path) -> None:
    (folder / "runbooks/broken.md").write_text("no head here\n", "utf-8")
    found = rows(typed("doctor", "--json", code=1))
    assert found[f"{folder}/runbooks/broken.md:1"]["health"] == "missing"
    assert (found["database"]["health"], "migrate" in found["database"]["do"]) == ("missing", True)
    assert (found["slack.mode"]["health"], found["slack.mode"]["required"]) == ("missing", False)
    assert not (folder / "tocsin.db").exists()


def test_many_complaints_are_cut_short(typed: Type, folder: Path) -> None:
    for number in range(20):
        (folder / f"runbooks/broken{number}.md").write_text("no head here\n", "utf-8")
    told = json.loads(typed("doctor", "--json", code=1).stdout)["checks"]
    configuration = [row for row in told if row["part"] == "Configuration"]
    assert len(configuration) == 11
    assert configuration[-1]["found"] == "10 more complaints."


def test_a_hook_that_anybody_may_post_to_is_red(typed: Type) -> None:
    found = rows(typed("doctor", "--json", code=1))
    assert (found["prom: secret"]["health"], "anybody" in found["prom: secret"]["do"]) == ("missing", True)


def test_a_plugin_that_is_not_installed_is_one_row(typed: Type, folder: Path) -> None:
    top = folder / "config/tocsin.yaml"
    top.write_text(top.read_text("utf-8").replace("plugin: alertmanager", "plugin: alertmanger"), "utf-8")
    assert "alertmanger" in rows(typed("doctor", "--json", code=1))["plugin"]["found"]


class Raises:
    async def check(self) -> list[Check]:
        raise RuntimeError("hunter2")


class Mumbles:
    async def check(self) -> list[Check]:
        return ["fine"]  # type: ignore[list-item]


class Unsure:
    async def check(self) -> list[Check]:
        return [Check("quota", Health.UNKNOWN, "Ask the vendor.")]


@pytest.mark.parametrize(
    ("part", "what", "said"),
    [
        (Raises(), "p", "failed in check"),
        (Mumbles(), "p", "no list of rows"),
        (Unsure(), "p: quota", "Ask the vendor."),
    ],
)
async def test_a_plugin_s_check_that_goes_wrong_is_unknown(part: Any, what: str, said: str) -> None:
    from bot.cli import doctor
    from bot.clock import SystemClock
    from bot.contract.guard import Guard

    (row,) = await doctor.part("p", Guard("p", SystemClock()), part)
    assert (row.what, row.health) == (what, Health.UNKNOWN)
    assert said in f"{row.found} {row.do}"
    assert "hunter2" not in str(row)


def test_it_does_without_bolt(folder: Path) -> None:
    (folder / "config/tocsin.yaml").write_text(conftest.TOCSIN.format(folder=folder, slack="socket"), "utf-8")
    look = (
        "import sys; from bot import cli\n"
        "try: cli.app(['doctor'])\n"
        "except SystemExit: pass\n"
        "print('slack_sdk' in sys.modules, 'slack_bolt' in sys.modules)"
    )
    env = os.environ | {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TOCSIN_CONFIG": str(folder / "config"),
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_APP_TOKEN": "xapp-made-up",
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
    }
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.splitlines()[-1] == "True False"
