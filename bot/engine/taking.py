"""Take a page in hand: whether it is still needed, whether it is its destination's turn, and what goes along with it.

All of that is decided in one transaction, so two workers never send the same page side by side. Where a page in doubt
may not be sent again, that transaction is on the disk before anything is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.engine.desk import Desk, Way
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.job import Job, Lane, NewJob
from bot.model.page import Page, PageState
from bot.rules import throttle
from bot.store import Tx, bundles, incidents, jobs, pages

SIDE_BY_SIDE = timedelta(milliseconds=50)  # until a destination is asked for again that another replica just looks at
LED = timedelta(seconds=1)  # until a page looks whether the graver one it left the turn to has taken it along


@dataclass(frozen=True, slots=True)
class Ours:
    """These are ours to send as one message; the first leads."""

    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An attempt before this one may have reached its reader, and they may not be sent again."""

    pages: tuple[Page, ...]


@dataclass(frozen=True, slots=True)
class NotYet:
    """Its turn comes at `at`."""

    at: datetime
    why: str


Taken = Ours | InDoubt | NotYet | None


def once(way: Way | None) -> bool:
    """Whether what goes this way may never be sent again once it is in doubt."""
    return way is not None and bool(getattr(way.pager, "once", False))


def kind(way: Way) -> str:
    """By what its throttle is known; "" where nothing is held back or bundled.

    What keeps an incident of its own for each page wants each by itself.
    """
    alone = getattr(way.pager, "unpaced", False) or getattr(way.pager, "follows", False)
    return "" if alone or way.kind not in throttle.PACES else way.kind


def channel(page_id: str) -> str:
    """The channel in a page's id."""
    return page_id.rpartition("/")[2].partition("+")[0]


def needed(page: Page, incident: Incident) -> bool:
    """Whether there is still a reason to send it: nobody has answered, or its person is asked to join what is open."""
    return incident.open if page.asked else incident.phase is Phase.TRIGGERED


def job(page: Page, due: datetime) -> NewJob:
    """The wish that a page is sent."""
    return NewJob(f"page/{page.id}", "page", Lane.PAGE, due, {"page": page.id})


def take(tx: Tx, desk: Desk, asked: Sequence[Job]) -> list[Taken]:
    """What is to be done about each page whose job is ours, in their order; None: nothing any more.

    NotFound when one of them is no page. What is decided for somebody first counts for what follows.
    """
    taken: dict[int, Taken] = {}
    left = list(asked)
    while left:
        turn = _one_each(left)
        taken |= _Turn(tx, desk, turn).take()
        left = [each for each in left if each.id not in taken]
    return [taken[each.id] for each in asked]


def _one_each(asked: Sequence[Job]) -> list[Job]:
    """The first for each person: what it becomes decides about the next."""
    first: dict[str, Job] = {}
    for each in asked:
        person = str(each.payload["page"]).rpartition("/")[0].split("/", 2)[-1]
        first.setdefault(person, each)
    return list(first.values())


class _Turn:
    """Pages of different persons, decided side by side from what was read for all of them."""

    def __init__(self, tx: Tx, desk: Desk, asked: Sequence[Job]) -> None:
        self._tx, self._desk, self._asked = tx, desk, asked
        self._ours: list[Ours] = []
        names = [str(each.payload["page"]) for each in asked]
        found = pages.by_ids(tx, names)
        self._pages = {each.id: found.get(name) or pages.get(tx, name) for each, name in zip(asked, names, strict=True)}
        sheets = self._pages.values()
        self._incidents = incidents.by_ids(tx, {page.incident for page in sheets})
        self._others: dict[str, list[Page]] = {}
        for each in bundles.carried(tx, *sheets):
            if each.state is PageState.DECIDED and each.bundled is not None:
                self._others.setdefault(each.bundled, []).append(each)
        self._look([page for page in sheets if self._waits(page)])

    def take(self) -> dict[int, Taken]:
        """By job."""
        taken = {each.id: self._one(each, self._pages[each.id]) for each in self._asked}
        bundles.claim(self._tx, [(each.pages[0], each.pages[1:]) for each in self._ours], self._tx.now)
        for each in self._ours:
            along = [f"page/{page.id}" for page in each.pages[1:]]
            jobs.settle_others(self._tx, along, f"it goes with {each.pages[0].id}")
        return taken

    def _waits(self, page: Page) -> bool:
        """Whether it depends on what else goes to its destination."""
        way = self._desk.ways.get(page.channel)
        fresh = page.bundled is None and page.state is PageState.DECIDED and page.claimed_at is None
        return fresh and way is not None and bool(kind(way))

    def _look(self, sheets: Sequence[Page]) -> None:
        """Read what decides about these: what their destinations got lately, and what else waits for them."""
        tx, ways = self._tx, self._desk.ways
        self._kinds = {name: called for name, way in ways.items() if (called := kind(way))}
        there = {(page.person, self._kinds[page.channel]) for page in sheets}
        self._free = bundles.reserve(tx, there)
        persons = {page.person for page in sheets}
        self._told = bundles.told(tx, {page.incident for page in sheets}, persons) if sheets else set()
        self._gone: dict[tuple[str, str], list[throttle.Gone]] = {}
        self._lines: dict[tuple[str, str], list[Page]] = {}
        if not sheets:
            return
        for one in bundles.gone(tx, persons, self._kinds, tx.now - throttle.HORIZON):
            gone = throttle.Gone(one.at, one.rank == 0)
            self._gone.setdefault((one.person, self._kinds[one.channel]), []).append(gone)
        for page in bundles.waiting(tx, persons, {page.channel for page in sheets}, tx.now):
            self._lines.setdefault((page.person, page.channel), []).append(page)

    def _one(self, at: Job, page: Page) -> Taken:
        if page.bundled is not None:
            return None
        others = self._others.get(page.id, [])
        if page.state is not PageState.DECIDED or not needed(page, self._incidents[page.incident]):
            if page.state is PageState.DECIDED:
                pages.change(self._tx, page.id, PageState.MOOT)
            let_go(self._tx, others)
            return None
        way = self._desk.ways.get(page.channel)
        if page.claimed_at is not None:
            return InDoubt((page, *others)) if once(way) else Ours((page, *others))
        if way is None or not kind(way):
            return self._claimed(page, others, page.rank)
        return self._in_turn(at, page, others, kind(way))

    def _in_turn(self, at: Job, page: Page, others: Sequence[Page], called: str) -> Taken:
        """Ours if its destination is free: when that then has to rest, all that waits for it goes along."""
        tx, there = self._tx, (page.person, called)
        if there not in self._free:
            return NotYet(tx.now + SIDE_BY_SIDE, "another replica sends to the same person")
        first, gone = (page.incident, page.person) not in self._told, self._gone.get(there, [])
        free = throttle.free(called, gone, tx.now, first=first)
        if free > tx.now:
            return self._held_back(at, page, called, free)
        rests = throttle.free(called, [*gone, throttle.Gone(tx.now, first)], tx.now) > tx.now
        line = self._lines.get((page.person, page.channel), [])
        line = line if rests else [each for each in line if each.incident == page.incident]
        if line and not others and line[0].id != page.id:
            jobs.put(tx, job(line[0], tx.now))  # the one that tells most leads, and takes this one along
            return NotYet(tx.now + LED, f"it goes with {line[0].id}")
        rank = 0 if first else max(1, page.rank)
        return self._claimed(page, [*others, *(each for each in line if each.id != page.id)], rank)

    def _held_back(self, at: Job, page: Page, called: str, free: datetime) -> NotYet:
        why = f"{page.person} gets no more by {called} before {free:%H:%M:%S} UTC"
        if at.due_at <= page.due_at:  # said once, however often it is put off
            incident, now = self._incidents[page.incident], self._tx.now
            after = {"page": page.id, "until": free.isoformat()}
            self._tx.note(Entry(incident.entity, "page.delayed", now, "tocsin", incident.id, why, after=after))
        return NotYet(free, why)

    def _claimed(self, page: Page, others: Sequence[Page], rank: int) -> Ours:
        now = self._tx.now
        along = (replace(each, claimed_at=now, bundled=page.id) for each in others)
        ours = Ours((replace(page, claimed_at=now, rank=rank), *along))
        self._ours.append(ours)
        return ours


def let_go(tx: Tx, others: Sequence[Page]) -> None:
    """What was to go along with a page that does not go needs a message of its own."""
    bundles.part(tx, [each.id for each in others])
    jobs.put(tx, *(job(each, tx.now) for each in others))
