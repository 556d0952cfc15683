"""The `git` program as a subprocess: no shell, a home and configuration of its own, no secret in its arguments.

The repository is never checked out: trees and commits are made from objects, so nothing that stands in it can act.
"""

import asyncio
import os
import re
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.contract import NotDelivered, reading
from plugins.git.settings import GitSettings

DEADLINE = 60.0  # seconds for one command
_PASSED_ON = ("PATH", "SSH_AUTH_SOCK", "http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY",
              "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO")  # fmt: skip
# Asked by git for the name and the token, which only its environment holds.
_HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$HANDED_USER" "$HANDED_TOKEN"; }; f'
_ADDRESS = re.compile(r"\b[a-z+]+://\S+|\S+@\S+:\S+")
_DENIED = re.compile(
    r"authentication failed|could not read username|could not read password|permission denied|access denied"
    r"|returned error: 40[13]|host key verification failed|invalid credentials|not authorized",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"repository .*not found|does not appear to be a git repository|returned error: 404|not a git repo", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said."""

    code: int
    out: bytes
    err: str


@dataclass(frozen=True)
class Git:
    """The program, for one repository of our own in a folder that is gone afterwards."""

    settings: GitSettings = field(repr=False)
    home: Path
    deadline: float = DEADLINE

    async def run(self, *arguments: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> Said:
        """One command; NotDelivered where there is no git, or it takes too long. It and its children end with us."""
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *arguments,
                cwd=self.home,
                env={**self._env(), **(env or {})},
                # A pipe that nobody reads is closed before it is written to, which the bot's own loop does not take.
                stdin=asyncio.subprocess.PIPE if given else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise NotDelivered("There is no program `git` on this machine.", "Install it.") from None
        try:
            async with asyncio.timeout(self.deadline):
                out, err = await process.communicate(given or None)
        except TimeoutError:
            raise NotDelivered(f"git {arguments[0]} took over {self.deadline:g} s.", retry=True) from None
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return Said(process.returncode or 0, out, err.decode("utf-8", "replace"))

    async def must(self, *arguments: str, given: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """What it says, on success; NotDelivered otherwise."""
        said = await self.run(*arguments, given=given, env=env)
        if said.code:
            raise self.refused(arguments[0], said)
        return said.out.decode("utf-8", "replace").strip()

    def refused(self, what: str, said: Said) -> NotDelivered:
        """Why a command failed: of its words one line, without addresses and secrets."""
        words = self._plain(said.err)
        if _DENIED.search(said.err):
            return NotDelivered(f"git {what} was refused: {words}", "Check the connection's `token` or `key`.")
        if _ABSENT.search(said.err):
            return NotDelivered(f"git {what} found no repository: {words}", "Check the connection's `url`.")
        return NotDelivered(f"git {what} failed: {words}", "It is tried again.", retry=True)

    def _plain(self, err: str) -> str:
        lines = [line.strip() for line in err.splitlines() if line.strip() and not line.startswith("hint:")]
        line = next((one for one in lines if one.startswith(("fatal:", "error:", "remote:", "!"))), "no reason given")
        token = self.settings.token.get_secret_value() if self.settings.token else ""
        shown = _ADDRESS.sub("…", line.replace(token, "…") if token else line)
        return reading.clean(shown)[:200].rstrip(".") + "."

    def _env(self) -> dict[str, str]:
        """Nothing of ours but what it needs to reach the host; its questions are answered by its helper, or fail."""
        own, config = self.settings, {"core.hooksPath": os.devnull, "http.followRedirects": "false", "gc.auto": "0"}
        env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        env |= {"HOME": str(self.home), "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_NOSYSTEM": "1"}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "GIT_TEMPLATE_DIR": ""}
        env |= {"GIT_ASKPASS": "true", "SSH_ASKPASS": "true", "GIT_SSH_COMMAND": self._ssh()}
        if own.token is not None:
            config["credential.helper"] = _HELPER
            env |= {"HANDED_USER": own.user, "HANDED_TOKEN": own.token.get_secret_value()}
        env["GIT_CONFIG_COUNT"] = str(len(config))
        for nth, (name, value) in enumerate(config.items()):
            env |= {f"GIT_CONFIG_KEY_{nth}": name, f"GIT_CONFIG_VALUE_{nth}": value}
        return env

    def _ssh(self) -> str:
        words = ["ssh", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15"]
        if self.settings.key is not None:
            words += ["-i", str(self.settings.key.absolute()), "-o", "IdentitiesOnly=yes"]
        return shlex.join(words)
