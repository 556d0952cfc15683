"""What the owners of tiers are told of them: one message for each of them, in their language and by their clock."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import nudge
from bot.engine.desk import Desk
from bot.model.armed import Armed, Gap, Matter, Use
from bot.model.job import Lane, NewJob
from bot.model.people import Person
from bot.rules import escalation, reach, written
from bot.words.armed import Armed as Say

SHOWN = 12  #: lines of each kind
SPANS = 3  #: of one list of targets
BOOKS = 3  #: runbooks that are named of a tier
WHY = 300  #: characters of a reason
NAMES = 120  #: characters of a list of targets


@dataclass
class _Letter:
    """What goes to one address."""

    person: Person | None
    worse: list[Matter] = field(default_factory=list)
    mended: list[Matter] = field(default_factory=list)


def of(
    desk: Desk, roster: escalation.Roster, found: Armed, worse: Iterable[Matter], mended: Iterable[Matter]
) -> Iterator[NewJob]:
    """One message to each owner; it waits for their morning, unless a gap that is new begins before that."""
    letters: dict[str, _Letter] = {}
    for kind, matters in (("worse", worse), ("mended", mended)):
        for matter in matters:
            for to, person in _owners(desk, roster, matter, found.at):
                getattr(letters.setdefault(to, _Letter(person)), kind).append(matter)
    for to, letter in letters.items():
        text, lines = _written(desk, letter, found)
        key = f"notice/armed/{found.at.isoformat()}/{to}"
        said = {"to": to, "text": text, "lines": lines}
        yield NewJob(key, "notice", Lane.DIGEST, _due(letter, found.at), said)


def _owners(desk: Desk, roster: escalation.Roster, matter: Matter, at: datetime) -> list[tuple[str, Person | None]]:
    """Those of its owners whom a message reaches, else those of the last resort; else the channel hears it."""
    about = matter.lack or matter.gaps[0]
    people, last = roster.people, desk.settings.escalation.fallback
    for targets in (about.owners, last):
        names = [
            name
            for target in targets
            for name in reach.people(target, roster.rotas, people, roster.overrides, at).persons
        ]
        known = [people.persons[name] for name in dict.fromkeys(names)]
        if told := [(f"person:{one.name}", one) for one in known if one.slack or one.email]:
            return list(told)
    return [(f"channel:{desk.settings.slack.channel}", None)]


def _due(letter: _Letter, now: datetime) -> datetime:
    morning = nudge.morning(now, letter.person.timezone) if letter.person else now
    soon = any(gap.start < morning for matter in letter.worse for gap in matter.gaps[:1])
    return now if soon else morning


def _written(desk: Desk, letter: _Letter, found: Armed) -> tuple[str, list[str]]:
    """The sentence that stands above, and the lines."""
    who = letter.person
    say = words.of(who.language if who and who.language else desk.settings.slack.language).armed
    zone = who.timezone if who else "UTC"
    worse = [line for matter in letter.worse for line in _worse(matter, found.at, zone, say)]
    mended = [_mended(matter, found, zone, say) for matter in letter.mended]
    heads = (words.fill(say.disarmed, days=(found.until - found.at).days), worse), (say.mended, mended)
    (text, first), *rest = [(head, _short(lines, say)) for head, lines in heads if lines]
    return text, [*first, *(line for head, lines in rest for line in (head, *lines))]


def _short(lines: Sequence[str], say: Say) -> list[str]:
    more = [words.fill(say.others, count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    return [*lines[:SHOWN], *more]


def _worse(matter: Matter, now: datetime, zone: str, say: Say) -> Iterator[str]:
    if lack := matter.lack:
        template = str(getattr(say, lack.flaw.value))
        yield words.fill(template, person=lack.person, targets=_names(lack.targets))
    for gap in matter.gaps[:SPANS]:
        parts = {"targets": _names(gap.targets), "end": _when(gap.end, zone), "why": written.line(gap.why, WHY)}
        template = say.now if gap.start <= now else say.later
        yield words.fill(template, **parts, start=_when(gap.start, zone), tiers=_tiers(gap.tiers, say))
    if more := matter.gaps[SPANS:]:
        yield words.fill(say.more, targets=_names(more[0].targets), count=len(more), end=_when(_last(more), zone))


def _mended(matter: Matter, found: Armed, zone: str, say: Say) -> str:
    if matter.lack:
        return words.fill(say.reached, person=matter.lack.person)
    return words.fill(say.armed, targets=_names(matter.gaps[0].targets), end=_when(found.until, zone))


def _last(gaps: Iterable[Gap]) -> datetime:
    return max(gap.end for gap in gaps)


def _tiers(uses: Iterable[Use], say: Say) -> str:
    """`L1 of drift, latency and 2 more; fallback of drift`."""
    books: dict[str, list[str]] = {}
    for use in uses:
        books.setdefault(use.tier, []).append(use.runbook)
    said = []
    for tier, names in books.items():
        shown = ", ".join(names[:BOOKS])
        if len(names) > BOOKS:
            shown = words.fill(say.more_runbooks, runbooks=shown, count=len(names) - BOOKS)
        said.append(words.fill(say.tier, tier=tier, runbooks=shown))
    return "; ".join(said)


def _names(targets: Iterable[str]) -> str:
    return written.line(", ".join(targets), NAMES)


def _when(at: datetime, zone: str) -> str:
    """By the clock of whoever reads it."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"
