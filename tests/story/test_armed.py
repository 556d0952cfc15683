"""Every night all tiers are looked at; whoever owns one that reaches nobody hears it once, and that it is mended."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import app, telemetry, ticker
from bot.engine import armed, disarmed, work, yesterday
from bot.engine.desk import Desk
from bot.model.armed import Armed, Flaw
from bot.model.entry import Entry
from bot.model.rota import Amendment, Override
from bot.slack import off
from bot.store import history, overrides
from bot.store.tables import JobRow, table
from tests.story import engine_room
from tests.story.engine_room import Room
from tests.story.place import START

HOUR = timedelta(hours=1)
QUIET = ("card", "line", "thread", "own", "homes", "notice", "tidy", "nudge", "look", "change")
#: Three o'clock in the night of the Saturday after the start.
NIGHT = datetime(2026, 11, 28, 3, tzinfo=UTC)
ROTAS = """\
rotas:
  - {name: first-line, owner: churn-ml, timezone: UTC, start: "2026-11-02 09:00", every: 1 week, members: [ada]}
"""


@pytest.fixture
async def room(tmp_path: Path, migrated_url: str) -> AsyncIterator[Room]:
    """Over each database; the team churn-ml owns the rota."""
    async with engine_room.opened(tmp_path, migrated_url) as one:
        (one.home / "config/rotas.yaml").write_text(ROTAS, "utf-8")
        mend(one)
        yield one


@pytest.fixture
async def here(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Room]:
    """The same over SQLite, where the database does not matter."""
    async with engine_room.opened(tmp_path, sqlite_url) as one:
        (one.home / "config/rotas.yaml").write_text(ROTAS, "utf-8")
        mend(one)
        yield one


def mend(room: Room) -> None:
    """Nobody is out of reach: ada has a way that is not connected, gus one that is."""
    room.change("config/people.yaml", "notify: {high: [slack, call after 2m]}", "notify: {high: [slack]}")


def replicas(room: Room, count: int = 2) -> list[work.Worker]:
    """Processes that share the database."""
    handlers = {**app.duties(room.desk), **dict.fromkeys(QUIET, off.HANDLERS["card"])}
    return [work.Worker(room.desk, handlers, owner=f"replica-{number}") for number in range(count)]


async def nights(room: Room, count: int = 1) -> None:
    """So many of them, on two replicas at once that were just started."""
    for _night in range(count):
        workers = replicas(room)
        for _ in workers:
            await room.desk.store.write(lambda tx: ticker.recur(tx, room.now))
        await asyncio.gather(*(worker.drain() for worker in workers))
        await room.clock.advance(24 * HOUR)


async def byhand(room: Room, *changes: Override) -> None:
    """Somebody changes the rota."""
    for one in changes:
        await room.desk.store.write(partial(overrides.add, override=one))


def away(id_: str, start: datetime, hours: float, person: str = "ada") -> Override:
    """Nobody is on call then."""
    return Override(id_, "first-line", Amendment.ABSENCE, start, start + hours * HOUR, person)


async def told(room: Room) -> dict[str, tuple[datetime, str]]:
    """By the keys of their jobs, the notices that were ever owed: when they are due, and all that they say."""
    rows = table(JobRow)
    wanted = select(rows.c.key, rows.c.due_at, rows.c.payload).where(rows.c.key.startswith("notice/armed/"))
    found = await room.desk.store.read(lambda tx: tx.sql.execute(wanted.order_by(rows.c.key)).all())
    return {key: (due, "\n".join((said["text"], *said["lines"]))) for key, due, said in found}


def who(messages: dict[str, tuple[datetime, str]]) -> list[str]:
    """To whom they go."""
    return sorted(key.rpartition("/")[2] for key in messages)


async def noted(room: Room) -> list[Entry]:
    """What the log says of it, the oldest first."""
    kinds = ["tier.disarmed", "tier.armed", "person.unreachable", "person.reachable"]
    found = await room.desk.store.read(lambda tx: history.noted(tx, kinds, START - timedelta(days=99), 100))
    return sorted(found, key=lambda entry: entry.at)


async def standing(room: Room) -> Armed:
    """What is kept."""
    found = await room.desk.store.read(armed.standing)
    assert found is not None
    return found


async def test_an_hour_that_an_absence_opens_at_night_is_told_once_and_once_that_it_is_covered(room: Room) -> None:
    assert await room.desk.store.read(armed.standing) is None
    await nights(room)
    assert await told(room) == {}
    assert (await standing(room)).share == 1.0
    await byhand(room, away("o-1", NIGHT, 1))
    await nights(room, 2)
    messages = await told(room)
    assert who(messages) == ["person:ada", "person:bo", "person:gus"]  # the team that owns the rota
    _, text = messages[max(messages)]
    assert "rota:first-line: nobody from 2026-11-28 03:00 UTC until 2026-11-28 04:00 UTC." in text
    assert "ada is away from layer turns" in text
    assert "L1 of anything" in text
    (gap,) = (await standing(room)).gaps
    assert (gap.start, gap.end, gap.owners) == (NIGHT, NIGHT + HOUR, ("team:churn-ml",))
    assert [(use.tier, use.runbook, use.count) for use in gap.tiers] == [("L1", "anything", 3)]
    await byhand(room, Override("o-2", "first-line", Amendment.COVER, NIGHT, NIGHT + HOUR, "bo"))
    await nights(room, 2)
    after = await told(room)
    assert who(after) == ["person:ada", "person:ada", "person:bo", "person:bo", "person:gus", "person:gus"]
    assert "Mended" in after[max(after.keys() - messages.keys())][1]
    assert (await standing(room)).gaps == ()
    entries = await noted(room)
    assert [(one.kind, one.chain, one.subject) for one in entries] == [
        ("tier.disarmed", "retail", "rota:first-line"), ("tier.armed", "retail", "rota:first-line"),
    ]  # fmt: skip
    assert entries[0].after == entries[1].before == {"gaps": [[NIGHT.isoformat(), (NIGHT + HOUR).isoformat()]]}


async def test_a_gap_that_grows_or_another_one_is_told_and_one_that_only_passes_is_not(here: Room) -> None:
    await byhand(here, away("o-1", NIGHT, 1))
    await nights(here)
    first = await told(here)
    await byhand(here, away("o-2", NIGHT + HOUR, 1))
    await nights(here)
    second = await told(here)
    assert len(second) == 2 * len(first) == 6
    assert "until 2026-11-28 05:00 UTC" in second[max(second)][1]
    await nights(here, 7)
    assert await told(here) == second
    assert [one.kind for one in await noted(here)] == ["tier.disarmed", "tier.disarmed", "tier.armed"]


async def test_a_seat_that_stays_vacant_is_told_once_as_weeks_go_by(here: Room) -> None:
    here.change("config/rotas.yaml", "members: [ada]", "members: [ada, null]")
    await nights(here, 40)
    assert who(await told(here)) == ["person:ada", "person:bo", "person:gus"]
    assert [one.kind for one in await noted(here)] == ["tier.disarmed"]


async def test_what_begins_before_anybody_gets_up_is_told_at_once_and_all_else_in_the_morning(here: Room) -> None:
    await byhand(here, away("o-1", START + 2 * HOUR, 1))
    await nights(here)
    assert {due for due, _ in (await told(here)).values()} == {START}
    await byhand(here, away("o-2", NIGHT, 1))
    await nights(here)
    later = {due for due, _ in (await told(here)).values()} - {START}
    assert later == {datetime(2026, 11, 24, 9, tzinfo=UTC)}


async def test_a_person_whom_nothing_reaches_is_told_of_until_they_have_a_way(room: Room) -> None:
    old = "{name: bo, slack: U01BO, email: bo@example.com}"
    bare = '{name: bo, phone: "+905550000002", notify: {high: [call]}}'
    room.change("config/people.yaml", old, bare)
    await nights(room, 2)
    kept = await standing(room)
    assert [(one.person, one.flaw, one.targets) for one in kept.lacks] == [("bo", Flaw.UNREACHED, ("person:bo",))]
    assert [(gap.targets, gap.owners) for gap in kept.gaps] == [(("person:bo",), ("team:churn-ml", "team:price-ml"))]
    assert kept.share < 1
    messages = await told(room)
    assert who(messages) == ["person:ada", "person:dee", "person:gus"]  # bo would not read it
    text = next(said for key, (_, said) in messages.items() if key.endswith("ada"))
    assert "person:bo: nobody now" in text
    assert "bo: no page reaches them, and person:bo leads to them." in text
    room.change("config/people.yaml", bare, old)
    await nights(room)
    after = {key: said for key, said in (await told(room)).items() if key not in messages}
    assert any("bo: no longer out of reach." in said for _, said in after.values())
    kinds = [one.kind for one in await noted(room)]
    assert set(kinds[:2]) == {"tier.disarmed", "person.unreachable"}
    assert set(kinds[2:]) == {"tier.armed", "person.reachable"}
    assert len(kinds) == 4


async def test_what_nobody_owns_goes_to_the_last_resort_and_where_that_is_silent_to_the_channel(here: Room) -> None:
    here.change("config/rotas.yaml", "owner: churn-ml, ", "")
    (here.home / "config/estate.yaml").write_text("entities:\n  - {name: retail}\n  - {name: market}\n", "utf-8")
    here.reload()
    await byhand(here, away("o-1", NIGHT, 1))
    await nights(here)
    assert who(first := await told(here)) == ["person:eve"]
    own = here.desk.settings
    lonely = {**own.people.persons, "eve": replace(own.people.persons["eve"], slack=None)}
    people = replace(own.people, persons=lonely)
    here.desk.settings = replace(own, people=people, slack=replace(own.slack, channel="#ml-oncall"))
    await byhand(here, away("o-2", NIGHT + 4 * HOUR, 1))
    await nights(here)
    assert who({key: said for key, said in (await told(here)).items() if key not in first}) == ["channel:#ml-oncall"]


async def test_somebody_who_left_and_is_still_named_by_hand_is_told_of(here: Room) -> None:
    stand_in = Override("o-1", "first-line", Amendment.OVERRIDE, NIGHT, NIGHT + HOUR, "zoe", "ada")
    await byhand(here, stand_in)
    await nights(here)
    kept = await standing(here)
    assert [(one.person, one.flaw, one.at) for one in kept.lacks] == [("zoe", Flaw.STRANGER, NIGHT)]
    assert [(gap.start, gap.end) for gap in kept.gaps] == [(NIGHT, NIGHT + HOUR)]
    assert "zoe: rota:first-line names them" in max(said for _, said in (await told(here)).values())


async def test_a_look_that_was_asked_for_finds_what_an_edit_has_opened_and_the_metric_follows(here: Room) -> None:
    await nights(here)
    here.change("config/rotas.yaml", "members: [ada]", "members: [ada, null]")
    await yesterday.remember(here.desk)
    await here.desk.store.write(lambda tx: disarmed.ask(tx, tx.now))
    (worker,) = replicas(here, 1)
    await worker.drain()
    assert len(await told(here)) == 3
    await disarmed.measure(here.desk)
    assert (await standing(here)).share == 0.75
    assert telemetry.REGISTRY.get_sample_value("tocsin_armed_tiers") == 0.75


async def test_an_older_look_that_ends_later_changes_nothing(here: Room) -> None:
    await byhand(here, away("o-1", NIGHT, 1))
    await nights(here)
    kept = await standing(here)
    stale = replace(kept, at=kept.at - HOUR, gaps=(), lacks=())
    await here.desk.store.write(lambda tx: disarmed.keep(tx, here.desk, stale))
    assert await standing(here) == kept


async def test_where_nothing_can_be_sent_nothing_is_looked_at(here: Room) -> None:
    here.desk.ways.clear()
    await nights(here)
    assert await here.desk.store.read(armed.standing) is None


async def test_whoever_speaks_turkish_hears_it_in_turkish(here: Room) -> None:
    here.change("config/people.yaml", "members: [ada, bo, gus]", "members: [cy]")
    await byhand(here, away("o-1", NIGHT, 1))
    await nights(here)
    ((_, text),) = (await told(here)).values()
    assert "2026-11-28 03:00 UTC anından 2026-11-28 04:00 UTC anına dek kimse yok" in text
    assert json.dumps(text).isascii()


async def test_the_roster_of_a_span_holds_what_is_changed_late_in_it(here: Room) -> None:
    await byhand(here, away("o-1", START + timedelta(days=13), 1))
    desk: Desk = here.desk
    roster = await desk.store.read(lambda tx: armed.seen(tx, desk, START, START + armed.AHEAD))
    (gap,) = armed.gaps(desk.settings, desk.runbooks, roster, START, START + armed.AHEAD)
    assert gap.start == START + timedelta(days=13)
