"""A folder whose models stand on a disk, and what a running bot would have noted of them."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from bot.clock import SystemClock
from bot.model.change import Serving, Step, move
from bot.model.served import Moved, WayBack
from bot.store import Store, Tx, changes, moved, ways_back
from tests.cli import conftest
from tests.parts import migrated

DISK = "  - {{name: disk, plugin: local, root: {folder}/models}}\n"
MODELS = """\
models:
  - {name: churn, kind: model, entity: retail, team: churn-ml, criticality: high, platform: disk,
     ref: {name: churn}, aliases: [churn-v2], approvers: ["team:churn-ml"]}
  - {name: price, kind: model, entity: retail, team: churn-ml}
"""
RUNBOOK = """\
---
title: A model failed
owner: team:churn-ml
review_by: 2099-06-01
match: {kind: failure}
severity:
  - {is: sev3}
tiers:
  L1: {page: "person:ada", answer_within: 10m}
start: {sev3: L1}
actions:
  rollback: {approval: one, metric: auc}
---
Look.
"""


def furnish(folder: Path) -> None:
    """Churn on a disk: 7 serves, 6 and 5 are there."""
    top = conftest.TOCSIN.replace("escalation:", DISK + "escalation:").format(folder=folder, slack="off")
    (folder / "config/tocsin.yaml").write_text(top, "utf-8")
    estate = conftest.ESTATE.partition("models:")[0] + MODELS
    (folder / "config/estate.yaml").write_text(estate, "utf-8")
    (folder / "runbooks/failure.md").write_text(RUNBOOK, "utf-8")
    for version in ("5", "6", "7"):
        (folder / "models/churn/versions" / version).mkdir(parents=True)
    serve(folder, "7", 1)


def serve(folder: Path, version: str, seq: int) -> None:
    """Somebody with an editor."""
    said = {"split": {version: 100}, "paused": False, "seq": seq}
    (folder / "models/churn/serving.json").write_text(json.dumps(said), "utf-8")


def note(folder: Path) -> None:
    """The ledger of a bot that has run for a while: 6 served nine days, 7 since yesterday; one look at the way back."""

    async def keep() -> None:
        clock = SystemClock()
        store = await Store.open(migrated.sqlite(folder), clock=clock)
        now = clock.now()

        def write(tx: Tx) -> None:
            for version, days, by in (("6", 10, "seen"), ("7", 1, "person:ada")):
                serving = Serving({version: 100.0})
                moved.add(tx, Moved("churn", now - timedelta(days=days), serving, by))
            ways_back.put(tx, WayBack("churn", True, "6", "6 served nine days.", now))

        await store.write(write)
        await store.close()

    asyncio.run(keep())


def finish(folder: Path, change_id: str) -> None:
    """What the running bot would do with an approved change to 6, and how it would end."""
    serve(folder, "6", 2)

    async def act() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())

        def write(tx: Tx) -> None:
            for step in (Step.APPLYING, Step.VERIFYING, Step.DONE):
                before = changes.get(tx, change_id)
                changes.save(tx, before, move(before, step, tx.now, outcome="6 is seen to serve."))

        await store.write(write)
        await store.close()

    asyncio.run(act())
