"""One person acts alone where the runbook allows it: loudly, for a reason, and looked at by another next day."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import freeze, review
from bot.errors import BadInput
from bot.model.change import Change, Lever, Step
from bot.model.verdict import Verdict
from tests.story import waiting_room
from tests.story.waiting_room import Waiting

WHY = "nobody answers, and money is lost"


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """The runbook lets one break the glass for a rollback, and nothing is applied here."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        one.scene.write(
            "runbooks/anything.md", "rollback: {approval: one}", "rollback: {approval: one, break_glass: true}"
        )
        yield one


async def broken(waiting: Waiting, by: str = "person:ada") -> Change:
    """The glass is broken; what would be applied is left out of these stories."""
    change = await waiting.scene.proposed(by, glass=WHY)
    await waiting.scene.sql("DELETE FROM jobs WHERE kind IN ('apply', 'expire')")
    return change


async def note(waiting: Waiting, by: str, said: str = "looked at it, was right") -> review.Outcome:
    """Somebody says that they reviewed CHG-1."""
    return await review.note(waiting.scene.desk, "1", by, waiting.now, said)


async def test_it_needs_nobody_and_everybody_hears_of_it_at_once(waiting: Waiting) -> None:
    change = await broken(waiting)
    assert (change.step, change.needs, change.glass) == (Step.APPROVED, 0, WHY)
    for to in ("person:bo", "person:gus", "person:cy", "channel:"):
        (told,) = await waiting.told(to)
        assert WHY in told
    assert (await waiting.told("channel:"))[0] == (
        f"ada broke the glass: CHG-1, rollback of churn: 7 -> 6, is applied without a second person. Reason: {WHY}"
    )
    assert await waiting.told("person:ada") == []
    (entry,) = await waiting.entries("CHG-1", "change.glass_broken")
    assert (entry.actor, entry.why) == ("person:ada", WHY)


async def test_the_lead_is_asked_to_review_it_next_morning_and_the_admins_a_day_later(waiting: Waiting) -> None:
    await broken(waiting)
    room = waiting.scene.room
    await room.pass_time(hours=26, minutes=21)
    assert len(await waiting.told("person:cy")) == 1  # that it was broken
    await room.pass_time(minutes=1)  # Tuesday, 09:00 in Istanbul
    _, asked = await waiting.told("person:cy")
    assert "tocsin change review CHG-1 --why" in asked
    await room.pass_time(hours=24)
    (overdue,) = await waiting.told("person:eve")
    assert "nobody has reviewed yet what ada changed alone on 2026-11-23" in overdue
    await room.pass_time(days=5)
    assert len(await waiting.told("person:eve")) == 1


async def test_what_was_reviewed_is_asked_for_no_more(waiting: Waiting) -> None:
    await broken(waiting)
    await waiting.scene.room.pass_time(hours=27)
    assert (await note(waiting, "person:cy")).verdict is Verdict.GO
    assert (await note(waiting, "person:bo")).verdict is Verdict.ALREADY
    await waiting.scene.room.pass_time(days=3)
    assert await waiting.told("person:eve") == []
    (entry,) = await waiting.entries("CHG-1", "change.reviewed")
    assert (entry.actor, entry.why) == ("person:cy", "looked at it, was right")


async def test_a_lead_who_broke_it_is_not_asked_to_review_it(waiting: Waiting) -> None:
    await broken(waiting, "person:cy")
    await waiting.scene.room.pass_time(hours=27)
    assert await waiting.told("person:cy") == []
    (asked,) = await waiting.told("person:eve")
    assert "Please review it" in asked


@pytest.mark.parametrize(
    ("by", "verdict"),
    [
        ("person:ada", Verdict.OWN_REVIEW),
        ("slack:U01ADA", Verdict.OWN_REVIEW),  # the same person by another account
        ("person:dee", Verdict.LEADS_ONLY),
        ("slack:U0NOBODY", Verdict.STRANGER),
        ("person:zoe", Verdict.STRANGER),
    ],
)
async def test_whoever_may_not_review_it_does_not_and_that_is_kept(waiting: Waiting, by: str, verdict: Verdict) -> None:
    await broken(waiting)
    assert (await note(waiting, by)).verdict is verdict
    assert await waiting.entries("CHG-1", "change.reviewed") == []
    (refused,) = await waiting.entries("CHG-1", "change.refused")
    assert refused.after["verdict"] == verdict.name


async def test_a_review_without_a_word_is_none(waiting: Waiting) -> None:
    await broken(waiting)
    with pytest.raises(BadInput, match="needs a word"):
        await note(waiting, "person:cy", " \n ")


async def test_what_was_agreed_to_as_usual_needs_no_review(waiting: Waiting) -> None:
    await waiting.scene.proposed()
    assert (await note(waiting, "person:cy")).verdict is Verdict.ALREADY
    assert await waiting.entries("CHG-1", "change.reviewed") == []
    assert await waiting.owed("review") == []


@pytest.mark.parametrize(("reason", "verdict"), [("short", Verdict.NO_REASON), ("  ", Verdict.NO_REASON)])
async def test_without_a_reason_nothing_is_proposed(waiting: Waiting, reason: str, verdict: Verdict) -> None:
    answer = await waiting.scene.propose(glass=reason)
    assert (answer.verdict, answer.change) == (verdict, None)
    assert await waiting.owed("apply") == await waiting.owed("review") == []


async def test_where_the_runbook_does_not_say_so_it_is_refused(waiting: Waiting) -> None:
    waiting.scene.write("runbooks/anything.md", "break_glass: true", "break_glass: false")
    answer = await waiting.scene.propose(glass=WHY)
    assert (answer.verdict, answer.change) == (Verdict.NO_GLASS, None)
    assert await waiting.scene.refusals() == ["NO_GLASS"]


async def test_a_lever_that_the_runbook_does_not_name_has_no_glass(waiting: Waiting) -> None:
    answer = await waiting.scene.propose(lever=Lever.PROMOTE, version="5", glass=WHY)
    assert answer.verdict is Verdict.NO_GLASS


async def test_a_freeze_holds_whatever_is_broken(waiting: Waiting) -> None:
    draft = freeze.Draft(waiting.now + timedelta(hours=2), "year end", "retail")
    assert (await freeze.declare(waiting.scene.desk, draft, "person:cy", waiting.now, "cli")).verdict is Verdict.GO
    assert (await waiting.scene.propose(glass=WHY)).verdict is Verdict.FORBIDDEN
