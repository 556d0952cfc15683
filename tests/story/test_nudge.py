"""Once a day those who keep runbooks hear what is overdue, and what only the default runbook was there for."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import telemetry, ticker
from bot.engine import coverage, nudge, respond, work
from bot.model.alert import Kind
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.slack import off
from bot.store.tables import JobRow, table
from tests.story.engine_room import Room
from tests.story.place import FILES, START, Place

OVERDUE = ("runbooks/anything.md", "2099-01-01", "2026-11-20")
LATENCY = FILES["runbooks/anything.md"].replace("match: {}", "match: {kind: latency}").replace("flo", "nobody-at-all")


def replicas(room: Room, count: int = 2) -> list[work.Worker]:
    """Processes that share the database."""
    handlers = {nudge.KIND: work.inside(room.desk, nudge.ring), "notice": off.HANDLERS["notice"], **unspoken()}
    return [work.Worker(room.desk, handlers, owner=f"replica-{number}") for number in range(count)]


def unspoken() -> dict[str, work.Handler]:
    return dict.fromkeys(
        ("card", "line", "thread", "own", "homes", "step", "page", "tidy", "ways-back", "selftest"),
        off.HANDLERS["card"],
    )


async def days(room: Room, count: int) -> None:
    """Every hour of so many days, on two replicas at once."""
    workers = replicas(room)
    for _hour in range(24 * count):
        for _ in workers:
            await room.desk.store.write(lambda tx: ticker.recur(tx, room.now))
        await asyncio.gather(*(worker.drain() for worker in workers))
        await room.clock.advance(timedelta(hours=1))


async def told(room: Room) -> list[tuple[str, str, str]]:
    """Every notice of a nudge that is kept, in the order of its time: due, to whom, what."""
    rows = table(JobRow)
    wanted = (
        select(rows.c.due_at, rows.c.payload, rows.c.revision)
        .where(rows.c.key.startswith("notice/nudge/"))
        .order_by(rows.c.due_at)
    )
    found = await room.desk.store.read(lambda tx: tx.sql.execute(wanted).all())
    assert {revision for _, _, revision in found} <= {1}  # none was asked for twice
    return [(due.isoformat()[:16], said["to"], said["text"]) for due, said, _ in found]


async def test_an_overdue_runbook_is_spoken_of_weekly_and_once_over_two_replicas(any_room: Room) -> None:
    room = any_room
    room.change(*OVERDUE)
    seen: list[tuple[str, str]] = []
    for _day in range(20):
        await days(room, 1)
        for due, to, text in await told(room):
            if (due, to) not in seen:
                seen.append((due, to))
                assert "was to be reviewed by 2026-11-20" in text
    # flo's zone is UTC: at nine of her own day, and then a week later
    assert [(due[:10], to) for due, to in seen] == [
        ("2026-11-23", "person:flo"), ("2026-11-30", "person:flo"), ("2026-12-07", "person:flo"),
    ]  # fmt: skip
    assert {due[11:16] for due, _ in seen} == {"09:00"}


async def test_a_runbook_that_was_read_again_is_left_alone(room: Room) -> None:
    room.change(*OVERDUE)
    await days(room, 1)
    room.change("runbooks/anything.md", "2026-11-20", "2099-01-01")
    await days(room, 10)
    assert len(await told(room)) == 1


async def test_what_went_to_the_default_runbook_is_listed_for_its_owner(any_room: Room) -> None:
    room = any_room
    (room.home / "runbooks/slow.md").write_text(
        LATENCY.replace("        ", "").replace("person:nobody-at-all", "person:bo")
    )
    room.reload()
    await room.alert("it <!channel> fails", kind=Kind.FAILURE)
    await room.alert("it costs", kind=Kind.COST, model="price")
    await room.alert("it is slow", kind=Kind.LATENCY)
    await days(room, 3)
    ((due, to, text),) = await told(room)
    assert (due, to) == ("2026-11-23T09:00", "person:flo")
    assert text.splitlines()[0] == (
        "In the last day 2 incidents had no runbook of their own and went to anything, which you own:"
    )
    assert sorted(text.splitlines()[1:3]) == [
        "1 × market, price, cost (1 alerts), newest INC-2: it costs",
        "1 × retail, churn, failure (1 alerts), newest INC-1: it <!channel> fails",
    ]


async def test_what_no_runbook_took_goes_to_the_channel(room: Room) -> None:
    room.change("runbooks/anything.md", "match: {}", "match: {kind: drift}")
    room.change("config/tocsin.yaml", "{mode: off}", '{mode: off, channel: "#ml-oncall", language: tr}')
    await room.alert("it fails")
    await days(room, 1)
    ((_, to, text),) = await told(room)
    assert to == "channel:#ml-oncall"
    assert "none" in text
    assert text.startswith("Son bir günde 1 olayın")


async def test_an_owner_nobody_is_behind_is_looked_for_in_the_channel(room: Room) -> None:
    room.change("config/tocsin.yaml", "{mode: off}", '{mode: off, channel: "#ml-oncall"}')
    room.change("config/rotas.yaml", "members: [ada]", "members: [ada, null]")
    room.change("runbooks/anything.md", "person:flo", "rota:first-line")
    await room.pass_time(weeks=1)  # the seat is vacant now
    await room.alert("it fails")
    await days(room, 1)
    assert [to for _, to, _ in await told(room)] == ["channel:#ml-oncall"]


async def test_in_slack_it_is_a_plain_message_in_the_morning(place: Place) -> None:
    place.change(*OVERDUE)
    async with place.house() as house:
        for _replica in range(2):
            await house.app.store.write(lambda tx: ticker.recur(tx, place.clock.now()))
        await house.alert("it <!channel> fails")
        await house.pass_time(hours=5)
        assert house.told("flo") == []  # 08:38, and it was 03:38
        await house.pass_time(hours=1)
        overdue, listed = sorted(house.told("flo"), key=len)
        assert overdue.startswith("The runbook anything (Something is wrong with a model) was to be reviewed by")
        assert "newest INC-1: it <!channel> fails" in listed
        await house.pass_time(hours=12)
        assert len(house.told("flo")) == 2


@pytest.mark.parametrize(
    ("now", "zone", "due"),
    [
        ("2026-11-23T07:00", "Europe/Istanbul", "2026-11-24T06:00"),  # it is ten there already
        ("2026-11-23T05:00", "Europe/Istanbul", "2026-11-23T06:00"),
        ("2026-11-23T07:00", "America/Chicago", "2026-11-23T15:00"),
        ("2026-11-23T09:00", "UTC", "2026-11-23T09:00"),
        ("2027-03-14T07:00", "America/Chicago", "2027-03-14T14:00"),  # the clocks go forward in that night
    ],
)
def test_a_person_reads_it_in_their_own_morning(now: str, zone: str, due: str) -> None:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert nudge.morning(at(now), zone) == at(due)


# --- coverage ---


async def test_the_share_that_a_specific_runbook_took(any_room: Room) -> None:
    room = any_room
    (room.home / "runbooks/slow.md").write_text(
        LATENCY.replace("        ", "").replace("person:nobody-at-all", "person:bo")
    )
    room.reload()
    await room.alert("it fails")
    await room.alert("it fails again")
    await room.alert("it is slow", kind=Kind.LATENCY)
    await room.alert("price is slow", kind=Kind.LATENCY, model="price")
    now = room.now + timedelta(seconds=1)
    found = await coverage.measured(room.desk, START, now)
    assert (found.whole.incidents, found.whole.specific_incidents) == (3, 2)
    assert (found.whole.alerts, found.whole.specific_alerts) == (4, 2)
    assert [(one.entity, one.model, one.kind, one.share.of_incidents) for one in found.lines] == [
        ("market", "price", "latency", 1.0),
        ("retail", "churn", "failure", 0.0),
        ("retail", "churn", "latency", 1.0),
    ]
    assert set(found.bare) == {(m, k.value) for m in ("churn", "price") for k in Kind if k is not Kind.LATENCY}
    (left,) = await coverage.unmatched(room.desk, START, now)
    assert (left.owner, left.tally.newest, left.tally.alerts) == ("team:churn-ml", "INC-1", 2)
    assert await coverage.unmatched(room.desk, now, now + timedelta(days=1)) == []

    await coverage.measure(room.desk, now)
    figures = {tuple(s.labels.values()): s.value for s in telemetry.RUNBOOK_COVERAGE.collect()[0].samples}
    assert figures[("", "incidents")] == pytest.approx(2 / 3)
    assert figures[("retail", "alerts")] == pytest.approx(1 / 3)
    await coverage.measure(room.desk, now + timedelta(days=31))
    assert telemetry.RUNBOOK_COVERAGE.collect()[0].samples == []


async def test_what_lies_acknowledged_for_over_a_day_is_spoken_of_to_its_owner(room: Room) -> None:
    found = [await room.alert(f"accuracy of {number} fell", model=None, entity=f"e{number}") for number in range(12)]
    held, snoozed, fresh = found[:-2], found[-2], found[-1]
    for one in (*held, snoozed):
        verb, detail = (Verb.SNOOZE, "10000") if one is snoozed else (Verb.ACKNOWLEDGE, "")
        press = respond.Press(verb, one.id, "person:ada", room.now, "test", detail=detail)
        assert (await respond.take(room.desk, press)).verdict is Verdict.GO
    await days(room, 1)
    assert [text for _, _, text in await told(room) if "acknowledged and open" in text] == []
    press = respond.Press(Verb.ACKNOWLEDGE, fresh.id, "person:ada", room.now, "test")
    await respond.take(room.desk, press)
    await days(room, 1)
    ((due, to, text),) = [one for one in await told(room) if "acknowledged and open" in one[2]]
    assert (due, to) == ("2026-11-24T09:00", "person:flo")
    first, *lines = text.splitlines()
    assert first.startswith("10 incidents of what you own have been acknowledged and open for over a day.")
    assert lines == [f"{one.id} (SEV2), held by ada since 2026-11-23: {one.title}" for one in held]
