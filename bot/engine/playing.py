"""Play what monitors said once more, by the real engine over a database of its own and a clock that is put.

Nothing leaves: no chat, no call; a page counts as sent at the moment at which it would have been.
"""

import heapq
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from bot.clock import StillClock
from bot.contract.agent import Evidence, Findings, Task
from bot.contract.guard import Guard
from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check
from bot.contract.source import Delivery
from bot.engine import attend, intake, release, respond, work
from bot.engine.desk import Desk, Mind, Way
from bot.model.alert import Alert
from bot.model.incident import Incident, Phase, move
from bot.model.job import Job
from bot.model.rota import Override
from bot.model.silence import Silence
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, history, incidents, jobs, overrides, silences

TAIL = timedelta(hours=24)  # played on after the last word, so that what waits for the morning is seen to page
STEPS = 100_000  # moments; a run that has more of them goes round in a circle
EVERY = 200  # words between two reports of progress
MOST = 100_000  # entries of a log that are read back

Crew = Callable[[Desk], Mapping[str, work.Handler]]
Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Word:
    """What a monitor said, and when it came in."""

    at: datetime
    alert: Alert


@dataclass(frozen=True)
class Rules:
    """A configuration that is tried; `channels` are those people are reached by."""

    settings: Settings
    library: Library
    channels: tuple[str, ...] = ("slack",)


@dataclass(frozen=True)
class Score:
    """What is played: the words in order, what stood when they began, and how people answer."""

    words: tuple[Word, ...]
    begins: datetime
    carried: tuple[Alert, ...] = ()  #: fired already when it began: in open incidents that somebody has
    silences: tuple[Silence, ...] = ()
    overrides: tuple[Override, ...] = ()
    answer_after: timedelta | None = timedelta(minutes=5)  #: None: nobody ever does


@dataclass(frozen=True, slots=True)
class Paged:
    """A page that would have gone out."""

    at: datetime
    person: str
    channel: str
    tier: str
    incident: str


@dataclass(frozen=True, slots=True)
class Kept:
    """Why an alert was held back: the kind of rule, the rule by its name, and its sentence."""

    cause: str
    by: str
    why: str


@dataclass(frozen=True)
class Played:
    """What came of it."""

    pages: tuple[Paged, ...]
    incidents: Mapping[str, Incident]
    placed: Mapping[str, tuple[str, ...]]  #: problem -> the incidents it was in
    held: Mapping[str, tuple[Kept, ...]]  #: problem -> what held it
    waits: Mapping[str, tuple[str, ...]]  #: incident -> what its steps had to wait for
    before: frozenset[str] = frozenset()  #: incidents that stood when it began


async def play(score: Score, rules: Rules, crew: Crew, tell: Tell) -> Played:
    """Play `score` by `rules`; `crew` gives the engine's own handlers, `tell` hears (words played, all words)."""
    with tempfile.TemporaryDirectory(prefix="tocsin-play-") as folder:
        clock = StillClock(score.begins)
        store = await Store.open(f"sqlite:///{Path(folder) / 'play.db'}", clock=clock)
        try:
            return await _Player(score, rules, crew, store, clock).run(tell)
        finally:
            await store.close()


@dataclass
class _Paper:
    """A pager that writes down what it was given."""

    calls: list[tuple[datetime, Call]] = field(default_factory=list)

    async def send(self, call: Call) -> Sent:
        self.calls.append((call.at, call))
        return Sent(f"played-{len(self.calls)}", delivered=True)

    async def check(self) -> list[Check]:
        return []


class _Looker:
    """An agent that finds something each time, so that people come when its time is over, and no sooner."""

    async def look(self, task: Task) -> Findings:
        return Findings("", (Evidence("It is only played.", "nowhere", task.at),))

    async def check(self) -> list[Check]:
        return []


def _agents(library: Library) -> set[str]:
    """The connections whose agents some runbook asks."""
    targets = (target for book in library.runbooks for tier in book.tiers for target in tier.page)
    return {target.partition(":")[2] for target in targets if target.startswith("agent:")}


class _Duties(Mapping[str, work.Handler]):
    """The engine's own handlers, and nothing done for all else: what only draws or tells pages nobody.

    Whoever answers here is at it from then on, so nobody is asked whether they are.
    """

    def __init__(self, own: Mapping[str, work.Handler]) -> None:
        self._own = {kind: handler for kind, handler in own.items() if kind != attend.KIND}

    def __getitem__(self, kind: str) -> work.Handler:
        return self._own.get(kind, _nothing)

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


async def _nothing(_job: Job) -> work.Outcome:
    return work.Done()


class _Player:
    """One run."""

    def __init__(self, score: Score, rules: Rules, crew: Crew, store: Store, clock: StillClock) -> None:
        self.score, self.store, self.clock = score, store, clock
        self.paper = _Paper()
        ways = {name: Way(self.paper, Guard(name, clock)) for name in rules.channels}
        self.desk = Desk(store, clock, rules.settings, rules.library, ways)
        self.desk.minds |= {name: Mind(_Looker(), Guard(name, clock)) for name in _agents(rules.library)}
        self.worker = work.Worker(self.desk, _Duties(crew(self.desk)), owner="played")
        self.answers: list[tuple[datetime, int, str, str]] = []  # when, in which order, which incident, by whom
        self.answered = 0  # calls that were looked at

    async def run(self, tell: Tell) -> Played:
        before = await self.store.write(self._begin)
        await self._settle()
        done, total = 0, len(self.score.words)
        for at, words in groupby(self.score.words, key=lambda word: word.at):
            await self._until(at)
            together = [word.alert for word in words]
            await self.store.write(lambda tx, said=together: _book(tx, self.desk, said), durable=False)  # type: ignore[misc]
            await self._settle()
            if done // EVERY < (done + len(together)) // EVERY:
                tell(done + len(together), total)
            done += len(together)
        await self._until(self.clock.now() + TAIL)
        tell(done, total)
        return await self.store.read(lambda tx: self._played(tx, frozenset(before)))

    def _begin(self, tx: Tx) -> list[str]:
        """What stood before the first word; whatever fired already is in somebody's hands, and pages nobody."""
        for silence in self.score.silences:
            silences.add(tx, silence)
            release.at(tx, silence)
        for override in self.score.overrides:
            overrides.add(tx, override)
        _book(tx, self.desk, self.score.carried)
        stood = incidents.listing(tx, limit=MOST)
        taken = [(one, replace(move(one, Phase.ACKNOWLEDGED, tx.now), next_step_at=None)) for one in stood]
        incidents.save(tx, taken)
        return [one.id for one in stood]

    async def _until(self, goal: datetime) -> None:
        """Let everything that is due up to `goal` happen at its own moment."""
        for _ in range(STEPS):
            due = await self.store.read(jobs.next_due)
            if self.answers and (due is None or self.answers[0][0] <= due):
                due = self.answers[0][0]
            if due is None or due > goal:
                break
            self.clock.put(max(due, self.clock.now()))
            await self._answer()
            await self._settle()
        self.clock.put(max(goal, self.clock.now()))

    async def _settle(self) -> None:
        """Do what is due now; whoever is paged will answer."""
        await self.worker.drain()
        after = self.score.answer_after
        for at, call in self.paper.calls[self.answered :]:
            self.answered += 1
            if after is not None:
                heapq.heappush(self.answers, (at + after, self.answered, call.page.incident, call.page.person))

    async def _answer(self) -> None:
        while self.answers and self.answers[0][0] <= self.clock.now():
            at, _, incident, person = heapq.heappop(self.answers)
            press = respond.Press(respond.Verb.ACKNOWLEDGE, incident, f"person:{person}", at, "played")
            found = await self.store.read(lambda tx, its=incident: incidents.get(tx, its))  # type: ignore[misc]
            if found.phase is Phase.TRIGGERED:
                await respond.take(self.desk, press)

    def _played(self, tx: Tx, before: frozenset[str]) -> Played:
        placed: dict[str, tuple[str, ...]] = {}
        for problem, incident in history.placed(tx):
            placed[problem] = (*placed.get(problem, ()), incident)
        named = {one for each in placed.values() for one in each}
        pages = [Paged(at, c.page.person, c.page.channel, c.page.tier, c.page.incident) for at, c in self.paper.calls]
        pages.sort(key=lambda page: (page.at, int(page.incident.rpartition("-")[2]), page.person, page.channel))
        opened, since = incidents.by_ids(tx, named), self.score.begins
        return Played(tuple(pages), opened, placed, _held(tx, since), _waits(tx, since), before)


def _book(tx: Tx, desk: Desk, said: Sequence[Alert]) -> None:
    """Take in what came at one moment, connection by connection."""
    by = groupby(sorted(said, key=lambda alert: alert.connection), key=lambda alert: alert.connection)
    intake.book(tx, desk, [intake.Arrived(name, Delivery(tuple(alerts))) for name, alerts in by], tx.now)


def _held(tx: Tx, since: datetime) -> dict[str, tuple[Kept, ...]]:
    """By problem, what held it, each reason once."""
    found: dict[str, dict[Kept, None]] = {}
    for entry in history.noted(tx, ["alert.held"], since, MOST):
        reason = Kept(str(entry.after.get("cause", "")), str(entry.after.get("by", "")), entry.why)
        found.setdefault(entry.subject, {})[reason] = None
    return {problem: tuple(reasons) for problem, reasons in found.items()}


def _waits(tx: Tx, since: datetime) -> dict[str, tuple[str, ...]]:
    """By incident, what its steps had to wait for, each reason once."""
    found: dict[str, dict[str, None]] = {}
    for entry in history.noted(tx, ["incident.waits"], since, MOST):
        found.setdefault(entry.subject, {})[entry.why] = None
    return {incident: tuple(reasons) for incident, reasons in found.items()}
