"""What cannot be proposed is refused with its reason, changes nothing, and is written down."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.engine import agree, propose
from bot.errors import NotDelivered, NotFound, Refused, Stale
from bot.model.change import Change, Lever, Serving, Step, move
from bot.model.freeze import Freeze, LegalHold
from bot.model.served import Served, Version
from bot.model.verdict import Verdict
from bot.store import Tx, changes, freezes, legal_holds, moved
from tests.story import changing
from tests.story.changing import DAY, Scene
from tests.story.place import START

HOUR = timedelta(hours=1)
ESTATE = "config/estate.yaml"


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    """7 serves since yesterday; 6 did for nine days."""
    async with changing.opened(tmp_path, sqlite_url) as one:
        yield one


async def refused(scene: Scene, answer: propose.Proposed, verdict: Verdict, *words: str) -> None:
    """Nothing was proposed; the sentence holds `words`, and an entry holds the sentence."""
    assert (answer.verdict, answer.change) == (verdict, None)
    for each in words:
        assert each in answer.sentence
    assert (await scene.refusals())[-1] == verdict.name
    assert await scene.jobs("change") == []
    assert await scene.all() == []


async def test_the_last_known_good_is_proposed_with_everything_that_is_known(scene: Scene) -> None:
    scene.shelf.now = replace(scene.shelf.now, guard=None)
    scene.shelf.warnings = ["The signature differs.", 7, "x" * 900]
    change = await scene.proposed(model="CHURN-V2")
    plan = change.plan
    assert (change.id, change.step, change.needs, change.requested_by) == ("CHG-1", Step.PROPOSED, 1, "ada")
    assert (plan.before.version, plan.after.version) == ("7", "6")
    assert plan.parameters == {"version": "6", "raw": {"pointer": "6"}}
    assert "ledger" in plan.why_after
    assert plan.effect == "churn will be served by 6 instead of 7."
    assert plan.warnings[:2] == (
        "The platform cannot tell whether somebody else moves it at the same moment.",
        "The signature differs.",
    )
    assert [len(one) for one in plan.warnings[2:]] == [300]
    assert await scene.stored(change) == change
    (entry,) = await scene.log(change)
    assert entry.entry.after["plan"] == plan.spelled()
    assert (entry.entry.chain, entry.entry.after["digest"]) == ("retail", plan.digest)
    assert entry.entry.after["approvers"] == ["bo", "gus"]
    for kind in ("change", "expire", "ask"):
        assert await scene.jobs(kind) != [], kind


async def test_an_unknown_model_and_the_nearest_names(scene: Scene) -> None:
    await refused(scene, await scene.propose(model="chrun"), Verdict.NOT_POSSIBLE, "chrun", "churn")
    await refused(scene, await scene.propose(model="zzz"), Verdict.NOT_POSSIBLE, "models list")
    await refused(scene, await scene.propose(model="x" * 9000), Verdict.NOT_POSSIBLE)
    assert scene.shelf.asked == []


async def test_versions_that_cannot_serve(scene: Scene) -> None:
    scene.shelf.there.append(Version("4", usable=False, why_not="its files were deleted"))
    await refused(scene, await scene.propose(version="66"), Verdict.NOT_POSSIBLE, "66", "6, 5")
    await refused(scene, await scene.propose(version="4"), Verdict.NOT_POSSIBLE, "its files were deleted")
    await refused(scene, await scene.propose(version="7"), Verdict.NOT_POSSIBLE, "so already: 7")


async def test_no_version_where_one_must_be_said(scene: Scene) -> None:
    await refused(scene, await scene.propose(lever=Lever.PROMOTE), Verdict.NOT_POSSIBLE, "Say which version", "6, 5")
    await refused(scene, await scene.propose(lever=Lever.SHIFT), Verdict.NOT_POSSIBLE, "shares")
    for split in ({}, {"6": 50.0}, {"6": 120.0, "5": -20.0}, {"6": float("nan"), "5": 50.0}):
        answer = await scene.propose(lever=Lever.SHIFT, split=split)
        await refused(scene, answer, Verdict.NOT_POSSIBLE, "no shares of the traffic")


async def test_a_split_is_proposed(scene: Scene) -> None:
    change = await scene.proposed(lever=Lever.SHIFT, split={"7": 90, "6": 10})
    assert change.plan.effect == "churn will be served by 7 90 %, 6 10 % instead of 7."
    assert change.plan.parameters["split"] == {"7": 90.0, "6": 10.0}


async def test_nothing_is_known_to_be_good_so_a_person_must_choose(scene: Scene) -> None:
    await scene.sql("DELETE FROM moved")
    await refused(scene, await scene.propose(), Verdict.NOT_POSSIBLE, "a person must choose", "6, 5")
    change = await scene.proposed(version="6")
    assert change.plan.why_after == "6 was asked for."
    assert "It is not known that 6 was ever good." in change.plan.warnings


async def test_where_the_ledger_knows_nothing_the_platform_is_asked(scene: Scene) -> None:
    await scene.sql("DELETE FROM moved")
    scene.shelf.before = [
        Served(Serving({"7": 100.0}), START - HOUR),
        Served(Serving({"6": 100.0}), START - 5 * HOUR),
        Served(Serving({"5": 100.0}), START - 5 * DAY),
    ]
    change = await scene.proposed()
    assert change.plan.after.version == "5"
    assert "as the platform remembers" in change.plan.why_after


async def test_a_platform_that_is_away(scene: Scene) -> None:
    scene.shelf.down = NotDelivered("The shelf cannot be reached.", "Look whether it is up.")
    await refused(scene, await scene.propose(), Verdict.NOT_POSSIBLE, "cannot be reached")
    scene.shelf.down = ValueError("a bug")
    await refused(scene, await scene.propose(), Verdict.NOT_POSSIBLE, "shelf failed in serving")


@pytest.mark.parametrize("word", ["\ud800", "a\0b", 2**70, object()])
async def test_a_platform_that_says_what_cannot_be_kept(scene: Scene, word: object) -> None:
    scene.shelf.now = Serving({"7": 100.0}, raw={"note": word})
    await refused(scene, await scene.propose(), Verdict.NOT_POSSIBLE, "cannot be kept")


async def test_a_person_who_writes_what_cannot_be_kept(scene: Scene) -> None:
    change = await scene.proposed(why="half a pair \ud800 and \0 of it")
    assert change.why == "half a pair \ufffd and \ufffd of it"
    await refused_text(scene, version="\ud800", model="churn")
    await refused_text(scene, version="6", model="\ud800\0")


async def refused_text(scene: Scene, **wish: str) -> None:
    """It is none, and the log holds it as far as a log can."""
    answer = await scene.propose("person:bo", **wish)
    assert answer.change is None
    assert answer.verdict in (Verdict.NOT_POSSIBLE, Verdict.LOCKED)


async def test_no_platform_and_no_such_lever(scene: Scene) -> None:
    answer = await scene.propose("person:dee", model="price")
    await refused(scene, answer, Verdict.NOT_POSSIBLE, "No platform", "estate.yaml")
    answer = await scene.propose(lever=Lever.RESUME)
    await refused(scene, answer, Verdict.NOT_POSSIBLE, "cannot resume churn", "pause, promote, rollback, shift")


@pytest.mark.parametrize("why", ["", "  \n"])
async def test_no_reason(scene: Scene, why: str) -> None:
    await refused(scene, await scene.propose(why=why), Verdict.NO_WHY)
    assert scene.shelf.asked == []


async def test_strangers_and_others(scene: Scene) -> None:
    await refused(scene, await scene.propose("slack:U0NOBODY"), Verdict.STRANGER)
    await refused(scene, await scene.propose("person:dee"), Verdict.NOT_YOUR_MODEL)
    assert scene.shelf.asked == []
    turkish = await scene.propose("slack:U0NOBODY", language="tr")
    assert turkish.sentence.startswith("Sizi tanımıyorum")


async def test_a_preview_that_is_not_true_any_more(scene: Scene) -> None:
    wish = propose.Wish(Lever.ROLLBACK, "churn", why="accuracy fell")
    plan = await propose.draft(scene.desk, wish, scene.room.now)
    assert await scene.all() == []
    scene.shelf.now = Serving({"7": 100.0}, guard="g8")
    await refused(scene, await scene.propose(seen=plan.digest), Verdict.PLAN_STALE)
    again = await propose.draft(scene.desk, wish, scene.room.now)
    assert (await scene.proposed(seen=again.digest)).plan == again


async def test_a_second_change_is_told_who_holds_the_model(scene: Scene) -> None:
    first = await scene.proposed()
    answer = await scene.propose("person:bo", lever=Lever.PAUSE)
    assert answer.verdict is Verdict.LOCKED
    assert "CHG-1 is under way" in answer.sentence
    assert "ada" in answer.sentence
    assert await scene.all() == [first]
    assert (await scene.vote(first, "person:ada", verb=agree.WITHDRAW)).verdict is Verdict.GO
    assert (await scene.propose("person:bo", lever=Lever.PAUSE)).verdict is Verdict.GO


async def test_a_freeze_and_its_end(scene: Scene) -> None:
    frozen = Freeze("FRZ-1", START - HOUR, START + HOUR, "person:cy", "month end", "retail", START - HOUR)
    await scene.desk.store.write(lambda tx: freezes.add(tx, frozen))
    await refused(scene, await scene.propose(), Verdict.FORBIDDEN, "month end", "FRZ-1")
    await scene.room.clock.advance(2 * HOUR)
    assert (await scene.propose()).verdict is Verdict.GO


async def test_a_legal_hold(scene: Scene) -> None:
    incident = await scene.room.alert("it leaks")
    hold = LegalHold(incident.id, "person:cy", "a court asks", scene.room.now)
    await scene.desk.store.write(lambda tx: legal_holds.lay(tx, hold))
    await refused(scene, await scene.propose(incident=incident.id), Verdict.FORBIDDEN, "a court asks")
    await refused(scene, await scene.propose(), Verdict.FORBIDDEN, incident.id)


async def test_an_incident_that_is_none(scene: Scene) -> None:
    await refused(scene, await scene.propose(incident="INC-99"), Verdict.NOT_POSSIBLE, "INC-99")
    await refused(scene, await scene.propose(undoes="CHG-99"), Verdict.NOT_POSSIBLE, "CHG-99")


async def ended(scene: Scene, change: Change, *steps: Step) -> Change:
    """What the platform and its watcher would have made of it."""

    def act(tx: Tx) -> Change:
        now = changes.get(tx, change.id)
        for step in steps:
            after = move(now, step, tx.now)
            changes.save(tx, now, after)
            now = after
        return now

    return await scene.desk.store.write(act)


async def test_a_change_is_taken_back_by_one_like_any_other(scene: Scene) -> None:
    first = await scene.proposed()
    await scene.vote(first)
    await ended(scene, first, Step.APPLYING, Step.VERIFYING, Step.DONE)
    scene.shelf.now = first.plan.after
    wish = await propose.undo(scene.desk, "1", "6 was worse")
    answer = await propose.propose(scene.desk, wish, "person:bo", scene.room.now, "button")
    assert answer.change is not None, answer.sentence
    back = answer.change
    assert (back.undoes, back.plan.lever, back.needs, back.requested_by) == ("CHG-1", Lever.PROMOTE, 1, "bo")
    assert back.plan.after.same(first.plan.before)
    assert back.plan.parameters["raw"] == first.plan.before.raw
    assert back.plan.why_after == "It served before CHG-1, which is taken back."
    assert (await scene.vote(back, "person:bo")).verdict is Verdict.SAME_PERSON
    assert (await scene.vote(back, "person:ada")).verdict is Verdict.GO


async def test_what_cannot_be_taken_back(scene: Scene) -> None:
    first = await scene.proposed()
    wish = await propose.undo(scene.desk, "CHG-1", "6 was worse")
    with pytest.raises(Refused, match="has not ended"):
        await propose.draft(scene.desk, wish, scene.room.now)
    await scene.vote(first, verb=agree.REJECT)
    with pytest.raises(Refused, match="changed nothing"):
        await propose.draft(scene.desk, wish, scene.room.now)
    second = await scene.proposed()
    await scene.vote(second)
    await ended(scene, second, Step.APPLYING, Step.VERIFYING, Step.DONE)
    scene.shelf.now = Serving({"5": 100.0})  # somebody moved it since
    wish = await propose.undo(scene.desk, "CHG-2", "6 was worse")
    with pytest.raises(Stale, match="not what CHG-2 left"):
        await propose.draft(scene.desk, wish, scene.room.now)
    answer = await propose.propose(scene.desk, wish, "person:bo", scene.room.now, "button")
    assert (answer.verdict, answer.change) == (Verdict.NOT_POSSIBLE, None)
    assert (await scene.refusals())[-1] == "NOT_POSSIBLE"
    with pytest.raises(NotFound):
        await propose.undo(scene.desk, "CHG-77", "why")


async def test_the_same_wish_is_planned_anew_from_what_serves_now(scene: Scene) -> None:
    first = await scene.proposed(version="5", why="6 is broken, too")
    await scene.vote(first)
    await ended(scene, first, Step.EXPIRED)
    scene.shelf.now = Serving({"6": 100.0}, guard="g8")  # a foreign move made it stale
    wish = await propose.again(scene.desk, "CHG-1")
    assert (wish.version, wish.why, wish.glass) == ("5", "6 is broken, too", "")
    answer = await propose.propose(scene.desk, wish, "person:bo", scene.room.now, "button")
    assert answer.change is not None
    assert (answer.change.plan.before.version, answer.change.plan.after.version) == ("6", "5")
    assert answer.change.agreements == ()


async def test_trouble_while_it_served_makes_it_no_good_day(scene: Scene) -> None:
    """6 served nine days, yet an incident was open all the time; 5 served two days in peace."""
    await scene.sql("DELETE FROM moved")
    incident = await scene.room.alert("accuracy fell")
    await scene.sql(f"UPDATE incidents SET opened_at = '{(START - 10 * DAY).isoformat(' ', 'microseconds')}'")
    assert incident.open
    await scene.desk.store.write(changing.ledger)
    change = await scene.proposed()
    assert change.plan.after.version == "5"
    latest = await scene.desk.store.read(lambda tx: moved.latest(tx, "churn"))
    assert latest is not None
    assert latest.serving.version == "7"
