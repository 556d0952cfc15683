"""The few Block Kit pieces that cards are drawn with; words in them are shown literally, whatever they contain.

Lines are `rich_text`, where a word is a word: no mention, link, emoji code or formatting can hide in it. Only the
top-level `text` of a message is read as markup by Slack, so there `&`, `<` and `>` are escaped.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot import words
from bot.model.people import Person

Json = dict[str, Any]

# Slack's limits in characters, and ours of a line; a push of 700 stays under an edit's 4,000 even when all is escaped.
HEADER, BUTTON, TITLE, ASK, CHOICE = 150, 75, 100, 300, 30
LINE, PUSH = 300, 700
ALOUD = 75  # characters of a button as it is read aloud
_USER = re.compile(r"[UW][A-Z0-9]{2,30}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
# Marks that turn the reading direction of what stands around them.
_TURNS = dict.fromkeys((0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True)
class Message:
    """What is sent to Slack: `text` is whole without the blocks (lock screens and screen readers have nothing else)."""

    text: str
    blocks: tuple[Json, ...] = ()

    @property
    def digest(self) -> str:
        """The same for equal drawings."""
        drawn = json.dumps([self.text, self.blocks], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(drawn.encode()).hexdigest()[:32]

    def payload(self) -> Json:
        """As arguments of chat.postMessage and chat.update; no blocks take away those that stood there."""
        return {"text": self.text, "blocks": list(self.blocks)}


def clean(text: str) -> str:
    """One line of printable characters: spaces for breaks, nothing that turns the reading direction, no half pairs."""
    if text.isascii() and text.isprintable():  # nearly every line there is
        return " ".join(text.split())
    whole = text.encode("utf-8", "replace").decode().translate(_TURNS)
    shown = (" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in whole)
    return " ".join("".join(shown).split())


BRIEF = 100  #: characters; in less room than that, saying how many are missing would cost a fifth of them


def shorten(text: str, most: int) -> str:
    """At most `most` characters of a clean line; of a longer text it is told how many are missing."""
    line = clean(text)
    if len(line) <= most:
        return line
    if most <= BRIEF:
        return f"{line[: most - 1].rstrip()}…"
    mark = f"… (+{len(line) - most + 12} characters)"
    kept = most - len(mark)
    return f"{line[:kept].rstrip()}… (+{len(line) - kept} characters)"[:most]


def escape(text: str) -> str:
    """Text that Slack's markup shows as it is."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def push(text: str) -> str:
    """A top-level text: one line, escaped, cut where even a lock screen has had enough."""
    return escape(shorten(text, PUSH)) or "Tocsin"


# --- spans of a line ---


def say(text: str, most: int = LINE) -> Json:
    """Words; the spaces at their ends are kept."""
    before, after = text[:1] == " ", text[-1:] == " "
    return {"type": "text", "text": f"{' ' * before}{shorten(text, most)}{' ' * (after and len(text) > 1)}" or " "}


def loud(text: str, most: int = LINE) -> Json:
    """Words in bold."""
    return say(text, most) | {"style": {"bold": True}}


def line(template: str, **parts: object) -> list[Json]:
    """A template of `bot.words` as spans; a part is a span, a list of spans, or anything else as words."""
    spans: list[Json] = []
    for text, name in words.split(template):
        if text:
            spans.append(_literal(text))
        if name is not None:
            part = parts[name]
            spans += part if isinstance(part, list) else [part] if isinstance(part, dict) else [say(str(part))]
    return spans


def _literal(text: str) -> Json:
    return {"type": "text", "text": text}


def struck(spans: Iterable[Json]) -> list[Json]:
    """The same spans, crossed out."""
    return [span | {"style": span.get("style", {}) | {"strike": True}} for span in spans]


def when(at: datetime) -> Json:
    """An instant in the reader's zone; in UTC where that cannot be."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": "{date_short_pretty} {time}",
        "fallback": utc(at),
    }


def utc(at: datetime) -> str:
    """An instant for where Slack cannot turn it into the reader's zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def user(user_id: str) -> Json:
    """A mention of a Slack user by id; the words themselves when they are no id."""
    return {"type": "user", "user_id": user_id} if _USER.fullmatch(user_id) else loud(user_id, 80)


def who(person: Person) -> Json:
    """A mention of somebody the configuration knows; their name when they have no good Slack id."""
    return user(person.slack) if person.slack and _USER.fullmatch(person.slack) else loud(person.name, 80)


def channel(channel_id: str) -> Json:
    """A channel by its id, which leads there; the words themselves when they are no id."""
    if _CHANNEL.fullmatch(channel_id):
        return {"type": "channel", "channel_id": channel_id}
    return say(channel_id, 80)


def named(persons: Iterable[Person], more: str = words.ENGLISH.card.and_more) -> list[Json]:
    """Several people with commas between; the first eight, then how many `more`."""
    everybody = list(persons)
    spans: list[Json] = []
    for person in everybody[:8]:
        spans += [say(", ")] if spans else []
        spans.append(who(person))
    return [*spans, *line(more, count=len(everybody) - 8)] if len(everybody) > 8 else spans


def size(spans: Iterable[Json]) -> int:
    """How much of a message's text budget spans take, addresses included."""
    return sum(sum(len(str(span.get(key, ""))) for key in ("text", "url", "fallback")) for span in spans)


# --- blocks ---


def header(text: str) -> Json:
    """The line that stands above everything, in large letters."""
    return {"type": "header", "text": _plain(text, HEADER)}


def lines(*each: Iterable[Json]) -> Json:
    """One paragraph, a line for each list of spans; empty lists are left out."""
    return {"type": "rich_text", "elements": [_section(each)]}


def told(head: Iterable[Iterable[Json]], items: Iterable[Iterable[Json]], foot: Iterable[Iterable[Json]]) -> Json:
    """Lines, a bullet for each of `items`, and lines again, all as one; what is empty is left out."""
    bullets = [_section([item]) for item in items]
    listed = {"type": "rich_text_list", "style": "bullet", "elements": bullets}
    parts = (_section(head), listed if bullets else _section(()), _section(foot))
    return {"type": "rich_text", "elements": [part for part in parts if part["elements"]]}


def _section(each: Iterable[Iterable[Json]]) -> Json:
    spans: list[Json] = []
    for line in (list(line) for line in each):
        if line and spans:
            spans.append({"type": "text", "text": "\n"})
        spans += line
    return {"type": "rich_text_section", "elements": spans}


def small(text: str, most: int = LINE) -> Json:
    """A line in small letters."""
    return {"type": "context", "elements": [_plain(text, most)]}


def row(*buttons: Json) -> Json:
    """Buttons side by side."""
    return {"type": "actions", "elements": list(buttons)}


def button(
    label: str, action: str, value: str, *, style: str | None = None, confirm: Json | None = None, aloud: str = ""
) -> Json:
    """A button; `style` is primary or danger, `aloud` what a screen reader says instead of the label."""
    drawn: Json = {"type": "button", "text": _plain(label, BUTTON), "action_id": action, "value": value}
    if style:
        drawn["style"] = style
    if confirm:
        drawn["confirm"] = confirm
    if aloud:
        drawn["accessibility_label"] = shorten(aloud, ALOUD)
    return drawn


def confirm(title: str, text: str, yes: str, no: str = words.ENGLISH.card.not_yet) -> Json:
    """What is asked before a press counts."""
    asked = {"title": _plain(title, TITLE), "text": _plain(text, ASK), "confirm": _plain(yes, CHOICE)}
    return asked | {"deny": _plain(no, CHOICE)}


def _plain(text: str, most: int) -> Json:
    return {"type": "plain_text", "text": shorten(text, most) or "-", "emoji": False}
