"""A real MLflow server of one's own: a registry on SQLite, and what people and trainers do to it behind our back."""

import asyncio
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from tests.parts import Missing, free_port
from tests.parts.process import ROOT
from tests.parts.waiting import reachable

HOME = ROOT / ".venv" / ".mlflow"
GET = "Get it with: make .venv/.mlflow"
ADMIN, PASSWORD = "admin", "a-password-of-the-tests"
START = 90.0  #: seconds that a first start may take on a busy machine
#: One process without its job runners, which may call a bot on this machine, and looks for webhooks anew each time.
OURS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http,https",
    "MLFLOW_WEBHOOK_CACHE_TTL": "0",
}


def program() -> Path:
    """MLflow's command; Missing says how to get it."""
    found = HOME / ("Scripts/mlflow.exe" if sys.platform == "win32" else "bin/mlflow")
    if not found.exists():
        raise Missing(f"An MLflow server is not on this machine. {GET}")
    return found


@dataclass(frozen=True)
class Said:
    """An answer of the server."""

    status: int
    body: Any


def _login(user: tuple[str, str] | None) -> dict[str, str]:
    return {"Authorization": f"Basic {b64encode(':'.join(user).encode()).decode()}"} if user else {}


class Server:
    """A running server; `start` and `stop` it, or let the fixture `mlflow` do so once for all tests."""

    def __init__(self, folder: Path, *, guarded: bool = False) -> None:
        """`guarded`: people must log in, as ADMIN with PASSWORD at first."""
        self.folder = folder
        self.guarded = guarded
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers; RuntimeError with its log when it will not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "log"
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        options += ["--backend-store-uri", f"sqlite:///{self.folder / 'mlflow.db'}"]
        options += ["--artifacts-destination", str(self.folder / "artifacts")]
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [program(), "server", *options, *(("--app-name", "basic-auth") if self.guarded else ())],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # it starts children, and all of them must go
            )
        asyncio.run(reachable(f"{self.url}/health", self._process, log, within=START))

    def stop(self) -> None:
        """Kill it with its children; what it held is scratch."""
        if self._process:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self._process.wait()

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, by: tuple[str, str] | None = None
    ) -> Said:
        """One request as any other client makes it; `body` is the query of a GET, `by` a user and a password."""
        user = by or ((ADMIN, PASSWORD) if self.guarded else None)
        said = {"params" if method == "GET" else "json": body}
        url = f"{self.url}/api/2.0/mlflow/{path}"
        async with aiohttp.request(method, url, headers=_login(user), **said) as reply:
            text = await reply.text()
            return Said(reply.status, orjson.loads(text) if reply.content_type == "application/json" else text)

    async def done(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What it answered; AssertionError when it refused."""
        said = await self.call(method, path, body)
        assert said.status == 200, said
        return said.body

    async def model(self, name: str, versions: int = 3, *, alias: str = "", at: int = 0) -> None:
        """A registered model with so many versions, each with a run of its own that has an `auc`."""
        await self.done("POST", "registered-models/create", {"name": name})
        for number in range(1, versions + 1):
            await self.trained(name, auc=0.9 + number / 100)
        if alias:
            await self.point(name, alias, at or versions)

    async def trained(self, name: str, *, auc: float, features: str = "age") -> str:
        """A new version out of a new run; its number."""
        run = (await self.done("POST", "runs/create", {"experiment_id": "0", "start_time": 1}))["run"]["info"]
        metric = {"run_id": run["run_id"], "key": "auc", "value": auc, "timestamp": 1, "step": 0}
        await self.done("POST", "runs/log-metric", metric)
        described = f'flavors: {{}}\nsignature:\n  inputs: \'[{{"name": "{features}"}}]\'\n  outputs: null\nuuid: x\n'
        stored = f"{self.url}/api/2.0/mlflow-artifacts/artifacts/0/{run['run_id']}/artifacts/model/MLmodel"
        login = _login((ADMIN, PASSWORD) if self.guarded else None)
        async with aiohttp.request("PUT", stored, data=described.encode(), headers=login) as reply:
            reply.raise_for_status()
        version = {"name": name, "source": f"{run['artifact_uri']}/model", "run_id": run["run_id"]}
        made = await self.done("POST", "model-versions/create", version)
        return str(made["model_version"]["version"])

    async def prompt(self, name: str, *texts: str) -> None:
        """A prompt with these versions, as MLflow's own client makes them."""
        mark = {"key": "mlflow.prompt.is_prompt", "value": "true"}
        await self.done("POST", "registered-models/create", {"name": name, "tags": [mark]})
        for text in texts:
            tags = [mark, {"key": "mlflow.prompt.text", "value": text}]
            await self.done("POST", "model-versions/create", {"name": name, "source": "prompt-template", "tags": tags})

    async def point(self, name: str, alias: str, version: int | str) -> None:
        """Somebody moves an alias by hand."""
        body = {"name": name, "alias": alias, "version": str(version)}
        await self.done("POST", "registered-models/alias", body)

    async def unpoint(self, name: str, alias: str) -> None:
        """Somebody takes an alias away."""
        await self.done("DELETE", "registered-models/alias", {"name": name, "alias": alias})

    async def delete(self, name: str, version: int | str) -> None:
        """Somebody deletes a version, and its aliases with it."""
        await self.done("DELETE", "model-versions/delete", {"name": name, "version": str(version)})

    async def pointed(self, name: str, alias: str) -> str | None:
        """Where an alias points; None where there is none."""
        found = await self.done("GET", "registered-models/get", {"name": name})
        said = {one["alias"]: one["version"] for one in found["registered_model"].get("aliases", ())}
        return said.get(alias)

    @asynccontextmanager
    async def telling(self, url: str, secret: str, *events: tuple[str, str]) -> AsyncIterator[None]:
        """MLflow tells `url` of (entity, action) events, for as long."""
        told = [{"entity": entity, "action": action} for entity, action in events]
        body = {"name": f"bot-{url.rpartition(':')[2].partition('/')[0]}", "url": url, "events": told}
        made = await self.done("POST", "webhooks", {**body, "secret": secret, "status": "ACTIVE"})
        yield
        await self.done("DELETE", f"webhooks/{made['webhook']['webhook_id']}", {})

    def written(self) -> str:
        """The end of its log."""
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")[-4000:]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW_", "TOCSIN_"))}
        settings = {**inherited, **OURS, "HOME": str(self.folder)}
        if self.guarded:
            ini = self.folder / "auth.ini"
            lines = [f"database_uri = sqlite:///{self.folder / 'auth.db'}", "default_permission = READ"]
            lines += [f"admin_username = {ADMIN}", f"admin_password = {PASSWORD}"]
            lines.append("authorization_function = mlflow.server.auth:authenticate_request_basic_auth")
            ini.write_text("\n".join(["[mlflow]", *lines, ""]), encoding="utf-8")
            settings |= {"MLFLOW_AUTH_CONFIG_PATH": str(ini), "MLFLOW_FLASK_SERVER_SECRET_KEY": "a-key-of-the-tests"}
        return settings
