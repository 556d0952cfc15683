"""A folder whose churn can be trained anew by a program and judged on rows, and the bot that does what is due."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from bot.cli import elsewhere, place
from bot.clock import SystemClock
from bot.engine import duties, work
from bot.engine.desk import Desk
from bot.model.retraining import Phase
from bot.slack import off
from bot.store import Store, Tx, changes, log, trainings, watches
from bot.testing.clock import FakeClock
from tests.cli import production
from tests.plugins import kilns

POLICY = "retrain: {window: 30d, cooldown: 1d, longest: 6h, cost: 40, watch: 1d}"
TERMS = "trial: {metric: auc, window: 28d, least: 200}"
LEVERS = "  retrain: {approval: one, gate: {metric: auc, not_below_champion_by: 0.01}}\n  promote: {approval: one}\n"
SKILL = {"7": 0.4, "8": 2.0, "9": 0.0}  #: how well a version tells yes from no
#: Makes a version at once.
MAKES = """#!/bin/sh
echo "fitting on $2"
mkdir versions/{version}
echo '{{"version": "{version}", "metrics": {{"rows": 1200}}, "cost": 35}}' > "$4/result.json"
"""
#: Tells how far it is, then does what it is told through a pipe.
LASTS = """#!/bin/sh
echo '{"stage": "fitting 3 of 4", "share": 0.75}' > "$4/progress.json"
mkfifo "$4/gate"
eval "$(timeout --foreground 60 cat "$4/gate")"
"""
#: Says why it breaks.
BREAKS = "#!/bin/sh\necho 'reading rows'\necho 'out of memory'\nexit 1\n"


def furnish(folder: Path, script: str) -> None:
    """As `production.furnish`, with a policy, a budget, rows of the last days and this program."""
    production.furnish(folder)
    edit(folder / "config/tocsin.yaml", "root:", "run_train: true, root:")
    edit(folder / "config/estate.yaml", "aliases: [churn-v2],", f"aliases: [churn-v2], {TERMS}, {POLICY},")
    edit(folder / "config/estate.yaml", "name: retail,", "name: retail, budget: {monthly: 500, currency: EUR},")
    edit(folder / "runbooks/drift.md", "---\nLook at", f"actions:\n{LEVERS}---\nLook at")
    kilns.program(folder / "models/churn", script)
    rows(folder)


def edit(file: Path, old: str, new: str) -> None:
    """Somebody with an editor."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def rows(folder: Path, count: int = 1_200) -> None:
    """A row of churn every ten minutes up to now; 8 tells yes from no better than 7, and 9 not at all."""
    dice, now = random.Random(7), SystemClock().now()
    (folder / "models/churn/rows").mkdir(exist_ok=True)
    with (folder / "models/churn/rows/all.jsonl").open("w", encoding="utf-8") as out:
        for number in range(count):
            truth = int(dice.random() < 0.4)
            said = {v: round(1 / (1 + 2.7 ** -(dice.gauss(0, 1) + s * (truth - 0.5))), 6) for v, s in SKILL.items()}
            at = (now - timedelta(minutes=10 * (number + 1))).isoformat()
            out.write(json.dumps({"at": at, "truth": truth, "said": said}) + "\n")


def bot(folder: Path, holds: Callable[[Tx], bool]) -> None:
    """A bot does what is due, its clock running ahead of ours, until that holds."""

    async def act() -> None:
        async with ahead(folder) as desk:
            await drained(desk, holds)

    asyncio.run(act())


def over(tx: Tx) -> bool:
    """CHG-1 has ended."""
    return not changes.get(tx, "CHG-1").open


def runs(tx: Tx) -> bool:
    """CHG-1 has told how far it is."""
    found = trainings.find(tx, "CHG-1")
    return found is not None and found.phase is Phase.TRAINING and found.share is not None


def led_on(tx: Tx) -> bool:
    """Something came of CHG-1 by itself."""
    return changes.after(tx, "CHG-1") is not None


def watched(tx: Tx) -> bool:
    """What CHG-1 led to serves, and is watched."""
    return bool(watches.going(tx, "churn"))


@asynccontextmanager
async def ahead(folder: Path) -> AsyncIterator[Desk]:
    """The folder's desk, with its trainer, in frozen time."""
    clock = FakeClock(SystemClock().now())
    store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=clock)
    desk = Desk(store, clock, place.settings(folder / "config"), place.library(folder / "config"))
    with elsewhere.hosts(desk, "disk"):
        yield desk
    await store.close()


async def drained(desk: Desk, holds: Callable[[Tx], bool]) -> None:
    """What is due is done, step by step, until that holds."""
    worker = work.Worker(desk, {**off.HANDLERS, **duties.of(desk)}, owner="me")
    assert isinstance(desk.clock, FakeClock)
    for _ in range(400):
        await worker.drain()
        if await desk.store.read(holds):
            return
        await asyncio.sleep(0.02)  # the program is a process of its own, and knows nothing of our clock
        await desk.clock.advance(2)
    raise AssertionError("It never came to that.")


def refusals(folder: Path, subject: str) -> list[str]:
    """What the log says of changes that were not to be."""

    async def read() -> list[str]:
        async with place.desk(folder / "config") as desk:
            found = await desk.store.read(lambda tx: log.of(tx.sql, subject))
        return [one.entry.why for one in found if one.entry.kind == "change.refused"]

    return asyncio.run(read())
