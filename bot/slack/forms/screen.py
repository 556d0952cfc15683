"""A modal on somebody's screen: opened in time, pushed onto another, exchanged, or told of when it cannot be."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bot import telemetry, words
from bot.errors import Refused
from bot.slack import pieces
from bot.slack.client import Client, SlackFault
from bot.slack.forms import sheets
from bot.slack.identity import Caller
from bot.slack.payloads import Asked, Body
from bot.slack.pieces import Json
from bot.slack.talk import Talk
from bot.words import Words

T = TypeVar("T")
PATIENCE = 0.5  # seconds a form waits for what it shows; a trigger is good for three
TRIES = 12  # to find the view of an ack; each takes a round trip, and Slack shows it within a few
LATE = {"expired_trigger_id", "invalid_trigger_id", "exchanged_trigger_id"}
log = telemetry.logger("slack")


class Screen:
    """One person's screen, as one delivery of theirs finds it."""

    def __init__(self, talk: Talk, asked: Asked, view: Body | None = None) -> None:
        """`view` is the modal they pressed in, if any: what is shown then is put on top of it."""
        self._talk = talk
        self._asked = asked
        modal = view if view is not None and view.get("type") == "modal" else None
        self._below = str(modal["id"]) if modal else ""
        self._id = ""
        self._hash = ""
        self._working = ""

    @classmethod
    def of(cls, talk: Talk, asked: Asked, view: Body) -> "Screen":
        """The screen on which `view` is shown and will be exchanged."""
        screen = cls(talk, asked)
        screen._id, screen._hash = str(view.get("id", "")), str(view.get("hash", ""))
        return screen

    @classmethod
    def after(cls, talk: Talk, asked: Asked, sent: Body) -> "Screen":
        """The screen on which a form was sent, and where it was acknowledged with the view that says we are at it."""
        screen = cls.of(talk, asked, sent)
        screen._working = sheets.working_id(sent)
        return screen

    @property
    def opened(self) -> bool:
        """Whether something of ours stands there that can be exchanged."""
        return bool(self._id)

    async def show(self, view: Json) -> None:
        """Put `view` there, whatever stood there; SlackFault when Slack does not."""
        if self._working and await self._acknowledged(view):
            return
        if self._id:
            self._took(await self._client.call("views.update", view_id=self._id, view=view))
        elif self._below:
            await self._push(view)
        else:
            self._took(await self._client.call("views.open", trigger_id=self._asked.trigger, view=view))

    async def exchange(self, view: Json) -> bool:
        """The same, unless somebody exchanged what stands there since we saw it; whether it was done."""
        try:
            answer = await self._client.call("views.update", view_id=self._id, hash=self._hash, view=view)
        except SlackFault as fault:
            if fault.code != "hash_conflict":
                raise
            return False
        self._took(answer)
        return True

    async def meanwhile(self, work: Awaitable[T], waiting: Callable[[], Json]) -> T:
        """The result of `work`; when that is late, `waiting` is shown until it is there."""
        task = asyncio.ensure_future(work)
        try:
            if not self._id and not await self._soon(task):
                await self.show(waiting())
            return await task
        finally:
            if not task.done():
                task.cancel()

    async def meet(self, waiting: Callable[[], Json]) -> Caller | None:
        """Who asks; None for who may not, once they have read why. It may take longer than a trigger is good for."""
        try:
            return await self.meanwhile(self._talk.identity.caller(self._asked), waiting)
        except Refused as refusal:
            await self.say(str(refusal))
        except SlackFault as fault:
            if fault.code != "exchanged_trigger_id":  # a copy of this delivery was quicker
                await self.failed(fault, "/tocsin", words.ENGLISH)
        return None

    async def failed(self, fault: SlackFault, typed: str, w: Words) -> None:
        """Tell its person that nothing could be shown, and what to do instead: press again, or type `typed`."""
        log.warning("slack.form_not_opened", code=fault.code)
        why = w.form.too_late if fault.code in LATE else w.form.not_opened
        await self.say(words.fill(why, typed=typed, code=fault.code), w)

    async def say(self, sentence: str, w: Words = words.ENGLISH) -> None:
        """Tell its person: in the modal when one stands there, otherwise where they asked."""
        if self._id:
            try:
                await self.show(sheets.told([pieces.say(sentence, 2_000)], w))
            except SlackFault as fault:
                log.info("slack.view_gone", code=fault.code)
            else:
                return
        text = pieces.lines([pieces.say(sentence, 2_000)])
        await self._talk.answer(self._asked, pieces.Message(pieces.push(sentence), (text,)))

    @property
    def _client(self) -> Client:
        return self._talk.offices.of(self._asked.at_home).client

    async def _acknowledged(self, view: Json) -> bool:
        """Put `view` in the place of the one that came with the ack, which Slack may still be busy showing.

        An update that overtakes the ack would be covered by it, so it goes to the id that only the ack's view has.
        False when that view is not to be found: its person has closed it, most likely.
        """
        for _ in range(TRIES):
            try:
                answer = await self._client.call("views.update", external_id=self._working, view=view)
            except SlackFault as fault:
                if fault.code != "not_found":
                    raise
            else:
                self._working = ""
                self._took(answer)
                return True
        self._working = ""
        return False

    async def _push(self, view: Json) -> None:
        """On top of the modal; in its place where Slack stacks no more, or where the trigger is no longer good."""
        try:
            self._took(await self._client.call("views.push", trigger_id=self._asked.trigger, view=view))
        except SlackFault as fault:
            if fault.code not in ("push_limit_reached", "expired_trigger_id", "invalid_trigger_id"):
                raise
            self._took(await self._client.call("views.update", view_id=self._below, view=view))

    def _took(self, answer: Json) -> None:
        view = answer.get("view") or {}
        self._id, self._hash = str(view.get("id", self._id)), str(view.get("hash", ""))

    async def _soon(self, task: asyncio.Future[T]) -> bool:
        """Whether it is done before patience ends."""
        bell = asyncio.ensure_future(self._talk.desk.clock.sleep(PATIENCE))
        both: list[asyncio.Future[Any]] = [task, bell]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            bell.cancel()
        return task.done()
