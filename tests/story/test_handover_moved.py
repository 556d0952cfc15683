"""Handovers when the rota changes, the clocks do, the bot is down, or nobody comes: the resolver is asked each time."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model.handover import Standing
from bot.model.verdict import Verdict
from bot.store import jobs
from tests.story import rota_room
from tests.story.handing import MINUTE, Watch
from tests.story.rota_room import DAY, HOUR, ROTA, TODAY, day

CHANGE = TODAY + DAY  #: ada's day ends, bo's begins


@pytest.fixture
async def watch(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Watch]:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        one = Watch(scene)
        await one.down(CHANGE - 2 * HOUR)
        await one.look()
        yield one


# The rota changes


async def test_an_override_an_hour_before_changes_who_takes_over(watch: Watch) -> None:
    await watch.until(CHANGE - HOUR)
    await watch.scene.amend(watch.scene.wish("override", day(1), "cy", replaces="bo"))
    await watch.until(CHANGE)
    (only,) = await watch.all()
    assert (only.outgoing, only.incoming, only.standing) == (("ada",), ("cy",), Standing.POSTED)
    assert await watch.scene.who(CHANGE) == {"ada", "cy"}
    assert (await watch.accept("1", "bo")).verdict is Verdict.NOT_ALLOWED
    assert (await watch.accept("1", "cy")).verdict is Verdict.GO


async def test_an_override_an_hour_before_moves_the_change_itself(watch: Watch) -> None:
    await watch.until(CHANGE - HOUR)
    await watch.scene.amend(watch.scene.wish("override", (CHANGE, CHANGE + 3 * HOUR), "ada", replaces="bo"))
    await watch.until(CHANGE + HOUR)
    assert await watch.all() == []
    await watch.until(CHANGE + 3 * HOUR)
    (only,) = await watch.all()
    assert (only.at, only.since, only.outgoing) == (CHANGE + 3 * HOUR, TODAY, ("ada",))
    assert only.standing is Standing.POSTED


async def test_a_minute_before_it_takes_the_draft_back_and_whoever_had_it_hears(watch: Watch) -> None:
    await watch.until(CHANGE - 2 * MINUTE)
    assert (await watch.last()).standing is Standing.DRAFT
    made = await watch.scene.amend(watch.scene.wish("override", day(1), "ada", replaces="bo"))
    await watch.until(CHANGE - MINUTE)
    moved = await watch.last()
    assert moved.standing is Standing.MOVED
    assert list(await watch.told("moved_away")) == ["person:ada"]
    assert (await watch.accept("1", "bo")).sentence.startswith("The rota first-line was changed")
    assert made.override
    await watch.scene.back(made.override.id)
    await watch.until(CHANGE)
    posted = await watch.last()
    assert (posted.id, posted.standing, posted.incoming) == ("HND-1", Standing.POSTED, ("bo",))
    assert await watch.story("HND-1") == ["drafted", "moved", "refused", "drafted", "posted"]


async def test_the_last_second_before_it_counts_too(watch: Watch) -> None:
    await watch.until(CHANGE - MINUTE)
    await watch.down(CHANGE - timedelta(seconds=1))
    await watch.scene.amend(watch.scene.wish("override", day(1), "ada", replaces="bo"))
    await watch.scene.room.pass_time(minutes=2)  # nobody looks meanwhile: the job itself asks the resolver
    moved = await watch.last()
    assert moved.standing is Standing.MOVED
    assert await watch.scene.who(CHANGE + MINUTE) == {"ada"}


async def test_other_people_in_the_draft_see_it_and_who_is_out_of_it_hears(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    await watch.scene.amend(watch.scene.wish("override", (CHANGE - 15 * MINUTE, CHANGE), "gus", replaces="ada"))
    await watch.until(CHANGE - 10 * MINUTE)
    found = {one.id: one for one in await watch.all()}
    assert found["HND-2"].at == CHANGE - 15 * MINUTE  # ada hands over to gus, a quarter of an hour before
    assert found["HND-1"].standing is Standing.MOVED  # gus has had it for too short to hand anything over
    assert list(await watch.told("moved_away")) == ["person:ada"]


async def test_who_takes_over_from_now_on_takes_it_over_within_the_minute(watch: Watch) -> None:
    await watch.until(CHANGE - 90 * MINUTE)
    swap = (watch.now, watch.now + HOUR)
    await watch.scene.amend(watch.scene.wish("override", swap, "gus", replaces="ada"))
    await watch.until(watch.now + MINUTE, MINUTE)
    (only,) = await watch.all()
    assert (only.at, only.outgoing, only.incoming, only.late) == (swap[0], ("ada",), ("gus",), None)
    assert only.cover is None  # gus stands in for ada in whatever she is on call
    await watch.until(swap[1])
    assert [(one.outgoing, one.incoming) for one in await watch.all()][1:] == [(("gus",), ("ada",))]


async def test_an_absence_from_now_on_that_leaves_nobody_is_a_vacant_seat(watch: Watch) -> None:
    await watch.until(CHANGE - 90 * MINUTE)
    await watch.scene.amend(watch.scene.wish("absence", (watch.now, watch.now + HOUR), "ada"))
    await watch.until(watch.now + MINUTE, MINUTE)
    (only,) = await watch.all()
    assert (only.outgoing, only.incoming, only.standing) == (("ada",), (), Standing.LAPSED)


async def test_a_shift_that_goes_back_within_minutes_bothers_nobody(watch: Watch) -> None:
    await watch.until(CHANGE - 90 * MINUTE)
    made = await watch.scene.amend(watch.scene.wish("override", (watch.now, CHANGE), "gus", replaces="ada"))
    await watch.until(watch.now + 5 * MINUTE)
    assert made.override
    await watch.scene.back(made.override.id)
    await watch.until(watch.now + 20 * MINUTE)
    (only,) = await watch.all()
    assert only.standing is Standing.LAPSED
    assert (await watch.scene.entries("HND-1"))[-1].why == "The shift went back to who had it."
    assert await watch.told("please_accept") == {}


async def test_the_configuration_that_takes_a_rota_out_takes_its_draft_away(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    watch.scene.room.change("config/tocsin.yaml", "slack: {mode: off}", "slack: {mode: off}\nhandover: {rotas: off}")
    await watch.until(CHANGE + HOUR)
    assert [one.standing for one in await watch.all()] == [Standing.MOVED]
    assert await watch.scene.who(CHANGE) == {"bo"}


# Nobody comes


async def test_a_vacant_seat_is_said_at_once_and_the_lead_is_told(watch: Watch) -> None:
    await watch.scene.edit("[ada, bo, gus]", "[ada, null, gus]")
    await watch.until(CHANGE + HOUR)
    (only,) = await watch.all()
    assert (only.incoming, only.standing, only.cover) == ((), Standing.LAPSED, None)
    assert await watch.story("HND-1") == ["drafted", "posted", "lapsed"]
    assert set(await watch.told("vacant")) == {"person:cy", "person:ada"}
    assert await watch.told("please_accept") == {}
    assert (await watch.accept("1", "cy")).sentence.startswith("Nobody came in at")
    await watch.until(CHANGE + DAY + HOUR, HOUR)
    assert len(await watch.all()) == 1  # gus comes to nobody's place


async def test_who_stays_takes_over_from_whoever_goes(watch: Watch) -> None:
    await watch.scene.edit("[ada, bo, gus]", "[[ada, bo], bo, gus]")
    await watch.until(CHANGE)
    (only,) = await watch.all()
    assert (only.outgoing, only.incoming) == (("ada",), ("bo",))


# The bot is down, and the clocks


async def test_a_change_while_the_bot_is_down_is_posted_late_and_says_so(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    await watch.down(CHANGE + 3 * HOUR)
    await watch.look()
    (only,) = await watch.all()
    assert (only.standing, only.late) == (Standing.POSTED, 3 * HOUR)
    assert await watch.scene.who(watch.now) == {"ada", "bo"}
    posted = (await watch.scene.entries("HND-1"))[-1]
    assert (posted.kind, posted.after["late"]) == ("handover.posted", 3 * 3_600)
    await watch.until(watch.now + 16 * MINUTE)
    assert list(await watch.told("please_accept")) == ["person:bo"]  # counted from when they could read it
    accepted = await watch.accept("1", "bo")
    assert "3 h 16 min into the shift" in accepted.sentence


async def test_down_for_hours_before_it_too_it_is_found_by_looking_back(watch: Watch) -> None:
    gone = "DELETE FROM jobs WHERE kind = 'handover'"
    await watch.desk.store.write(lambda tx: tx.sql.exec_driver_sql(gone))
    await watch.down(CHANGE + 2 * HOUR)
    await watch.look()
    assert [(one.standing, one.late) for one in await watch.all()] == [(Standing.POSTED, 2 * HOUR)]


async def test_a_shift_that_was_over_before_it_could_be_posted_pages_nobody_twice(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    await watch.down(CHANGE + DAY + HOUR)
    await watch.look()
    first, second = await watch.all()
    assert (first.standing, first.cover) == (Standing.LAPSED, None)
    assert (second.standing, second.at) == (Standing.POSTED, CHANGE + DAY)
    assert await watch.scene.who(watch.now) == {"bo", "gus"}


async def test_what_changed_before_the_bot_ever_ran_is_nobodys_news(tmp_path: Path, sqlite_url: str) -> None:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        watch = Watch(scene)
        await watch.down(CHANGE + HOUR)
        await watch.look()
        await watch.until(CHANGE + 2 * HOUR)
        assert await watch.all() == []


async def test_one_that_nobody_accepted_ends_when_the_next_is_posted(watch: Watch) -> None:
    await watch.scene.edit("every: 1 day", "every: 6 hours")
    await watch.until(CHANGE)
    await watch.until(CHANGE + 6 * HOUR, HOUR)
    first, second = [one for one in await watch.all() if one.at >= CHANGE]
    assert (first.standing, second.standing) == (Standing.LAPSED, Standing.POSTED)
    assert await watch.scene.who(watch.now) == {*second.outgoing, *second.incoming}


NIGHTS = """\
rotas:
  - name: first-line
    owner: churn-ml
    timezone: {zone}
    layers:
      - {{name: days, start: "2026-10-01 09:00", every: 1 week, members: [ada]}}
      - name: nights
        start: "2026-10-01 20:00"
        every: 1 day
        members: [bo]
        only: [{{days: mon-sun, from: "{start}", to: "{end}"}}]
"""


@pytest.mark.parametrize(
    ("begin", "ends"),
    [
        # New York springs forward on 2027-03-14 at 02:00 and falls back on 2027-11-07.
        (datetime(2027, 3, 14, 1, 0, tzinfo=UTC), datetime(2027, 3, 14, 12, 0, tzinfo=UTC)),
        (datetime(2027, 11, 7, 0, 0, tzinfo=UTC), datetime(2027, 11, 7, 13, 0, tzinfo=UTC)),
    ],
)
async def test_a_night_in_which_the_clocks_change_is_handed_over_once(
    tmp_path: Path, sqlite_url: str, begin: datetime, ends: datetime
) -> None:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        text = NIGHTS.format(zone="America/New_York", start="20:00", end="08:00")
        (tmp_path / "config/rotas.yaml").write_text(text, "utf-8")
        scene.room.reload()
        watch = Watch(scene)
        await watch.down(begin - HOUR)
        await watch.look()
        await watch.until(begin + 5 * MINUTE)
        await watch.accept("1", "bo")
        await watch.until(ends + 5 * MINUTE, 20 * MINUTE)
        assert [(one.at, one.outgoing, one.incoming) for one in await watch.all()] == [
            (begin, ("ada",), ("bo",)),
            (ends, ("bo",), ("ada",)),
        ]
        assert (await watch.last()).since == begin


async def test_a_change_inside_the_hour_that_comes_twice_is_one(tmp_path: Path, sqlite_url: str) -> None:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        text = NIGHTS.format(zone="America/New_York", start="20:00", end="01:30")
        (tmp_path / "config/rotas.yaml").write_text(text, "utf-8")
        scene.room.reload()
        watch = Watch(scene)
        await watch.down(datetime(2027, 11, 7, 4, 0, tzinfo=UTC))
        await watch.look()
        await watch.until(datetime(2027, 11, 7, 8, 0, tzinfo=UTC))
        # A window ends at the last time its clock shows that: half past one, after the clocks went back.
        assert [one.at for one in await watch.all()] == [datetime(2027, 11, 7, 6, 30, tzinfo=UTC)]


async def test_each_job_stands_in_the_table_once_however_often_anybody_looks(watch: Watch) -> None:
    await watch.until(CHANGE - 33 * MINUTE)
    for _ in range(3):
        await watch.look()
    keys = await watch.scene.keys("handover")
    assert keys == [f"handover/{ROTA}/{CHANGE.isoformat()}/{phase}" for phase in ("draft", "post")]
    assert await watch.desk.store.read(jobs.next_due)
