"""The steps of a runbook: its numbered items and its tasks, each with an id that outlives changes of the others."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.runbooks import templates

MOST = 40  #: steps of one runbook
LONGEST = 1_000  #: characters of a step
_SECTION = 150
_PARSER = MarkdownIt("commonmark", {"html": False, "tasklists": True}).enable(["table", "strikethrough"])
_BULLET = re.compile(r"\s*(?:[-+*]|\d{1,9}[.)])(?:\s+(?:\[[ xX]\]\s+)?|$)")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: `text` is Markdown of at most LONGEST characters, `number` what it bears in its list.

    `id` is a digest of section and text: eight hexadecimal characters, with -2, -3 behind them where a text repeats.
    """

    id: str
    number: int
    section: str
    text: str


def steps(markdown: str) -> tuple[Step, ...]:
    """The numbered items and `- [ ]` tasks of the outermost lists, in order, at most MOST of them.

    What is nested in an item belongs to its text; bullets without a box, and lists in quotations, are no steps.
    """
    source = markdown[: 2 * templates.LONGEST].encode("utf-8", "replace").decode()
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    found: dict[str, Step] = {}
    for section, number, (begins, ends) in _items(_PARSER.parse(source)):
        text = _text(lines[begins:ends])
        if text and len(found) < MOST:
            name = _unused(_digest(section, text), found)
            found[name] = Step(name, number, section, _cut(text))
    return tuple(found.values())


def _items(tokens: Sequence[Token]) -> Iterator[tuple[str, int, list[int]]]:
    """Section, number and lines of each item that counts."""
    section, number, ordered = "", 0, False
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and before and before.type == "heading_open" and before.level == 0:
            section = _plain(token)
        elif token.level == 0 and token.type in ("ordered_list_open", "bullet_list_open"):
            ordered = token.type == "ordered_list_open"
            number = int(token.attrs.get("start", 1)) - 1
        elif token.level == 1 and token.type == "list_item_open" and (ordered or "checked" in token.meta):
            number += 1
            yield section, number, token.map or [0, 0]


def _plain(heading: Token) -> str:
    words = "".join(" " if "break" in child.type else child.content for child in heading.children or ())
    return " ".join(words.split())[:_SECTION]


def _text(lines: Sequence[str]) -> str:
    """An item's Markdown without its mark, what stands below it moved to the left as far."""
    mark = _BULLET.match(lines[0])
    width = mark.end() if mark else 0
    below = (line.expandtabs(4) for line in lines[1:])
    moved = [line[min(width, len(line) - len(line.lstrip())) :] for line in below]
    return "\n".join([lines[0][width:], *moved]).strip()


def _digest(section: str, text: str) -> str:
    """The same however the lines are wrapped."""
    return hashlib.sha256(f"{section}\n{' '.join(text.split())}".encode()).hexdigest()[:8]


def _unused(name: str, taken: dict[str, Step]) -> str:
    names = (name, *(f"{name}-{again}" for again in range(2, MOST + 2)))
    return next(unique for unique in names if unique not in taken)


def _cut(text: str) -> str:
    """At most LONGEST characters, cut between lines (an open fence is closed) and with a word on what is missing."""
    if len(text) <= LONGEST:
        return text
    room = LONGEST - 40
    end = text.rfind("\n", 0, room)
    if end < 0:
        return f"{text[:room].rstrip()}… (+{len(text) - room} characters)"
    kept = text[:end].rstrip()
    fence = "\n```" if len(re.findall(r"^ {0,3}```", kept, re.MULTILINE)) % 2 else ""
    missing = text.count("\n", end)
    return f"{kept}{fence}\n\n… (+{missing} more line{'s' * (missing > 1)})"
