"""The page of an export that a person reads: who did what when, every change with its people and its end, refusals."""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model.checkpoint import Checkpoint
from bot.rules import signing

MOST = 2_000  #: rows of one table; the rest is counted, and stands in entries.jsonl
LONGEST = 300  #: characters of one cell
_ENDS = frozenset(f"change.{end}" for end in ("done", "failed", "unknown", "rejected", "withdrawn", "expired"))
_MACHINES = ("tocsin", "connection:")
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:75rem;margin:2rem auto;padding:0 1rem;color:#1b1f24}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 2rem}th,td{text-align:left;vertical-align:top;"
    "padding:.3rem .6rem;border-bottom:1px solid #d0d7de;overflow-wrap:break-word;max-width:24rem}"
    "th{background:#f6f8fa}td.t{white-space:nowrap}code{font-size:.85em;overflow-wrap:anywhere}"
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says of the export as a whole."""

    name: str  #: of the installation
    chain: str
    since: datetime
    until: datetime
    first: int
    last: int
    shown: int
    notes: Sequence[Checkpoint]
    made_at: datetime


@dataclass
class _Course:
    """One change."""

    asked: str = ""
    by: str = ""
    plan: str = ""
    agreed: list[str] = field(default_factory=list)
    end: str = ""
    ended: str = ""
    why: str = ""


class Story:
    """Takes the entries one by one, and keeps what the page needs of them."""

    def __init__(self) -> None:
        """Nothing happened yet."""
        self.kinds: Counter[str] = Counter()
        self.actors: Counter[str] = Counter()
        self.changes: dict[str, _Course] = {}
        self.denials: list[tuple[str, ...]] = []
        self.acts: list[tuple[str, ...]] = []
        self.duties: list[tuple[str, ...]] = []  #: reports to authorities
        self.denied = self.acted = self.owed = 0
        self.erased = 0

    def add(self, entry: Mapping[str, Any]) -> None:
        """One more, as its line has it; what was erased is counted."""
        kind, actor = str(entry["kind"]), str(entry["actor"] or "")
        self.kinds[kind] += 1
        self.actors[actor] += 1
        self.erased += bool(entry["erased"])
        subject = str(entry["subject"] or "")
        if kind.startswith("change."):
            self._change(kind, subject, entry)
        duty = kind.startswith("clock.") or kind == "incident.serious_marked"
        denial, act = kind.endswith(".refused"), not actor.startswith(_MACHINES)
        self.owed, self.denied, self.acted = self.owed + duty, self.denied + denial, self.acted + act
        tables = ((duty, self.duties), (denial, self.denials), (act, self.acts))
        if takes := [rows for wanted, rows in tables if wanted and len(rows) < MOST]:
            place, why = (str(entry["seq"]), _when(entry["at"])), str(entry["why"] or "")
            row = (*place, actor, _as(entry["context"]), kind, subject, why)
            for rows in takes:
                rows.append(row)

    def _change(self, kind: str, subject: str, entry: Mapping[str, Any]) -> None:
        if subject not in self.changes and (len(self.changes) >= MOST or kind != "change.proposed"):
            return
        course = self.changes.setdefault(subject, _Course())
        actor, at = str(entry["actor"] or ""), _when(entry["at"])
        if kind == "change.proposed":
            course.asked, course.by, course.why = at, actor, str(entry["why"] or "")
            course.plan = _plan(entry["after"])
        elif kind == "change.agreed":
            course.agreed.append(actor)
        elif kind == "change.glass_broken":
            course.agreed.append(f"{actor}, who broke the glass")
        elif kind in _ENDS:
            course.ended, course.end = at, f"{kind.partition('.')[2]}: {entry['why'] or ''}".rstrip(": ")


def page(told: Told, story: Story) -> str:
    """The whole page, without script and without anything from elsewhere; everything it quotes is escaped."""
    title = f"The log of {told.chain}"
    signed = ", ".join(f"{one.size} entries at {_moment(one.at)}" for one in told.notes if signing.signed(one))
    facts = (
        ("Installation", told.name),
        ("Recorded from", f"{_moment(told.since)} until {_moment(told.until)}"),
        ("Entries", f"{told.shown} shown, of numbers {told.first} to {told.last}; {story.erased} with words erased"),
        ("Signed checkpoints", signed or "none: nothing here is signed"),
        ("Written", _moment(told.made_at)),
    )
    who = ("No.", "When (UTC)", "Who", "As", "What", "About", "Why")
    body = (
        f"<h1>{_safe(title)}</h1>",
        "<p>A reading for people. What proves it stands beside it: verify the bundle with "
        "<code>tocsin audit verify BUNDLE.zip --key key.pub</code> and a key that did not come with it.</p>",
        _table((), facts),
        _section("Changes", _head(story.changes), _changes(story), len(story.changes), len(story.changes)),
        _section("Reports to authorities", who, story.duties, len(story.duties), story.owed),
        _section("Refused", who, story.denials, len(story.denials), story.denied),
        _section("What people did", who, story.acts, len(story.acts), story.acted),
        _section("How often", ("What", "Entries"), _counted(story.kinds), 1, 1),
        _section("By whom", ("Who", "Entries"), _counted(story.actors), 1, 1),
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{_safe(title)}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{_safe(_POLICY)}"><style>{_STYLE}</style></head>'
        f"<body>{''.join(body)}</body></html>\n"
    )


def _head(changes: Mapping[str, _Course]) -> tuple[str, ...]:
    return ("Change", "What", "Requested", "By", "Why", "Approved by", "Result", "Ended") if changes else ("Change",)


def _changes(story: Story) -> Iterator[tuple[str, ...]]:
    for name, one in story.changes.items():
        agreed = ", ".join(dict.fromkeys(one.agreed)) or "nobody"
        yield (name, one.plan, one.asked, one.by, one.why, agreed, one.end or "still open", one.ended)


def _plan(after: Any) -> str:
    """What was to be done, as its plan spells it."""
    plan = after.get("plan") if isinstance(after, Mapping) else None
    if not isinstance(plan, Mapping):
        return ""
    return f"{plan.get('lever', '')} {plan.get('model', '')}: {plan.get('effect', '')}"


def _counted(counts: Counter[str]) -> Iterator[tuple[str, str]]:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    yield from ((name, str(count)) for name, count in most[:MOST])


def _section(title: str, head: Sequence[str], rows: Iterable[Sequence[str]], shown: int, all_: int) -> str:
    more = f"<p>{all_ - shown} more stand in entries.jsonl.</p>" if all_ > shown else ""
    return f"<h2>{_safe(title)}</h2>{_table(head, rows) if all_ else '<p>None.</p>'}{more}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{_safe(each)}</th>" for each in head)
    cells = ("".join(map(_cell, row)) for row in rows)
    return f"<table><tr>{titles}</tr>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _cell(text: str) -> str:
    moment = ' class="t"' if _MOMENT.fullmatch(text) else ""
    return f"<td{moment}>{_safe(text)}</td>"


def _as(context: Any) -> str:
    """In which role, and by which account or door they came."""
    told = context if isinstance(context, Mapping) else {}
    each = [str(told[name]) for name in ("role", "identity") if told.get(name)]
    return ", ".join([*each, *([f"for {told['behalf']}"] if told.get("behalf") else [])])


def _when(at: Any) -> str:
    """The moment of an entry to the second; what is none is said as it stands."""
    try:
        return _moment(datetime.fromisoformat(at))
    except (TypeError, ValueError):
        return str(at)


def _safe(text: str) -> str:
    """Text of others as it may stand in a page: cut, escaped, without what a parser must not see."""
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    clean = "".join("\ufffd" if ord(char) < 32 and char not in "\n\t" else char for char in cut)
    return html.escape(clean.encode("utf-8", "replace").decode())


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")
