"""The tour by itself: people of the demo press what anybody could press, and what does not hold ends the story."""

from collections.abc import AsyncGenerator
from typing import Any

from bot.engine.respond import Verb
from bot.model.incident import Incident, Phase
from bot.sandbox.demo import relearning, relieving
from bot.sandbox.demo.beats import Beat
from bot.sandbox.demo.stage import Stage
from bot.sandbox.demo.teller import Teller, holds
from bot.store import log, pages

MODEL = "churn"
AUDITOR = "kim"
WHY = "Everybody was sent a promotion: 7 reads how long ago, 6 does not."
LAST = "L3"


async def told(stage: Stage) -> AsyncGenerator[Beat, None]:
    """The beats as they happen; TocsinError when the bot does not do what it is for."""
    teller = _Story(stage)
    incident = await teller.first(MODEL, f"the monitor to find that {MODEL} has drifted")
    yield await teller.opened(incident)
    yield await teller.refused_to_look_only(incident)
    who = (await teller.sent(incident)).person
    yield await teller.acknowledged(incident, who)
    before = stage.estate.errors()[MODEL]
    change = await teller.asked(await teller.formed(incident, "Roll back", who, "version"), WHY, who)
    text = f"{who} asks for a rollback: {change.plan.effect}"
    yield teller.beat("proposed", text, change=change.id, by=who, why=change.why)
    yield await teller.own_refused(change)
    yield await teller.approved(change, teller.other_than(who, MODEL))
    yield await teller.served(change)
    yield await teller.mended(MODEL, before)
    yield await teller.resolved(incident, change)
    left = await teller.climbed()
    yield await teller.paged(left)
    yield await teller.acknowledged(left.id, await teller.last(left), found="answered_at_l3")
    async for beat in relearning.told(stage):
        yield beat
    async for beat in relieving.told(stage, left.id):
        yield beat
    yield await teller.audited()


class _Story(Teller):
    """What is told of the first incident, of the one that nobody answers, and of the log."""

    async def opened(self, incident: str) -> Beat:
        """What the monitor measured, and who was paged."""
        page = await self.sent(incident)
        view = await self.view(incident)
        measured = [
            {"metric": m.metric, "value": m.value, "threshold": m.threshold, "feature": m.feature}
            for m in view.alerts[0].alert.measures
        ]
        text = f"{incident}: {view.incident.title}. {page.person} is paged as {page.tier}."
        return self.beat("opened", text, await self.card(incident), incident=incident, measures=measured)

    async def refused_to_look_only(self, incident: str) -> Beat:
        """An auditor presses Acknowledge, and is told why nothing comes of it."""
        reply = await self.pressed(await self.card(incident), Verb.ACKNOWLEDGE.value, AUDITOR)
        whisper = await self.whispered(reply)
        held = (await self.view(incident)).incident.phase is Phase.TRIGGERED
        holds(held, f"{AUDITOR}, who may only look, could acknowledge {incident}")
        return self.beat(
            "look_only", f"{AUDITOR} presses Acknowledge and is told: {whisper}", by=AUDITOR, whisper=whisper
        )

    async def climbed(self) -> Incident:
        """The first incident that nobody answers for so long that the last tier is paged."""

        async def found() -> Incident | None:
            for one in await self.incidents():
                if one.phase is Phase.TRIGGERED and await self.page_of(one.id, LAST):
                    return one
            return None

        return await self.stage.until(found, f"an incident that nobody answers to reach {LAST}")

    async def paged(self, incident: Incident) -> Beat:
        """Every page on the way up."""
        sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident.id))
        way = [{"tier": one.tier, "person": one.person, "sent_at": _iso(one.sent_at)} for one in sheets]
        climbed = ", ".join(f"{one.tier} {one.person}" for one in sheets)
        text = f"{incident.id}: {incident.title}. Nobody answers, so the pager climbs: {climbed}."
        return self.beat("escalated", text, await self.card(incident.id), incident=incident.id, pages=way)

    async def last(self, incident: Incident) -> str:
        """Who was paged as the last tier."""
        page = await self.page_of(incident.id, LAST)
        holds(page is not None, f"{incident.id} has no page of {LAST}")
        return page.person if page else ""

    async def audited(self) -> Beat:
        """What `tocsin audit verify` finds."""
        entries, broken = await self.stage.app.store.read(lambda tx: log.verify(tx.sql))
        holds(not broken, f"the log is broken: {broken}")
        return self.beat("audited", f"{entries} entries of the log were read; every chain is whole.", entries=entries)


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None
