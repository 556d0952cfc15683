"""The real amtool, Alertmanager's own command line, driven against any address."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from tests.parts import Missing

GET = "Get it with: apt-get install prometheus-alertmanager"


def program() -> str:
    """Its binary; Missing says how to get it."""
    found = shutil.which("amtool")
    if not found:
        raise Missing(f"amtool is not on this machine. {GET}")
    return found


@dataclass(frozen=True)
class Amtool:
    """amtool with one address and one token, as its users write them into its files."""

    folder: Path
    url: str
    token: str

    async def run(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output, standard error."""
        self.folder.mkdir(parents=True, exist_ok=True)
        http = self.folder / "http.yml"
        http.write_text(f"authorization: {{type: Bearer, credentials: {orjson.dumps(self.token).decode()}}}\n")
        command = await asyncio.create_subprocess_exec(
            program(),
            f"--alertmanager.url={self.url}",
            f"--http.config.file={http}",
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"HOME": str(self.folder)},
        )
        out, err = await command.communicate()
        return command.returncode or 0, out.decode(), err.decode()

    async def done(self, *words: str) -> str:
        """What it printed; AssertionError with its words when it failed."""
        status, out, err = await self.run(*words)
        assert status == 0, f"amtool {' '.join(words)} ended with {status}: {err}"
        return out.strip()

    async def asked(self, *words: str) -> Any:
        """What it printed with -o json."""
        return orjson.loads(await self.done(*words, "-o", "json"))
