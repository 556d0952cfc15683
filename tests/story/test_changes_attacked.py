"""Attacks on approvals: each is refused with its reason, changes nothing, and is written down (P4)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import agree
from bot.errors import NotFound
from bot.model.change import Change, Step
from bot.model.freeze import Freeze
from bot.model.seal import canonical
from bot.model.verdict import Verdict
from bot.store import Tx, changes, freezes, links, tickets
from tests.story import changing
from tests.story.changing import Scene

HOUR = timedelta(hours=1)
ESTATE, PEOPLE, RUNBOOK = "config/estate.yaml", "config/people.yaml", "runbooks/anything.md"
TWO = ("rollback: {approval: one}", "rollback: {approval: two}")


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    """Ada is on call, Bo and Gus share her team and may agree, Cy leads it and may not."""
    async with changing.opened(tmp_path, sqlite_url) as one:
        yield one


async def refused(scene: Scene, change: Change, voted: agree.Voted, verdict: Verdict) -> None:
    """It was refused for that reason, is written down, and the change stands where it stood."""
    assert voted.verdict is verdict
    assert (await scene.refusals())[-1] == verdict.name
    now = await scene.stored(change)
    assert (now.step, now.agreements, now.version) == (change.step, change.agreements, change.version)
    assert await scene.jobs() == ([] if change.step is Step.PROPOSED else [f"apply/{change.id}"])


async def test_01_a_second_person_approves_it_once(scene: Scene) -> None:
    change = await scene.proposed()
    voted = await scene.vote(change, ticket=await scene.button(change))
    assert voted.verdict is Verdict.GO
    now = await scene.stored(change)
    assert now.step is Step.APPROVED
    assert [(one.by, one.as_, one.digest) for one in now.agreements] == [("bo", "person:bo", change.plan.digest)]
    assert await scene.jobs() == ["apply/CHG-1"]
    assert [each.entry.kind for each in await scene.log(change)] == [
        "change.proposed",
        "change.agreed",
        "change.approved",
    ]


async def test_02_a_ticket_is_no_good_twice(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    scene.write(ESTATE, '["team:churn-ml"]', '["team:churn-ml", "person:cy"]')
    change = await scene.proposed()
    ticket = await scene.button(change)
    assert (await scene.vote(change, ticket=ticket)).verdict is Verdict.GO
    once = await scene.stored(change)
    assert once.step is Step.PROPOSED
    await refused(scene, once, await scene.vote(change, "person:cy", ticket=ticket), Verdict.USED)
    fresh = await scene.button(once)
    assert fresh != ticket
    assert (await scene.vote(change, "person:cy", ticket=fresh)).verdict is Verdict.GO
    assert (await scene.stored(change)).step is Step.APPROVED


@pytest.mark.parametrize("forged", ["", "nonsense", "' OR 1=1 --", "A" * 5000, "CHG-1", "\ud800", "a\0"])
async def test_03_a_forged_ticket_is_worth_nothing(scene: Scene, forged: str) -> None:
    change = await scene.proposed()
    await scene.button(change)
    await refused(scene, change, await scene.vote(change, ticket=forged), Verdict.WORTHLESS)
    nobody = await scene.vote("", ticket=forged)
    assert (nobody.verdict, nobody.change) == (Verdict.WORTHLESS, None)


async def test_04_a_ticket_of_another_change_decides_nothing_here(scene: Scene) -> None:
    scene.write(ESTATE, "team: price-ml}", "team: price-ml, platform: shelf, approvers: ['person:bo']}")
    churn = await scene.proposed()
    price = await scene.proposed("person:dee", model="price", version="6")
    ticket = await scene.button(price)
    await refused(scene, churn, await scene.vote(churn, ticket=ticket), Verdict.WORTHLESS)
    assert (await scene.stored(price)).step is Step.PROPOSED
    voted = await scene.vote("", ticket=ticket)
    assert voted.change is not None
    assert (voted.change.id, voted.verdict) == (price.id, Verdict.GO)
    assert (await scene.stored(churn)).step is Step.PROPOSED


async def test_05_a_button_to_reject_does_not_approve(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change, agree.REJECT)
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.WORTHLESS)
    await refused(scene, change, await scene.vote(change, verb="frobnicate"), Verdict.WORTHLESS)


@pytest.mark.parametrize("digest", ["0" * 64, "", "abc"])
async def test_06_a_stale_digest_is_no_agreement(scene: Scene, digest: str) -> None:
    change = await scene.proposed()
    await refused(scene, change, await scene.vote(change, digest=digest), Verdict.PLAN_STALE)


async def test_06_the_beginning_of_the_digest_is_enough_for_those_who_type(scene: Scene) -> None:
    change = await scene.proposed()
    await refused(scene, change, await scene.vote(change, digest=change.plan.digest[:7]), Verdict.PLAN_STALE)
    assert (await scene.vote(change, digest=change.plan.digest[:12].upper())).verdict is Verdict.GO


async def swap(scene: Scene, change: Change, *, everywhere: bool) -> None:
    """Somebody writes another version into the plan, and, where they are thorough, its digest everywhere."""
    after = replace(change.plan.after, split={"5": 100.0})
    plan = replace(change.plan, after=after)
    await scene.sql(f"UPDATE changes SET plan = '{canonical(plan.spelled()).decode().replace(chr(39), chr(39) * 2)}'")
    if everywhere:
        await scene.sql(f"UPDATE changes SET digest = '{plan.digest}'")
        await scene.sql(f"UPDATE tickets SET digest = '{plan.digest}'")


async def test_07_a_plan_that_was_swapped_behind_the_button_is_stale(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    await swap(scene, change, everywhere=False)
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.PLAN_STALE)


async def test_08_a_plan_swapped_with_all_its_digests_is_not_the_one_in_the_log(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    await swap(scene, change, everywhere=True)
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.PLAN_SWAPPED)
    await refused(scene, change, await scene.vote(change), Verdict.PLAN_SWAPPED)
    assert not await scene.desk.store.read(lambda tx: agree.untouched(tx, changes.get(tx, change.id)))


async def test_09_an_agreement_written_into_the_row_for_another_plan_does_not_count(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    scene.write(ESTATE, '["team:churn-ml"]', '["team:churn-ml", "person:cy"]')
    change = await scene.proposed()
    planted = '[{"as_":"person:cy","at":"2026-11-23T03:38:00+00:00","by":"cy","digest":"00","via":"button"}]'
    await scene.sql(f"UPDATE changes SET agreements = '{planted}'")
    assert (await scene.vote(change)).verdict is Verdict.GO
    assert (await scene.stored(change)).step is Step.PROPOSED
    assert await scene.jobs() == []


async def test_10_a_double_click_of_one_person_counts_once(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    scene.write(ESTATE, '["team:churn-ml"]', '["team:churn-ml", "person:cy"]')
    change = await scene.proposed()
    ticket = await scene.button(change)
    both = await asyncio.gather(scene.vote(change, ticket=ticket), scene.vote(change, ticket=ticket))
    assert sorted(one.verdict.name for one in both) == ["ALREADY", "GO"]
    now = await scene.stored(change)
    assert (now.step, [one.by for one in now.agreements]) == (Step.PROPOSED, ["bo"])
    assert await scene.refusals() == ["ALREADY"]


async def test_11_needs_two_and_one_agrees_twice(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    change = await scene.proposed()
    assert (await scene.vote(change)).sentence == "You agreed to CHG-1. It still waits for 1 more."
    once = await scene.stored(change)
    await refused(scene, once, await scene.vote(change), Verdict.ALREADY)
    await refused(scene, once, await scene.vote(change, ticket=await scene.button(once)), Verdict.ALREADY)
    assert (await scene.vote(change, "person:gus")).verdict is Verdict.GO
    assert (await scene.stored(change)).step is Step.APPROVED


async def test_12_the_same_person_by_another_account_counts_once(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    change = await scene.proposed()
    assert (await scene.vote(change, "slack:U01BO")).verdict is Verdict.GO
    once = await scene.stored(change)
    await refused(scene, once, await scene.vote(change, "person:bo"), Verdict.ALREADY)


async def test_13_the_requester_approves(scene: Scene) -> None:
    change = await scene.proposed("slack:U01ADA")
    for account in ("slack:U01ADA", "person:ada"):
        await refused(scene, change, await scene.vote(change, account), Verdict.SAME_PERSON)
    ticket = await scene.button(change)
    await refused(scene, change, await scene.vote(change, "slack:U01ADA", ticket=ticket), Verdict.SAME_PERSON)
    assert (await scene.vote(change, ticket=ticket)).verdict is Verdict.GO  # a refusal does not use it up


async def test_14_the_requester_approves_by_a_linked_account(scene: Scene) -> None:
    link = links.Link("U09GUS", "T1", "gus", scene.room.now, "email")
    await scene.desk.store.write(lambda tx: links.add(tx, link))
    change = await scene.proposed("person:gus")
    await refused(scene, change, await scene.vote(change, "slack:U09GUS"), Verdict.SAME_PERSON)


async def test_15_too_late(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    await scene.room.clock.advance(HOUR)
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.EXPIRED)
    await refused(scene, change, await scene.vote(change), Verdict.EXPIRED)


async def test_16_withdrawn_then_approved(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    assert (await scene.vote(change, "person:ada", verb=agree.WITHDRAW)).verdict is Verdict.GO
    over = await scene.stored(change)
    assert over.step is Step.WITHDRAWN
    voted = await scene.vote(change, ticket=ticket)
    await refused_over(scene, over, voted)


async def test_17_rejected_then_approved(scene: Scene) -> None:
    change = await scene.proposed()
    assert (await scene.vote(change, verb=agree.REJECT, why="7 is fine")).verdict is Verdict.GO
    over = await scene.stored(change)
    assert (over.step, over.outcome) == (Step.REJECTED, "7 is fine")
    await refused_over(scene, over, await scene.vote(change, "person:gus"))


async def refused_over(scene: Scene, change: Change, voted: agree.Voted) -> None:
    """There is nothing left to decide, and nothing will be applied."""
    assert voted.verdict is Verdict.DECIDED
    assert await scene.stored(change) == change
    assert await scene.jobs() == []
    assert (await scene.refusals())[-1] == "DECIDED"


async def test_18_approved_then_approved_again(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    assert (await scene.vote(change, ticket=ticket)).verdict is Verdict.GO
    approved = await scene.stored(change)
    await refused(scene, approved, await scene.vote(change, ticket=ticket), Verdict.ALREADY)
    await refused(scene, approved, await scene.vote(change, "person:gus", ticket=ticket), Verdict.DECIDED)


async def test_19_a_stranger(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    for account in ("slack:U0NOBODY", "person:nobody", "tocsin", "connection:shelf", "", "person:"):
        await refused(scene, change, await scene.vote(change, account, ticket=ticket), Verdict.STRANGER)
    assert (await scene.refusals()).count("STRANGER") == 6


async def test_20_somebody_of_another_team(scene: Scene) -> None:
    change = await scene.proposed()
    for person in ("dee", "cy", "eve"):
        await refused(scene, change, await scene.vote(change, f"person:{person}"), Verdict.NOT_AN_APPROVER)
        rejects = await scene.vote(change, f"person:{person}", verb=agree.REJECT)
        await refused(scene, change, rejects, Verdict.NOT_AN_APPROVER)
        takes_back = await scene.vote(change, f"person:{person}", verb=agree.WITHDRAW)
        await refused(scene, change, takes_back, Verdict.NOT_YOURS_TO_WITHDRAW)


async def test_21_a_role_lost_after_the_card_was_drawn(scene: Scene) -> None:
    change = await scene.proposed()
    ticket = await scene.button(change)
    scene.write(PEOPLE, "members: [ada, bo, gus]", "members: [ada, gus]")
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.NOT_AN_APPROVER)


async def test_22_a_role_lost_after_agreeing(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    scene.write(ESTATE, '["team:churn-ml"]', '["team:churn-ml", "person:cy"]')
    change = await scene.proposed()
    assert (await scene.vote(change)).verdict is Verdict.GO
    scene.write(PEOPLE, "members: [ada, bo, gus]", "members: [ada, gus]")
    assert (await scene.vote(change, "person:cy")).verdict is Verdict.GO
    assert (await scene.stored(change)).step is Step.PROPOSED  # bo's yes counts no more
    assert (await scene.vote(change, "person:gus")).verdict is Verdict.GO
    assert (await scene.stored(change)).step is Step.APPROVED


async def test_23_an_account_that_is_nobodys_any_more(scene: Scene) -> None:
    change = await scene.proposed()
    scene.write(PEOPLE, "slack: U01BO,", "slack: U99NEW,")
    await refused(scene, change, await scene.vote(change, "slack:U01BO"), Verdict.STRANGER)


async def test_24_an_empty_list_agrees_to_nothing(scene: Scene) -> None:
    change = await scene.proposed()
    scene.write(ESTATE, 'approvers: ["team:churn-ml"]', "approvers: []")
    await refused(scene, change, await scene.vote(change), Verdict.NO_APPROVERS)
    assert (await scene.vote(change, "person:ada", verb=agree.WITHDRAW)).verdict is Verdict.GO
    assert (await scene.propose()).verdict is Verdict.NO_APPROVERS
    assert len(await scene.all()) == 1


async def test_25_a_list_of_the_requester_alone_is_empty(scene: Scene) -> None:
    scene.write(ESTATE, '["team:churn-ml"]', '["person:ada", "rota:first-line"]')
    assert (await scene.propose()).verdict is Verdict.NO_APPROVERS
    assert await scene.all() == []
    assert await scene.refusals() == ["NO_APPROVERS"]


async def test_26_an_approver_whom_only_a_vacant_seat_names(scene: Scene) -> None:
    scene.write(ESTATE, '["team:churn-ml"]', '["rota:vacant"]')
    assert (await scene.propose()).verdict is Verdict.NO_APPROVERS
    await scene.room.clock.advance(timedelta(days=1))  # bo's week begins
    change = await scene.proposed()
    assert (await scene.vote(change, "person:cy")).verdict is Verdict.NOT_AN_APPROVER
    assert (await scene.vote(change, "person:bo")).verdict is Verdict.GO


async def test_27_two_are_needed_and_one_is_there(scene: Scene) -> None:
    scene.write(RUNBOOK, *TWO)
    scene.write(ESTATE, '["team:churn-ml"]', '["person:bo", "person:ada"]')
    assert (await scene.propose()).verdict is Verdict.NO_APPROVERS


async def test_28_a_model_that_left_the_configuration(scene: Scene) -> None:
    change = await scene.proposed()
    text = (scene.room.home / ESTATE).read_text("utf-8")
    (scene.room.home / ESTATE).write_text(text.replace("name: churn\n", "name: churned\n").replace("churn-v2", "x"))
    scene.room.reload()
    await refused(scene, change, await scene.vote(change), Verdict.GONE)
    await refused(scene, change, await scene.vote(change, verb=agree.REJECT), Verdict.GONE)
    assert (await scene.vote(change, "person:ada", verb=agree.WITHDRAW)).verdict is Verdict.GO


async def test_29_a_change_that_is_none(scene: Scene) -> None:
    for typed in ("CHG-9", "'; DROP TABLE changes", "", "9" * 40):
        with pytest.raises(NotFound):
            await scene.vote(typed)


async def test_33_a_freeze_that_began_since(scene: Scene) -> None:
    change = await scene.proposed()
    now = scene.room.now
    frozen = Freeze("FRZ-1", now, now + HOUR / 2, "person:cy", "month end", "retail", now)
    await scene.desk.store.write(lambda tx: freezes.add(tx, frozen))
    ticket = await scene.button(change)
    await refused(scene, change, await scene.vote(change, ticket=ticket), Verdict.FORBIDDEN)
    await scene.room.clock.advance(HOUR / 2)
    assert (await scene.vote(change, ticket=ticket)).verdict is Verdict.GO


async def test_a_drawing_that_is_not_new_carries_the_same_ticket(scene: Scene) -> None:
    change = await scene.proposed()
    one = await scene.button(change)
    assert await scene.button(change) == one
    assert await scene.button(change, agree.REJECT) != one
    found = await scene.desk.store.read(lambda tx: tickets.find(tx, one))
    assert found is not None
    assert (found.change, found.used_at) == (change.id, None)


async def test_tickets_that_ran_out_are_forgotten(scene: Scene) -> None:
    change = await scene.proposed()
    old = await scene.button(change)
    await scene.room.clock.advance(2 * HOUR)

    def issue(tx: Tx) -> str:
        return tickets.issue(tx, change, agree.AGREE, scene.room.now + HOUR)

    await scene.desk.store.write(issue)
    assert await scene.desk.store.read(lambda tx: tickets.find(tx, old)) is None
