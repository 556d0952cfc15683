"""The promotion of what passed its gate is proposed once, by Tocsin, for people to approve, and no more than that."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import freeze, promotion, propose
from bot.errors import NotDelivered
from bot.model.change import Lever, Serving, Step
from bot.model.served import Version
from tests.story import forging, judging
from tests.story.judging import Court

WAIT = {"minutes": 11}


@pytest.fixture
async def court(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Court]:
    async with judging.opened(tmp_path, sqlite_url) as one:
        yield one


async def told(court: Court) -> list[str]:
    """What was said to people, all of it."""
    query = "SELECT payload FROM jobs WHERE kind = 'notice' ORDER BY id"
    return await court.smithy.desk.store.read(lambda tx: list(map(str, tx.sql.exec_driver_sql(query).scalars())))


async def refused(court: Court) -> list[str]:
    """The verdicts on the promotions that were refused."""
    return await court.smithy.scene.refusals()


async def test_it_is_proposed_by_automation_and_waits_for_people(court: Court) -> None:
    incident = await court.smithy.scene.room.alert("accuracy fell", model="churn")
    change = await court.made("6", incident=incident.id)
    (one,) = await court.followed(change)
    assert (one.plan.lever, one.plan.after.version, one.step) == (Lever.PROMOTE, "6", Step.PROPOSED)
    assert (one.requested_by, one.needs, one.incident) == ("tocsin", 1, incident.id)
    assert one.why.startswith(f"{change.id} made it, and it passed its gate against 7 (TRL-1): data ")
    (entry,) = [each.entry for each in await court.smithy.scene.log(one) if each.entry.kind == "change.proposed"]
    assert (entry.after["follows"], entry.after["via"]) == (change.id, "gate")
    assert court.smithy.shelf.now.version == "7"


async def test_what_passed_its_gate_and_never_served_is_said_to_have_passed(court: Court) -> None:
    court.smithy.shelf.there.insert(0, Version("8"))
    change = await court.made("8")
    (one,) = await court.followed(change)
    assert one.plan.why_after == f"8 passed its gate ({change.id})."
    assert not [warning for warning in one.plan.warnings if "ever good" in warning]


async def test_two_replicas_at_once_and_one_that_comes_back_later_propose_one(court: Court) -> None:
    change = await court.made("6", drain=False)
    promotions = promotion.Promotions(court.smithy.desk)
    wanted = court.job(promotion.job(change, court.smithy.scene.room.now))
    await promotions.ring(wanted)  # it has not passed yet, so there is nothing to propose
    assert await court.followed(change) == []
    await court.judge(change)
    await asyncio.gather(promotions.ring(wanted), promotions.ring(wanted))
    await court.drain()
    await promotions.ring(wanted)
    assert len(await court.followed(change)) == 1
    assert await refused(court) == []


async def test_a_process_that_dies_before_it_settles_the_job_has_proposed_one(court: Court) -> None:
    change = await court.made("6")
    (one,) = await court.followed(change)
    wish = propose.Wish(Lever.PROMOTE, "churn", version="6", why="again", follows=change.id)
    answer = await propose.propose(court.smithy.desk, wish, "tocsin", court.smithy.scene.room.now, "gate")
    assert answer.change is not None
    assert (answer.verdict.name, answer.change.id) == ("ALREADY", one.id)


async def test_one_that_was_rejected_is_not_proposed_again(court: Court) -> None:
    change = await court.made("6")
    (one,) = await court.followed(change)
    await court.smithy.scene.vote(one, verb="reject")
    await court.promote_again(change)
    await court.drain()
    assert [each.step for each in await court.followed(change)] == [Step.REJECTED]


async def test_while_another_change_is_open_it_waits_and_then_comes(court: Court) -> None:
    back = await court.smithy.scene.proposed(lever=Lever.ROLLBACK)
    change = await court.made("6")
    assert await court.followed(change) == []
    await court.smithy.later(**WAIT)
    await court.smithy.later(**WAIT)
    assert await refused(court) == ["LOCKED"]  # one entry, however often it is looked at
    await court.smithy.scene.vote(back, "person:ada", verb="withdraw")
    await court.smithy.later(**WAIT)
    assert len(await court.followed(change)) == 1
    assert await refused(court) == ["LOCKED"]


async def test_after_a_day_its_requester_is_told_how_to_do_it_by_hand(court: Court) -> None:
    # Changes expire before that, so somebody must ask again and again: a freeze lasts.
    now = court.smithy.scene.room.now
    made = await court.made("6", drain=False)
    whole = freeze.Draft(now + timedelta(days=3), "month end")
    await freeze.declare(court.smithy.desk, whole, "person:eve", now, "cli")
    await court.drain()
    assert (await court.smithy.scene.stored(made)).step is Step.DONE
    for _ in range(5):
        await court.smithy.scene.room.clock.advance(timedelta(hours=5))
        await court.drain()
    assert await court.followed(made) == []
    (said,) = [one for one in await told(court) if "/promote churn 6" in one]
    assert "6 passed its gate, and its promotion was not proposed: It was tried for 1d." in said
    assert "person:ada" in said
    left = [each.entry for each in await court.smithy.scene.log(made) if each.entry.kind == promotion.LEFT]
    assert [one.after["version"] for one in left] == ["6"]
    assert await refused(court) == ["FORBIDDEN", "FORBIDDEN"]  # the first try, and the last


async def test_a_platform_that_is_silent_is_asked_again(court: Court) -> None:
    change = await court.made("6", drain=False)
    await court.judge(change)
    court.smithy.shelf.down = NotDelivered("shelf is away.")
    await court.drain()
    await court.smithy.later(**WAIT)
    assert await court.followed(change) == []
    court.smithy.shelf.down = None
    await court.smithy.later(**WAIT)
    assert len(await court.followed(change)) == 1
    assert await refused(court) == ["NOT_POSSIBLE"]
    assert not [one for one in await told(court) if "/promote" in one]


async def test_what_can_never_be_is_told_at_once(court: Court) -> None:
    change = await court.made("6", drain=False)
    await court.judge(change)
    court.smithy.shelf.there[1] = Version("6", usable=False, why_not="Somebody deleted it.")
    await court.drain()
    assert await court.followed(change) == []
    (said,) = [one for one in await told(court) if "/promote churn 6" in one]
    assert "Somebody deleted it." in said


async def test_where_another_champion_serves_by_now_people_are_to_compare_anew(court: Court) -> None:
    change = await court.made("6", drain=False)
    await court.judge(change)
    court.smithy.shelf.now = Serving({"5": 100.0}, raw={}, guard="g5")
    await court.drain()
    assert await court.followed(change) == []
    (said,) = [one for one in await told(court) if "/promote churn 6" in one]
    assert "it was compared with 7, and 5 serves now; try it again (`/tocsin evaluate churn 6`)" in said


async def test_one_that_did_not_pass_is_never_promoted(court: Court) -> None:
    court.gate(f"{judging.GATE}, latency_ms: 1")
    change = await court.made("6")
    await court.promote_again(change)
    await court.drain()
    assert change.step is Step.FAILED
    assert await court.followed(change) == []


async def test_from_the_wish_to_the_promotion_that_people_approve(tmp_path: Path, sqlite_url: str) -> None:
    """The whole way, with a trainer: proposed, agreed to, trained, tried, judged, promoted, and seen to serve."""
    async with forging.opened(tmp_path, sqlite_url) as smithy:
        court = Court(smithy, judging.Columns())
        court.gate(judging.GATE)
        smithy.shelf.there = [one for one in smithy.shelf.there if one.id != "6"]
        change = await smithy.approved()
        await smithy.made(change, "6", metrics={"latency_ms": 9.0})
        change = await smithy.scene.stored(change)
        assert change.step is Step.DONE, change.outcome
        assert smithy.hearth.begun == [change.id]
        kinds = [each.entry.kind for each in await smithy.scene.log(change)]
        wanted = ["change.proposed", "change.approved", "training.started", "training.ended", "gate.judged"]
        assert [kind for kind in kinds if kind in wanted] == wanted
        assert kinds[-1] == "change.done"
        (one,) = await court.followed(change)
        assert (one.plan.lever, one.plan.after.version, one.step) == (Lever.PROMOTE, "6", Step.PROPOSED)
        await smithy.scene.vote(one)
        await smithy.later(minutes=1)
        assert smithy.shelf.now.version == "6"
        assert (await smithy.scene.stored(one)).step is Step.DONE
        smithy.shelf.applied.clear()  # what the scene holds against a room in which people only decide
