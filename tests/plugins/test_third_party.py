"""Plugins of strangers as people have them: wheels, installed beside Tocsin's in an environment of their own."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.testing.far_end import FarEnd
from tests.parts import environment, folder, free_port, waiting
from tests.parts.environment import Environment
from tests.parts.process import Serve

pytestmark = pytest.mark.slow

WATCHTOWER = Path(__file__).resolve().parents[1] / "thirdparty" / "watchtower"
KEY, TOKEN = "k3y-of-the-north", "t0ken-of-the-gateway"
BATCH = {"batch": "b-1", "findings": [{"rule": "Drift of tenure", "state": "open", "model": "churn"}]}

PLUGIN = "from bot.contract import *\nplugin = Plugin(name='{name}'{more})\n"
#: what strangers get wrong: distribution -> the plugin's name, its code, and what is said of it
BROKEN: dict[str, tuple[str, str, str]] = {
    "twin-one": (
        "twin",
        PLUGIN.format(name="twin", more=""),
        "2 plugins are called twin: twin-one 1.0 and twin-two 1.0",
    ),
    "twin-two": ("twin", PLUGIN.format(name="twin", more=""), "none of them is used"),
    "tomorrow": ("tomorrow", PLUGIN.format(name="tomorrow", more=", api=2"), "speaks version 2 of the contract"),
    "torn": ("torn", "raise RuntimeError('token=hunter2')\n", "could not be imported: RuntimeError"),
    "lacking": ("lacking", "import no_such_library\n", "it needs the module no_such_library"),
    "misfit": (
        "misfit",
        "class Beam:\n    def __init__(self, settings, context): pass\n    def parse(self): pass\n"
        + PLUGIN.format(name="misfit", more=", sources=(Beam,)"),
        "Beam has parse(self); the contract says parse(self, request",
    ),
    "unbuilt": (
        "unbuilt",
        "class Horn:\n    def __init__(self, settings, context): raise KeyError('hunter2')\n"
        "    async def send(self, call): pass\n    async def check(self): return []\n"
        + PLUGIN.format(name="unbuilt", more=", pagers=(Horn,)"),
        "could not be set up for to-unbuilt: KeyError",
    ),
}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tocsin's and Watchtower's, as they would be published."""
    into = tmp_path_factory.mktemp("wheels")
    return {name: environment.wheel(path, into) for name, path in (("us", environment.ROOT), ("tower", WATCHTOWER))}


@pytest.fixture(scope="module")
def clean(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with both."""
    return Environment.make(tmp_path_factory.mktemp("clean") / "venv", *wheels.values())


@pytest.fixture(scope="module")
def spoilt(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """One with both, and everything that strangers get wrong."""
    made = Environment.make(tmp_path_factory.mktemp("spoilt") / "venv", *wheels.values())
    for distribution, (name, code, _) in BROKEN.items():
        module = distribution.replace("-", "_")
        made.put(distribution, "1.0", {f"{module}.py": code}, f"{name} = {module}:plugin")
    return made


def configured(home: Path, gateway: str, more: str = "") -> tuple[Path, int]:
    """A configuration without Slack, in which Ada is paged by Watchtower's gateway; the port it listens on."""
    port = free_port()
    config = folder.write(home, port, mode="off")
    tower = f"""\
  - {{name: tower, plugin: watchtower, site: north, secret: {KEY}, gateway: "{gateway}", push: {{token: {TOKEN}}}}}
"""
    with (config / "tocsin.yaml").open("a", encoding="utf-8") as file:
        file.write(tower + more)
    people = (config / "people.yaml").read_text(encoding="utf-8")
    (config / "people.yaml").write_text(
        people.replace("name: ada, slack: U01ADA", "name: ada, notify: {high: [tower]}"), encoding="utf-8"
    )
    return config, port


def serve(made: Environment, config: Path, port: int) -> Serve:
    """The bot of that environment over this configuration."""
    env = {"DATABASE_URL": f"sqlite:///{config.parent / 'tocsin.db'}", "PROM_SECRET": folder.SECRET}
    return Serve(config, port, env, made.python)


async def asked(method: str, url: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
    """One request, signed as Watchtower signs."""
    raw = json.dumps(body).encode() if body is not None else b""
    signature = hmac.new(KEY.encode(), raw, hashlib.sha256).hexdigest()
    headers = {"X-Watchtower-Signature": f"sha256={signature}"}
    async with aiohttp.ClientSession() as http, http.request(method, url, data=raw, headers=headers) as reply:
        return reply.status, json.loads(await reply.read())


async def test_a_strangers_wheel_is_found_used_and_listed(clean: Environment, tmp_path: Path) -> None:
    async with FarEnd() as far:
        config, port = configured(tmp_path, far.url)
        async with serve(clean, config, port) as bot:
            status, said = await asked("POST", f"{bot.url}/alerts/tower", BATCH)
            assert (status, said["incidents"]) == (202, ["INC-1"])
            again = await asked("POST", f"{bot.url}/watchtower/v1/north/batches", {**BATCH, "batch": "b-2"})
            assert again == (200, {"status": "taken", "open": 0})

            async def paged() -> bool:
                return bool(far.arrived)

            await waiting.until(paged, within=20, what="a page at the gateway")
            (page,) = far.arrived
            assert page.headers["authorization"] == f"Bearer {TOKEN}"
            assert json.loads(page.body)["tag"] == "INC-1"
            assert (await asked("GET", f"{bot.url}/health/ready"))[1]["degraded"] is False
            (incident,) = await bot.asked("incident", "list")
            assert (incident["id"], incident["model"]) == ("INC-1", "churn")

            told = await bot.asked("plugins")
            (tower,) = [plugin for plugin in told["plugins"] if plugin["name"] == "watchtower"]
            assert (tower["distribution"], tower["version"], tower["api"]) == ("acme-watchtower", "2.3.1", 1)
            assert (tower["parts"], tower["secrets"]) == (["source", "pager"], ["secret", "push.token"])
            assert tower["places"] == ["POST /watchtower/v1/{site}/batches"]
            (connection,) = tower["connections"]
            assert connection["hosts"] == ["127.0.0.1"]
            assert {(row["scope"], row["health"]) for row in connection["checks"]} == {("secret", "ok"), ("push", "ok")}
            assert {"alertmanager", "webhook"} <= {plugin["name"] for plugin in told["plugins"]}
            assert (told["refused"], told["left_out"]) == ([], [])
            _, printed = await bot.command("plugins")
            assert "watchtower (acme-watchtower 2.3.1, api 1): source, pager" in printed
            assert KEY not in printed
            assert TOKEN not in printed


async def test_what_strangers_get_wrong_costs_only_their_own_connections(spoilt: Environment, tmp_path: Path) -> None:
    names = sorted({name for name, _, _ in BROKEN.values()})
    broken = "".join(f"  - {{name: to-{name}, plugin: {name}}}\n" for name in names)
    async with FarEnd() as far:
        config, port = configured(tmp_path, far.url, broken)
        async with serve(spoilt, config, port) as bot:
            assert (await asked("POST", f"{bot.url}/alerts/tower", BATCH))[1]["new"] == 1
            ready, health = await asked("GET", f"{bot.url}/health/ready")
            rows = {row["part"]: row.get("do", "") for row in health["parts"]}
            (_, checked), (_, examined), told = await asyncio.gather(
                bot.command("check"), bot.command("doctor"), bot.asked("plugins")
            )
            assert (ready, health["degraded"]) == (200, True)
            for name in names:
                assert f"connection to-{name}" in rows
                assert (await asked("POST", f"{bot.url}/alerts/to-{name}", BATCH))[0] == 404
            for distribution, (name, _, why) in BROKEN.items():
                row = rows[f"connection to-{name}"]
                for said in (row, " ".join(checked.split()), " ".join(examined.split())):
                    assert why in said, (distribution, said)
                assert f"{distribution} 1.0" in row
            assert "hunter2" not in json.dumps([rows, checked, examined, told])
            assert "hunter2" not in checked + examined
            refused = {one["name"]: one["distributions"] for one in told["refused"]}
            assert set(refused) == set(names) - {"unbuilt"}
            assert sorted(refused["twin"]) == ["twin-one 1.0", "twin-two 1.0"]
            assert "to-unbuilt" in {one["connection"] for one in told["left_out"]}


@pytest.mark.parametrize("kind", ["source", "pager", "platform"])
def test_a_new_plugin_passes_its_own_tests_as_it_is(clean: Environment, tmp_path: Path, kind: str) -> None:
    made = tmp_path / "tocsin-sea-horn"
    clean.run("bot", "plugin", "new", f"sea-horn-{kind}", "--kind", kind, "--folder", str(made), folder=tmp_path)
    clean.install(environment.wheel(made, tmp_path))
    printed = clean.run("pytest", "-q", "-p", "no:cacheprovider", folder=made)
    assert "2 passed" in printed
    listed = json.loads(clean.run("bot", "plugins", "--json", folder=tmp_path))
    (mine,) = [plugin for plugin in listed["plugins"] if plugin["name"] == f"sea-horn-{kind}"]
    assert (mine["distribution"], mine["version"], mine["parts"]) == (f"tocsin-sea-horn-{kind}", "0.1.0", [kind])


def test_a_strangers_own_tests_pass_where_it_is_installed(clean: Environment) -> None:
    assert "2 passed" in clean.run("pytest", "-q", "-p", "no:cacheprovider", folder=WATCHTOWER)
