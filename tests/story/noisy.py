"""The engine's room with every rule against noise in force: several runbooks, quiet hours, feeds, an inhibition."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bot import app
from bot.contract.source import Delivery
from bot.engine import intake, work
from bot.model.alert import Alert, Kind, Status
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.slack import off
from bot.store import pages, silences
from tests.parts import migrated
from tests.story import engine_room
from tests.story.engine_room import Room

DRAWN = ("card", "line", "thread", "own", "homes", "dm", "notice")  # jobs that only draw or tell


def runbook(match: str, severity: str, more: str = "") -> str:
    """A runbook of two tiers."""
    return f"""\
---
title: A runbook
owner: person:flo
review_by: 2099-01-01
match: [{match}]
severity: {severity}
tiers:
  L1: {{page: "rota:first-line", answer_within: 10m}}
  L2: {{page: "person:bo", answer_within: 15m}}
  L3: {{page: "lead:churn-ml", answer_within: 6h}}
start: {{sev1: L2, sev2: L1, sev3: L1, sev4: L1}}
{more}
---
Look.
"""


FILES = {
    "runbooks/drift.md": runbook(
        "kind = drift",
        '[{is: sev1, if: ["drift.share >= 0.5"]}, {is: sev3}]',
        "group_wait: 2m\nurgency: {sev3: high}",
    ),
    "runbooks/drift-churn.md": runbook('kind = drift, "model = churn", environment = production', "[{is: sev2}]"),
    "runbooks/cost.md": runbook("kind = cost", '[{is: sev2, if: ["value >= 100"]}, {is: sev4}]', "group_by: [kind]"),
    "runbooks/late.md": runbook("kind = freshness", "[{is: sev3}]", "confirm: {breaches: 2, of: 3}\ngroup_window: 20m"),
    "runbooks/slow.md": runbook("kind = latency", "[{is: sev2}]", "calm: {after: 10m}"),
    "config/noise.yaml": """\
inhibit:
  - {name: outage, source: ["kind = failure"], target: ['kind =~ "latency|performance"'], equal: [model]}
  - {name: shadowed, source: ["kind = cost"], target: ["kind = safety"], shadow: true}
quiet:
  - {name: nights, severities: [sev4], from: "22:00", to: "04:20"}
storm: {incidents: 6, within: 6h}
""",
    "config/estate.yaml": """\
entities: [{name: retail}, {name: market}]
models:
  - {name: churn, kind: model, entity: retail, team: churn-ml, aliases: [churn-v2]}
  - {name: price, kind: model, entity: market, team: price-ml}
  - {name: table, kind: data, entity: retail, team: churn-ml, feeds: [churn]}
""",
}


@asynccontextmanager
async def opened(home: Path) -> AsyncIterator[Room]:
    """A room with all of that, and every handler of the engine."""
    async with engine_room.opened(home, migrated.sqlite(home)) as room:
        for name, text in FILES.items():
            (home / name).write_text(text, encoding="utf-8")
        room.reload()
        handlers = {**dict.fromkeys(DRAWN, off.HANDLERS["card"]), **app.duties(room.desk)}
        room.worker = work.Worker(room.desk, handlers, owner="the noisy room")
        yield room


def alert(room: Room, title: str, kind: Kind = Kind.FAILURE, model: str | None = "churn", **facts: object) -> Alert:
    """What a monitor says now; its problem is its title."""
    given = {"environment": "production", "status": Status.FIRING, "started_at": room.now, "model": model, **facts}
    return Alert("webhook", "hook", f"hook:{title}", title, kind=kind, **given)  # type: ignore[arg-type]


async def deliver(room: Room, *said: Alert) -> set[str]:
    """It comes in; the incidents it is in."""
    arrived = [intake.Arrived("hook", Delivery(said))]
    (receipt,) = await room.desk.store.write(lambda tx: intake.book(tx, room.desk, arrived, room.now))
    return receipt.incidents


async def silenced(room: Room, field: str, value: str, minutes: float = 600, *, shadow: bool = False) -> None:
    """Somebody silences what has this value."""
    ends = room.now + timedelta(minutes=minutes)

    def act(tx: object) -> None:
        id_ = silences.next_id(tx)  # type: ignore[arg-type]
        one = Silence(
            id_, (Matcher(field, "=", value),), room.now, ends, "person:ada", "known", room.now, shadow=shadow
        )
        silences.add(tx, one)  # type: ignore[arg-type]

    await room.desk.store.write(act)


async def paged(room: Room, incidents: set[str], since: datetime) -> set[tuple[timedelta, str, str, str]]:
    """The pages of these incidents decided since then: how long after that each was due, whom, how, and which tier."""
    found = [page for id_ in incidents for page in await room.desk.store.read(lambda tx, its=id_: pages.of(tx, its))]
    return {(p.due_at - since, p.person, p.channel, p.tier) for p in found if p.decided_at >= since}
