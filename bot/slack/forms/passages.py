"""The passages of a document as fields of a form: each on its own, so that two people can write in two of them at once.

A field is named after its passage (heading, and which of that heading), not after its place; the form remembers of
each what it was when it was shown. What somebody else changed meanwhile clashes only where both wrote.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bot.rules import manuscript
from bot.slack.forms import fields

MOST = 25  #: fields; what a form carries of each takes part of the 3,000 characters Slack lets it carry


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage: its field's name, its number in the document, its heading, what stands there, whether it fits."""

    name: str
    number: int
    title: str
    body: str

    @property
    def fits(self) -> bool:
        """Whether a field holds it."""
        return len(self.body) <= fields.WORDS


@dataclass(frozen=True, slots=True)
class Merged:
    """The text with what was typed; `clashes`: somebody else changed it, too; `gone`: it is not there now."""

    text: str
    clashes: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def of(text: str) -> list[Passage]:
    """Every passage of a document."""
    seen: Counter[str] = Counter()
    found = []
    for number, one in enumerate(manuscript.passages(text)):
        seen[one.title] += 1
        name = "p" + _digest(f"{one.title}/{seen[one.title]}")
        found.append(Passage(name, number, one.title, one.body))
    return found


def shown(text: str) -> list[Passage]:
    """Those that a form shows as fields."""
    return [one for one in of(text) if one.fits][:MOST]


def remembered(text: str) -> str:
    """What a form remembers of them: `NAME DIGEST` of each, with commas between."""
    return ",".join(f"{one.name} {_digest(one.body)}" for one in shown(text)) or "-"


def typed(seen: str, filled: Mapping[str, str]) -> dict[str, str]:
    """What was typed that is not what was shown, by field."""
    was = dict(each.split(" ", 1) for each in seen.split(",") if " " in each)
    return {name: filled.get(name, "") for name in was if _digest(filled.get(name, "")) != was[name]}


def merged(text: str, seen: str, filled: Mapping[str, str]) -> Merged:
    """The document as it is now, with what was typed in the place of what was shown."""
    was = dict(each.split(" ", 1) for each in seen.split(",") if " " in each)
    now, anew = {one.name: one for one in of(text)}, typed(seen, filled)
    gone = tuple(name for name in anew if name not in now)
    clashes = tuple(
        name
        for name, words in anew.items()
        if name in now and _digest(now[name].body) not in (was[name], _digest(words))
    )
    told = {now[name].number: words for name, words in anew.items() if name in now}
    return Merged(manuscript.written(text, told), clashes, gone)


def _digest(words: str) -> str:
    """Blanks at the ends of lines, and line ends, do not count: Slack takes some of them away."""
    plain = "\n".join(line.rstrip() for line in words.strip().splitlines())
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()[:10]
