"""The workspace from another process: the same acts, over its control API."""

from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.sandbox.workspace.nouns import Json

HEADER = "X-Control-Token"


class Remote:
    """A workspace of another process; answers are JSON as the control API gives it, refusals are LookupErrors."""

    def __init__(self, origin: str, control_token: str) -> None:
        self._origin, self._token = origin, control_token
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Opens a session."""
        self._session = aiohttp.ClientSession(headers={HEADER: self._token})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes it."""
        if self._session is not None:
            await self._session.close()

    async def ask(self, act: str, **args: object) -> Json:
        """Any act of the control API, arguments by name."""
        if self._session is None:
            raise RuntimeError("Enter the workspace first: async with Remote(...) as ws.")
        given = {name: value for name, value in args.items() if value is not None}
        async with self._session.post(f"{self._origin}/control/{act}", json=given) as answer:
            said: Json = await answer.json(content_type=None)
        if answer.status != 200:
            raise LookupError(said.get("error", answer.status))
        return said

    async def messages(self, channel: str, after: str = "") -> list[Json]:
        """What stands in a channel, after a time-stamp."""
        return _list((await self.ask("messages", channel=channel, after=after))["messages"])

    async def dms(self, user: str) -> list[Json]:
        """What stands in the app's direct messages with a person."""
        return _list((await self.ask("dms", user=user))["messages"])

    async def ephemerals(self, user: str) -> list[Json]:
        """What only this person sees."""
        return _list((await self.ask("ephemerals", user=user))["messages"])

    async def changes(self, after: int = 0, wait: float = 0.0) -> tuple[int, list[Json]]:
        """Where the journal ends and what it says after an entry; waits up to `wait` seconds for something to say."""
        said = await self.ask("changes", after=after, wait=wait)
        changes = _list(said["changes"])
        return after + len(changes), changes

    async def press(self, channel: str, ts: str, button: str, by: str, value: str | None = None) -> Json:
        """Presses a button in a message."""
        return await self.ask("press", channel=channel, ts=ts, button=button, by=by, value=value)

    async def command(self, name: str, text: str, by: str, channel: str | None = None) -> Json:
        """Types a slash command."""
        return await self.ask("command", name=name, text=text, by=by, channel=channel)

    async def submit(self, by: str, values: dict[str, object]) -> Json:
        """Sends the modal on top of a person's screen."""
        return await self.ask("submit", by=by, values=values)

    async def say(self, channel: str, text: str, by: str) -> Json:
        """Writes a message."""
        return await self.ask("say", channel=channel, text=text, by=by)

    async def fault(self, method: str, kind: str, **how: object) -> None:
        """Makes the next calls of a method fail: times, retry_after, after_effect."""
        await self.ask("fault", method=method, kind=kind, **how)

    async def add_person(self, name: str, **facts: object) -> Json:
        """A new member."""
        return await self.ask("person", name=name, **facts)

    async def add_channel(self, name: str, **facts: object) -> Json:
        """A new channel."""
        return await self.ask("channel", name=name, **facts)

    async def calls(self, after: int = 0) -> list[Json]:
        """The Web API calls from the `after`th on."""
        return _list((await self.ask("calls", after=after))["calls"])

    async def failures(self) -> list[Json]:
        """The deliveries the bot did not acknowledge."""
        return _list((await self.ask("failures"))["failures"])

    async def sockets(self, do: str, **how: object) -> int:
        """drop, refresh, blackhole, restore or duplicate; how many sockets are open afterwards."""
        return int((await self.ask("sockets", do=do, **how))["sockets"])

    async def state(self) -> Json:
        """People, channels, open sockets, the journal's length."""
        return await self.ask("state")


def _list(value: Any) -> list[Json]:
    return list(value)
