"""The tour by itself: people of the demo press what anybody could press, and what does not hold ends the story."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from bot.engine import estate_report, report
from bot.engine.respond import Verb
from bot.errors import TocsinError
from bot.model.change import Change, Step
from bot.model.incident import Incident, Phase
from bot.model.page import Page, PageState
from bot.model.view import View
from bot.sandbox.demo.beats import Beat
from bot.sandbox.demo.stage import Stage
from bot.sandbox.workspace import Message, Reply
from bot.sandbox.workspace import View as Modal
from bot.store import changes, incidents, log, pages, posts

MODEL = "churn"
AUDITOR = "kim"
WHY = "Everybody was sent a promotion: 7 reads how long ago, 6 does not."
LAST = "L3"


async def told(stage: Stage) -> AsyncGenerator[Beat, None]:
    """The beats as they happen; TocsinError when the bot does not do what it is for."""
    teller = _Teller(stage)
    incident = await teller.first()
    yield await teller.opened(incident)
    yield await teller.refused_to_look_only(incident)
    who = (await teller.sent(incident)).person
    yield await teller.acknowledged(incident, who)
    before = stage.estate.errors()[MODEL]
    change = await teller.proposed(incident, who)
    text = f"{who} asks for a rollback: {change.plan.effect}"
    yield teller.beat("proposed", text, change=change.id, by=who, why=change.why)
    yield await teller.own_refused(change)
    yield await teller.approved(change, teller.other_than(who))
    yield await teller.served(change)
    yield await teller.mended(before)
    yield await teller.resolved(incident, change)
    left = await teller.climbed()
    yield await teller.paged(left)
    yield await teller.acknowledged(left.id, await teller.last(left), found="answered_at_l3")
    yield await teller.audited()


@dataclass(frozen=True)
class _Teller:
    stage: Stage

    def beat(self, name: str, text: str, message: Message | None = None, **facts: Any) -> Beat:
        """A beat of this moment."""
        return Beat(name, self.stage.clock.now(), text, facts, message)

    # --- the first incident ---

    async def first(self) -> str:
        """The first incident about the model, once its card stands."""

        async def found() -> str | None:
            for one in await self._incidents():
                if one.model == MODEL and await self.stage.card(one.id):
                    return one.id
            return None

        return await self.stage.until(found, f"the monitor to find that {MODEL} has drifted")

    async def opened(self, incident: str) -> Beat:
        """What the monitor measured, and who was paged."""
        page = await self.sent(incident)
        view = await self._view(incident)
        measured = [
            {"metric": m.metric, "value": m.value, "threshold": m.threshold, "feature": m.feature}
            for m in view.alerts[0].alert.measures
        ]
        text = f"{incident}: {view.incident.title}. {page.person} is paged as {page.tier}."
        return self.beat("opened", text, await self._card(incident), incident=incident, measures=measured)

    async def sent(self, incident: str) -> Page:
        """The first page of an incident, once it is sent."""

        async def sent() -> Page | None:
            sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident))
            return next((one for one in sheets if one.sent_at is not None), None)

        return await self.stage.until(sent, f"somebody to be paged for {incident}")

    async def refused_to_look_only(self, incident: str) -> Beat:
        """An auditor presses Acknowledge, and is told why nothing comes of it."""
        reply = await self._pressed(await self._card(incident), Verb.ACKNOWLEDGE.value, AUDITOR)
        whisper = await self._whispered(reply)
        held = (await self._view(incident)).incident.phase is Phase.TRIGGERED
        _holds(held, f"{AUDITOR}, who may only look, could acknowledge {incident}")
        return self.beat(
            "look_only", f"{AUDITOR} presses Acknowledge and is told: {whisper}", by=AUDITOR, whisper=whisper
        )

    async def acknowledged(self, incident: str, by: str, found: str = "acknowledged") -> Beat:
        """Somebody takes it."""
        await self._pressed(await self._card(incident), Verb.ACKNOWLEDGE.value, by)

        async def taken() -> View | None:
            view = await self._view(incident)
            return view if view.incident.phase is Phase.ACKNOWLEDGED else None

        view = await self.stage.until(taken, f"{incident} to be acknowledged")
        _holds(view.incident.holder == by, f"{incident} is not held by {by}, who acknowledged it")
        return self.beat(found, f"{by} acknowledges {incident}.", incident=incident, by=by)

    # --- the rollback ---

    async def proposed(self, incident: str, by: str) -> Change:
        """The form behind the card's Roll back, looked at and sent."""
        workspace = self.stage.workspace
        await self._pressed(await self._card(incident), "Roll back", by)

        async def filled_in() -> Modal | None:
            view = workspace.view(by)
            ready = view and any(str(block.get("block_id", "")).startswith("version") for block in view.blocks)
            return view if ready else None

        form = await self.stage.until(filled_in, "the form to say what a rollback would do")
        reply = await workspace.submit(form, {"why": WHY}, by=by)
        _holds(reply.acked and not reply.errors, f"the form was not taken: {reply.error or dict(reply.errors)}")

        async def there() -> Change | None:
            return await self.stage.app.store.read(lambda tx: changes.open_of(tx, MODEL))

        return await self.stage.until(there, "the rollback to be proposed")

    async def own_refused(self, change: Change) -> Beat:
        """Nobody is their own second person."""
        by = change.requested_by
        reply = await self._pressed(await self._change_card(change), "Approve", by)
        whisper = await self._whispered(reply)
        now = await self._change(change)
        _holds(now.step is Step.PROPOSED, f"{by} could approve the change they asked for")
        return self.beat("own_approval_refused", f"{by} presses Approve and is told: {whisper}", whisper=whisper)

    def other_than(self, person: str) -> str:
        """Somebody else of the team that owns the model."""
        own = self.stage.app.loaded.settings
        team = own.people.teams[own.estate.models[MODEL].team]
        return next(one for one in team.members if one != person)

    async def approved(self, change: Change, second: str) -> Beat:
        """A second person agrees to exactly that plan."""
        await self._pressed(await self._change_card(change), "Approve", second)

        async def agreed() -> Change | None:
            now = await self._change(change)
            return now if now.step is not Step.PROPOSED else None

        now = await self.stage.until(agreed, f"{change.id} to be approved")
        by = [one.by for one in now.agreements]
        _holds(by == [second], f"{change.id} was agreed to by {by}, not by {second}")
        return self.beat("approved", f"{second} approves {change.id}.", change=change.id, by=second)

    async def served(self, change: Change) -> Beat:
        """Done is what is seen to serve."""

        async def seen() -> Change | None:
            now = await self._change(change)
            _holds(now.step not in (Step.FAILED, Step.UNKNOWN), f"{change.id} {now.step}: {now.outcome}")
            return now if now.seen is not None else None

        now = await self.stage.until(seen, f"version {change.plan.after.version} to be seen to serve")
        was, is_ = change.plan.before.version, now.seen.version if now.seen else None
        _holds(is_ == change.plan.after.version, f"{MODEL} serves {is_}, not {change.plan.after.version}")
        return self.beat("served", f"{MODEL} is seen to serve {is_}; it was {was}.", before=was, after=is_)

    async def mended(self, before: tuple[str, float]) -> Beat:
        """The error that is measured on what is served now."""
        metric, was = before

        async def better() -> float | None:
            found, now = self.stage.estate.errors()[MODEL]
            return now if found == metric and now < was else None

        now = await self.stage.until(better, f"the {metric} of {MODEL} to fall below {was:.3f}")
        text = f"The {metric} of {MODEL} falls from {was:.3f} to {now:.3f}."
        return self.beat("mended", text, metric=metric, before=was, after=now)

    async def resolved(self, incident: str, change: Change) -> Beat:
        """The monitor says so, and nobody else."""

        async def over() -> View | None:
            view = await self._view(incident)
            done = (await self._change(change)).step is Step.DONE
            return view if done and view.incident.phase is Phase.RESOLVED else None

        view = await self.stage.until(over, f"the monitor to say that {incident} is over")
        _holds(view.incident.ended_by is None, f"{incident} was closed by {view.incident.ended_by}")
        outcome = (await self._change(change)).outcome
        return self.beat("resolved", f"{incident} is resolved. {outcome}", await self._card(incident), outcome=outcome)

    # --- the one that nobody answers ---

    async def climbed(self) -> Incident:
        """The first incident that nobody answers for so long that the last tier is paged."""

        async def found() -> Incident | None:
            for one in await self._incidents():
                if one.phase is Phase.TRIGGERED and await self._page_of(one.id, LAST):
                    return one
            return None

        return await self.stage.until(found, f"an incident that nobody answers to reach {LAST}")

    async def paged(self, incident: Incident) -> Beat:
        """Every page on the way up."""
        sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident.id))
        way = [{"tier": one.tier, "person": one.person, "sent_at": _iso(one.sent_at)} for one in sheets]
        climbed = ", ".join(f"{one.tier} {one.person}" for one in sheets)
        text = f"{incident.id}: {incident.title}. Nobody answers, so the pager climbs: {climbed}."
        return self.beat("escalated", text, await self._card(incident.id), incident=incident.id, pages=way)

    async def last(self, incident: Incident) -> str:
        """Who was paged as the last tier."""
        page = await self._page_of(incident.id, LAST)
        _holds(page is not None, f"{incident.id} has no page of {LAST}")
        return page.person if page else ""

    async def audited(self) -> Beat:
        """What `tocsin audit verify` finds."""
        entries, broken = await self.stage.app.store.read(lambda tx: log.verify(tx.sql))
        _holds(not broken, f"the log is broken: {broken}")
        return self.beat("audited", f"{entries} entries of the log were read; every chain is whole.", entries=entries)

    # --- looking and pressing ---

    async def _incidents(self) -> list[Incident]:
        """The open ones, the oldest first."""
        return (await self.stage.app.store.read(lambda tx: incidents.listing(tx, open_only=True)))[::-1]

    async def _view(self, incident: str) -> View:
        return await report.view(self.stage.app.desk, incident)

    async def _change(self, change: Change) -> Change:
        return (await estate_report.story(self.stage.app.desk, change.id))[0]

    async def _card(self, incident: str) -> Message:
        return await self.stage.until(lambda: self.stage.card(incident), f"the card of {incident}")

    async def _change_card(self, change: Change) -> Message:
        async def stands() -> Message | None:
            found = await self.stage.app.store.read(lambda tx: posts.called(tx, f"change/{change.id}"))
            shown = [self.stage.message(post.channel, post.ts) for post in found if "/channel:" in post.key]
            return next((one for one in shown if one and "Approve" in one.buttons), None)

        return await self.stage.until(stands, f"the card of {change.id}")

    async def _page_of(self, incident: str, tier: str) -> Page | None:
        sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident))
        return next((one for one in sheets if one.tier == tier and one.state is not PageState.FAILED), None)

    async def _pressed(self, message: Message, button: str, by: str) -> Reply:
        reply = await self.stage.workspace.press(message, button, by=by)
        _holds(reply.acked, f"the bot did not take the press of {by} on {button}: {reply.error}")
        return reply

    async def _whispered(self, reply: Reply) -> str:
        async def said() -> list[Message]:
            return reply.responses

        return (await self.stage.until(said, "the reason to be whispered"))[0].shown.replace("\n", " ")


def _holds(true: object, otherwise: str) -> None:
    """TocsinError that says what did not hold."""
    if not true:
        raise TocsinError(f"The story does not hold: {otherwise}.", "Run it again with --verbose to see the log.")


def _iso(at: Any) -> str | None:
    return at.isoformat() if at else None
