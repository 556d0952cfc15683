"""The linter of postmortems: what is missing, what blames, what leads nowhere. Pure; it warns, people decide.

What stands between the bot's marks, in a quotation, in code or in quotation marks is nobody's prose: it is not judged.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot import words
from bot.model.postmortem import Doing, FollowUp
from bot.rules import blame, manuscript
from bot.rules.manuscript import Kind, Line
from bot.words import Words

SUMMARY, OWNER = "summary", "owner"
HARD = frozenset({SUMMARY, OWNER})  #: without a reason nothing is published over these
SHOWN = 60  #: characters of what is quoted in a finding
MOST = 200  #: findings

_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"|“[^”]*”|«[^»]*»")
_TITLES = ("summary", "özet", "ozet")
_LEFT = re.compile(
    r"(?:[-*+]\s+)?[_*\[(<{]*(?P<said>write here|to be written|fill (?:this )?in|describe here|replace this|your text"
    r"|t[o]do|tbd|tba|fixm[e]|lorem ipsum|buraya yaz\w*|doldurun\w*|yazılacak|\.{3}|…)(?!\w)[^\n]*",
    re.IGNORECASE,
)
_CLAIM = re.compile(
    r"(?:^|(?<=[.!?;:(,*—–-])\s*)(?P<said>(?:please |also )?(?:see|refer to)(?:\s+also)?\s+"
    r"(?!above\b|below\b|how\b|what\b|why\b|if\b|whether\b|that\b)[^.;\n)]{2,}|(?:bkz\.?|bakınız)\s*:?\s*[^.;\n)]{2,})",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://|\]\(|\b(?:INC|CHG|FU|PM|HND|SIL)-[0-9]+", re.IGNORECASE)
_INCIDENT = re.compile(r"\bINC-[0-9]+", re.IGNORECASE)
_RUNBOOK = re.compile(r"\brunbook|\bkılavuz", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found: the line it stands in, from 1 (0: the whole), the rule, what its sentence names."""

    line: int
    rule: str
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def hard(self) -> bool:
        """Whether it keeps a document from being published, unless somebody says why not."""
        return self.rule in HARD

    @property
    def sentence(self) -> str:
        """What was found, in English."""
        return said(self, words.ENGLISH)


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, with what stands under it, its subsections included."""

    heading: Line
    title: str
    body: tuple[Line, ...]


def lint(text: str, follow_ups: Sequence[FollowUp], names: Collection[str] = ()) -> list[Finding]:
    """All that was found, in the order of the lines; `names` are those of people, whom nothing may blame."""
    lines = manuscript.read(text)
    found = [
        *_summary(lines),
        *_empty(lines),
        *_leftovers(lines),
        *_follow_ups(lines, follow_ups),
        *_blame(lines, names),
        *_claims(lines),
        *([] if _INCIDENT.search(text) else [Finding(0, "incident")]),
        *([] if _RUNBOOK.search(text) else [Finding(0, "runbook")]),
    ]
    return sorted(found, key=lambda one: one.line)[:MOST]


def said(finding: Finding, w: Words) -> str:
    """The sentence of a finding in a language."""
    parts = dict(finding.parts)
    if advice := parts.get("advice"):
        parts["advice"] = str(getattr(w.prose, f"advice_{advice}"))
    return words.fill(str(getattr(w.prose, f"rule_{finding.rule}")), **parts)


# --- its sections ---


def _sections(lines: Sequence[Line]) -> Iterator[_Section]:
    """Every section but the document itself, whose heading is its title."""
    found = [
        (at, manuscript.heading(one.text)) for at, one in enumerate(lines) if one.kind in (Kind.HEADING, Kind.TITLE)
    ]
    heads = [(at, *head) for at, head in found if head]
    for nth, (at, level, title) in enumerate(heads):
        if level > 1:
            ends = next((later for later, other, _ in heads[nth + 1 :] if other <= level), len(lines))
            yield _Section(lines[at], title, tuple(lines[at + 1 : ends]))


def _written(section: _Section) -> bool:
    """Whether anything stands there: people's words, a quotation, or what the bot keeps; what it keeps is whole."""
    if section.heading.kind is Kind.TITLE:
        return True
    kinds = (Kind.OWNED, Kind.QUOTED, Kind.PROSE)
    said = [one.text.strip() for one in section.body if one.kind in kinds]
    return any(one and not _LEFT.match(one) for one in said)


def _prose(lines: Sequence[Line]) -> Iterator[Line]:
    """What people wrote, without what they quote."""
    for one in lines:
        if one.kind in (Kind.PROSE, Kind.HEADING):
            yield Line(one.number, _QUOTED.sub(" ", one.text.replace("İ", "i")), one.kind)


# --- the rules ---


def _is_summary(section: _Section) -> bool:
    return section.title.replace("İ", "i").casefold().strip(" :") in _TITLES


def _summary(lines: Sequence[Line]) -> Iterator[Finding]:
    found = [one for one in _sections(lines) if _is_summary(one)]
    if not any(_written(one) for one in found):
        yield Finding(found[0].heading.number if found else 0, SUMMARY)


def _empty(lines: Sequence[Line]) -> Iterator[Finding]:
    for one in _sections(lines):
        if not _is_summary(one) and not _written(one):
            yield Finding(one.heading.number, "empty", {"heading": one.title[:SHOWN]})


def _leftovers(lines: Sequence[Line]) -> Iterator[Finding]:
    for one in lines:
        if one.kind is Kind.PROSE and (left := _LEFT.match(one.text.strip())):
            yield Finding(one.number, "leftover", {"said": left["said"]})


def _follow_ups(lines: Sequence[Line], follow_ups: Sequence[FollowUp]) -> Iterator[Finding]:
    for one in follow_ups:
        if one.standing is not Doing.OPEN:
            continue
        at = next((line.number for line in lines if re.search(rf"\b{one.id}\b", line.text)), 0)
        parts = {"follow_up": one.id, "what": one.what[:SHOWN]}
        if one.owner is None:
            yield Finding(at, OWNER, parts)
        if one.due_at is None:
            yield Finding(at, "date", parts)


def _blame(lines: Sequence[Line], names: Collection[str]) -> Iterator[Finding]:
    for one in _prose(lines):
        for text, advice in blame.found(one.text):
            yield Finding(one.number, "blame", {"said": text[:SHOWN], "advice": advice})
        for text in blame.persons(one.text, names):
            yield Finding(one.number, "person", {"said": text[:SHOWN], "advice": blame.SYSTEM})


def _claims(lines: Sequence[Line]) -> Iterator[Finding]:
    titles = [one.title.casefold() for one in _sections(lines)]
    for one in lines:
        if one.kind is not Kind.PROSE:
            continue
        for claim in _CLAIM.finditer(one.text.replace("İ", "i")):
            rest = one.text[claim.start("said") :]
            here = any(title in claim["said"].casefold() for title in titles)
            if not here and not _LINK.search(rest):
                yield Finding(one.number, "claim", {"said": claim["said"].strip()[:SHOWN]})
