"""Runs that have been: each with its change, as far as those who read of them care."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.model.retraining import Phase, Training
from bot.store import trainings
from tests.story.forging import Smithy

FREELY = "window: 30d, cooldown: 0s, longest: 6h, cost: 40, watch: 1d"  #: a policy that lets one run follow another


async def run(smithy: Smithy, model: str = "churn", **facts: Any) -> Training:
    """One of churn that ran for an hour, cost 35, made 6 and passed, unless `facts` say what else; a moment ago.

    With `on` it goes on.
    """
    scene, now = smithy.scene, smithy.bench.now
    answer = await smithy.propose(model=model)
    change = answer.change
    assert change is not None, answer.sentence
    await scene.vote(change, verb="withdraw", by="person:ada")
    begun = now - timedelta(hours=1)
    made = Training(change.id, model=model, entity="retail", connection="shelf", asked_at=now, foreseen=40.0)
    told: dict[str, Any] = {"run": f"run-{change.id}", "started_at": begun, "heard_at": now, "cost": 35.0}
    if facts.pop("on", False):
        made = replace(made, **{**told, "phase": Phase.TRAINING, "going": "running", **facts})
    else:
        ended = {"phase": Phase.ENDED, "ended_at": now, "done": True, "version": "6", "passed": True}
        made = replace(made, **{**told, **ended, "going": "done", **facts})
    await smithy.desk.store.write(lambda tx: trainings.add(tx, made))
    return made
