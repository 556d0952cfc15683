"""The sixth step by itself: a shift changes hands, and both sides are paged until whoever comes has accepted it."""

from collections.abc import AsyncGenerator, Collection, Mapping
from datetime import timedelta
from importlib.util import find_spec

from bot.engine import handover_news
from bot.sandbox.demo.beats import Beat
from bot.sandbox.demo.stage import Stage
from bot.sandbox.demo.teller import Teller, holds
from bot.sandbox.workspace import Message
from bot.sandbox.workspace import View as Modal
from bot.slack.forms import prospect

ROTA = "churn-ml-primary"
GOES, COMES, ASKS = "bo", "ada", "cy"
LENGTH = "8h"
NOTE = "The carrier's hub is new: should delivery-days be wrong again, retrain it and do not go back."
SOONEST, LATEST = timedelta(minutes=2), timedelta(minutes=25)  # a draft stands half an hour before the change
READ = 6.0  # seconds of the machine in which the draft is read and written into
QUESTION = "Which of you has it now?"
UNTIL = "Until somebody accepts it"


async def told(stage: Stage, incident: str) -> AsyncGenerator[Beat, None]:
    """The beats as they happen; `incident` is one to ask for help with. TocsinError when a promise does not hold."""
    teller = _Relieving(stage)
    yield await teller.arranged()
    draft = await teller.drafted()
    yield teller.beat("handover_drafted", f"{GOES} sees the draft of the handover, and may add to it.", draft)
    yield await teller.noted(draft)
    post = await teller.posted()
    text = f"{ROTA} is handed over in the channel, with what {GOES} wrote."
    yield teller.beat("handover_posted", text, post, note=NOTE, picture=await teller.picture(post))
    yield await teller.both_paged(incident)
    yield await teller.own_handover_refused(post)
    yield await teller.accepted(post)


class _Relieving(Teller):
    """What is told of one change of shift, all of it as the workspace shows it."""

    async def arranged(self) -> Beat:
        """Whoever goes puts somebody in their place, by the form."""
        here = self.stage.app.loaded.settings.people.persons[GOES].timezone
        now = self.stage.clock.now()
        ahead = min(LATEST, max(SOONEST, timedelta(seconds=READ * self.stage.clock.speed)))
        at = (now + ahead).replace(second=0, microsecond=0) + timedelta(minutes=1)
        await self.stage.workspace.command("/oncall", f"override {ROTA}", by=GOES)
        form = await self.form(GOES, "ends", "the form of an override")
        values = {"person": COMES, "starts": prospect.written(at, here, now), "ends": LENGTH, "why": "A long journey."}
        await self._taken(form, GOES, values)
        text = f"{GOES} asks {COMES} to take over {ROTA} from {at:%H:%M} UTC, for {LENGTH}."
        return self.beat("shift_arranged", text, by=GOES, person=COMES, rota=ROTA, change_at=at.isoformat())

    async def drafted(self) -> Message:
        """The draft among the direct messages of whoever goes."""
        return await self._shown(GOES, (ROTA, "a draft"), f"{GOES} to be shown the draft")

    async def noted(self, draft: Message) -> Beat:
        """They write into it what no number says."""
        await self.pressed(draft, "Add a note", GOES)
        form = await self.form(GOES, "text", "the form of a note")
        await self._taken(form, GOES, {"text": NOTE})
        return self.beat("handover_noted", f"{GOES} adds: {NOTE}", by=GOES, note=NOTE)

    async def posted(self) -> Message:
        """The post for the team, once the shift has changed."""
        channel = handover_news.channel(self.stage.app.desk, ROTA)
        post = await self._shown(
            channel, (f"Handover of {ROTA}", "Accept", NOTE), f"the handover of {ROTA} to be posted"
        )
        holds(UNTIL in post.shown, f"the handover does not say that {GOES} and {COMES} are both paged")
        return post

    async def picture(self, post: Message) -> str | None:
        """The title of the picture of the shift's load in the thread; None where what draws is not installed."""
        if find_spec("matplotlib") is None:
            return None

        async def there() -> str | None:
            replies = self.stage.workspace.messages(post.channel, thread=post.ts)
            return next((str(one.files[0]["title"]) for one in replies if one.files), None)

        return await self.stage.until(there, "the picture of the shift's load")

    async def both_paged(self, incident: str) -> Beat:
        """Somebody asks whoever is on call for help: both are paged, as their direct messages show."""
        before = {name: len(self.stage.workspace.dms(name)) for name in (GOES, COMES)}
        await self.stage.workspace.command("/page", f"rota:{ROTA} {incident} {QUESTION}", by=ASKS)
        for name, known in before.items():
            await self._shown(name, (incident, QUESTION), f"{name} to be paged about {incident}", known)
        text = f"{ASKS} pages {ROTA} about {incident}: {GOES} and {COMES} are both paged."
        return self.beat("both_paged", text, incident=incident, by=ASKS, paged=[GOES, COMES])

    async def own_handover_refused(self, post: Message) -> Beat:
        """Nobody accepts what they hand over."""
        whisper = await self.whispered(await self.pressed(post, "Accept", GOES))
        now = self.stage.message(post.channel, post.ts)
        holds(now and "Accept" in now.buttons, f"{GOES} could accept their own handover")
        return self.beat("own_handover_refused", f"{GOES} presses Accept and is told: {whisper}", whisper=whisper)

    async def accepted(self, post: Message) -> Beat:
        """Whoever comes accepts; from then on whoever goes is left alone, and is told so."""
        known = len(self.stage.workspace.dms(GOES))
        await self.pressed(post, "Accept", COMES)
        after = await self._shown(post.channel, (f"Accepted by {COMES}",), "the handover to be accepted")
        holds(not after.buttons, "an accepted handover can be accepted again")
        relieved = await self._shown(GOES, (f"{COMES} accepted",), f"{GOES} to be told", known)
        reply = await self.stage.workspace.command("/oncall", ROTA, by=GOES)

        async def answered() -> Message | None:
            return next(iter(reply.responses), None)

        shown = (await self.stage.until(answered, f"the bot to say who has {ROTA}")).shown
        text = f"{COMES} accepts. {GOES} is told: {relieved.shown}"
        return self.beat("handover_accepted", text, after, by=COMES, told=relieved.shown, oncall=shown)

    async def _taken(self, form: Modal, by: str, values: Mapping[str, object]) -> None:
        """Somebody sends a form, and it is not shown again with what is wrong."""
        reply = await self.stage.workspace.submit(form, values, by=by)
        holds(reply.acked and not reply.errors, f"the form was not taken: {reply.error or dict(reply.errors)}")

    async def _shown(self, where: str, words: Collection[str], what: str, after: int = 0) -> Message:
        """The newest message with all these words, in a channel or among somebody's direct messages, after so many."""
        direct = where in self.stage.app.loaded.settings.people.persons

        async def stands() -> Message | None:
            said = (self.stage.workspace.dms if direct else self.stage.workspace.messages)(where)
            return next((one for one in reversed(said[after:]) if all(word in one.shown for word in words)), None)

        return await self.stage.until(stands, what)
