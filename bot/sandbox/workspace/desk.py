"""A workspace as its keeper sees it: what stands where, what the bot asked, and the switches that break things."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from starlette.websockets import WebSocket

from bot.clock import Clock, SystemClock
from bot.sandbox.workspace import marks, oauth
from bot.sandbox.workspace import people as facts
from bot.sandbox.workspace.api import Api
from bot.sandbox.workspace.deliver import Courier
from bot.sandbox.workspace.faults import Fault, Faults
from bot.sandbox.workspace.hands import Hands
from bot.sandbox.workspace.limits import Limits, Meter
from bot.sandbox.workspace.nouns import (
    App,
    Call,
    Canvas,
    Change,
    Channel,
    Failure,
    File,
    Json,
    Message,
    Person,
    UserGroup,
    View,
)
from bot.sandbox.workspace.permits import Secrets
from bot.sandbox.workspace.server import Door
from bot.sandbox.workspace.sockets import Sockets
from bot.sandbox.workspace.state import State
from bot.sandbox.workspace.wire import Wire

T = TypeVar("T")
Act = Callable[[Json], Awaitable[object]]  # of the control API: the arguments by name to what JSON can say
GLANCE = 0.02  # real seconds between two looks at what the workspace is not told of


class Desk(Hands):
    """A Slack-compatible workspace that does not listen yet; people and channels go by name or by id everywhere."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        people: Iterable[str | Person] = (),
        channels: Iterable[str | Channel] = (),
        limits: Limits | None = None,
        request_url: str | None = None,
        app: App | tuple[App, Secrets] = App(),  # noqa: B008 - frozen
    ) -> None:
        """`request_url` None means Socket Mode; `app` may bring its tokens, which are made up otherwise."""
        manifest, keys = app if isinstance(app, tuple) else (app, Secrets())
        state = State(clock or SystemClock(), manifest, keys)
        for person in people:
            state.add_person(person)
        for channel in channels:
            state.add_channel(channel)
        self._sockets = Sockets(state.app_id)
        super().__init__(state, Courier(state, self._sockets, request_url))
        #: What the page may say of the app, e.g. {"manifest": {...}}: its commands and shortcuts are read there.
        self.about: Json = {}
        #: Acts that other rooms put behind /control/NAME; see Workspace.offer.
        self.offers: dict[str, Act] = {}
        self.closing = False  # nobody who waits for news is kept any longer
        self._faults = Faults()
        self._api = Api(state, Meter(limits or Limits()), self._faults)
        self.door = Door(state, self._api, self._sockets)
        self._wire = Wire(self.door)
        self.door.cut = self._wire.cut
        self._sockets.freeze = self._freeze
        self._sockets.on_change = state.wake

    # --- what the bot is told ---

    @property
    def origin(self) -> str:
        """http://127.0.0.1:PORT"""
        return self.state.origin

    @property
    def url(self) -> str:
        """The base of the Web API, for SLACK_API_URL; ends with a slash."""
        return f"{self.state.origin}/api/"

    @property
    def bot_token(self) -> str:
        """xoxb-..."""
        return self.state.keys.bot_token

    @property
    def app_token(self) -> str:
        """xapp-..."""
        return self.state.keys.app_token

    @property
    def signing_secret(self) -> str:
        """The key of signed deliveries."""
        return self.state.keys.signing_secret

    @property
    def control_token(self) -> str:
        """Opens the control API to another process."""
        return self.state.keys.control_token

    @property
    def bot_user(self) -> str:
        """The user id of the app's bot."""
        return self.state.bot_user

    @property
    def bot_id(self) -> str:
        """The bot id, which is not its user id."""
        return self.state.bot_id

    @property
    def app_id(self) -> str:
        """The id of the app."""
        return self.state.app_id

    @property
    def team_id(self) -> str:
        """The id of the workspace."""
        return self.state.team_id

    @property
    def request_url(self) -> str | None:
        """Where signed deliveries are sent; None means Socket Mode. May be set at any time."""
        return self.courier.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self.courier.request_url = url

    async def verify_url(self) -> bool:
        """Whether the request URL answers Slack's challenge."""
        return await self.courier.verify_url()

    # --- looking ---

    @property
    def calls(self) -> list[Call]:
        """Every Web API call, in order."""
        return self._api.calls

    @property
    def failures(self) -> list[Failure]:
        """Every delivery the bot did not acknowledge."""
        return self.courier.failures

    @property
    def journal(self) -> list[Change]:
        """Every visible change, in order."""
        return self.state.journal

    @property
    def counter(self) -> int:
        """How many visible changes there were."""
        return self.state.forgotten + len(self.state.journal)

    def since(self, counter: int) -> list[Change]:
        """The visible changes after so many; of a workspace that was kept only its last ones are remembered."""
        return self.state.journal[max(0, counter - self.state.forgotten) :]

    @property
    def sockets(self) -> int:
        """How many web sockets the bot has open."""
        return len(self._sockets)

    def person(self, who: str) -> Person:
        """LookupError when there is nobody of that name or id."""
        return self.state.find_person(who)

    def channel(self, name: str) -> Channel:
        """LookupError when there is none of that name or id."""
        return self.state.find_channel(name)

    def messages(self, channel: str, *, thread: Message | str | None = None) -> list[Message]:
        """What was said in a channel, oldest first, replies too; or one thread of it."""
        said = self.state.messages[self.state.find_channel(channel).id].values()
        held = [message for message in said if not message.of_slack]
        if thread is None:
            return held
        root = thread.thread_ts or thread.ts if isinstance(thread, Message) else thread
        return [message for message in held if root in (message.ts, message.thread_ts)]

    def dms(self, user: str) -> list[Message]:
        """What stands in the app's direct messages with a person, oldest first."""
        person = self.state.find_person(user).id
        held = next((c for c in self.state.channels.values() if c.im_with == person), None)
        return list(self.state.messages[held.id].values()) if held else []

    def ephemerals(self, user: str) -> list[Message]:
        """What only this person sees, oldest first."""
        return list(self.state.whispers.get(self.state.find_person(user).id, {}).values())

    def view(self, user: str) -> View | None:
        """The modal on top of a person's screen."""
        stack = self.views(user)
        return stack[-1] if stack else None

    def views(self, user: str) -> list[View]:
        """A person's modals, the lowest first."""
        return list(self.state.stacks.get(self.state.find_person(user).id, []))

    def home(self, user: str) -> View | None:
        """The app's home tab as a person sees it."""
        return self.state.homes.get(self.state.find_person(user).id)

    def pins(self, channel: str) -> list[Message]:
        """What is pinned in a channel."""
        return marks.pins(self.state, self.state.find_channel(channel))

    def bookmarks(self, channel: str) -> list[Json]:
        """The links in the head of a channel."""
        return list(self.state.bookmarks.get(self.state.find_channel(channel).id, ()))

    @property
    def files(self) -> list[File]:
        """The files the bot has uploaded and completed, in order."""
        return [file for file in self.state.files.values() if file.complete]

    @property
    def canvases(self) -> list[Canvas]:
        """The documents the bot has made, in order."""
        return list(self.state.canvases.values())

    @property
    def groups(self) -> list[UserGroup]:
        """The user groups, in order."""
        return list(self.state.groups.values())

    def group(self, handle: str) -> UserGroup:
        """By handle or id; LookupError when there is none."""
        return self.state.find_group(handle)

    async def until(self, seen: Callable[[], T], *, within: float = 10.0) -> T:
        """The first truthy answer of `seen`; AssertionError after `within` real seconds.

        Asked after every change of the workspace, and now and then for what changes elsewhere.
        """
        try:
            async with asyncio.timeout(within):
                while not (found := seen()):
                    await self.state.changed(GLANCE)
        except TimeoutError:
            last = [f"{change.kind} {change.message.text if change.message else ''}" for change in self.journal[-5:]]
            raise AssertionError(
                f"Not seen within {within} s. The last changes: {last}; failures: {self.failures[-3:]}"
            ) from None
        return found

    # --- changing ---

    def add_person(self, person: str | Person) -> Person:
        """A new member, who is in no channel yet."""
        made = self.state.add_person(person)
        facts.tell_new(self.state, made)
        return made

    def add_group(self, group: str | UserGroup) -> UserGroup:
        """A new user group, by handle or with everything said."""
        return self.state.add_group(group)

    def add_channel(self, channel: str | Channel) -> Channel:
        """A new channel, with everybody in it unless it says otherwise."""
        return self.state.add_channel(channel)

    def change_person(self, who: str, **fields: object) -> Person:
        """Changes what is known of a person, e.g. deleted=True."""
        person = self.state.find_person(who)
        changed = replace(person, **fields)  # type: ignore[arg-type]
        self.state.people[person.id] = changed
        facts.tell_change(self.state, person, changed)
        return changed

    async def event(self, event: Mapping[str, object]) -> bool:
        """Sends any event; True when its first delivery was acknowledged."""
        return await self.courier.event(dict(event))

    # --- breaking ---

    def fault(
        self, method: str, kind: str, *, times: int = 1, retry_after: int = 1, after_effect: bool = False
    ) -> None:
        """Makes the next calls of `method` ("*": any) fail; with `after_effect` the act is done all the same.

        `kind` is ratelimited, an HTTP status ("500"), hang, drop (closed unanswered) or an error name of Slack's.
        """
        self._faults.arm(Fault(method, kind, times, retry_after, after_effect))

    def clear_faults(self) -> None:
        """Disarms every fault and drops the calls that hang."""
        self._faults.clear()

    async def drop_sockets(self) -> None:
        """Closes every web socket without a goodbye: the bot notices at its next ping."""
        for socket in self._sockets.now():
            self._wire.cut(socket.scope)
            self._sockets.gone(socket)

    async def refresh_sockets(self) -> None:
        """Asks the bot to come back on new web sockets."""
        await self._sockets.refresh()

    def blackhole(self, on: bool = True, *, api: bool = False) -> None:
        """While on, web sockets stay open but nothing passes, no pong either; with `api`, calls are not answered."""
        self._sockets.silence(on)
        self._api.silent = on and api
        if not self._api.silent:
            self._faults.release()

    def duplicate_next(self, n: int = 1) -> None:
        """The next n deliveries reach the bot twice."""
        self.courier.twice += n

    def revoke(self, *scopes: str) -> None:
        """Takes scopes from the bot token."""
        self.state.bot_scopes().difference_update(scopes)

    def revoke_token(self) -> None:
        """Ends the bot token: tokens_revoked, and every call with it is refused so."""
        oauth.end_token(self.state)

    async def uninstall(self) -> None:
        """Takes the app out of the workspace: app_uninstalled, tokens_revoked, and account_inactive from now on."""
        oauth.remove(self.state)

    def wired(self, wire: Wire) -> None:
        """From now on requests come in by this port instead of one of its own."""
        self._wire, self.door.cut = wire, wire.cut

    def _freeze(self, socket: WebSocket, on: bool) -> None:
        self._wire.freeze(socket.scope, on)
