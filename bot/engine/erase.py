"""Erase a person from what the log says, or all that old entries say; the chain holds, and each time is recorded."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from bot.engine.desk import Desk
from bot.errors import BadInput, Refused
from bot.model import verifying
from bot.model.entry import Context, Entry
from bot.model.verifying import BLANKED, ERASED, FIELDS, Line
from bot.rules import written
from bot.rules.erasing import Subject
from bot.store import Tx, erasing, links, log

SUBJECT, WHY, SHOWN = "log", 3_000, 50  # characters of a reason; doubtful entries that are named
_TEXTS = tuple(verifying.BLANK)
_SAYS = tuple(FIELDS.index(name) for name in _TEXTS)
_FORM = FIELDS.index("form")


@dataclass(frozen=True, slots=True)
class Erased:
    """What came of it."""

    alias: str
    entries: int
    chains: tuple[str, ...]
    place_only: int  #: of these, written in form 1, whose seal held what was erased: only their place is vouched for
    doubtful: tuple[str, ...]  #: CHAIN/SEQ where the name stands as a word and nothing else says that they are meant
    doubts: int  #: how many there are of these; `doubtful` has the first


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be erased, as whose decision, and why; `also` has what else is theirs: slack:ID, e-mail, telephone."""

    person: str
    by: str  #: person:NAME
    at: datetime
    why: str
    also: tuple[str, ...] = ()
    everywhere: bool = False  #: the doubtful entries, too


async def erase(desk: Desk, wish: Wish) -> Erased:
    """Put an alias in place of everything that is theirs; one entry `log.erased` in each chain that is touched.

    Refused for somebody who is in people.yaml still, and where admins are named, for anybody else's wish. BadInput
    where no reason is given. What is written while it runs is looked at, too.
    """
    subject = await desk.store.read(lambda tx: _subject(tx, desk, wish))
    done: dict[str, tuple[int, int]] = {}
    doubts: list[str] = []
    for chain in await desk.store.read(lambda tx: log.chains(tx.sql)):
        job = _Job(desk, chain, subject, wish)
        found = await desk.store.read(job.look)
        counts = await desk.store.write(partial(job.reword, found=found))
        doubts += [f"{chain}/{seq}" for seq in found.doubtful]
        if counts[0]:
            done[chain] = counts
    entries, place_only = (sum(each[n] for each in done.values()) for n in (0, 1))
    return Erased(subject.alias, entries, tuple(done), place_only, tuple(doubts[:SHOWN]), len(doubts))


def blank(tx: Tx, chain: str, until: int, *, by: str, why: str, keep: Collection[str] = ()) -> int | None:
    """Empty what the entries of `chain` up to `until` say, but those about `keep`; the number of `log.blanked`.

    None where there was nothing left to empty. The chain, its times and its kinds stand.
    """

    def record(count: int, place_only: int) -> Entry:
        after = {"until": until, "count": count, "place_only": place_only, "kept": sorted(keep)}
        return Entry(chain, BLANKED, tx.now, by, SUBJECT, written.text(why, WHY), after=after)

    return erasing.blank(tx, chain, until, keep, record)


@dataclass(frozen=True, slots=True)
class _Found:
    meant: tuple[int, ...]
    doubtful: tuple[int, ...]
    last: int


def _subject(tx: Tx, desk: Desk, wish: Wish) -> Subject:
    """Whom to look for, and the alias that nobody has yet."""
    people, person = desk.settings.people, wish.person
    if not written.text(wish.why, WHY):
        raise BadInput("An erasure needs a reason.", "Say who asked for it, and when, without naming the person.")
    if person in people.persons:
        do = "Take them out of people.yaml, reload, and ask again: what they do from now on would name them anew."
        raise Refused(f"{person} is in config/people.yaml.", do)
    by = wish.by.removeprefix("person:")
    if people.admins and by not in people.admins:
        raise Refused(f"{by} does not see to Tocsin.", f"Ask {', '.join(people.admins)}.")
    link = links.of_person(tx, person)
    others = {one.removeprefix("slack:") for one in wish.also} | ({link.slack_user} if link else set())
    others |= {account for chain in log.chains(tx.sql) for account in _accounts(tx, chain, f"person:{person}")}
    if taken := sorted(others & {one.slack for one in people.persons.values() if one.slack}):
        raise Refused(f"{taken[0]} is somebody else's account now.", "Leave it out, or mend config/people.yaml.")
    return Subject(person, tuple(sorted(filter(None, others))), f"erased-{_count(tx) + 1}")


def _accounts(tx: Tx, chain: str, actor: str) -> Iterator[str]:
    """The Slack accounts by which they did something."""
    for line in log.lines(tx.sql, chain):
        if line[_SAYS[0]] == actor:
            said = _said(line)
            for one in (said["context"].get("identity"), said["after"].get("as")):
                if isinstance(one, str) and one.startswith("slack:"):
                    yield one.removeprefix("slack:")


def _count(tx: Tx) -> int:
    """The highest number of an alias that was given."""
    found = log.of_kinds(tx.sql, SUBJECT, {ERASED})
    numbers = (str(one.entry.after.get("alias", "")).rpartition("-")[2] for one in found)
    return max((int(one) for one in numbers if one.isdecimal()), default=0)


@dataclass(frozen=True, slots=True)
class _Job:
    """One chain of it."""

    desk: Desk
    chain: str
    subject: Subject
    wish: Wish

    def look(self, tx: Tx, after: int = 0) -> _Found:
        """The entries past `after` that mention them."""
        meant: list[int] = []
        doubtful: list[int] = []
        last = after
        for line in log.lines(tx.sql, self.chain, after):
            last = line[1]
            said = _said(line)
            if self.subject.mentioned(said):
                meant.append(last)
            elif self.subject.named(said):
                (meant if self.wish.everywhere else doubtful).append(last)
        return _Found(tuple(meant), tuple(doubtful), last)

    def reword(self, tx: Tx, found: _Found) -> tuple[int, int]:
        """How many say it with the alias now, and how many of these are of form 1."""
        log.lock(tx.sql, self.chain)
        wanted = sorted({*found.meant, *self.look(tx, found.last).meant})
        lines = {seq: line for seq in wanted for line in log.lines(tx.sql, self.chain, seq - 1, seq)}
        place_only = sum(line[_FORM] == 1 for line in lines.values())
        if not lines:
            return 0, 0
        self.desk.person(tx, self.wish.by)  # as whom they came
        now = {seq: (line, self.subject.hidden(_said(line))) for seq, line in lines.items()}
        erasing.reword(tx, self.chain, now, partial(self._record, place_only))
        return len(now), place_only

    def _record(self, place_only: int, digests: Mapping[int, str]) -> Entry:
        entries = {str(seq): digest for seq, digest in digests.items()}
        after = {"alias": self.subject.alias, "entries": entries, "place_only": place_only}
        why, role = self.subject.text(written.text(self.wish.why, WHY)), Context(role="admin")
        return Entry(self.chain, ERASED, self.wish.at, self.wish.by, SUBJECT, why, after=after, context=role)


def _said(line: Line) -> dict[str, Any]:
    """What a line says; blank where that was taken away."""
    values = (line[place] for place in _SAYS)
    told = {name: verifying.value(one) for name, one in zip(_TEXTS, values, strict=True)}
    return {name: verifying.BLANK[name] if one is None else one for name, one in told.items()}
