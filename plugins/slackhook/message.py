"""A message to Slack as its reader would see it: a title, lines, named fields, colours and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.contract import Status, Unreadable, reading
from plugins.slackhook import markup

ATTACHMENTS, BLOCKS = 100, 50  #: Slack takes no more
_CHARACTERS, _LINES = 40_000, 400  # Slack cuts a text there; nobody reads more of an alert
_DEEPEST = 8  # lists within lists of rich text
_NAMED = re.compile(r"^[\W_]{0,10}([A-Za-z][A-Za-z _-]{0,30})[:=]\s*(\S.*)$")
#: the parts of an alert, and under which names senders write them
PARTS = {
    "model": ("model", "model name", "registered model", "agent", "agent name", "endpoint", "inference service"),
    "version": ("version", "model version", "agent version"),
    "environment": ("environment", "env", "stage"),
    "entity": ("entity", "business entity", "business unit"),
    "severity": ("severity", "priority", "level"),
    "kind": ("kind", "category", "alert kind"),
    "metric": ("metric", "metric name", "measure"),
    "value": ("value", "current value", "observed"),
    "threshold": ("threshold", "limit"),
    "feature": ("feature", "column", "feature name"),
}
_KNOWN = frozenset(name for names in PARTS.values() for name in names)
_CURE = "Send what Slack's incoming webhooks take: text, blocks or attachments."


class Wrong(Unreadable):
    """Slack itself would refuse this message, with the word `code`."""

    def __init__(self, code: str, what: str) -> None:
        """`code` as Slack answers it: invalid_payload, no_text and the like."""
        super().__init__(what, _CURE)
        self.code = code


@dataclass
class Message:
    """What stands in one message, in the order of reading."""

    titles: list[str] = field(default_factory=list)  #: what may be its title, the likeliest first
    lines: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)  #: by name, in lower case
    colours: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    room: int = _CHARACTERS  #: how many characters are still looked at
    SECTIONS: ClassVar[frozenset[str]] = frozenset({"header", "section", "context", "markdown", "rich_text", "actions"})

    @property
    def title(self) -> str:
        """The line that carries a mark such as [FIRING], or else the first."""
        return next((one for one in self.titles if markup.marked(one)[0]), self.titles[0])

    def status(self, green: tuple[str, ...]) -> Status:
        """By its mark, then by its colours; firing where neither says anything."""
        said = markup.marked(self.title)[0]
        if said is None and self.colours and all(_is_green(colour, green) for colour in self.colours):
            return Status.RESOLVED
        return said or Status.FIRING

    def say(self, given: object, *, title: bool = False) -> None:
        """Take in a text; its first line may be the title."""
        words = reading.text(given, self.room)
        if not words or isinstance(given, bool) or self.room < 2:
            return
        self.room -= len(words)
        text, links = markup.plain(words)
        self.links += links
        found = list(markup.lines(text))
        if title:
            self.titles += found[:1]
        for line in found[: max(0, _LINES - len(self.lines))]:
            self.lines.append(line)
            if (named := _NAMED.match(line)) and _plainly(named[1]) in _KNOWN:
                self.name(named[1], named[2])

    def name(self, name: object, value: object) -> None:
        """Take in a field; the first of a name counts."""
        if len(self.fields) >= reading.LABELS or self.room < 2:
            return
        words, said = reading.text(name, 60), reading.text(value, reading.LABEL)
        if words and said:
            self.room -= len(said)
            text, links = markup.plain(said)
            self.links += links
            bare = text.strip(" \t*_`")
            if bare:
                self.fields.setdefault(_plainly(words), bare)

    def link(self, given: object) -> None:
        """Take in an address."""
        if isinstance(given, str):
            self.links.append(given)


def _plainly(name: str) -> str:
    return " ".join(name.strip(" \t*_:`").lower().replace("_", " ").split())


def read(body: Any) -> Message:
    """The message of a payload; raises Wrong where Slack would refuse it, or where nothing in it can be read."""
    if not isinstance(body, dict):
        raise Wrong("invalid_payload", "The payload is no JSON object.")
    attachments, blocks = body.get("attachments") or [], body.get("blocks") or []
    if not isinstance(attachments, list):
        raise Wrong("invalid_payload", "`attachments` is no list.")
    if len(attachments) > ATTACHMENTS:
        raise Wrong("too_many_attachments", f"There are more than {ATTACHMENTS} attachments.")
    if not isinstance(blocks, list) or len(blocks) > BLOCKS:
        raise Wrong("invalid_blocks", f"`blocks` is no list of at most {BLOCKS}.")
    message = Message()
    message.say(body.get("text"), title=True)
    _blocks(message, blocks)
    for attachment in attachments:
        if isinstance(attachment, dict):
            _attachment(message, attachment)
    if not message.titles:
        raise Wrong("no_text", "There is no text in the message.")
    return message


def _attachment(message: Message, given: dict[str, Any]) -> None:
    before = len(message.titles)
    for key in ("title", "pretext"):
        message.say(given.get(key), title=True)
    for key in ("title_link", "from_url", "author_link"):
        message.link(given.get(key))
    message.say(given.get("text"), title=len(message.titles) == before)
    colour = given.get("color")
    if isinstance(colour, str):
        message.colours.append(colour.strip().lower())
    for one in given["fields"] if isinstance(given.get("fields"), list) else []:
        if isinstance(one, dict):
            message.name(one.get("title"), one.get("value"))
    blocks = given.get("blocks")
    _blocks(message, blocks[:BLOCKS] if isinstance(blocks, list) else [])
    if len(message.titles) == before:
        message.say(given.get("fallback"), title=True)


def _blocks(message: Message, blocks: list[Any]) -> None:
    for block in blocks:
        if not isinstance(block, dict) or str(block.get("type")) not in Message.SECTIONS:
            continue
        message.say(_text(block.get("text")), title=True)
        if block["type"] == "rich_text":
            message.say("".join(_rich(block, 0)), title=True)
            continue
        for one in block["fields"] if isinstance(block.get("fields"), list) else []:
            name, _, value = (reading.text(_text(one), reading.LABEL) or "").partition("\n")
            if value:
                message.name(name, value)
            else:
                message.say(name)
        elements = block.get("elements")
        for one in [*(elements if isinstance(elements, list) else []), block.get("accessory")]:
            if isinstance(one, dict):
                message.link(one.get("url"))
                if block["type"] == "context":
                    message.say(_text(one))


def _text(given: object) -> object:
    """The words of a text object, or the text itself."""
    return _text(given["text"]) if isinstance(given, dict) and isinstance(given.get("text"), str | dict) else given


def _rich(given: object, depth: int) -> Iterator[str]:
    if not isinstance(given, dict) or depth > _DEEPEST:
        return
    elements = given.get("elements")
    if isinstance(elements, list):
        for element in elements:
            yield from _rich(element, depth + 1)
        if str(given.get("type", "")).startswith("rich_text_"):
            yield "\n"
        return
    text, url = given.get("text"), given.get("url")
    if isinstance(url, str):
        yield f"<{url}|{text}>" if isinstance(text, str) else f"<{url}>"
    elif isinstance(text, str):
        yield text


def _is_green(colour: str, named: tuple[str, ...]) -> bool:
    if colour in named:
        return True
    digits = colour.removeprefix("#")
    if not re.fullmatch(r"[0-9a-f]{6}", digits):
        return False
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return green > 1.2 * red and green > blue
