"""What shall be done after an incident is not forgotten: its owner is reminded by day, the team, then its lead."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.engine import follow_up, follow_up_news, handover_report, handover_scope, work
from bot.engine.follow_up import Amended, Wish
from bot.engine.roster import Asking
from bot.errors import BadInput, NotFound
from bot.model.incident import Incident
from bot.model.postmortem import Doing, FollowUp, Postmortem, Standing, move
from bot.model.verdict import Verdict
from bot.rules import following
from bot.slack import off
from bot.store import Tx, follow_ups, postmortems
from bot.store.tables import JobRow, table
from tests.story.engine_room import Room

NASTY = "<!channel> *alert*\nsecond {line} \u202e"


@pytest.fixture
async def incident(room: Room) -> Incident:
    """One of the churn model, whose team is led by cy."""
    return await room.alert("it fails")


def asking(room: Room, by: str = "person:ada") -> Asking:
    """Somebody at the keyboard."""
    return Asking(by, room.now, "cli", "en")


async def added(room: Room, incident: Incident, what: str = "Add a check", **more: str) -> FollowUp:
    """Ada writes one down."""
    answer = await follow_up.add(room.desk, Wish(incident.id, what, **more), asking(room))
    assert answer.follow_up is not None
    return answer.follow_up


async def days(room: Room, count: int, replicas: int = 1) -> None:
    """Every half hour of so many days, on so many replicas at once."""
    quiet = dict.fromkeys(
        ("card", "line", "thread", "own", "homes", "step", "page", "postmortem_card", "revised"), off.HANDLERS["card"]
    )
    handlers: dict[str, work.Handler] = {
        **quiet,
        "notice": off.HANDLERS["notice"],
        follow_up_news.KIND: work.inside(room.desk, follow_up_news.ring),
    }
    workers = [work.Worker(room.desk, handlers, owner=f"replica-{number}") for number in range(replicas)]
    for _half in range(48 * count):
        await asyncio.gather(*(worker.drain() for worker in workers))
        into = timedelta(minutes=room.now.minute % 30, seconds=room.now.second)
        await room.clock.advance(timedelta(minutes=30) - into)


async def told(room: Room) -> list[tuple[str, str, str]]:
    """Every message about follow-ups that was asked for: when it is sent, to whom, what it says."""
    rows = table(JobRow)
    wanted = (
        select(rows.c.due_at, rows.c.payload, rows.c.revision)
        .where(rows.c.key.startswith("notice/follow_up/"))
        .order_by(rows.c.due_at, rows.c.key)
    )
    found = await room.desk.store.read(lambda tx: tx.sql.execute(wanted).all())
    assert {revision for _, _, revision in found} <= {1}  # none was asked for twice
    return [(due.isoformat()[:16], said["to"], said["text"]) for due, said, _ in found]


async def test_it_is_written_taken_moved_and_done_with_every_step_in_the_log(room: Room, incident: Incident) -> None:
    one = await added(room, incident, "Alert on the null rate", due="2w")
    assert (one.id, one.owner, one.postmortem) == ("FU-1", None, "")
    assert one.due_at == datetime(2026, 12, 7, tzinfo=UTC)
    taken = await follow_up.take(room.desk, "1", asking(room, "person:bo"))
    assert taken.sentence == "FU-1 is yours: Alert on the null rate, due 2026-12-07."
    assert (await follow_up.take(room.desk, "FU-1", asking(room, "person:bo"))).verdict is Verdict.ALREADY
    amended = Amended(due="2026-12-24", link="https://tickets.example/ML-7")
    moved = await follow_up.amend(room.desk, "fu-1", amended, asking(room, "person:bo"))
    assert moved.sentence == "FU-1 is changed: bo has it, due 2026-12-24."
    assert (await follow_up.amend(room.desk, "fu-1", amended, asking(room))).verdict is Verdict.ALREADY
    done = await follow_up.done(room.desk, "FU-1", asking(room))
    assert done.follow_up is not None
    assert done.follow_up.standing is Doing.DONE
    again = await follow_up.done(room.desk, "FU-1", asking(room))
    assert (again.verdict, again.sentence) == (Verdict.ALREADY, "FU-1 is over already: done.")
    story = await room.log("FU-1")
    assert [each.entry.kind for each in story] == [
        "follow_up.added",
        "follow_up.moved",
        "follow_up.moved",
        "follow_up.done",
    ]
    first, second, third, _ = (each.entry for each in story)
    assert (first.chain, first.actor, first.after["incident"]) == ("retail", "person:ada", incident.id)
    assert (second.before["owner"], second.after["owner"]) == (None, "bo")
    assert (third.before["due"], third.after["due"]) == ("2026-12-07", "2026-12-24")
    assert third.after["link"] == "https://tickets.example/ML-7"


async def test_dropping_wants_a_reason(room: Room, incident: Incident) -> None:
    await added(room, incident, owner="me")
    with pytest.raises(BadInput, match="needs a reason"):
        await follow_up.drop(room.desk, "1", "  \n", asking(room))
    dropped = await follow_up.drop(room.desk, "1", "The table is retired", asking(room))
    assert dropped.sentence == "FU-1 is dropped: The table is retired"
    last = (await room.log("FU-1"))[-1].entry
    assert (last.kind, last.why) == ("follow_up.dropped", "The table is retired")
    assert await follow_up.listing(room.desk) == []
    assert [one.standing for one in await follow_up.listing(room.desk, all_=True)] == [Doing.DROPPED]


@pytest.mark.parametrize(
    ("wish", "error"),
    [
        (Wish("INC-9", "x"), NotFound),
        (Wish("INC-1", " \n "), BadInput),
        (Wish("INC-1", "x", owner="nobody-at-all"), NotFound),
        (Wish("INC-1", "x", due="soon"), BadInput),
        (Wish("INC-1", "x", due="2026-11-22"), BadInput),
        (Wish("INC-1", "x", due="2099-01-01"), BadInput),
        (Wish("INC-1", "x", due="999999w"), BadInput),
        (Wish("INC-1", "x", link="javascript:alert(1)"), BadInput),
        (Wish("INC-1", "x", link="https:// spaced.example"), BadInput),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_kept(
    room: Room, incident: Incident, wish: Wish, error: type[Exception]
) -> None:
    assert incident.id == "INC-1"
    with pytest.raises(error):
        await follow_up.add(room.desk, wish, asking(room))
    assert await follow_up.listing(room.desk, all_=True) == []


async def test_a_stranger_changes_nothing(room: Room, incident: Incident) -> None:
    await added(room, incident)
    stranger = asking(room, "slack:U0STRANGE")
    for act in (
        follow_up.add(room.desk, Wish(incident.id, "x"), stranger),
        follow_up.take(room.desk, "1", stranger),
        follow_up.amend(room.desk, "1", Amended(what="y"), stranger),
        follow_up.done(room.desk, "1", stranger),
        follow_up.drop(room.desk, "1", "no", stranger),
    ):
        assert (await act).verdict is Verdict.STRANGER
    (kept,) = await follow_up.listing(room.desk)
    assert (kept.owner, kept.version) == (None, 1)


async def test_an_owner_is_reminded_the_day_before_on_the_day_and_weekly_and_once_over_two_replicas(
    any_room: Room,
) -> None:
    room = any_room
    incident = await room.alert("it fails")
    await added(room, incident, owner="bo", due="2026-11-27")  # ada gives it to bo at 03:38 of the 23rd
    await days(room, 20, replicas=2)
    found = [(due, to) for due, to, _ in await told(room)]
    assert found == [
        ("2026-11-23T09:00", "person:bo"),  # who gave it to them: said in the morning
        ("2026-11-26T09:00", "person:bo"),
        ("2026-11-27T09:00", "person:bo"),
        ("2026-12-04T09:00", "person:bo"),
        ("2026-12-04T09:00", "person:cy"),  # the lead, once
        ("2026-12-11T09:00", "person:bo"),
    ]
    said = [text for _, to, text in await told(room) if to == "person:bo"]
    assert said[0].startswith("ada gave you FU-1 of INC-1")
    assert said[1] == "FU-1 of INC-1 is due tomorrow, 2026-11-27: Add a check"
    assert said[2] == "FU-1 of INC-1 is due today: Add a check"
    assert said[3] == "FU-1 of INC-1 is 7 days late: Add a check"
    (lead,) = [text for _, to, text in await told(room) if to == "person:cy"]
    assert lead == "INC-1 olayının FU-1 işi 7 gün gecikti; sahibi bo: Add a check"  # cy reads Turkish
    reminded = [each.entry for each in await room.log("FU-1") if each.entry.kind == follow_up_news.REMINDED]
    assert [each.after["late"] for each in reminded] == [0, 0, 7, 14]
    assert reminded[2].after["to"] == ["person:bo", "person:cy"]


async def test_nobody_is_reminded_of_what_is_over_and_of_what_was_put_off_only_then(
    room: Room, incident: Incident
) -> None:
    await added(room, incident, owner="me", due="2026-11-25")
    await added(room, incident, owner="me", due="2026-11-25")
    await follow_up.done(room.desk, "1", asking(room))
    await follow_up.amend(room.desk, "2", Amended(due="2026-12-02"), asking(room))
    await days(room, 12)
    assert [(due, text.split()[0]) for due, _, text in await told(room)] == [
        ("2026-12-01T09:00", "FU-2"),
        ("2026-12-02T09:00", "FU-2"),
    ]


async def test_one_without_an_owner_is_told_to_the_team(room: Room, incident: Incident) -> None:
    await added(room, incident, "Mend <!channel> it")
    await days(room, 9)
    assert [(due, to) for due, to, _ in await told(room)] == [
        ("2026-11-24T09:00", "channel:"),
        ("2026-12-01T09:00", "channel:"),
    ]
    assert (await told(room))[0][2] == "FU-1 of INC-1 has no owner: Mend <!channel> it. Who takes it?"
    await follow_up.take(room.desk, "1", asking(room))
    await days(room, 9)
    assert [to for _, to, _ in await told(room)][2:] == ["person:ada"] * 2  # it is hers, and has no day


async def test_whoever_has_left_owns_nothing(room: Room, incident: Incident) -> None:
    await added(room, incident, owner="bo", due="2026-11-27")
    people = dict(room.desk.settings.people.persons)
    del people["bo"]
    own = room.desk.settings
    room.desk.settings = replace(own, people=replace(own.people, persons=people))
    await days(room, 5)
    assert [to for _, to, text in await told(room) if "no owner" in text] == ["channel:"] * 2


async def test_a_bot_that_was_down_for_weeks_says_it_once_and_not_at_night(room: Room, incident: Incident) -> None:
    await added(room, incident, owner="me", due="2026-11-25")
    await room.clock.advance(timedelta(days=30, hours=18))  # a quarter to ten in the evening
    await days(room, 2)
    mine = [(due, text) for due, to, text in await told(room) if to == "person:ada"]
    assert [due for due, _ in mine] == ["2026-12-24T09:00"]
    assert "28 days late" in mine[0][1]


async def test_hostile_words_stay_words(room: Room, incident: Incident) -> None:
    one = await added(room, incident, NASTY, owner="bo", due="1d")
    assert one.what == "<!channel> *alert* second {line} \u202e".strip()
    await days(room, 3)
    assert len(await told(room)) >= 2


async def test_what_is_late_stands_among_the_debts_of_a_shift(room: Room, incident: Incident) -> None:
    await added(room, incident, "Mend the join", owner="bo", due="2026-11-24")
    desk = room.desk

    async def debts() -> str:
        scope = handover_scope.of_team(desk, "churn-ml")
        assert scope.holds("churn")
        found = await desk.store.read(
            lambda tx: handover_report.draft(tx, desk, "first-line", room.now - following.DAY, room.now, room.now)
        )
        return handover_report.plain(found, None)

    assert "FU-1" not in await debts()
    await room.clock.advance(timedelta(days=3))
    assert "FU-1 of INC-1 is 2 days late (bo): Mend the join" in await debts()
    await follow_up.done(desk, "1", asking(room))
    assert "FU-1" not in await debts()


async def test_a_late_postmortem_stands_among_the_debts_until_it_is_published(room: Room, incident: Incident) -> None:
    late = Postmortem(
        "PM-1", incident.id, "retail", "it fails", Standing.DRAFT, "x", "bo", room.now, room.now, due_at=room.now
    )
    await room.desk.store.write(lambda tx: postmortems.add(tx, late))
    await room.clock.advance(timedelta(days=1))

    async def debts() -> str:
        found = await room.desk.store.read(
            lambda tx: handover_report.draft(tx, room.desk, "first-line", room.now - following.DAY, room.now, room.now)
        )
        return handover_report.plain(found, None)

    assert f"PM-1 of {incident.id} was due" in await debts()
    published = move(late, Standing.PUBLISHED, room.now, published_at=room.now)
    await room.desk.store.write(lambda tx: postmortems.save(tx, late, published))
    assert "PM-1" not in await debts()


async def test_many_are_enough(room: Room, incident: Incident) -> None:
    def fill(tx: Tx) -> None:
        for _ in range(follow_up.MOST):
            made = FollowUp(follow_ups.next_id(tx), "", incident.id, "x", None, None, Doing.OPEN, tx.now)
            follow_ups.add(tx, made)

    await room.desk.store.write(fill)
    with pytest.raises(BadInput, match="100 follow-ups already"):
        await follow_up.add(room.desk, Wish(incident.id, "one more"), asking(room))


def test_the_mornings_are_the_readers_own() -> None:
    made = datetime(2026, 11, 23, 3, tzinfo=UTC)
    one = FollowUp("FU-1", "", "INC-1", "x", "bo", datetime(2026, 11, 27, tzinfo=UTC), Doing.OPEN, made)
    for zone, hour in (("Europe/Istanbul", 6), ("America/Chicago", 15), ("UTC", 9)):
        bell = following.next_bell(one, zone, following.DAY, made)
        assert bell == datetime(2026, 11, 26, hour, tzinfo=UTC), zone
    auckland = following.next_bell(one, "Pacific/Auckland", following.DAY, made)
    assert auckland == datetime(2026, 11, 25, 20, tzinfo=UTC)  # nine of the 26th there


def test_no_reminder_wakes_anybody() -> None:
    for hour in range(24):
        at = datetime(2026, 11, 23, hour, 30, tzinfo=UTC)
        for zone in ("UTC", "Europe/Istanbul", "America/Los_Angeles", "Asia/Kolkata"):
            here = following.waking(at, zone).astimezone(ZoneInfo(zone))
            assert following.MORNING <= here.time() < following.EVENING


def test_a_day_is_read_in_the_zone_of_whoever_says_it() -> None:
    late = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # it is the 24th in Istanbul already
    assert following.day("2d", "Europe/Istanbul", late).date() == date(2026, 11, 26)
    assert following.day("2d", "UTC", late).date() == date(2026, 11, 25)
