"""A room in which production is changed: a platform that keeps all in memory, and a ledger that knows a good day."""

import textwrap
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from bot.contract.guard import Guard
from bot.contract.platform import Flow, Op, Probe
from bot.contract.plugin import Check
from bot.engine import agree, propose
from bot.engine.desk import Desk, Host
from bot.errors import NotFound, Refused
from bot.model.change import SWITCHES, Change, Lever, Plan, Serving
from bot.model.entry import Sealed
from bot.model.served import Moved, Served, Version
from bot.store import Tx, changes, history, moved, tickets
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

DAY = timedelta(days=1)
FILES = {
    "config/tocsin.yaml": """\
        database: ${DATABASE_URL}
        slack: {mode: off}
        connections:
          - {name: shelf, plugin: webhook}
        """,
    "config/rotas.yaml": """\
        rotas:
          - {name: first-line, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
          - {name: vacant, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [bo, cy, null]}
        """,
    "config/estate.yaml": """\
        entities:
          - {name: retail, timezone: Europe/Istanbul}
          - {name: market}
        models:
          - name: churn
            kind: model
            entity: retail
            team: churn-ml
            aliases: [churn-v2]
            platform: shelf
            ref: {name: churn}
            approvers: ["team:churn-ml"]
          - {name: price, kind: model, entity: market, team: price-ml}
        """,
    "runbooks/anything.md": """\
        ---
        title: Something is wrong with a model
        owner: person:flo
        review_by: 2099-01-01
        match: {}
        severity:
          - {is: sev2}
        tiers:
          L1: {page: "rota:first-line", answer_within: 10m, may: [rollback]}
          L2: {page: "person:bo", answer_within: 15m}
          L3: {page: "lead:churn-ml", answer_within: 30m}
        start: {sev2: L1}
        fallback: person:eve
        actions:
          rollback: {approval: one}
        ---
        Look first.
        """,
}


@dataclass
class Shelf:
    """A platform; `down` is why it does not answer."""

    levers: ClassVar[frozenset[Lever]] = SWITCHES - {Lever.RESUME}
    repeatable: ClassVar[bool] = True

    now: Serving = field(default_factory=lambda: Serving({"7": 100.0}, raw={"pointer": "7"}, guard="g7"))
    there: list[Version] = field(default_factory=lambda: [Version("7"), Version("6"), Version("5")])
    before: list[Served] = field(default_factory=list)
    down: Exception | None = None
    applied: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    warnings: list[Any] = field(default_factory=list)

    def _answer(self, part: str) -> None:
        self.asked.append(part)
        if self.down:
            raise self.down

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        self._answer("serving")
        return self.now

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        self._answer("versions")
        return self.there[:limit]

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        self._answer("history")
        return self.before

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        self._answer("wanted")
        if lever is Lever.PAUSE:
            return replace(now, paused=True)
        split = parameters.get("split") or {parameters["version"]: 100.0}
        known = {one.id: one.usable for one in self.there}
        for version in split:
            if version not in known:
                raise NotFound(f"There is no version {version}.")
            if not known[version]:
                raise Refused(f"{version} is broken.")
        return Serving(split, raw={"pointer": "+".join(split), "warnings": self.warnings})

    async def apply(self, plan: Plan, token: str) -> Op:
        self.applied.append(token)
        self.now = plan.after
        return Op("done")

    async def poll(self, plan: Plan, op: Op) -> Op:
        return Op("done" if self.now.same(plan.after) else "pending")

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        return None

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        return Flow(None)

    async def check(self) -> list[Check]:
        return []


@dataclass
class Scene:
    """The room, its platform, and what people do in it."""

    room: Room
    shelf: Shelf

    @property
    def desk(self) -> Desk:
        """Of the process under test."""
        return self.room.desk

    def write(self, name: str, old: str, new: str) -> None:
        """The operator edits one passage, and it is taken into force."""
        self.room.change(name, old, new)

    async def propose(self, by: str = "person:ada", desk: Desk | None = None, **more: Any) -> propose.Proposed:
        """Somebody asks to roll churn back, unless `more` says what else."""
        wish = {"lever": Lever.ROLLBACK, "model": "churn", "why": "accuracy fell", **more}
        return await propose.propose(desk or self.desk, propose.Wish(**wish), by, self.room.now, "command")

    async def proposed(self, by: str = "person:ada", **more: Any) -> Change:
        """The same, and it was taken."""
        answer = await self.propose(by, **more)
        assert answer.change is not None, answer.sentence
        return answer.change

    async def vote(self, change: Change | str, by: str = "person:bo", **more: Any) -> agree.Voted:
        """Somebody decides, by typing unless `more` brings a ticket."""
        id_ = change if isinstance(change, str) else change.id
        said = {"verb": agree.AGREE, "change": id_, "by": by, "at": self.room.now, "via": "button", **more}
        return await agree.vote(said.pop("desk", self.desk), agree.Vote(**said))

    async def button(self, change: Change, verb: str = agree.AGREE) -> str:
        """What the button on the card carries now."""
        return await self.desk.store.write(lambda tx: tickets.issue(tx, change, verb, change.expires_at))

    async def stored(self, change: Change) -> Change:
        """As it is now."""
        return await self.desk.store.read(lambda tx: changes.get(tx, change.id))

    async def all(self) -> list[Change]:
        """Every change there is."""
        return await self.desk.store.read(changes.listing)

    async def refusals(self) -> list[str]:
        """The verdicts of all that was refused, in order."""
        kept = await self.desk.store.read(lambda tx: history.noted(tx, ["change.refused"], START - DAY, 100))
        return [entry.after["verdict"] for entry in kept]

    async def log(self, change: Change) -> list[Sealed]:
        """What is written about it."""
        return await self.room.log(change.id)

    async def jobs(self, kind: str = "apply") -> list[str]:
        """The keys of the jobs of a kind that were ever put."""
        query = f"SELECT key FROM jobs WHERE kind = '{kind}' ORDER BY key"
        return await self.desk.store.read(lambda tx: list(tx.sql.exec_driver_sql(query).scalars()))

    async def sql(self, statement: str) -> None:
        """Somebody's hand in the database."""
        await self.desk.store.write(lambda tx: tx.sql.exec_driver_sql(statement))


def write(home: Path) -> None:
    """The configuration of these stories, over what stands there."""
    for name, text in FILES.items():
        (home / name).write_text(textwrap.dedent(text), encoding="utf-8")


def ledger(tx: Tx) -> None:
    """5 served a while, 6 for nine days, 7 since yesterday."""
    for version, days in (("5", 12), ("6", 10), ("7", 1)):
        serving = Serving({version: 100.0}, raw={"pointer": version})
        moved.add(tx, Moved("churn", START - days * DAY, serving, "seen"))


@asynccontextmanager
async def opened(home: Path, database: str) -> AsyncIterator[Scene]:
    """A scene over `database`; at its end the log is whole, and nothing was applied by a mere decision."""
    async with engine_room.opened(home, database) as room:
        write(home)
        room.reload()
        shelf = Shelf()
        room.desk.hosts["shelf"] = Host(shelf, Guard("shelf", room.clock, deadline=20))
        await room.desk.store.write(ledger)
        yield Scene(room, shelf)
        assert shelf.applied == []
