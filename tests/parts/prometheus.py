"""A real Prometheus of one's own that evaluates every second and posts its alerts straight to whoever is named."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ruamel.yaml import YAML

from tests.parts import Missing, free_port
from tests.parts.waiting import reachable

GET = "Get it with: apt-get install prometheus"


def program() -> str:
    """Prometheus' binary; Missing says how to get it."""
    found = shutil.which("prometheus")
    if not found:
        raise Missing(f"Prometheus is not on this machine. {GET}")
    return found


@dataclass(frozen=True)
class Rule:
    """An alerting rule: it fires as long as `expr` has a value."""

    alert: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


class Prometheus:
    """A running Prometheus that scrapes nothing and whose Alertmanager is at `target`."""

    def __init__(self, folder: Path, target: str, *, secret: str = "") -> None:
        """`target`: host:port; `secret` is sent as a bearer token."""
        self.folder = folder
        self.target = target
        self.secret = secret
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self, rules: Sequence[Rule]) -> None:
        """Start it with these rules and wait until it is ready; RuntimeError with its log when it will not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._dump("prometheus.yml", self._config())
        self._dump("rules.yml", self._rules(rules))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    program(),
                    f"--config.file={self.folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self.folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self.port}",
                    "--rules.alert.resend-delay=1s",
                    "--log.level=warn",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        await reachable(f"{self.url}/-/ready", self._process, self._log)

    async def stop(self) -> None:
        """Kill it: nobody is told that its alerts are over."""
        if self._process:
            self._process.kill()
            self._process.wait()

    async def again(self, rules: Sequence[Rule]) -> None:
        """Other rules, without a new start."""
        self._dump("rules.yml", self._rules(rules))
        assert self._process, "Prometheus was not started."
        self._process.send_signal(1)  # SIGHUP

    def written(self) -> str:
        """The end of its log."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-4000:]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _dump(self, name: str, document: Any) -> None:
        with (self.folder / name).open("w", encoding="utf-8") as stream:
            YAML(typ="safe").dump(document, stream)

    def _config(self) -> dict[str, Any]:
        door: dict[str, Any] = {"static_configs": [{"targets": [self.target]}]}
        if self.secret:
            door["authorization"] = {"type": "Bearer", "credentials": self.secret}
        return {
            "global": {"evaluation_interval": "1s", "scrape_interval": "1s"},
            "rule_files": [str(self.folder / "rules.yml")],
            "alerting": {"alertmanagers": [door]},
        }

    def _rules(self, rules: Sequence[Rule]) -> dict[str, Any]:
        written = [
            {"alert": r.alert, "expr": r.expr, "labels": dict(r.labels), "annotations": dict(r.annotations)}
            for r in rules
        ]
        return {"groups": [{"name": "tocsin", "rules": written}]}
