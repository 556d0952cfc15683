"""A document of Markdown, line by line: what people wrote, what the bot keeps between its marks, what is quoted. Pure.

What people wrote falls into passages, each under its heading, which a form can show and take back one by one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

_OPENS, _CLOSES = re.compile(r"<!--\s*tocsin:[^>]*-->"), re.compile(r"<!--\s*/tocsin\b[^>]*-->")
_HEADING = re.compile(r"(?P<level>#{1,6})\s+(?P<title>.+?)\s*#*\s*$")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->")


class Kind(StrEnum):
    """What a line is."""

    HEADING = "heading"
    TITLE = "title"  #: a heading of the bot's
    OWNED = "owned"  #: what the bot keeps, its marks included
    QUOTED = "quoted"
    BLANK = "blank"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, what a reader sees of it (no comments), and what it is."""

    number: int
    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Passage:
    """What people wrote in one place: under which heading, its first line and the one after its last, from 0."""

    title: str
    start: int
    end: int
    body: str  #: as it is written, without the blank lines around it


def read(text: str) -> list[Line]:
    """Every line of a document."""
    return list(_read(text))


def heading(text: str) -> tuple[int, str] | None:
    """The level and the title of a heading; None for a line that is none."""
    found = _HEADING.match(text)
    return (len(found["level"]), found["title"]) if found else None


def passages(text: str) -> list[Passage]:
    """What people can write, in order: below each heading of theirs, and after each section the bot keeps.

    An empty place after what the bot keeps is none; below the title of the document there is none either.
    """
    lines, raw = read(text), text.splitlines()
    found, title, start, kept = list[Passage](), "", 0, True
    for at in range(len(lines) + 1):
        line = lines[at] if at < len(lines) else None
        if line is not None and line.kind not in (Kind.HEADING, Kind.TITLE, Kind.OWNED):
            continue
        body = "\n".join(raw[start:at]).strip("\n").rstrip()
        if title and (body or not kept):
            found.append(Passage(title, start, at, body))
        start, kept = at + 1, line is not None and line.kind is not Kind.HEADING
        if line is not None and (head := heading(line.text)):
            title, kept = head[1], kept or head[0] == 1
    return _without_kept(found, lines)


def written(text: str, anew: Mapping[int, str]) -> str:
    """The document with these of its passages, by their number from 0, written anew; the rest byte for byte."""
    every, end = passages(text), "\r\n" if "\r\n" in text else "\n"
    raw = text.splitlines(keepends=True)
    for number in sorted(anew, reverse=True):
        one, body = every[number], anew[number].strip("\n").rstrip()
        told = [f"{line}{end}" for line in body.splitlines()]
        after = [end] if one.end < len(raw) else []
        raw[one.start : one.end] = [end, *told, *after] if told else after or [end]
        if one.start and not raw[one.start - 1].endswith(("\n", "\r")):
            raw[one.start - 1] += end
    return "".join(raw)


def _without_kept(found: Sequence[Passage], lines: Sequence[Line]) -> list[Passage]:
    """Without the empty places whose section the bot fills."""

    def filled(one: Passage) -> bool:
        after = lines[one.end] if one.end < len(lines) else None
        return after is not None and after.kind in (Kind.OWNED, Kind.TITLE)

    return [one for one in found if one.body or not filled(one)]


def _read(text: str) -> Iterator[Line]:
    owned = fenced = hidden = False
    for number, raw in enumerate(text.splitlines(), 1):
        opens, closes = bool(_OPENS.search(raw)), bool(_CLOSES.search(raw))
        if not fenced and not hidden and (opens or closes):
            owned = opens and not closes
            yield Line(number, "", Kind.OWNED)
            continue
        shown, hidden = _uncommented(raw, hidden)
        fence = bool(_FENCE.match(shown))
        yield Line(number, shown, _kind(shown, owned=owned, quoted=fenced or fence))
        fenced ^= fence


def _uncommented(raw: str, hidden: bool) -> tuple[str, bool]:
    """The line without what stands in comments, and whether one goes on into the next."""
    if hidden:
        _, ends, raw = raw.partition("-->")
        if not ends:
            return "", True
    shown, starts, _ = _COMMENT.sub("", raw).partition("<!--")
    return shown, bool(starts)


def _kind(shown: str, *, owned: bool, quoted: bool) -> Kind:
    if owned:
        return Kind.TITLE if heading(shown) and not quoted else Kind.OWNED
    if not shown.strip():
        return Kind.BLANK
    if quoted or shown.lstrip().startswith(">"):
        return Kind.QUOTED
    return Kind.HEADING if heading(shown) else Kind.PROSE
