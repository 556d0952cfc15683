"""`tocsin doctor` over several workspaces: each is looked at with its own token, and for its own share only."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.sandbox.workspace import Secrets, Workspace
from bot.sandbox.workspace.grid import Grid
from bot.sandbox.workspace.nouns import App
from bot.slack.vault import Vault
from bot.store import Store, installations
from bot.store.installations import Installation
from tests.cli import conftest
from tests.cli.conftest import Type

KEY = Fernet.generate_key().decode()


@pytest.fixture
def several(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration for two workspaces: bo and retail are in the second."""
    oauth = "oauth: {url: https://bot.example}, workspace: T01WORKSPACE"
    top = conftest.TOCSIN.format(folder=folder, slack="http").replace(
        'channel: "#ml-oncall"', f'channel: "#ml-oncall", {oauth}'
    )
    files = {
        "tocsin": top.replace("entity: retail}", "entity: retail, secret: a-long-secret}"),
        "people": conftest.PEOPLE.replace("slack: U01BO}", "slack: U01BO, workspace: T02ACME}"),
        "estate": conftest.ESTATE.replace("{name: retail,", '{name: retail, workspace: T02ACME, channel: "#lending",'),
    }
    for name, text in files.items():
        (folder / f"config/{name}.yaml").write_text(text, "utf-8")
    for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_SIGNING_SECRET"):
        monkeypatch.setenv(name, "1.2")
    monkeypatch.setenv("TOCSIN_TOKEN_KEY", KEY)
    return folder


def rows(output: str) -> dict[str, dict[str, Any]]:
    return {row["what"]: row for row in json.loads(output)["checks"]}


async def put(folder: Path, *workspaces: Workspace) -> None:
    store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
    vault = Vault([SecretStr(KEY)])
    for one in workspaces:
        sealed = vault.seal(SecretStr(one.bot_token))
        row = Installation(one.team_id, "x", one.bot_user, "chat:write", sealed, "U01ADA", datetime.now(UTC))
        await store.write(lambda tx, row=row: installations.save(tx, row))  # type: ignore[misc]
    await store.close()


async def test_each_workspace_is_looked_at_for_its_own_share(
    several: Path, typed: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Workspace(people=["ada", "cy"], channels=["#ml-oncall"])
    acme = Workspace(people=["bo"], channels=["#lending"], app=(App(), Secrets(team_id="T02ACME")))
    async with Grid([home, acme], client_id="1.2", client_secret="1.2", installed=True) as grid:
        monkeypatch.setenv("SLACK_API_URL", grid.url)
        await put(several, home, acme)
        found = rows((await asyncio.to_thread(typed, "doctor", "--json")).stdout)
        assert "2 of 2" in found["T01WORKSPACE: people"]["found"]
        assert "1 of 1" in found["T02ACME: people"]["found"]
        assert [what for what in found if "channel" in what] == [
            "T01WORKSPACE: channel #ml-oncall (slack.channel)",
            "T02ACME: channel #lending (entity retail)",
        ]
        monkeypatch.setenv("TOCSIN_TOKEN_KEY", Fernet.generate_key().decode())
        found = rows((await asyncio.to_thread(typed, "doctor", "--json", code=1)).stdout)
        assert "no key of TOCSIN_TOKEN_KEY fits" in found["T02ACME: bot token"]["found"]


def test_until_one_has_installed_it_the_doctor_says_where(several: Path, typed: Type) -> None:
    typed("migrate")
    found = rows(typed("doctor", "--json", code=1).stdout)
    assert found["workspaces"]["do"] == "Open https://bot.example/slack/install."
