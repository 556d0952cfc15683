"""Trainings outlive whoever started them, as they should in production; a demo that ends leaves no process behind."""

from bot import telemetry
from bot.engine import retrain_plan
from bot.engine.desk import Desk
from bot.errors import TocsinError

complaints = telemetry.logger("demo")


async def end(desk: Desk) -> None:
    """End every training of the catalogue that runs; what cannot be ended is logged, and ends by itself."""
    for model in desk.settings.estate.models.values():
        forge = desk.forges.get(retrain_plan.connection(model))
        if model.retrain is None or forge is None:
            continue
        try:
            for run in await forge.trainer.running(model.ref):
                await forge.trainer.cancel(model.ref, run.id)
        except TocsinError as left:
            complaints.warning("a training was not ended", model=model.name, reason=str(left))
