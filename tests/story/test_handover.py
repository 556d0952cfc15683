"""A shift is handed over exactly once: drafted, posted at the change, both sides paged until somebody accepts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import burden, handover
from bot.engine.desk import Desk
from bot.model.handover import Standing
from bot.model.verdict import Verdict
from bot.store import Store, overrides
from bot.testing.clock import FakeClock
from tests.story import rota_room
from tests.story.handing import MINUTE, Watch
from tests.story.rota_room import DAY, HOUR, TODAY, day

CHANGE = TODAY + DAY  #: ada's day ends, bo's begins


@pytest.fixture
async def watch(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Watch]:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        one = Watch(scene)
        await one.down(CHANGE - HOUR)
        await one.look()
        yield one


# The normal course


async def test_it_is_drafted_half_an_hour_before_and_posted_at_the_change(watch: Watch) -> None:
    await watch.until(CHANGE - 31 * MINUTE)
    assert await watch.all() == []
    await watch.until(CHANGE - 30 * MINUTE)
    draft = await watch.last()
    assert (draft.id, draft.standing, draft.at, draft.since) == ("HND-1", Standing.DRAFT, CHANGE, TODAY)
    assert (draft.outgoing, draft.incoming) == (("ada",), ("bo",))
    assert await watch.scene.keys("handover_card") == ["handover_card/HND-1"]
    assert await watch.scene.who(CHANGE - MINUTE) == {"ada"}
    await watch.until(CHANGE)
    posted = await watch.last()
    assert (posted.standing, posted.posted_at, posted.late) == (Standing.POSTED, CHANGE, None)
    assert posted.report["until"]
    assert await watch.scene.who(CHANGE) == {"bo", "ada"}
    assert await watch.story("HND-1") == ["drafted", "posted"]


async def test_until_somebody_accepts_both_are_paged_and_then_the_new_one_alone(watch: Watch) -> None:
    await watch.until(CHANGE + 5 * MINUTE)
    first = await watch.scene.room.alert("while both have it")
    await watch.scene.room.worker.drain()
    assert sorted(watch.scene.room.paged()) == ["ada", "bo"]
    answer = await watch.accept("1", "bo")
    assert answer.verdict is Verdict.GO
    assert answer.sentence == ("first-line is yours now (HND-1), 5 min into the shift; ada will not be paged any more.")
    assert await watch.told("relieved") == {
        "person:ada": "bo accepted HND-1, so you are not paged for first-line any more."
    }
    second = await watch.scene.room.alert("when bo has it", model="price")
    await watch.scene.room.worker.drain()
    assert sorted(watch.scene.room.paged()) == ["ada", "bo", "bo"]
    assert first.id != second.id
    accepted = await watch.last()
    assert (accepted.standing, accepted.accepted_by, accepted.waited) == (Standing.ACCEPTED, "bo", 5 * MINUTE)
    assert await watch.story("HND-1") == ["drafted", "posted", "accepted"]
    kinds = [one.kind for one in await watch.scene.entries()]
    assert kinds == ["rota.amended", "rota.restored"]


async def test_the_roster_of_the_past_says_who_was_kept_and_until_when(watch: Watch) -> None:
    await watch.until(CHANGE + 5 * MINUTE)
    await watch.accept("HND-1", "bo")
    (cover,) = await watch.desk.store.read(lambda tx: overrides.active(tx, CHANGE, CHANGE + HOUR))
    assert (cover.person, cover.start, cover.end) == ("ada", CHANGE, CHANGE + 5 * MINUTE)
    assert cover.why == "until HND-1 is accepted by bo"


async def test_who_should_not_wait_for_it_is_released_by_hand_and_it_is_accepted_all_the_same(watch: Watch) -> None:
    await watch.until(CHANGE + 5 * MINUTE)
    assert (await watch.scene.back("OVR-1")).verdict is Verdict.GO
    assert await watch.scene.who(watch.now) == {"bo"}
    await watch.until(CHANGE + 10 * MINUTE)
    assert (await watch.accept("1", "bo")).verdict is Verdict.GO
    (cover,) = await watch.desk.store.read(lambda tx: overrides.active(tx, CHANGE, CHANGE + HOUR))
    assert cover.end == CHANGE + 5 * MINUTE  # what was, stays what was


async def test_to_be_kept_counts_for_no_burden(watch: Watch) -> None:
    await watch.until(CHANGE + 3 * HOUR, HOUR)
    known = watch.desk.settings.rotas["first-line"]
    span = (CHANGE, CHANGE + 3 * HOUR)
    found = await watch.desk.store.read(lambda tx: burden.figures(tx, watch.desk, known, *span))
    assert {one.person: one.hours for one in found if one.hours} == {"bo": 3.0}


async def test_it_makes_no_handover_no_shift_and_no_hindrance_of_its_own(watch: Watch) -> None:
    await watch.until(CHANGE + 2 * HOUR)
    assert await watch.shifts(CHANGE, CHANGE + 20 * HOUR) == [{"bo"}]
    asked = await watch.scene.ask("bo", (CHANGE + 4 * HOUR, CHANGE + 8 * HOUR))
    assert asked.verdict is Verdict.GO
    assert "ada" in asked.sentence  # who is kept on call meanwhile could take it
    await watch.accept("1", "bo")
    await watch.until(CHANGE + 3 * HOUR)
    assert [one.id for one in await watch.all()] == ["HND-1"]


async def test_day_after_day_each_change_is_handed_over_once(watch: Watch) -> None:
    for number in range(3):
        await watch.until(CHANGE + number * DAY + 10 * MINUTE)
        await watch.accept(str(number + 1), ("bo", "gus", "ada")[number])
    found = await watch.all()
    assert [one.at for one in found] == [CHANGE + number * DAY for number in range(3)]
    assert {one.standing for one in found} == {Standing.ACCEPTED}


# Nobody accepts


async def test_nobody_accepts_so_the_incoming_are_reminded_then_the_lead_then_it_lapses(watch: Watch) -> None:
    await watch.until(CHANGE + 14 * MINUTE)
    assert await watch.told("please_accept") == {}
    await watch.until(CHANGE + 15 * MINUTE)
    assert list(await watch.told("please_accept")) == ["person:bo"]
    await watch.until(CHANGE + 30 * MINUTE)
    assert list(await watch.told("lead_reads")) == ["person:cy"]
    assert await watch.scene.who(CHANGE + 11 * HOUR) == {"ada", "bo"}
    await watch.until(CHANGE + 12 * HOUR, HOUR)
    lapsed = await watch.last()
    assert lapsed.standing is Standing.LAPSED
    assert set(await watch.told("never_accepted")) == {"person:ada", "person:bo", "person:cy"}
    assert await watch.scene.who(CHANGE + 12 * HOUR) == {"bo"}
    assert await watch.story("HND-1") == ["drafted", "posted", "reminded", "lead_told", "lapsed"]
    late = await watch.accept("1", "bo")
    assert (late.verdict, late.sentence.partition(";")[0]) == (Verdict.EXPIRED, "Nobody accepted HND-1 in time")


async def test_nothing_that_it_says_goes_before_a_page(watch: Watch) -> None:
    await watch.until(CHANGE + HOUR)
    said = "SELECT DISTINCT lane FROM jobs WHERE key LIKE 'notice/HND-%' OR kind = 'handover_card'"
    lanes = await watch.desk.store.read(lambda tx: list(tx.sql.exec_driver_sql(said).scalars()))
    assert lanes == [2]
    assert watch.scene.room.paged() == []


async def test_where_no_team_owns_the_rota_the_channel_hears_instead_of_a_lead(watch: Watch) -> None:
    await watch.scene.edit("owner: churn-ml", "temporary: []")
    await watch.until(CHANGE + HOUR)
    assert list(await watch.told("channel_reads")) == [f"channel:{watch.desk.settings.slack.channel}"]


# Who may accept

ACCEPTED = [
    ("ada", Verdict.SAME_PERSON, "You hand over HND-1: somebody else must accept it."),
    ("dee", Verdict.NOT_ALLOWED, "HND-1 is for bo; for them their lead or an admin may accept it."),
    ("nobody", Verdict.STRANGER, "I do not know you"),
    ("cy", Verdict.GO, "Accepted for bo (HND-1)"),
    ("eve", Verdict.GO, "Accepted for bo (HND-1)"),
]


@pytest.mark.parametrize(("who", "verdict", "said"), ACCEPTED)
async def test_who_may_accept(watch: Watch, who: str, verdict: Verdict, said: str) -> None:
    await watch.until(CHANGE)
    answer = await watch.accept("1", who)
    assert answer.verdict is verdict
    assert answer.sentence.startswith(said)
    entry = (await watch.scene.entries("HND-1"))[-1]
    if verdict is Verdict.GO:
        assert (entry.kind, entry.actor, entry.after["on_behalf"]) == ("handover.accepted", f"person:{who}", True)
    else:
        assert (entry.kind, entry.after["verdict"]) == ("handover.refused", verdict.name)
        assert await watch.scene.who(CHANGE) == {"ada", "bo"}


async def test_who_has_the_shift_by_now_may_accept_for_themselves(watch: Watch) -> None:
    await watch.until(CHANGE)
    swapped = watch.scene.wish("override", (CHANGE + MINUTE, CHANGE + 6 * HOUR), "gus", replaces="bo")
    await watch.scene.amend(swapped)
    await watch.until(CHANGE + 10 * MINUTE)
    answer = await watch.accept("1", "gus")
    assert (answer.verdict, (await watch.scene.entries("HND-1"))[-1].after["on_behalf"]) == (Verdict.GO, False)
    assert len(await watch.all()) == 1  # bo had it for a minute, which is no shift to hand over


async def test_before_the_change_there_is_nothing_to_accept(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    answer = await watch.accept("1", "bo")
    assert answer.verdict is Verdict.NOT_POSSIBLE
    assert answer.sentence == "HND-1 is a draft: it can be accepted from 2026-11-24 09:00 UTC on."


async def test_the_first_to_accept_has_it_and_the_others_hear_who(watch: Watch) -> None:
    await watch.until(CHANGE)
    both = await asyncio.gather(*(watch.accept("1", who) for who in ("bo", "cy", "bo", "eve")))
    assert sorted(one.verdict.name for one in both) == ["ALREADY"] * 3 + ["GO"]
    again = await watch.accept("1", "eve")
    assert again.sentence.endswith("accepted HND-1 already, at 2026-11-24 09:00 UTC.")
    assert (await watch.story("HND-1")).count("accepted") == 1


# Notes


async def test_the_outgoing_write_into_it_from_the_draft_until_it_is_accepted(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    assert (await watch.remark("1", "  look at <@U01BO> & *churn*  ", "ada")).verdict is Verdict.GO
    await watch.until(CHANGE)
    assert (await watch.remark("1", "and at the lag", "cy")).verdict is Verdict.GO
    assert [(one.by, one.text) for one in (await watch.last()).remarks] == [
        ("ada", "look at <@U01BO> & *churn*"),
        ("cy", "and at the lag"),
    ]
    assert (await watch.remark("1", "mine", "bo")).verdict is Verdict.NOT_ALLOWED
    assert (await watch.remark("1", " \n ", "ada")).verdict is Verdict.NOT_POSSIBLE
    long = await watch.remark("1", "x" * (handover.MOST + 1), "ada")
    assert (long.verdict, "2001 characters" in long.sentence) == (Verdict.NOT_POSSIBLE, True)
    await watch.accept("1", "bo")
    late = await watch.remark("1", "too late", "ada")
    assert (late.verdict, late.sentence.partition(",")[0]) == (Verdict.DECIDED, "bo accepted HND-1 already")
    assert len((await watch.last()).remarks) == 2


# Looking at any time


async def test_it_can_be_looked_at_at_any_time(watch: Watch) -> None:
    by = "person:ada"
    (shown,) = await handover.show(watch.desk, None, by, watch.now)
    assert (shown.rota, shown.since, shown.handover) == ("first-line", TODAY, None)
    await watch.until(CHANGE + MINUTE)
    (waiting,) = await handover.show(watch.desk, "first-line", by, watch.now)
    assert waiting.handover
    assert (waiting.handover.id, waiting.report) == ("HND-1", waiting.handover.report)
    everywhere = await handover.show(watch.desk, None, "person:", watch.now)
    assert [one.rota for one in everywhere] == ["first-line", "second-line"]


# Several replicas


async def test_two_replicas_hand_over_once_and_one_of_two_presses_wins(tmp_path: Path, migrated_url: str) -> None:
    async with rota_room.opened(tmp_path, migrated_url) as scene, AsyncExitStack() as stack:
        watch = Watch(scene)
        await watch.down(CHANGE - HOUR)
        await watch.look()
        store = await Store.open(scene.room.env["DATABASE_URL"], clock=FakeClock(watch.now), migrate=False)
        stack.push_async_callback(store.close)
        other = Desk(store, store.clock, scene.desk.settings, scene.desk.runbooks)
        for minutes in (35, 30, 10, 0):
            await watch.down(CHANGE - minutes * MINUTE)
            await store.clock.advance(watch.now - store.clock.now())  # type: ignore[attr-defined]
            await asyncio.gather(*(watch.look(each) for each in (watch.desk, other) for _ in range(2)))
        assert [one.standing for one in await watch.all()] == [Standing.POSTED]
        assert await watch.story("HND-1") == ["drafted", "posted"]
        both = await asyncio.gather(watch.accept("1", "bo"), watch.accept("1", "cy", other))
        assert sorted(one.verdict.name for one in both) == ["ALREADY", "GO"]
        assert await watch.scene.who(CHANGE + MINUTE) == {"bo"}


async def test_two_rotas_that_change_at_once_are_two_handovers(watch: Watch) -> None:
    await watch.scene.edit(
        'timezone: Europe/Istanbul, start: "2026-11-02 09:00", every: 1 week',
        ('timezone: UTC, start: "2026-11-02 09:00", every: 1 day'),
    )
    await watch.until(CHANGE)
    one, other = await watch.last(), await watch.last("second-line")
    assert {one.id, other.id} == {"HND-1", "HND-2"}
    assert (one.standing, other.standing, one.at, other.at) == (Standing.POSTED, Standing.POSTED, CHANGE, CHANGE)
    assert await watch.scene.who(CHANGE, "second-line") == {"dee", "flo"}
    await watch.accept(one.id, "bo")
    assert await watch.scene.who(CHANGE) == {"bo"}
    assert await watch.scene.who(CHANGE, "second-line") == {"dee", "flo"}


async def test_the_days_of_the_room(watch: Watch) -> None:
    assert day(1) == (CHANGE, CHANGE + timedelta(days=1))
