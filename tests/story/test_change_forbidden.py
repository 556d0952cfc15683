"""What forbids changes: freezes of the configuration and declared ones, and legal holds; who may lay and lift them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import forbidden, freeze, legal_hold
from bot.errors import BadInput, NotFound, Refused
from bot.model.change import Step
from bot.model.incident import Incident
from bot.model.verdict import Verdict
from tests.story import waiting_room
from tests.story.place import START
from tests.story.waiting_room import Waiting

HOUR = timedelta(hours=1)
WHY = "the auditors asked for it"


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        yield one


async def declare(waiting: Waiting, by: str = "person:cy", entity: str | None = "retail") -> freeze.Outcome:
    """A freeze of an hour from now on."""
    draft = freeze.Draft(waiting.now + HOUR, "year end", entity)
    return await freeze.declare(waiting.scene.desk, draft, by, waiting.now, "cli")


async def hold(waiting: Waiting, incident: str = "1", by: str = "person:cy", why: str = WHY) -> legal_hold.Outcome:
    """A legal hold."""
    return await legal_hold.lay(waiting.scene.desk, legal_hold.Wish(incident, by, waiting.now, "cli", why))


async def release(waiting: Waiting, incident: str = "1", by: str = "person:cy", why: str = WHY) -> legal_hold.Outcome:
    """Its end."""
    return await legal_hold.lift(waiting.scene.desk, legal_hold.Wish(incident, by, waiting.now, "cli", why))


async def why_not(waiting: Waiting, incident: str | None = None, entity: str = "retail", model: str = "churn") -> str:
    """Why a change is forbidden now; empty where it is not."""
    desk, now = waiting.scene.desk, waiting.now
    return await desk.store.read(lambda tx: forbidden.now(tx, desk, entity, incident, now, model)) or ""


async def incident(waiting: Waiting) -> Incident:
    """One about churn."""
    return await waiting.scene.room.alert("accuracy fell")


async def test_a_declared_freeze_refuses_what_it_covers_and_tells_why_and_until_when(waiting: Waiting) -> None:
    assert await why_not(waiting) == ""
    outcome = await declare(waiting)
    assert outcome.freeze is not None
    said = "Changes of retail are frozen until 2026-11-23 07:38 +03 (FRZ-1, by cy): year end"
    assert await why_not(waiting) == said
    assert await why_not(waiting, entity="market", model="price") == ""
    answer = await waiting.scene.propose()
    assert (answer.verdict, answer.sentence) == (Verdict.FORBIDDEN, said)
    await waiting.scene.room.pass_time(hours=1)
    assert await why_not(waiting) == ""
    assert (await waiting.scene.propose()).verdict is Verdict.GO


async def test_a_freeze_of_all_covers_every_entity_and_is_for_admins_alone(waiting: Waiting) -> None:
    assert (await declare(waiting, "person:cy", None)).verdict is Verdict.LEADS_ONLY
    assert (await declare(waiting, "person:eve", None)).verdict is Verdict.GO
    assert (await why_not(waiting, entity="market", model="price")).startswith("All changes are frozen until")


async def test_a_freeze_of_the_configuration_counts_by_the_clocks_of_its_zone(waiting: Waiting) -> None:
    span = 'start: "2026-11-23 07:00", end: "2026-11-23 09:00", timezone: Europe/Istanbul, why: peak hour'
    waiting.scene.write(
        "config/tocsin.yaml",
        "slack: {mode: off}",
        f"slack: {{mode: off}}\nchanges: {{freezes: [{{name: peak, {span}}}]}}",
    )
    assert await why_not(waiting) == ""  # 06:38 there
    await waiting.scene.room.pass_time(minutes=22)
    assert await why_not(waiting) == "All changes are frozen until 2026-11-23 09:00 +03 (peak, by config): peak hour"
    with pytest.raises(Refused, match="stands in the configuration"):
        await freeze.lift(waiting.scene.desk, "peak", "person:eve", waiting.now, "cli")
    standing = await freeze.standing(waiting.scene.desk, waiting.now)
    assert [one.id for one in standing] == ["peak"]
    await waiting.scene.room.pass_time(hours=2)
    assert await why_not(waiting) == ""


async def test_a_lifted_freeze_forbids_nothing(waiting: Waiting) -> None:
    await declare(waiting)
    desk = waiting.scene.desk
    for by, verdict in (("person:ada", Verdict.LEADS_ONLY), ("slack:U0NOBODY", Verdict.STRANGER)):
        assert (await freeze.lift(desk, "FRZ-1", by, waiting.now, "cli")).verdict is verdict
    assert await why_not(waiting) != ""
    assert (await freeze.lift(desk, "frz-1", "person:eve", waiting.now, "cli")).verdict is Verdict.GO
    assert (await freeze.lift(desk, "FRZ-1", "person:eve", waiting.now, "cli")).verdict is Verdict.ALREADY
    assert await why_not(waiting) == ""
    kinds = [each.entry.kind for each in await waiting.scene.room.log("FRZ-1")]
    assert kinds == ["freeze.declared", "freeze.refused", "freeze.refused", "freeze.lifted"]
    assert len(await waiting.told("channel:")) == 2
    with pytest.raises(NotFound, match="no freeze"):
        await freeze.lift(desk, "FRZ-9", "person:eve", waiting.now, "cli")


@pytest.mark.parametrize("by", ["person:ada", "person:dee", "slack:U0NOBODY", "person:zoe"])
async def test_whoever_may_not_declares_no_freeze_and_that_is_kept(waiting: Waiting, by: str) -> None:
    assert (await declare(waiting, by)).freeze is None
    assert await why_not(waiting) == ""
    assert len(await waiting.entries("freeze", "freeze.refused")) == 1


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ({"why": " "}, "needs a reason"),
        ({"ends_at": None}, "needs an end"),
        ({"ends_at": START - HOUR}, "over before it begins"),
        ({"ends_at": START + timedelta(days=91)}, "90 days"),
        ({"entity": "retial"}, "retail"),
    ],
)
async def test_a_freeze_that_cannot_be_is_refused(waiting: Waiting, draft: dict[str, object], said: str) -> None:
    whole = {"ends_at": waiting.now + HOUR, "why": "year end", "entity": "retail", **draft}
    with pytest.raises(BadInput, match=said):
        await freeze.declare(waiting.scene.desk, freeze.Draft(**whole), "person:eve", waiting.now, "cli")  # type: ignore[arg-type]


async def test_a_freeze_that_begins_between_approval_and_apply_stops_it(waiting: Waiting) -> None:
    change = await waiting.scene.proposed()
    await waiting.scene.vote(change)
    await declare(waiting)
    await waiting.scene.room.worker.drain()
    after = await waiting.scene.stored(change)
    assert after.step is Step.EXPIRED
    assert after.outcome.startswith("Changes of retail are frozen until")
    assert waiting.scene.shelf.applied == []


async def test_a_hold_laid_between_approval_and_apply_stops_it_though_the_change_names_no_incident(
    waiting: Waiting,
) -> None:
    await incident(waiting)
    change = await waiting.scene.proposed()
    await waiting.scene.vote(change)
    await hold(waiting)
    await waiting.scene.room.worker.drain()
    assert (await waiting.scene.stored(change)).outcome.startswith("INC-1 is under legal hold since")
    assert waiting.scene.shelf.applied == []


async def test_a_hold_forbids_changes_of_what_its_incident_is_about_until_it_is_lifted(waiting: Waiting) -> None:
    await incident(waiting)
    assert (await hold(waiting)).verdict is Verdict.GO
    answer = await waiting.scene.propose(incident="INC-1")
    assert answer.verdict is Verdict.FORBIDDEN
    assert answer.sentence == (
        f"INC-1 is under legal hold since 2026-11-23 03:38 UTC by cy, so nothing is changed before it is lifted: {WHY}"
    )
    assert await why_not(waiting, model="churn-v2") != ""  # by an alias
    assert await why_not(waiting, entity="market", model="price") == ""
    assert (await release(waiting)).verdict is Verdict.GO
    assert await why_not(waiting, "INC-1") == ""
    assert await waiting.scene.room.story("INC-1") == [
        *("incident.opened", "alerts.received", "step.fired"),
        *("incident.held_legally", "incident.released_legally"),
    ]


async def test_a_hold_outlasts_the_incident(waiting: Waiting) -> None:
    await incident(waiting)
    await hold(waiting)
    await waiting.scene.sql("UPDATE incidents SET phase = 'resolved', open = false WHERE id = 'INC-1'")
    assert await why_not(waiting) != ""


@pytest.mark.parametrize(
    ("by", "verdict"),
    [
        ("person:ada", Verdict.LEADS_ONLY),  # on the very tier of the incident
        ("person:dee", Verdict.LEADS_ONLY),
        ("slack:U0NOBODY", Verdict.STRANGER),
        ("person:zoe", Verdict.STRANGER),
    ],
)
async def test_a_stranger_neither_lays_nor_lifts_a_hold(waiting: Waiting, by: str, verdict: Verdict) -> None:
    await incident(waiting)
    assert (await hold(waiting, by=by)).verdict is verdict
    assert await why_not(waiting) == ""
    await hold(waiting)
    assert (await release(waiting, by=by)).verdict is verdict
    assert await why_not(waiting) != ""
    refused = await waiting.entries("INC-1", "press.refused")
    assert [(one.after["verb"], one.after["verdict"]) for one in refused] == [
        ("hold", verdict.name),
        ("unhold", verdict.name),
    ]


async def test_a_hold_is_laid_once_and_lifted_once_and_never_without_a_reason(waiting: Waiting) -> None:
    await incident(waiting)
    with pytest.raises(BadInput, match="needs a reason"):
        await hold(waiting, why=" \n")
    with pytest.raises(NotFound):
        await hold(waiting, "INC-9")
    assert (await release(waiting)).verdict is Verdict.ALREADY
    await hold(waiting)
    assert (await hold(waiting, by="person:eve")).verdict is Verdict.ALREADY
    with pytest.raises(BadInput, match="needs a reason"):
        await release(waiting, why="")
    assert (await release(waiting, by="person:eve")).verdict is Verdict.GO
    assert len(await waiting.told("channel:")) == 2
