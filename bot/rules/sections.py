"""What the bot owns of a document, between its marks: a refresh redraws that alone, and no word of a person is lost.

A mark is a line of its own: `<!-- tocsin:NAME DIGEST -->` opens, `<!-- /tocsin:NAME -->` closes. The digest is of what
the bot wrote between them: where it does not fit, a person wrote there; and a mark whose name and digest the bot never
wrote is a person's words, whatever it looks like.
"""

import difflib
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

KEPT = "> Written by hand inside the section above; kept here when it was redrawn."
_OPEN = re.compile(r"<!-- tocsin:([a-z][a-z0-9_-]{0,40})(?: ([0-9a-f]{12}))? -->[ \t]*\r?\n?")
#: A mark at the end of a line that a template did not end: no fact can hold one, their `<` is escaped.
_STRAY = re.compile(r"(?<=[^\n])(<!-- /?tocsin:[a-z][a-z0-9_-]{0,40} -->[ \t]*)$", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_HEADING = re.compile(r"(#{1,6})[ \t]")

Wrote = Callable[[str, str], str | None]  #: name, digest -> the body the bot wrote then; None: it never did


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the bot's: the lines it takes (marks included) and what stands between the marks now."""

    name: str
    digest: str  #: as its mark has it; empty for one that is not stamped yet
    start: int  #: number of the line of the opening mark, from 0
    end: int  #: that of the line after the closing mark
    body: str

    @property
    def touched(self) -> bool:
        """Whether somebody wrote between the marks since the bot did."""
        return bool(self.digest) and self.digest != digest(self.body)


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The new text, which sections were redrawn, from which words of people were moved, and which are theirs now."""

    text: str
    redrawn: tuple[str, ...]
    moved: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def digest(body: str) -> str:
    """Twelve hexadecimal characters of SHA-256; line ends and blanks at the ends of lines do not count."""
    plain = "\n".join(line.rstrip() for line in body.strip().splitlines())
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def wrap(name: str, body: str) -> str:
    """A body between its marks, without a line break at the end."""
    return f"<!-- tocsin:{name} {digest(body)} -->\n{body.strip()}\n<!-- /tocsin:{name} -->"


def drawn(rendered: str) -> tuple[str, dict[str, str]]:
    """What a template made, its marks stamped, and the body of each section by name."""
    lines = _lines(_STRAY.sub(r"\n\1", rendered))
    found = _found(lines, lambda name, stamp: "" if not stamp else None)
    bodies = {one.name: one.body.strip() for one in found}
    return _replaced(lines, found, lambda one: f"{wrap(one.name, one.body)}\n"), bodies


def faults(template: str) -> Iterator[tuple[str, int]]:
    """Marks of a template that do not pair, or a name that comes twice; with the line, counted from 1."""
    seen: set[str] = set()
    lines = _lines(template)
    for number, line in enumerate(lines):
        if (mark := _OPEN.fullmatch(line)) is None:
            continue
        if mark[1] in seen:
            yield f"The section {mark[1]} is there twice.", number + 1
        seen.add(mark[1])
        if mark[2]:
            yield "A mark in a template has no digest; the bot writes it.", number + 1
        if _closing(lines, number + 1, mark[1]) is None:
            yield f"The section {mark[1]} is not closed: write <!-- /tocsin:{mark[1]} --> below it.", number + 1


def read(text: str, wrote: Wrote) -> list[Section]:
    """The sections of a document that are the bot's, in order; each name once."""
    return _found(_lines(text), lambda name, stamp: wrote(name, stamp) if stamp else None)


def refresh(text: str, fresh: Mapping[str, str], wrote: Wrote) -> Refreshed:
    """The document with its sections drawn anew; everything outside them stays byte for byte.

    Lines that a person wrote inside a section stand below it from now on. A section whose marks are gone stays gone.
    """
    lines = _lines(text)
    found = [one for one in read(text, wrote) if one.name in fresh]
    end = "\r\n" if "\r\n" in text else "\n"
    moved: list[str] = []

    def draw(one: Section) -> str:
        new = wrap(one.name, fresh[one.name])
        last = end if lines[one.end - 1].endswith("\n") else ""
        if one.touched and (own := _theirs(wrote(one.name, one.digest) or "", one.body)):
            moved.append(one.name)
            new = f"{new}\n\n{KEPT}\n\n{own}\n"
            last = last or end
        return new.replace("\n", end) + last

    told = _replaced(lines, found, draw)
    names = tuple(one.name for one in found)
    return Refreshed(told, names, tuple(moved), tuple(name for name in fresh if name not in names))


def parts(drawn_text: str) -> dict[str, str]:
    """Of what `drawn` made: each section by name, in order, with the heading above it and the prompt below it."""
    lines = _lines(drawn_text)
    found, told = _found(lines, lambda name, stamp: ""), {}
    for place, one in enumerate(found):
        floor = found[place - 1].end if place else 0
        head = next((at for at in range(one.start - 1, floor - 1, -1) if _level(lines[at])), one.start)
        told[one.name] = "".join(lines[head : _end(lines, one.end, found, 6)]).strip()
    return told


def added(text: str, fresh: Mapping[str, str], wrote: Wrote, ever: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """The document with those `parts` of which it never had the section, each below the one before it; and their names.

    `ever` names what it once had: a section that people took out stays out. A template that shares no section with
    the document adds nothing, for it is the template of another document.
    """
    names, new = list(fresh), list[str]()
    for place, name in enumerate(names):
        found = {one.name: one for one in read(text, lambda name, stamp: "" if name in new else wrote(name, stamp))}
        if not found.keys() & fresh.keys():
            break
        if name in ever or name in found:
            continue
        lines = _lines(text)
        before = next((found[other] for other in reversed(names[:place]) if other in found), None)
        level = _level(fresh[name]) or 2
        at = _end(lines, before.end, list(found.values()), level) if before else len(lines)
        text = _put(lines, at, fresh[name], "\r\n" if "\r\n" in text else "\n")
        new.append(name)
    return text, tuple(new)


def _put(lines: Sequence[str], at: int, part: str, end: str) -> str:
    """The lines with `part` before the line `at`, a blank line on either side of it."""
    above, below = "".join(lines[:at]), "".join(lines[at:])
    gap = "" if not above or above.endswith(end * 2) else end if above.endswith("\n") else end * 2
    return f"{above}{gap}{part.replace(chr(10), end)}{end}{end if below else ''}{below}"


def _level(line: str) -> int:
    """Of which level a line is a heading; 0: it is none."""
    mark = _HEADING.match(line)
    return len(mark[1]) if mark else 0


def _end(lines: Sequence[str], start: int, found: Sequence[Section], level: int) -> int:
    """The line before which the words below a section end: a heading of this level or above, or another section."""
    starts, fence = {one.start for one in found}, ""
    for number in range(start, len(lines)):
        if not fence and (number in starts or 0 < _level(lines[number]) <= level):
            return number
        fence = _fenced(lines[number], fence)
    return len(lines)


def theirs(text: str, wrote: Wrote) -> str:
    """What people wrote: everything outside the sections of the bot, and what they added inside."""
    own: list[str] = []

    def leave(one: Section) -> str:
        added = _theirs(wrote(one.name, one.digest) or "", one.body) if one.touched else ""
        own.append(added)
        return f"{added}\n" if added else ""

    return _replaced(_lines(text), read(text, wrote), leave)


def _theirs(was: str, now: str) -> str:
    """The lines of `now` that the bot did not write, those that stand together kept together."""
    before, after = [_bare(line) for line in was.splitlines()], now.splitlines()
    matcher = difflib.SequenceMatcher(a=before, b=[_bare(line) for line in after], autojunk=False)
    runs = ["\n".join(after[b1:b2]).strip("\n") for tag, _, _, b1, b2 in matcher.get_opcodes() if tag != "equal"]
    return "\n\n".join(run for run in runs if run.strip())


def _bare(line: str) -> str:
    return line.rstrip()


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _found(lines: Sequence[str], ours: Wrote) -> list[Section]:
    """The sections whose opening mark is `ours`: a line of its own, in no code block, with its closing mark."""
    found: dict[str, Section] = {}
    number, fence = 0, ""
    while number < len(lines):
        mark = _OPEN.fullmatch(lines[number]) if not fence else None
        if mark and mark[1] not in found and ours(mark[1], mark[2] or "") is not None:
            close = _closing(lines, number + 1, mark[1])
            if close is not None:
                body = "".join(lines[number + 1 : close])
                found[mark[1]] = Section(mark[1], mark[2] or "", number, close + 1, body)
                number = close + 1
                continue
        fence = _fenced(lines[number], fence)
        number += 1
    return list(found.values())


def _closing(lines: Sequence[str], start: int, name: str) -> int | None:
    """The line that closes it: in no code block, before the next stamped mark; where a block hides it, the first."""
    wanted, fence, hidden = f"<!-- /tocsin:{name} -->", "", None
    for number in range(start, len(lines)):
        line = lines[number].rstrip()
        if line == wanted:
            if not fence:
                return number
            hidden = number if hidden is None else hidden
        elif not fence and (_OPEN.fullmatch(lines[number])):
            return hidden
        fence = _fenced(lines[number], fence)
    return hidden


def _fenced(line: str, fence: str) -> str:
    """The fence that is open after this line; empty where none is."""
    mark = _FENCE.match(line)
    if mark is None:
        return fence
    if not fence:
        return "" if mark[1][0] == "`" and "`" in mark[2] else mark[1]
    closes = mark[1][0] == fence[0] and len(mark[1]) >= len(fence) and not mark[2].strip()
    return "" if closes else fence


def _replaced(lines: Sequence[str], found: Sequence[Section], draw: Callable[[Section], str]) -> str:
    told, at = [], 0
    for one in found:
        told += [*lines[at : one.start], draw(one)]
        at = one.end
    return "".join([*told, *lines[at:]])
