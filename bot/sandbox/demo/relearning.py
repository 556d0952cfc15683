"""The fifth step by itself: a retrain that a second person agrees to, watched while it trains, gated, and promoted."""

from collections.abc import AsyncGenerator

from bot.model.change import Change, Lock, Step
from bot.model.retraining import Training
from bot.sandbox.demo.beats import Beat
from bot.sandbox.demo.stage import Stage
from bot.sandbox.demo.teller import Teller, holds
from bot.store import changes, trainings

MODEL = "delivery-days"
WHY = "The carrier has a new hub: both versions learnt from the time before."


async def told(stage: Stage) -> AsyncGenerator[Beat, None]:
    """The beats as they happen; TocsinError when the bot does not do what it is for."""
    teller = _Relearning(stage)
    incident = await teller.first(MODEL, f"the monitor to find that {MODEL} is wrong")
    who = (await teller.sent(incident)).person
    yield await teller.acknowledged(incident, who, found="retrain_acknowledged")
    before = stage.estate.errors()[MODEL]
    change = await teller.asked(await teller.formed(incident, "Retrain", who, "about"), WHY, who, Lock.TRAINING)
    text = f"{who} asks for a retrain of {MODEL}: {change.plan.why_after}"
    yield teller.beat("retrain_proposed", text, change=change.id, by=who, cost=change.plan.parameters.get("cost"))
    yield await teller.own_refused(change, found="own_retrain_refused")
    yield await teller.approved(change, teller.other_than(who, MODEL), found="retrain_approved")
    yield await teller.training(change)
    yield await teller.judged(change)
    promotion = await teller.proposed_by_itself(change)
    yield teller.beat(
        "promotion_proposed",
        f"Tocsin proposes by itself to promote {promotion.plan.after.version}. {promotion.why}",
        change=promotion.id,
        follows=promotion.follows,
    )
    yield await teller.approved(promotion, who, found="promotion_approved")
    yield await teller.served(promotion, found="promoted")
    yield await teller.mended(MODEL, before, found="relearnt")
    yield await teller.resolved(incident, promotion, found="retrain_resolved")


class _Relearning(Teller):
    """What is told of a training and of what it made."""

    async def training(self, change: Change) -> Beat:
        """It goes on, and tells how far it is."""

        async def goes_on() -> Training | None:
            found = await self._training(change)
            return found if found and found.share and found.stage else None

        found = await self.stage.until(goes_on, f"{change.id} to train")
        text = f"It trains: {found.stage}, {found.share:.0%} of it is done."
        return self.beat("training", text, stage=found.stage, share=found.share)

    async def judged(self, change: Change) -> Beat:
        """It has made a version, and the version passed the gate."""

        async def over() -> Change | None:
            now = await self.change(change)
            holds(now.step not in (Step.FAILED, Step.UNKNOWN), f"{change.id} {now.step}: {now.outcome}")
            return now if now.step is Step.DONE else None

        now = await self.stage.until(over, f"{change.id} to pass its gate")
        found = await self._training(change)
        holds(found and found.passed, f"{change.id} is done, and did not pass")
        gate = [{"what": f.what, "wanted": f.wanted, "got": f.got, "ok": f.ok} for f in found.findings] if found else []
        version = found.version if found else None
        return self.beat("gate_passed", now.outcome, version=version, cost=found.cost if found else None, gate=gate)

    async def proposed_by_itself(self, change: Change) -> Change:
        """The promotion of what it made."""

        async def there() -> Change | None:
            return await self.stage.app.store.read(lambda tx: changes.after(tx, change.id))

        return await self.stage.until(there, f"the promotion of what {change.id} made to be proposed")

    async def _training(self, change: Change) -> Training | None:
        return await self.stage.app.store.read(lambda tx: trainings.find(tx, change.id))
