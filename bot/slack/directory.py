"""Which conversation a name means: channels by name, direct messages by person; looked up once, then remembered."""

import re

from bot.model.job import Lane
from bot.slack.client import Client, SlackFault
from bot.slack.limiter import Limiter
from bot.slack.pieces import Json

_ID = re.compile(r"[CDG][A-Z0-9]{2,30}")
PAGES = 25  # of a thousand channels each, before a name is given up


class Directory:
    """What this process has learned of one workspace."""

    def __init__(self, client: Client, limiter: Limiter) -> None:
        """Empty; nothing is asked before it is needed."""
        self._client = client
        self._limiter = limiter
        self._channels: dict[str, str] = {}
        self._directs: dict[str, str] = {}

    async def direct(self, user: str) -> str:
        """The id of the direct messages with a Slack user; SlackFault when there can be none."""
        if user not in self._directs:
            answer = await self._ask("conversations.open", Lane.PAGE, user, users=user)
            self._directs[user] = str(answer["channel"]["id"])
        return self._directs[user]

    async def channel(self, name: str) -> str:
        """The id of a channel given as `#name`, `name` or id; SlackFault `channel_not_found` when there is none."""
        bare = name.removeprefix("#")
        if _ID.fullmatch(bare):
            return bare
        if bare not in self._channels:
            await self._learn(bare)
        if bare not in self._channels:
            raise SlackFault("conversations.list", "channel_not_found")
        return self._channels[bare]

    async def name(self, channel: str) -> str | None:
        """What a channel is called, without its `#`; None for direct messages. SlackFault when Slack does not say."""
        known = next((name for name, its in self._channels.items() if its == channel), None)
        if known is not None or not channel.startswith(("C", "G")):
            return known
        answer = await self._ask("conversations.info", Lane.CARD, channel, channel=channel)
        name = str(answer["channel"].get("name") or "")
        if name:
            self._channels[name] = channel
        return name or None

    def learned(self, name: str, channel: str) -> None:
        """Slack itself said where `name` leads."""
        self._channels[name.removeprefix("#")] = channel

    def forget(self, user: str) -> None:
        """The direct messages known for this user are no longer there."""
        self._directs.pop(user, None)

    def gone(self, channel: str) -> None:
        """A channel was archived, deleted or renamed: its name is looked up anew when it is needed."""
        self._channels = {name: its for name, its in self._channels.items() if its != channel}

    async def _learn(self, wanted: str) -> None:
        for types in ("public_channel,private_channel", "public_channel"):
            try:
                await self._read(types, wanted)
            except SlackFault as fault:
                if fault.code != "missing_scope" or types == "public_channel":
                    raise
            else:
                return

    async def _read(self, types: str, wanted: str) -> None:
        cursor = ""
        for _ in range(PAGES):
            page = {"types": types, "limit": 1000, "exclude_archived": True, "cursor": cursor}
            answer = await self._ask("conversations.list", Lane.CARD, wanted, **page)
            self._channels |= {str(one["name"]): str(one["id"]) for one in answer["channels"]}
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if wanted in self._channels or not cursor:
                return

    async def _ask(self, method: str, lane: Lane, key: str, **arguments: object) -> Json:
        """One paced call; while Slack wants to hear less of a method, nobody's name is looked up by it."""
        if wait := self._limiter.ask(method, "", lane, key):
            raise SlackFault(method, "waiting", after=wait)
        return await self._client.call(method, **arguments)
