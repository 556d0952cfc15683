"""The workspace from another process: the same acts, over its control API."""

from types import TracebackType
from typing import Any, Self

import aiohttp

from bot.sandbox.workspace.nouns import Json

HEADER = "X-Control-Token"  # as the control API has it; a client needs no server


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

    async def views(self, user: str) -> list[Json]:
        """A person's modals, the lowest first, with what stands in their fields."""
        return _list((await self.ask("views", user=user))["views"])

    async def home(self, user: str) -> Json | None:
        """The app's home tab as a person sees it."""
        found: Json | None = (await self.ask("views", user=user))["home"]
        return found

    async def files(self) -> list[Json]:
        """The files the bot has uploaded, their content as text."""
        return _list((await self.ask("files"))["files"])

    async def bookmarks(self, channel: str) -> list[Json]:
        """The links in the head of a channel."""
        return _list((await self.ask("bookmarks", channel=channel))["bookmarks"])

    async def press(self, channel: str, ts: str, button: str, by: str, value: object = None) -> Json:
        """Presses a button in a message."""
        return await self.ask("press", channel=channel, ts=ts, button=button, by=by, value=value)

    async def command(self, name: str, text: str, by: str, **where: object) -> Json:
        """Types a slash command: `channel`, and `thread` where Slack would refuse it."""
        return await self.ask("command", name=name, text=text, by=by, **where)

    async def fill(self, by: str, values: dict[str, object]) -> list[Json]:
        """Types and picks in the view on top of a person's screen; a reply for each thing the bot was told of."""
        return _list((await self.ask("fill", by=by, values=values))["replies"])

    async def suggest(self, by: str, action_id: str, typed: str, **message: object) -> list[Json]:
        """The options the bot offers for what is typed, in the top view or in a message (channel, ts)."""
        return _list((await self.ask("suggest", by=by, action_id=action_id, typed=typed, **message))["options"])

    async def submit(self, by: str, values: dict[str, object]) -> Json:
        """Sends the modal on top of a person's screen."""
        return await self.ask("submit", by=by, values=values)

    async def close(self, by: str, *, clear: bool = False) -> Json | None:
        """Closes the modal on top of a person's screen, or all of them."""
        found: Json | None = (await self.ask("close", by=by, clear=clear))["reply"]
        return found

    async def shortcut(self, callback_id: str, by: str, **message: object) -> Json:
        """Uses a shortcut; with channel and ts one on a message."""
        return await self.ask("shortcut", callback_id=callback_id, by=by, **message)

    async def say(self, channel: str, text: str, by: str, thread: str | None = None) -> Json:
        """Writes a message."""
        return await self.ask("say", channel=channel, text=text, by=by, thread=thread)

    async def edit(self, channel: str, ts: str, text: str, by: str) -> Json:
        """Changes a message of their own."""
        return await self.ask("edit", channel=channel, ts=ts, text=text, by=by)

    async def delete(self, channel: str, ts: str, by: str) -> None:
        """Takes a message of their own away."""
        await self.ask("delete", channel=channel, ts=ts, by=by)

    async def react(self, channel: str, ts: str, emoji: str, by: str) -> None:
        """Puts an emoji under a message."""
        await self.ask("react", channel=channel, ts=ts, emoji=emoji, by=by)

    async def unreact(self, channel: str, ts: str, emoji: str, by: str) -> None:
        """Takes their emoji away."""
        await self.ask("unreact", channel=channel, ts=ts, emoji=emoji, by=by)

    async def open_home(self, by: str) -> None:
        """Looks at the app's home tab."""
        await self.ask("home", by=by)

    async def walk(self, do: str, channel: str, by: str, name: str | None = None) -> None:
        """Somebody does join, leave, archive, unarchive or rename to a channel."""
        await self.ask("walk", do=do, channel=channel, by=by, name=name)

    async def fault(self, method: str, kind: str, **how: object) -> None:
        """Makes the next calls of a method fail: times, retry_after, after_effect."""
        await self.ask("fault", method=method, kind=kind, **how)

    async def add_person(self, name: str, **facts: object) -> Json:
        """A new member."""
        return await self.ask("person", name=name, **facts)

    async def change_person(self, who: str, **facts: object) -> Json:
        """Changes what is known of a person."""
        return await self.ask("change", who=who, **facts)

    async def add_group(self, handle: str, **facts: object) -> Json:
        """A new user group."""
        return await self.ask("group", handle=handle, **facts)

    async def revoke(self, *scopes: str) -> None:
        """Takes scopes from the bot token, or ends it when none are named."""
        await self.ask("revoke", scopes=list(scopes))

    async def uninstall(self) -> None:
        """Takes the app out of the workspace."""
        await self.ask("uninstall")

    async def consent(self, by: str, url: str) -> Json:
        """A person's yes to an authorize address: code, state and where their browser goes."""
        return await self.ask("consent", by=by, url=url)

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
