"""What every conversation has at hand: the desk, the workspaces, who asks, and how they are answered."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from weakref import WeakValueDictionary

from bot import telemetry
from bot.engine.desk import Desk
from bot.model.job import Lane
from bot.slack.client import TOKEN, SlackFault
from bot.slack.identity import Identity
from bot.slack.office import Office, Offices
from bot.slack.payloads import Asked
from bot.slack.pieces import Message
from bot.slack.postman import Parcel
from bot.store import Tx, seen

SPOKEN = ("mention", "message")  # answered for all who read there, where it was said
TRIES = 4  # of an answer that nobody has seen yet
BEFORE = timedelta(minutes=5)  # how far Slack's clock may be behind ours when an answer in doubt is looked up
REMEMBERED = timedelta(hours=1)  # Slack redelivers within minutes
log = telemetry.logger("slack")


@dataclass
class Talk:
    """Shared by everything that answers people."""

    desk: Desk
    offices: Offices
    identity: Identity
    waiting: int = 0  #: answers that wait for their turn
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary, repr=False)

    async def first(self, *keys: str, remember: timedelta = REMEMBERED) -> bool:
        """Whether this delivery is the first of its kind under all of its names, on whichever replica."""

        def show(tx: Tx) -> bool:
            fresh = [seen.first(tx, f"slack/{key}", tx.now + remember) for key in keys]  # each is remembered
            return all(fresh)

        return await self.desk.store.write(show)

    def alone(self, key: str) -> asyncio.Lock:
        """What is done under one key in this process is done in order: a mark is set before it is taken away."""
        return self._locks.setdefault(key, asyncio.Lock())

    async def turn(self, office: Office, method: str, channel: str, key: str) -> None:
        """Wait until the call may be made."""
        while wait := office.limiter.ask(method, channel, Lane.CARD, key):
            await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        self.waiting += 1
        try:
            await self.desk.clock.sleep(seconds)
        finally:
            self.waiting -= 1

    async def answer(self, asked: Asked, message: Message) -> None:
        """Say it to whoever asked: for their eyes only where Slack can, in the thread where they mentioned us.

        SlackFault when Slack does not take it.
        """
        office = self.offices.of(asked.at_home)
        if asked.via in SPOKEN and asked.channel:
            await self._reply(office, asked, message)
        elif asked.response_url is None or not await self._respond(office, asked.response_url, message):
            await self._whisper(office, asked, message)

    async def _respond(self, office: Office, response_url: str, message: Message) -> bool:
        """False when the address no longer takes anything: it is good for five answers and half an hour."""
        try:
            await office.client.whisper(response_url, message)
        except SlackFault as fault:
            if fault.in_doubt:
                raise  # it may have been seen; saying it twice helps nobody
            log.info("slack.response_url_spent", code=fault.code, do="It is said another way.")
            return False
        return True

    async def _reply(self, office: Office, asked: Asked, message: Message) -> None:
        thread = asked.thread or (asked.ts if asked.via == "mention" else None)
        await self._say(office, asked, str(asked.channel), message, thread or "")

    async def _whisper(self, office: Office, asked: Asked, message: Message) -> None:
        if asked.channel and not asked.channel.startswith("D"):
            place = {"channel": asked.channel, "user": asked.user}
            place |= {"thread_ts": asked.thread} if asked.thread else {}
            try:
                await self.turn(office, "chat.postEphemeral", asked.channel, asked.key)
                await office.client.call("chat.postEphemeral", **place, **message.payload())
            except SlackFault as fault:
                log.info("slack.not_whispered", code=fault.code, do="It goes by direct message.")
            else:
                return
        await self._say(office, asked, await office.directory.direct(asked.user), message)

    async def _say(self, office: Office, asked: Asked, channel: str, message: Message, thread: str = "") -> None:
        """Post it, at its turn; looked up first where an attempt before may have posted it."""
        now = self.desk.clock.now()
        parcel = Parcel(f"answer/{asked.key}", channel, message, Lane.CARD, 1, now - BEFORE, thread)
        while True:
            try:
                await office.postman.post(parcel)
            except SlackFault as fault:
                if not fault.retry or fault.code in TOKEN or parcel.attempt >= TRIES:
                    raise
                waits = fault.code in ("waiting", "ratelimited")
                parcel = replace(parcel, attempt=parcel.attempt + (not waits))
                await self._wait(fault.after or 2.0**parcel.attempt)
            else:
                return
