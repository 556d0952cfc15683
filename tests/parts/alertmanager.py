"""A real Prometheus Alertmanager of one's own, with a webhook receiver and short waits."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from ruamel.yaml import YAML

from tests.parts import Missing, free_port
from tests.parts.waiting import reachable

GET = "Get it with: apt-get install prometheus-alertmanager"


def program() -> str:
    """Alertmanager's binary; Missing says how to get it."""
    found = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
    if not found:
        raise Missing(f"Prometheus Alertmanager is not on this machine. {GET}")
    return found


@dataclass(frozen=True)
class Route:
    """How alerts become notifications; durations in Prometheus' own words."""

    group_by: tuple[str, ...] = ("alertname", "model")
    group_wait: str = "500ms"
    group_interval: str = "1s"
    repeat_interval: str = "3s"


def labelled(
    name: str,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    annotations: Mapping[str, str] | None = None,
    **labels: str,
) -> dict[str, Any]:
    """One alert as Prometheus posts it; with `ends_at` in the past it is resolved."""
    alert: dict[str, Any] = {"labels": {"alertname": name, **labels}, "annotations": dict(annotations or {})}
    if starts_at:
        alert["startsAt"] = starts_at.isoformat()
    if ends_at:
        alert["endsAt"] = ends_at.isoformat()
    return alert


class Alertmanager:
    """A running Alertmanager that notifies one webhook; alone, without gossip."""

    def __init__(self, folder: Path, webhook: str, *, secret: str = "", route: Route | None = None) -> None:
        """`webhook`: where notifications go; `secret` is sent as a bearer token."""
        self.folder = folder
        self.webhook = webhook
        self.secret = secret
        self.route = route or Route()
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._http: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where its API answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process."""
        assert self._process, "Alertmanager was not started."
        return self._process.pid

    async def start(self) -> None:
        """Start it and wait until it is ready; RuntimeError with its log when it will not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        file = self.folder / "alertmanager.yml"
        with file.open("w", encoding="utf-8") as stream:
            YAML(typ="safe").dump(self._config(), stream)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program(),
                    f"--config.file={file}",
                    f"--storage.path={self.folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                    "--cluster.listen-address=",
                    "--log.level=warn",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._http = aiohttp.ClientSession()
        await reachable(f"{self.url}/-/ready", self._process, self._log)

    async def stop(self) -> None:
        """Kill it; what it held is scratch."""
        if self._http:
            await self._http.close()
        if self._process:
            self._process.kill()
            self._process.wait()

    async def push(self, alerts: Iterable[Mapping[str, Any]]) -> None:
        """Post alerts as Prometheus does; raises when they are not accepted."""
        assert self._http, "Alertmanager was not started."
        async with self._http.post(f"{self.url}/api/v2/alerts", json=list(alerts)) as reply:
            reply.raise_for_status()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _config(self) -> dict[str, Any]:
        hook: dict[str, Any] = {"url": self.webhook, "send_resolved": True}
        if self.secret:
            hook["http_config"] = {"authorization": {"type": "Bearer", "credentials": self.secret}}
        waits = {
            "group_wait": self.route.group_wait,
            "group_interval": self.route.group_interval,
            "repeat_interval": self.route.repeat_interval,
        }
        return {
            "route": {"receiver": "tocsin", "group_by": list(self.route.group_by), **waits},
            "receivers": [{"name": "tocsin", "webhook_configs": [hook]}],
        }
