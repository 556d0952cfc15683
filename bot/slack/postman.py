"""Puts a message into a conversation once, whatever happened to the attempt before; edits one that stands there."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot import telemetry
from bot.model.job import Lane
from bot.slack.client import BLOCKS, Client, SlackFault
from bot.slack.directory import Directory
from bot.slack.limiter import Limiter
from bot.slack.pieces import Json, Message

log = telemetry.logger("slack")

EVENT = "tocsin"  #: the event_type of our message metadata
PAGES = 20  # of 200 messages each, looked through for a post in doubt
KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message owed: `key` is the same at every attempt, `since` is before the first of them."""

    key: str
    channel: str
    message: Message
    lane: Lane
    attempt: int
    since: datetime
    thread: str = ""  #: the ts of the message in whose thread it is posted


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands."""

    channel: str
    ts: str


class Postman:
    """All posts and edits of one workspace go through here."""

    def __init__(self, client: Client, limiter: Limiter, directory: Directory) -> None:
        """Everything is shared with the rest of the chat door."""
        self._client = client
        self._limiter = limiter
        self._directory = directory
        # Keys whose last attempt surely posted nothing, so the next need not look; a restart only costs a look.
        self._clean: OrderedDict[str, int] = OrderedDict()

    async def post(self, parcel: Parcel) -> Place:
        """Post it, or find it where an attempt in doubt has left it. SlackFault when it is not there afterwards."""
        doubt = parcel.attempt > 1 and self._clean.get(parcel.key) != parcel.attempt - 1
        if doubt and (found := await self._find(parcel)):
            return found
        try:
            place = await self._send(parcel)
        except SlackFault as fault:
            if fault.in_doubt:
                self._clean.pop(parcel.key, None)  # waiting for its turn does not count as an attempt of its own
            else:
                self._mark(parcel)
            raise
        self._clean.pop(parcel.key, None)
        return place

    async def edit(self, place: Place, message: Message, lane: Lane, key: str) -> None:
        """Draw anew what stands at `place`; SlackFault `message_not_found` when nothing does."""
        at = {"channel": place.channel, "ts": place.ts}
        await self._paced("chat.update", place.channel, lane, key, at | message.payload())

    def _mark(self, parcel: Parcel) -> None:
        self._clean[parcel.key] = parcel.attempt
        self._clean.move_to_end(parcel.key)
        if len(self._clean) > KEPT:
            self._clean.popitem(last=False)

    async def _send(self, parcel: Parcel) -> Place:
        arguments = parcel.message.payload() | {
            "channel": parcel.channel,
            "metadata": {"event_type": EVENT, "event_payload": {"key": parcel.key}},
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if parcel.thread:
            arguments["thread_ts"] = parcel.thread
        try:
            answer = await self._paced("chat.postMessage", parcel.channel, parcel.lane, parcel.key, arguments)
        except SlackFault as fault:
            if fault.code != "not_in_channel":
                raise
            await self._join(parcel.channel, fault)
            answer = await self._paced("chat.postMessage", parcel.channel, parcel.lane, parcel.key, arguments)
        place = Place(str(answer["channel"]), str(answer["ts"]))
        if parcel.channel.startswith("#"):
            self._directory.learned(parcel.channel, place.channel)
            self._limiter.same(place.channel, parcel.channel)
        return place

    async def _join(self, channel: str, refused: SlackFault) -> None:
        """Walk into a public channel; the first refusal stands when that is not possible."""
        try:
            await self._client.call("conversations.join", channel=await self._directory.channel(channel))
        except SlackFault as fault:
            if fault.retry:
                raise
            raise refused from fault

    async def _paced(self, method: str, channel: str, lane: Lane, key: str, arguments: dict[str, Any]) -> Json:
        wait = self._limiter.ask(method, channel, lane, key)
        if wait:
            raise SlackFault(method, "waiting", after=wait)
        try:
            return await self._client.call(method, **arguments)
        except SlackFault as fault:
            if fault.code not in BLOCKS:
                raise
            log.error("slack.blocks_refused", key=key, code=fault.code)
            return await self._client.call(method, **arguments | {"blocks": []})

    async def _find(self, parcel: Parcel) -> Place | None:
        """The post that carries this key already; None when there is none, or when nobody lets us look."""
        method = _reading(parcel)
        wait = self._limiter.ask(method, "", parcel.lane, parcel.key)
        if wait:
            raise SlackFault(method, "waiting", in_doubt=True, after=wait)
        try:
            return await self._look(parcel, await self._directory.channel(parcel.channel))
        except SlackFault as fault:
            if fault.retry and fault.code != "missing_scope":
                # Still unknown, so still in doubt, whatever kept us from looking.
                raise SlackFault(fault.method, fault.code, in_doubt=True, after=fault.after) from fault
            log.warning("slack.post_in_doubt", key=parcel.key, reason=str(fault), do="It is posted again.")
            return None

    async def _look(self, parcel: Parcel, channel: str) -> Place | None:
        cursor = ""
        for _ in range(PAGES):
            answer = await self._client.call(
                _reading(parcel),
                channel=channel,
                **({"ts": parcel.thread} if parcel.thread else {}),
                oldest=f"{parcel.since.timestamp():.6f}",
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
            )
            for message in answer.get("messages", ()):
                if _key(message) == parcel.key:
                    return Place(channel, str(message["ts"]))
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        return None


def _reading(parcel: Parcel) -> str:
    return "conversations.replies" if parcel.thread else "conversations.history"


def _key(message: Json) -> str | None:
    carried = message.get("metadata") or {}
    if carried.get("event_type") != EVENT:
        return None
    key = (carried.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
