"""A log of a million entries: writing it as a bundle and verifying that, beside a bare loop of json and hashlib."""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import resource
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli import audit_bundle, audit_given
from bot.engine import checkpoint, export
from bot.engine.desk import Desk
from bot.model.entry import Context, Entry, Step
from bot.rules import signing
from bot.runbooks import Library
from bot.settings import Settings
from bot.settings.nouns import Audit
from bot.store import Store, log
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 1, tzinfo=UTC)
BATCH = 10_000


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tenth of them")
    return parser.parse_args()


def peak() -> float:
    """The most memory this process ever held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def entry(number: int) -> Entry:
    """One as they are: a press with its context."""
    subject = f"INC-{number // 20}"
    context = Context(action=subject, step=Step.DECISION, identity="slack:U01ADA", method="slack", role="holder")
    after = {"phase": "acknowledged", "holder": "ada", "via": "button", "as": "slack:U01ADA"}
    before = {"phase": "triggered"}
    why = f"Drift of feature {number % 97} was seen."
    return Entry("retail", "incident.acknowledged", START, "person:ada", subject, why, before, after, context)


def bare(file: Path) -> int:
    """What somebody writes in ten lines: the chain alone, each entry's commitment and hash."""
    count, previous = 0, "0" * 64
    with zipfile.ZipFile(file) as zipped, zipped.open("entries.jsonl") as lines:
        for line in lines:
            one = json.loads(line)
            said = {name: one[name] for name in ("actor", "after", "before", "context", "subject", "why")}
            place = {name: one[name] for name in ("at", "chain", "commitment", "kind", "recorded_at", "seq")}
            packed = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            assert hashlib.sha256(one["salt"].encode() + packed).hexdigest() == one["commitment"]
            packed = json.dumps(place, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            assert hashlib.sha256(previous.encode() + packed).hexdigest() == one["hash"]
            previous, count = one["hash"], count + 1
    return count


async def main(entries: int) -> None:
    """Everything, once."""
    with tempfile.TemporaryDirectory() as scratch:
        home, clock = Path(scratch), FakeClock(START)
        audit_given.make(home / "audit.key")
        store = await Store.open(f"sqlite:///{home / 'bench.db'}", clock=clock)
        desk = Desk(store, clock, replace(Settings(home, ""), audit=Audit(key=home / "audit.key")), Library())
        for begin in range(0, entries, BATCH):
            notes = [entry(number) for number in range(begin, min(begin + BATCH, entries))]
            await store.write(lambda tx, notes=notes: tx.note(*notes))
        for what, act in (("checkpoint of all", checkpoint.make(desk)), ("bundle written", _write(desk, home))):
            began = time.perf_counter()
            await act
            _say(what, entries, time.perf_counter() - began)
        began = time.perf_counter()
        walks = await store.read(lambda tx: log.walks(tx.sql))
        _say("database verified", sum(one.count for one in walks.values()), time.perf_counter() - began)
        await store.close()
        file = home / "bundle.zip"
        began = time.perf_counter()
        found = audit_bundle.verify(file, [signing.read_public(home / "audit.key.pub")], [])
        _say("bundle verified", entries, time.perf_counter() - began)
        assert found.ok, found.faults
        began = time.perf_counter()
        _say("a bare loop over it", bare(file), time.perf_counter() - began)
        print(f"bundle {file.stat().st_size / 1e6:.0f} MB; peak memory of all of it {peak():.0f} MB")
    print(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")


async def _write(desk: Desk, home: Path) -> None:
    await export.bundle(desk, "retail", START, START + timedelta(days=1), out=home / "bundle.zip")


def _say(what: str, count: int, took: float) -> None:
    print(f"{what:24} {count:>10,} entries {took:8.2f} s {count / took:>12,.0f} a second")


if __name__ == "__main__":
    asked = options()
    asyncio.run(main(asked.entries // 10 if asked.quick else asked.entries))
