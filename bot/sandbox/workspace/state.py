"""The memory of a workspace: everything it holds, and the only code that changes it."""

import asyncio
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.sandbox.workspace.nouns import (
    App,
    Canvas,
    Change,
    Channel,
    File,
    Json,
    Kind,
    Message,
    Person,
    UserGroup,
    View,
)
from bot.sandbox.workspace.permits import HOME_TEAM, TRIGGER_LIFE, Denied, ResponseUrl, Secrets, Token, Trigger
from bot.sandbox.workspace.registry import Registry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = "tocsin.workspace.shown"  # the audit event of each visible change

Values = Mapping[str, Mapping[str, Json]]  # what stands in the fields, by block_id and action_id


class State:
    """Everything in one workspace; methods change it, the journal tells of every visible change."""

    def __init__(self, clock: Clock, app: App, keys: Secrets) -> None:
        self.clock, self.app, self.keys = clock, app, keys
        self.people: dict[str, Person] = {}
        self.channels: dict[str, Channel] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.whispers: dict[str, dict[str, Message]] = {}
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tickets: set[str] = set()
        self.picked: dict[tuple[str, str, str], Values] = {}
        self.offered: dict[tuple[str, str, str, str], list[Json]] = {}
        self.groups: dict[str, UserGroup] = {}
        self.bookmarks: dict[str, list[Json]] = {}
        self.files: dict[str, File] = {}
        self.uploads: dict[str, str] = {}
        self.canvases: dict[str, Canvas] = {}
        self.installed = True
        self.registry: Registry | None = None
        self.ended: dict[str, str] = {}
        self.journal: list[Change] = []
        self.forgotten = 0  # how many changes there were before the first of the journal
        self.emit: Callable[[str, Json], None] = lambda subscription, event: None
        self.origin = ""
        self.team_id = keys.team_id
        name = re.sub(r"[^A-Z0-9]", "", app.name.upper())
        # The bot is another user in each workspace, the app is one and the same.
        here = "" if keys.team_id == HOME_TEAM else keys.team_id[1:]
        self.domain = f"workspace{'-' if here else ''}{here.lower()}"
        self.bot_user, self.bot_id, self.app_id = f"U0B{name}{here}", f"B01{name}{here}", f"A01{name}"
        self.tokens = {
            keys.bot_token: Token("bot", set(app.scopes)),
            keys.app_token: Token("app", {"connections:write"}),
        }
        self._last_ts = self._numbers = 0
        self._waiting: set[asyncio.Future[None]] = set()
        self.people[self.bot_user] = Person(app.name, self.bot_user, real_name=app.name, is_bot=True)

    # --- time and names ---

    def ts(self) -> str:
        """A message time-stamp by the clock: unique, and later than every one before."""
        micros = (self.clock.now() - EPOCH) // timedelta(microseconds=1)
        self._last_ts = max(micros, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    @property
    def counters(self) -> tuple[int, int]:
        """How many ids were given, and the last time-stamp in microseconds."""
        return self._numbers, self._last_ts

    @counters.setter
    def counters(self, reached: tuple[int, int]) -> None:
        """Goes on where a workspace that was kept had come to."""
        self._numbers, self._last_ts = reached

    def bot_scopes(self) -> set[str]:
        """What the bot token may do; nothing when there is none any more."""
        held = self.tokens.get(self.keys.bot_token)
        return held.scopes if held else set()

    def fresh(self, prefix: str) -> str:
        """An id never given before."""
        self._numbers += 1
        return f"{prefix}{self._numbers:09X}"

    def find_person(self, who: str) -> Person:
        """By id or name; LookupError when there is nobody of that name."""
        found = self.people.get(who) or next((p for p in self.people.values() if p.name == who.removeprefix("@")), None)
        if found is None:
            raise LookupError(
                f"Nobody called {who!r} is in the workspace. There are: {[p.name for p in self.people.values()]}"
            )
        return found

    def find_channel(self, name: str) -> Channel:
        """By id or name, with or without its #; LookupError when there is none."""
        found = self.channels.get(name) or self.named(name)
        if found is None:
            raise LookupError(f"There is no channel {name!r}. There are: {[c.name for c in self.channels.values()]}")
        return found

    def find_group(self, handle: str) -> UserGroup:
        """By id or handle, with or without its @; LookupError when there is none."""
        plain = handle.removeprefix("@")
        found = self.groups.get(handle) or next((g for g in self.groups.values() if g.handle == plain), None)
        if found is None:
            raise LookupError(
                f"There is no user group {handle!r}. There are: {[g.handle for g in self.groups.values()]}"
            )
        return found

    def named(self, name: str) -> Channel | None:
        """The channel of that name, archived ones too: their names stay taken."""
        plain = name.removeprefix("#")
        return next((c for c in self.channels.values() if c.name == plain and not c.im_with), None)

    # --- people and channels ---

    def add_person(self, seed: str | Person) -> Person:
        """A new member, by name or with everything said; a stranger lands in another team."""
        person = seed if isinstance(seed, Person) else Person(seed)
        person = replace(
            person,
            id=person.id or self._free("U01", person.name, self.people),
            real_name=person.real_name or person.name.title(),
            email=person.email or f"{person.name}@example.com",
        )
        self.people[person.id] = person
        return person

    def add_group(self, seed: str | UserGroup) -> UserGroup:
        """A new user group, by handle or with everything said."""
        group = seed if isinstance(seed, UserGroup) else UserGroup(seed)
        handle = group.handle.removeprefix("@")
        group = replace(
            group,
            handle=handle,
            id=group.id or self._free("S01", handle, self.groups),
            name=group.name or handle,
            users=tuple(self.find_person(who).id for who in group.users),
            updated=int(self.clock.now().timestamp()),
        )
        self.groups[group.id] = group
        return group

    def add_channel(self, seed: str | Channel) -> Channel:
        """A new channel; everybody (and the bot) is in it unless the seed says otherwise."""
        made = replace(seed) if isinstance(seed, Channel) else Channel(seed)
        made.name = made.name.removeprefix("#")
        made.id = made.id or self._free("G01" if made.private else "C01", made.name, self.channels)
        chosen: Iterable[str] = self.people if made.members is None else made.members
        made.members = {self.find_person(who).id for who in chosen} - {self.bot_user}
        if made.bot_in:
            made.members.add(self.bot_user)
        made.created = made.created or int(self.clock.now().timestamp())
        self.channels[made.id] = made
        self.messages[made.id] = {}
        self.note("channel")
        return made

    def dm(self, user: str) -> Channel:
        """The app's direct messages with a person, opened if they are not."""
        for channel in self.channels.values():
            if channel.im_with == user:
                return channel
        made = Channel("directmessage", f"D{user[1:]}", members={user, self.bot_user}, im_with=user)
        made.created = int(self.clock.now().timestamp())
        self.channels[made.id] = made
        self.messages[made.id] = {}
        return made

    def shared(self, channel: str) -> bool:
        """Whether people of another company are in a conversation."""
        held = self.channels.get(channel)
        return held is not None and any(self.people[user].is_stranger for user in held.inside if user in self.people)

    def _free(self, prefix: str, name: str, taken: Iterable[str]) -> str:
        wanted = prefix + (re.sub(r"[^A-Z0-9]", "", name.upper()) or "X")
        return wanted if wanted not in taken else self.fresh(wanted)

    def team_of(self, person: Person) -> str:
        """The team id of a person; strangers have another one."""
        return "T01STRANGERS" if person.is_stranger else self.team_id

    # --- messages ---

    def post(self, message: Message) -> Message:
        """Puts a new message where everybody in the channel sees it; Slack's own lines are no news for the journal."""
        self.fill(message.surfaces())
        self.messages[message.channel][message.ts] = message
        if message.of_slack:
            self.note("channel")
        else:
            self.note("post", message)
        self.tell(message.channel, self._subscription(message.channel), self._event(message))
        return message

    def line(self, channel: Channel, subtype: str, text: str, user: str) -> None:
        """Writes what Slack itself says in a channel; `subtype` as in a public one."""
        if channel.private:
            subtype = subtype.replace("channel_", "group_", 1)
        now = self.clock.now()
        self.post(Message(channel.id, self.ts(), user, text, now, now, subtype=subtype))

    def edit(self, message: Message, kind: Kind = "edit", **changes: object) -> Message:
        """Puts another message in the place of one that was posted; an edit is counted."""
        edits = message.edits + (kind == "edit")
        changed = replace(message, edits=edits, changed_at=self.clock.now(), **changes)  # type: ignore[arg-type]
        self.fill(changed.surfaces())
        if message.ephemeral_to:
            self.whispers[message.ephemeral_to][message.ts] = changed
            self.note("ephemeral", changed, user=message.ephemeral_to)
            return changed
        self.messages[message.channel][message.ts] = changed
        self.note(kind, changed)
        if kind == "edit":
            told = {"message": changed.to_api(), "previous_message": message.to_api()}
            self.tell(
                message.channel, self._subscription(message.channel), self._event(changed, "message_changed", told)
            )
        return changed

    def delete(self, message: Message) -> None:
        """Takes a message away, whether everybody saw it or one person."""
        shelf = self.whispers[message.ephemeral_to] if message.ephemeral_to else self.messages[message.channel]
        shelf.pop(message.ts, None)
        self.note("delete", message, user=message.ephemeral_to)
        if not message.ephemeral_to:
            told = {"deleted_ts": message.ts, "previous_message": message.to_api()}
            self.tell(
                message.channel, self._subscription(message.channel), self._event(message, "message_deleted", told)
            )

    def whisper(self, message: Message) -> Message:
        """Shows a message to the one person it is for."""
        self.fill(message.surfaces())
        self.whispers.setdefault(message.ephemeral_to or "", {})[message.ts] = message
        self.note("ephemeral", message, user=message.ephemeral_to)
        return message

    def from_bot(self, channel: str, text: str, blocks: list[Json] | None = None, **more: object) -> Message:
        """A message of the app's bot that stands nowhere yet."""
        now = self.clock.now()
        base = Message(channel, self.ts(), self.bot_user, text, now, now, blocks or [])
        return replace(base, bot_id=self.bot_id, app_id=self.app_id, **more)  # type: ignore[arg-type]

    def fill(self, blocks: list[Json]) -> None:
        """Gives every block and every element an id, as Slack does where the app gave none."""
        for block in blocks:
            block.setdefault("block_id", self.fresh("b"))
            for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
                if isinstance(element, dict) and element.get("type") not in PASSIVE:
                    element.setdefault("action_id", self.fresh("a"))

    def _subscription(self, channel: str) -> str:
        return f"message.{ {'channel': 'channels', 'group': 'groups', 'im': 'im'}[self.kind(channel)] }"

    def kind(self, channel: str) -> str:
        """channel, group or im, as events call it."""
        held = self.channels[channel]
        return "im" if held.im_with else "group" if held.private else "channel"

    def _event(self, message: Message, subtype: str = "", told: Json | None = None) -> Json:
        ts = message.ts if not subtype else self.ts()
        event = {
            "type": "message",
            "channel": message.channel,
            "channel_type": self.kind(message.channel),
            "event_ts": ts,
        }
        if subtype:
            return event | {"subtype": subtype, "hidden": True, "ts": ts} | (told or {})
        author = self.people.get(message.user)
        return message.to_api() | event | {"team": self.team_of(author) if author else self.team_id}

    # --- what an interaction hands out ---

    def trigger(self, user: str) -> str:
        """A new trigger_id for a person."""
        made = f"{self.fresh('')}.{self.team_id}.{secrets.token_hex(8)}"
        self.triggers[made] = Trigger(user, self.clock.monotonic())
        return made

    def exchange(self, trigger_id: str) -> str:
        """The person behind a trigger_id, once and within three seconds; Denied otherwise."""
        held = self.triggers.get(trigger_id)
        if held is None:
            raise Denied("invalid_trigger_id")
        if held.used:
            raise Denied("exchanged_trigger_id")
        if self.clock.monotonic() - held.at > TRIGGER_LIFE:
            raise Denied("expired_trigger_id")
        held.used = True
        return held.user

    def response_url(self, user: str, channel: str, original: Message | None = None) -> tuple[str, ResponseUrl]:
        """A new response_url and what it stands for."""
        key = secrets.token_urlsafe(18)
        self.response_urls[key] = ResponseUrl(user, channel, self.clock.now(), original)
        return f"{self.origin}/response/{key}", self.response_urls[key]

    # --- telling ---

    def tell(self, channel: str, subscription: str, event: Json) -> None:
        """Tells the bot of something in a conversation, when it is in there."""
        if self.bot_user in self.channels[channel].inside:
            self.emit(subscription, {"event_ts": event.get("ts") or self.ts()} | event)

    def note(
        self, kind: Kind, message: Message | None = None, view: View | None = None, user: str | None = None
    ) -> None:
        """Writes a visible change into the journal and wakes whoever waits for one."""
        change = Change(kind, self.clock.now(), message, view, user)
        self.journal.append(change)
        sys.audit(SHOWN, change)  # costs nothing; the tests keep what they let a workspace show
        self.wake()

    def wake(self) -> None:
        """Lets everybody who waits look again."""
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        self._waiting.clear()

    async def changed(self, within: float) -> None:
        """Returns at the next change, or after so many real seconds."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await asyncio.wait((waiting,), timeout=within)
        finally:
            self._waiting.discard(waiting)


PASSIVE = (
    "image",
    "plain_text",
    "mrkdwn",
    "rich_text_section",
    "rich_text_list",
    "rich_text_quote",
    "rich_text_preformatted",
)
