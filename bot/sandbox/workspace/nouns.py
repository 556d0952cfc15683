"""What a workspace is made of: people, channels, messages, views, and the record of what happened to them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Json = dict[str, Any]

SCOPES = (
    "app_mentions:read",
    "bookmarks:read",
    "bookmarks:write",
    "canvases:write",
    "channels:history",
    "channels:join",
    "channels:manage",
    "channels:read",
    "channels:write.invites",
    "channels:write.topic",
    "chat:write",
    "commands",
    "dnd:read",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "groups:write",
    "im:history",
    "im:read",
    "im:write",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "usergroups:write",
    "users:read",
    "users:read.email",
)
EVENTS = ("app_home_opened", "app_mention", "message.im")
# Every event the workspace can send, and the scope without which Slack does not send it.
EVENT_SCOPES = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "app_uninstalled": "",
    "channel_archive": "channels:read",
    "channel_rename": "channels:read",
    "channel_unarchive": "channels:read",
    "dnd_updated_user": "dnd:read",
    "group_archive": "groups:read",
    "group_rename": "groups:read",
    "group_unarchive": "groups:read",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "pin_added": "pins:read",
    "pin_removed": "pins:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
    "team_join": "users:read",
    "tokens_revoked": "",
    "user_change": "users:read",
}
ALL_EVENTS = tuple(EVENT_SCOPES)


@dataclass(frozen=True)
class App:
    """The app as its manifest tells it: scopes of the bot token, subscribed events, slash commands (None: any)."""

    name: str = "tocsin"
    scopes: tuple[str, ...] = SCOPES
    events: tuple[str, ...] = EVENTS
    commands: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Person:
    """A member of the workspace; `is_stranger` is somebody of another company in a shared channel."""

    name: str
    id: str = ""
    real_name: str = ""
    email: str = ""
    tz: str = "UTC"
    deleted: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    is_admin: bool = False
    is_bot: bool = False
    dnd_until: datetime | None = None
    locale: str = "en-US"
    email_confirmed: bool = True
    presence: Literal["active", "away"] = "active"


@dataclass
class Channel:
    """A conversation; as a seed, `members=None` means everybody and `bot_in` puts the app's bot in."""

    name: str
    id: str = ""
    private: bool = False
    members: set[str] | None = None
    bot_in: bool = True
    archived: bool = False
    topic: str = ""
    purpose: str = ""
    general: bool = False
    im_with: str = ""
    created: int = 0
    creator: str = ""

    @property
    def inside(self) -> set[str]:
        """The ids of those in it."""
        if self.members is None:
            self.members = set()
        return self.members


@dataclass(frozen=True)
class UserGroup:
    """People who are mentioned by one handle; as a seed, `users` may be names."""

    handle: str
    id: str = ""
    name: str = ""
    users: tuple[str, ...] = ()
    disabled: bool = False
    updated: int = 0


@dataclass(frozen=True)
class File:
    """A file the app has uploaded, complete once it was shared or kept; `content` is None until its bytes arrive."""

    id: str
    name: str
    length: int
    title: str = ""
    alt_text: str = ""
    content: bytes | None = None
    complete: bool = False
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Canvas:
    """A document; one with a `channel` is that channel's tab."""

    id: str
    title: str
    markdown: str
    channel: str = ""


@dataclass(frozen=True)
class Message:
    """What a person sees of one message at one moment: a snapshot that later edits leave alone."""

    channel: str
    ts: str
    user: str
    text: str
    at: datetime
    changed_at: datetime
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    edits: int = 0
    ephemeral_to: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    pinned: bool = False
    reactions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[Json, ...] = ()
    subtype: str = ""

    @property
    def of_slack(self) -> bool:
        """True for the lines Slack writes itself, of people who come and topics that change."""
        return self.subtype.startswith(("channel_", "group_"))

    @property
    def shown(self) -> str:
        """Every word a reader sees, a line for each piece: of the blocks, or the text when there are none."""
        pieces = [line for block in self.surfaces() for line in words(block)]
        return "\n".join(pieces) if pieces else self.text

    @property
    def buttons(self) -> dict[str, Json]:
        """The buttons by their label, in order; of two with one label the first."""
        return labelled(self.surfaces())

    def surfaces(self) -> list[Json]:
        """The blocks of the message and of its attachments."""
        return [*self.blocks, *(block for attached in self.attachments for block in attached.get("blocks", []))]

    def to_api(self, *, metadata: bool = True) -> Json:
        """The message as Slack writes it; the metadata only where it was asked for."""
        told: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts}
        if self.bot_id:
            told |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.subtype:
            told["subtype"] = self.subtype
        if self.files:
            told["files"] = list(self.files)
        if self.username:
            told["username"] = self.username
        if self.blocks:
            told["blocks"] = self.blocks
        if self.attachments:
            told["attachments"] = self.attachments
        if self.thread_ts:
            told["thread_ts"] = self.thread_ts
        if self.edits:
            told["edited"] = {"user": self.user, "ts": f"{self.changed_at.timestamp():.6f}"}
        if self.metadata and metadata:
            told["metadata"] = self.metadata
        if self.reactions:
            told["reactions"] = [{"name": n, "users": list(u), "count": len(u)} for n, u in self.reactions.items()]
        if self.ephemeral_to:
            told["is_ephemeral"] = True
        return told


@dataclass(frozen=True)
class View:
    """A modal or a home tab as one person sees it at one moment; `errors` are those of the last refused submission."""

    id: str
    user: str
    content: Json
    hash: str
    root_id: str = ""
    previous_id: str | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """modal or home."""
        return str(self.content.get("type", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks, with the block_ids and action_ids Slack filled in."""
        return list(self.content.get("blocks", []))

    @property
    def callback_id(self) -> str:
        """The callback_id, empty when the app gave none."""
        return str(self.content.get("callback_id", ""))

    @property
    def private_metadata(self) -> str:
        """What the app hid in the view for itself."""
        return str(self.content.get("private_metadata", ""))

    @property
    def title(self) -> str:
        """The words on top of a modal."""
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def shown(self) -> str:
        """Every word a reader sees, title first."""
        return "\n".join([*([self.title] if self.title else []), *(line for b in self.blocks for line in words(b))])

    @property
    def buttons(self) -> dict[str, Json]:
        """The buttons by their label, in order."""
        return labelled(self.blocks)


@dataclass(frozen=True)
class Call:
    """One call of a Web API method: what was asked, when, and the error it got (None: ok)."""

    method: str
    args: Json
    at: datetime
    error: str | None = None


@dataclass(frozen=True)
class Failure:
    """A delivery the bot did not acknowledge, as the person who pressed or typed would see it."""

    kind: str
    reason: str
    payload: Json
    at: datetime


Kind = Literal["post", "edit", "delete", "ephemeral", "view", "home", "reaction", "pin", "channel", "group"]


@dataclass(frozen=True)
class Change:
    """One visible change, in the order they happened; `user` is who sees it where only one person does."""

    kind: Kind
    at: datetime
    message: Message | None = None
    view: View | None = None
    user: str | None = None


def words(thing: object) -> Iterator[str]:
    """The visible pieces of text of a block, in order; what a dialog would ask before a press is not among them."""
    if isinstance(thing, list):
        for item in thing:
            yield from words(item)
        return
    if not isinstance(thing, dict):
        return
    if thing.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
        yield "".join(_inline(span) for span in thing.get("elements", []))
        return
    for key, value in thing.items():
        if key in ("text", "alt_text", "caption") and isinstance(value, str):
            yield value
        elif key == "value" and thing.get("type") == "raw_number":
            yield str(value)
        elif key not in ("confirm", "options", "option_groups", "initial_option", "initial_options", "placeholder"):
            yield from words(value)


def _inline(span: Json) -> str:
    marks = {"user": "@{user_id}", "usergroup": "@{usergroup_id}", "channel": "#{channel_id}", "emoji": ":{name}:"}
    marks |= {"broadcast": "@{range}", "link": "{url}", "date": "{timestamp}"}
    if "text" in span or "fallback" in span:
        return str(span.get("text", span.get("fallback", "")))
    return marks.get(span.get("type", ""), "").format_map(span)


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every element a person can press or fill, with the block it stands in."""
    for block in blocks:
        for element in (*block.get("elements", ()), block.get("accessory"), block.get("element")):
            if isinstance(element, dict) and "action_id" in element:
                yield block, element


def label(element: Json) -> str:
    """What a person would call an element: the words on a button, the hint in a select."""
    text = element.get("text") or element.get("placeholder") or {}
    return str(text.get("text", "")) if isinstance(text, dict) else ""


def labelled(blocks: list[Json]) -> dict[str, Json]:
    """The buttons among these blocks by their label."""
    found: dict[str, Json] = {}
    for _, element in interactive(blocks):
        if element.get("type") == "button":
            found.setdefault(label(element), element)
    return found
