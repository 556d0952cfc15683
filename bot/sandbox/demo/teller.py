"""Those who tell the story of the demo: they look at what stands, press what anybody could press, and wait."""

from dataclasses import dataclass
from typing import Any

from bot.engine import estate_report, report
from bot.engine.respond import Verb
from bot.errors import TocsinError
from bot.model.change import Change, Lock, Step
from bot.model.incident import Incident, Phase
from bot.model.page import Page, PageState
from bot.model.verdict import Verdict
from bot.model.view import View
from bot.sandbox.demo.beats import Beat
from bot.sandbox.demo.stage import Stage
from bot.sandbox.workspace import Message, Reply
from bot.sandbox.workspace import View as Modal
from bot.store import changes, incidents, pages, posts


@dataclass(frozen=True)
class Teller:
    """Over one running demo; TocsinError when the bot does not do what it is for."""

    stage: Stage

    def beat(self, name: str, text: str, message: Message | None = None, **facts: Any) -> Beat:
        """A beat of this moment."""
        return Beat(name, self.stage.clock.now(), text, facts, message)

    # --- an incident ---

    async def first(self, model: str, what: str, patience: float | None = None) -> str:
        """The first open incident about a model, once its card stands; `what` it is waited for."""

        async def found() -> str | None:
            for one in await self.incidents():
                if one.model == model and await self.stage.card(one.id):
                    return one.id
            return None

        return await self.stage.until(found, what, patience)

    async def sent(self, incident: str) -> Page:
        """The first page of an incident, once it is sent."""

        async def sent() -> Page | None:
            sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident))
            return next((one for one in sheets if one.sent_at is not None), None)

        return await self.stage.until(sent, f"somebody to be paged for {incident}")

    async def acknowledged(self, incident: str, by: str, found: str = "acknowledged") -> Beat:
        """Somebody takes it."""
        await self.pressed(await self.card(incident), Verb.ACKNOWLEDGE.value, by)

        async def taken() -> View | None:
            view = await self.view(incident)
            return view if view.incident.phase is Phase.ACKNOWLEDGED else None

        view = await self.stage.until(taken, f"{incident} to be acknowledged")
        holds(view.incident.holder == by, f"{incident} is not held by {by}, who acknowledged it")
        return self.beat(found, f"{by} acknowledges {incident}.", incident=incident, by=by)

    async def mended(self, model: str, before: tuple[str, float], found: str = "mended") -> Beat:
        """The error that is measured on what is served now."""
        metric, was = before

        async def better() -> float | None:
            measured, now = self.stage.estate.errors()[model]
            return now if measured == metric and now < was else None

        now = await self.stage.until(better, f"the {metric} of {model} to fall below {was:.3f}")
        text = f"The {metric} of {model} falls from {was:.3f} to {now:.3f}."
        return self.beat(found, text, metric=metric, before=was, after=now)

    async def resolved(self, incident: str, change: Change, found: str = "resolved") -> Beat:
        """The monitor says so, and nobody else."""

        async def over() -> View | None:
            view = await self.view(incident)
            done = (await self.change(change)).step is Step.DONE
            return view if done and view.incident.phase is Phase.RESOLVED else None

        view = await self.stage.until(over, f"the monitor to say that {incident} is over")
        holds(view.incident.ended_by is None, f"{incident} was closed by {view.incident.ended_by}")
        outcome = (await self.change(change)).outcome
        text = f"{incident} is resolved. {outcome}"
        return self.beat(found, text, await self.card(incident), outcome=outcome)

    # --- a change ---

    async def formed(self, incident: str, button: str, by: str, ready: str) -> Modal:
        """The form behind a button of the card, once it has the block whose name begins with `ready`."""
        await self.pressed(await self.card(incident), button, by)
        return await self.form(by, ready, f"the form behind {button} to say what it would do")

    async def asked(self, form: Modal, why: str, by: str, lock: Lock = Lock.SERVING) -> Change:
        """The form is sent, and a change of its model is proposed; another plan than was shown is looked at again."""
        workspace, sent = self.stage.workspace, form
        await self._sent(form, why, by)

        async def there() -> Change | None:
            nonlocal sent
            open_ = await self.stage.app.store.read(lambda tx: changes.listing(tx, open_only=True))
            mine = next((one for one in open_ if one.plan.lock is lock and one.requested_by == by), None)
            now = workspace.view(by)
            if mine is None and now and now.hash != sent.hash and Verdict.PLAN_STALE.value in now.shown:
                sent = now
                await self._sent(now, why, by)
            return mine

        return await self.stage.until(there, "the change to be proposed")

    async def _sent(self, form: Modal, why: str, by: str) -> None:
        reply = await self.stage.workspace.submit(form, {"why": why}, by=by)
        holds(reply.acked and not reply.errors, f"the form was not taken: {reply.error or dict(reply.errors)}")

    async def own_refused(self, change: Change, found: str = "own_approval_refused") -> Beat:
        """Nobody is their own second person."""
        by = change.requested_by
        reply = await self.pressed(await self.change_card(change), "Approve", by)
        whisper = await self.whispered(reply)
        now = await self.change(change)
        holds(now.step is Step.PROPOSED, f"{by} could approve the change they asked for")
        return self.beat(found, f"{by} presses Approve and is told: {whisper}", whisper=whisper)

    def other_than(self, person: str, model: str) -> str:
        """Somebody else of the team that owns a model."""
        own = self.stage.app.loaded.settings
        team = own.people.teams[own.estate.models[model].team]
        return next(one for one in team.members if one != person)

    async def approved(self, change: Change, second: str, found: str = "approved") -> Beat:
        """A second person agrees to exactly that plan."""
        await self.pressed(await self.change_card(change), "Approve", second)

        async def agreed() -> Change | None:
            now = await self.change(change)
            return now if now.step is not Step.PROPOSED else None

        now = await self.stage.until(agreed, f"{change.id} to be approved")
        by = [one.by for one in now.agreements]
        holds(by == [second], f"{change.id} was agreed to by {by}, not by {second}")
        return self.beat(found, f"{second} approves {change.id}.", change=change.id, by=second)

    async def served(self, change: Change, found: str = "served") -> Beat:
        """Done is what is seen to serve."""

        async def seen() -> Change | None:
            now = await self.change(change)
            holds(now.step not in (Step.FAILED, Step.UNKNOWN), f"{change.id} {now.step}: {now.outcome}")
            return now if now.seen is not None else None

        now = await self.stage.until(seen, f"version {change.plan.after.version} to be seen to serve")
        model = change.plan.model
        was, is_ = change.plan.before.version, now.seen.version if now.seen else None
        holds(is_ == change.plan.after.version, f"{model} serves {is_}, not {change.plan.after.version}")
        return self.beat(found, f"{model} is seen to serve {is_}; it was {was}.", before=was, after=is_)

    # --- looking and pressing ---

    async def incidents(self) -> list[Incident]:
        """The open ones, the oldest first."""
        return (await self.stage.app.store.read(lambda tx: incidents.listing(tx, open_only=True)))[::-1]

    async def view(self, incident: str) -> View:
        """An incident and what is around it."""
        return await report.view(self.stage.app.desk, incident)

    async def change(self, change: Change) -> Change:
        """As it stands now."""
        return (await estate_report.story(self.stage.app.desk, change.id))[0]

    async def card(self, incident: str) -> Message:
        """An incident's card, once it stands."""
        return await self.stage.until(lambda: self.stage.card(incident), f"the card of {incident}")

    async def change_card(self, change: Change) -> Message:
        """The card of a change on which it can be approved, once it stands."""

        async def stands() -> Message | None:
            found = await self.stage.app.store.read(lambda tx: posts.called(tx, f"change/{change.id}"))
            shown = [self.stage.message(post.channel, post.ts) for post in found if "/channel:" in post.key]
            return next((one for one in shown if one and "Approve" in one.buttons), None)

        return await self.stage.until(stands, f"the card of {change.id}")

    async def page_of(self, incident: str, tier: str) -> Page | None:
        """The page of a tier, once it was sent; None before."""
        sheets = await self.stage.app.store.read(lambda tx: pages.of(tx, incident))
        return next((one for one in sheets if one.tier == tier and one.state is not PageState.FAILED), None)

    async def pressed(self, message: Message, button: str, by: str) -> Reply:
        """Somebody presses a button, and the bot takes it."""
        reply = await self.stage.workspace.press(message, button, by=by)
        holds(reply.acked, f"the bot did not take the press of {by} on {button}: {reply.error}")
        return reply

    async def form(self, by: str, ready: str, what: str) -> Modal:
        """The form before somebody, once it has the block whose name begins with `ready`; `what` it is waited for."""

        async def there() -> Modal | None:
            view = self.stage.workspace.view(by)
            found = view and any(str(block.get("block_id", "")).startswith(ready) for block in view.blocks)
            return view if found else None

        return await self.stage.until(there, what)

    async def whispered(self, reply: Reply) -> str:
        """What only whoever pressed is told."""

        async def said() -> list[Message]:
            return reply.responses

        return (await self.stage.until(said, "the reason to be whispered"))[0].shown.replace("\n", " ")


def holds(true: object, otherwise: str) -> None:
    """TocsinError that says what did not hold."""
    if not true:
        raise TocsinError(f"The story does not hold: {otherwise}.", "Run it again with --verbose to see the log.")
