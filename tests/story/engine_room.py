"""The engine alone, in frozen time: a configuration, a database, pagers that write down whom they reached, no chat."""

import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot import app
from bot.contract.guard import Guard
from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check
from bot.contract.source import Delivery
from bot.engine import escalate, intake, page, postmortem_owed, postmortem_wanted, snooze, work
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered
from bot.model.alert import Alert, Kind, Status
from bot.model.entry import Sealed
from bot.model.incident import Incident
from bot.slack import off
from bot.store import Store, incidents, jobs, log
from bot.testing.clock import FakeClock
from tests.story.place import FILES, START

#: As the stories' place, but for: nobody's Slack; gus, who has an address alone; an alias; a list of things to do.
CHANGED = {
    "config/tocsin.yaml": """\
        database: ${DATABASE_URL}
        slack: {mode: off}
        """,
    "config/people.yaml": """\
        people:
          - {name: ada, slack: U01ADA, phone: "+905550000001", notify: {high: [slack, call after 2m]}}
          - {name: bo, slack: U01BO, email: bo@example.com}
          - {name: cy, slack: U01CY, language: tr}
          - {name: dee, slack: U01DEE}
          - {name: eve, slack: U01EVE}
          - {name: flo, slack: U01FLO}
          - {name: gus, email: Gus@example.com, notify: {high: [email]}}
        teams:
          - {name: churn-ml, entity: retail, members: [ada, bo, gus], lead: cy}
          - {name: price-ml, entity: market, members: [dee]}
        admins: [eve]
        """,
    "config/estate.yaml": """\
        entities:
          - {name: retail}
          - {name: market}
        models:
          - {name: churn, kind: model, entity: retail, team: churn-ml, aliases: [churn-v2]}
          - {name: price, kind: model, entity: market, team: price-ml}
        """,
    "runbooks/anything.md": FILES["runbooks/anything.md"].rstrip(" ")
    + """\
        2. Is {{ alert.title }} known?
        - [ ] Tell the owner of {{ model.name | default("the model") }}.
        """,
}


@dataclass
class Pager:
    """A channel; `down` is why it takes nothing."""

    sent: list[Call] = field(default_factory=list)
    down: NotDelivered | None = None

    async def send(self, call: Call) -> Sent:
        """Keep it."""
        if self.down:
            raise self.down
        self.sent.append(call)
        return Sent(f"{len(self.sent)}")

    async def check(self) -> list[Check]:
        """Nothing is missing."""
        return []


@dataclass
class Room:
    """The engine under test."""

    desk: Desk
    clock: FakeClock
    home: Path
    env: dict[str, str]
    pagers: dict[str, Pager]
    worker: work.Worker

    @property
    def now(self) -> datetime:
        """The frozen time."""
        return self.clock.now()

    async def pass_time(self, **span: float) -> None:
        """Move on, and let what falls due on the way happen at its own moment."""
        goal = self.now + timedelta(**span)
        while True:
            await self.worker.drain()
            due = await self.desk.store.read(jobs.next_due)
            if due is None or due > goal:
                break
            await self.clock.advance(max(timedelta(0), due - self.now))
        await self.clock.advance(goal - self.now)

    async def alert(self, title: str, **facts: object) -> Incident:
        """A monitor's word that something of churn fails; its incident."""
        told = {"model": "churn", "environment": "production", "kind": Kind.FAILURE, "status": Status.FIRING}
        given: dict[str, object] = {"started_at": self.now, **told, **facts}
        alert = Alert("webhook", "hook", f"hook:{title}", title, **given)  # type: ignore[arg-type]
        arrived = [intake.Arrived("hook", Delivery((alert,)))]
        (receipt,) = await self.desk.store.write(lambda tx: intake.book(tx, self.desk, arrived, self.now))
        return await self.incident(min(receipt.incidents))

    async def incident(self, id_: str) -> Incident:
        """As it is now."""
        return await self.desk.store.read(lambda tx: incidents.get(tx, id_))

    async def log(self, subject: str) -> list[Sealed]:
        """Everything the log says about it, oldest first."""
        return await self.desk.store.read(lambda tx: log.of(tx.sql, subject))

    async def story(self, subject: str) -> list[str]:
        """The kinds of those entries."""
        return [each.entry.kind for each in await self.log(subject)]

    async def owed(self) -> set[str]:
        """The kinds of all jobs that were ever asked for."""
        rows = await self.desk.store.read(lambda tx: tx.sql.exec_driver_sql("SELECT DISTINCT kind FROM jobs").scalars())
        return set(rows)

    def change(self, name: str, old: str, new: str) -> None:
        """The operator edits one passage of a file, and it is taken into force."""
        path = self.home / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.reload()

    def reload(self) -> None:
        """The files as they are come into force."""
        loaded = app.load(app.Folder.of(self.home / "config"), self.env)
        self.desk.settings, self.desk.runbooks = loaded.settings, loaded.library

    def paged(self) -> list[str]:
        """Whom any channel reached, in order within each."""
        return [call.person.name for pager in self.pagers.values() for call in pager.sent]


@asynccontextmanager
async def opened(home: Path, database: str) -> AsyncIterator[Room]:
    """An engine over `database`; at the end its log is whole."""
    for name, text in {**FILES, **CHANGED}.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    env = {"DATABASE_URL": database}
    loaded = app.load(app.Folder.of(home / "config"), env)
    clock = FakeClock(START)
    store = await Store.open(database, clock=clock)
    pagers = {"slack": Pager(), "email": Pager()}
    ways = {name: Way(pager, Guard(name, clock)) for name, pager in pagers.items()}
    desk = Desk(store, clock, loaded.settings, loaded.library, ways)
    done = dict.fromkeys(
        ("card", "line", "thread", "own", "homes", "dm", "notice", "postmortem_card"), off.HANDLERS["card"]
    )
    handlers: dict[str, work.Handler] = {
        **done,
        "step": work.inside(desk, escalate.ring),
        "page": page.Pages(desk).send,
        "wake": work.inside(desk, snooze.ring),
        postmortem_wanted.KIND: postmortem_owed.Owed(desk).draft,
        postmortem_owed.LATE: work.inside(desk, postmortem_owed.ring),
    }
    try:
        yield Room(desk, clock, home, env, pagers, work.Worker(desk, handlers, owner="the room"))
        _, broken = await store.read(lambda tx: log.verify(tx.sql))
        assert not broken
    finally:
        await store.close()
