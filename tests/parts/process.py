"""The bot as a process of its own, `python -m bot serve`, that may be killed at any moment and started again."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from tests.parts import waiting

ROOT = Path(__file__).resolve().parents[2]
STOP = 20.0  #: seconds a polite stop may take
#: What the machine's own environment must not lend to a bot under test.
OURS = ("SLACK_", "TOCSIN_", "DATABASE_", "PROM_")


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without what would steer a bot, and `given` on top."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**inherited, "PYTHONPATH": str(ROOT), **given}


def apart(given: Mapping[str, str]) -> dict[str, str]:
    """The same for a bot that is installed elsewhere: it sees nothing of this clone."""
    return {name: value for name, value in environment(given).items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


class Serve:
    """`serve` with one configuration, on one port, over many lives; its log is one file."""

    def __init__(self, config: Path, port: int, env: Mapping[str, str], python: Path | None = None) -> None:
        """`config`: the folder TOCSIN_CONFIG names, which says `port`; `env`: database, tokens and secrets.

        `python` is that of another environment in which Tocsin is installed; not given, this clone runs.
        """
        self.port = port
        around = apart if python else environment
        self.env = around({**env, "TOCSIN_CONFIG": str(config)})
        self.program = [str(python or sys.executable), "-m", "bot"]
        self.home = config.parent
        self.log = self.home / "serve.log"
        self.lives = 0
        self.took = 0.0  #: seconds from the latest start until it was ready
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The running process."""
        assert self.process, "It was not started."
        return self.process.pid

    def start(self, *, crash_at: str = "") -> None:
        """Start it and do not wait; `crash_at` is TOCSIN_CRASH_AT, a failpoint and optionally `:nth`."""
        self.lives += 1
        self._began = time.perf_counter()
        with self.log.open("ab") as log:
            log.write(f"--- life {self.lives} {crash_at}\n".encode())
            log.flush()
            self.process = subprocess.Popen(
                [*self.program, "serve"],
                cwd=self.home,
                env={**self.env, "TOCSIN_CRASH_AT": crash_at},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    async def ready(self, *, within: float = 60.0) -> None:
        """Returns when it says that it is ready; RuntimeError with its log when it never is."""
        assert self.process, "It was not started."
        await waiting.reachable(f"{self.url}/health/ready", self.process, self.log, within=within)
        self.took = time.perf_counter() - self._began

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    async def died(self, *, within: float) -> bool:
        """True when the process was killed (by its own failpoint) in time, False when it still runs."""
        assert self.process, "It was not started."
        try:
            status = await asyncio.to_thread(self.process.wait, within)
        except subprocess.TimeoutExpired:
            return False
        if status != -signal.SIGKILL:
            raise RuntimeError(f"serve ended by itself with {status}.\n{self.written()}")
        return True

    async def stop(self) -> int:
        """SIGTERM, and its exit status; killed when it does not go."""
        assert self.process, "It was not started."
        self.process.terminate()
        try:
            return await asyncio.to_thread(self.process.wait, STOP)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"serve did not stop within {STOP:g} s.\n{self.written()}") from None

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Any other command over the same configuration and database: exit status and what it printed."""
        command = await asyncio.create_subprocess_exec(
            *self.program,
            *arguments,
            cwd=self.home,
            env=self.env,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        printed, _ = await command.communicate()
        return command.returncode or 0, printed.decode()

    async def asked(self, *arguments: str) -> Any:
        """What a command says with `--json`; AssertionError with its words when it fails."""
        status, printed = await self.command(*arguments, "--json")
        assert status == 0, f"{arguments} ended with {status}: {printed}"
        return orjson.loads(printed)

    def written(self, last: int = 6000) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-last:] if self.log.exists() else ""

    async def __aenter__(self) -> Self:
        self.start()
        try:
            await self.ready()
        except BaseException:
            self.kill()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
