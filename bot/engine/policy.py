"""What is in force, as digests: every file of the configuration, every runbook by its revision, and all in one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.engine.desk import Desk
from bot.model import seal
from bot.model.entry import Entry
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Tx, log

SUBJECT, LOADED = "configuration", "configuration.loaded"
CHAIN = "tocsin"


@dataclass(frozen=True, slots=True)
class Policy:
    """By name, SHA-256 of the files and the revisions of the runbooks; `digest` is that of both."""

    files: Mapping[str, str]
    runbooks: Mapping[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of the two, in hexadecimal: what entries of the log are stamped with."""
        said = {"files": dict(self.files), "runbooks": dict(self.runbooks)}
        return hashlib.sha256(seal.canonical(said)).hexdigest()


def of(settings: Settings, library: Library) -> Policy:
    """What the files say as they stand; secrets come from the environment and are in none of it."""
    files = sorted(settings.folder.glob("*.yaml"))
    runbooks = {runbook.name: runbook.revision for runbook in library.runbooks}
    return Policy({file.name: _digest(file) for file in files}, runbooks)


async def enforce(desk: Desk, at: datetime) -> None:
    """Stamp whatever is written from now on with what is in force, and write that down where it is not the same."""
    found = of(desk.settings, desk.runbooks)
    desk.store.stamp = replace(desk.store.stamp, policy=found.digest)
    await desk.store.write(lambda tx: _note(tx, found, at))


def _note(tx: Tx, found: Policy, at: datetime) -> None:
    last = log.of(tx.sql, SUBJECT, 1)
    was = {"policy": last[0].entry.after.get("policy", "")} if last else {}
    if was.get("policy") == found.digest:
        return
    after = {"policy": found.digest, "files": dict(found.files), "runbooks": dict(found.runbooks)}
    why = "It is not what was in force before." if last else "The first that is recorded."
    tx.note(Entry(CHAIN, LOADED, at, "tocsin", SUBJECT, why, was, after))


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:  # it went away since it was read: what counts is that this is not the same any more
        return ""
