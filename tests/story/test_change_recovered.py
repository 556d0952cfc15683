"""What a change did to the trouble it was made for is said as it is, and nothing more is done alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.engine import propose, respond, verify
from bot.model.alert import Status
from bot.model.change import Step
from bot.model.incident import Incident, Phase
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.store import changes
from tests.story import hosted
from tests.story.hosted import FOREIGN, Hosted


@pytest.fixture
async def scene(tmp_path: Path, migrated_url: str) -> AsyncIterator[Hosted]:
    """The engine with a platform, once over each database."""
    async with hosted.opened(tmp_path, migrated_url) as one:
        yield one


async def served(scene: Hosted) -> Incident:
    """An incident that ada holds, and a rollback for it that is seen to serve."""
    incident = await scene.said(0.6)
    assert incident
    await scene.room.pass_time(minutes=1)
    press = respond.Press(Verb.ACKNOWLEDGE, incident.id, "person:ada", scene.room.now, "cli")
    await respond.take(scene.room.desk, press)
    await scene.approved(incident.id)
    await scene.room.pass_time(minutes=1)
    assert (await scene.change()).step is Step.VERIFYING
    assert (await scene.served())[-1] == ("6", "person:ada", "CHG-1")
    return await scene.room.incident(incident.id)


async def hear(scene: Hosted, *values: float) -> None:
    """The same alert again and again, each time with what its monitor measured."""
    for value in values:
        await scene.said(value)
        await scene.room.pass_time(minutes=1)


async def test_enough_good_samples_are_recovery_and_mitigate(scene: Hosted) -> None:
    incident = await served(scene)
    await hear(scene, 0.9, 0.85)
    assert (await scene.change()).step is Step.VERIFYING
    await hear(scene, 0.84)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Recovered: auc is within its limit again: 0.9, 0.85, 0.84" in change.outcome
    assert (await scene.room.incident(incident.id)).phase is Phase.MITIGATED
    assert "incident.mitigated" in await scene.room.story(incident.id)
    (done,) = [each.entry for each in await scene.room.log("CHG-1") if each.entry.kind == "change.done"]
    assert (done.after["recovery"], done.after["samples"], done.after["metric"]) == ("recovered", 3, "auc")


async def test_an_incident_that_nobody_answered_goes_on_asking(scene: Hosted) -> None:
    incident = await scene.said(0.6)
    assert incident
    await scene.approved(incident.id)
    await scene.room.pass_time(minutes=1)
    await hear(scene, 0.9, 0.9, 0.9)
    assert (await scene.change()).step is Step.DONE
    assert (await scene.room.incident(incident.id)).phase is Phase.TRIGGERED


async def test_alerts_that_resolve_are_recovery(scene: Hosted) -> None:
    incident = await served(scene)
    await scene.said(0.9, status=Status.RESOLVED)
    await scene.room.pass_time(minutes=1)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Recovered: Its alert fires no more" in change.outcome
    assert not (await scene.room.incident(incident.id)).open


async def test_silence_is_inconclusive_and_said_so(scene: Hosted) -> None:
    incident = await served(scene)
    await hear(scene, 0.9)
    await scene.room.pass_time(minutes=31)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Inconclusive: Nothing conclusive was heard within 30 minutes. 1 samples of auc were heard" in change.outcome
    assert "1 of 1 alerts still fire." in change.outcome
    assert (await scene.room.incident(incident.id)).phase is Phase.ACKNOWLEDGED
    assert any("person:ada" in said for said in await scene.notices())


async def test_worse_proposes_and_does_nothing(scene: Hosted) -> None:
    await served(scene)
    paged = len(scene.pager.sent)
    await hear(scene, 0.5, 0.4, 0.3)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Worse: auc is further over its limit than before: 0.5, 0.4, 0.3" in change.outcome
    told = [call.page for call in scene.pager.sent[paged:]]
    assert [page.person for page in told] == ["ada"]  # who holds it
    assert "Nothing more was done. Proposed: take it back with `tocsin change undo CHG-1`" in told[0].why
    await scene.room.pass_time(hours=1)
    assert scene.platform.applied == ["6"]


async def test_closed_by_hand_is_no_recovery(scene: Hosted) -> None:
    incident = await served(scene)
    press = respond.Press(Verb.RESOLVE, incident.id, "person:ada", scene.room.now, "cli")
    await respond.take(scene.room.desk, press)
    await scene.room.pass_time(minutes=1)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Inconclusive: INC-1 was closed by hand while alerts still fired." in change.outcome


async def test_the_next_change_need_not_wait_for_the_metric(scene: Hosted) -> None:
    await served(scene)
    await hear(scene, 0.9)
    await scene.store.write(lambda tx: verify.conclude(tx, scene.room.desk, "churn"))
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Inconclusive: The next change was asked for before anything could be told. 1 samples" in change.outcome
    assert await scene.store.read(lambda tx: changes.open_of(tx, "churn")) is None
    await scene.room.pass_time(minutes=1)  # the job that watched it finds nothing to do


async def test_taking_it_back_need_not_wait_for_the_metric(scene: Hosted) -> None:
    await served(scene)
    desk, now = scene.room.desk, scene.room.now
    wish = await propose.undo(desk, "CHG-1", "the calls got worse")
    told = await propose.propose(desk, wish, "person:ada", now, "cli")
    assert told.change is not None, told.sentence
    assert (told.change.plan.after.version, told.change.undoes) == ("7", "CHG-1")
    assert (await scene.change()).step is Step.DONE
    again = await propose.propose(desk, wish, "person:ada", now, "cli")
    assert again.verdict is Verdict.LOCKED


async def test_what_is_not_seen_to_serve_yet_is_not_concluded(scene: Hosted) -> None:
    scene.platform.slow = True
    await scene.approved()
    await scene.room.pass_time(minutes=1)
    await scene.store.write(lambda tx: verify.conclude(tx, scene.room.desk, "churn"))
    assert (await scene.change()).step is Step.VERIFYING


async def test_samples_from_before_do_not_count(scene: Hosted) -> None:
    incident = await scene.said(0.6)
    assert incident
    await hear(scene, 0.9, 0.9, 0.9)
    await scene.approved(incident.id)
    await scene.room.pass_time(minutes=5)
    assert (await scene.change()).step is Step.VERIFYING


async def test_somebody_moves_it_away_while_the_metric_is_waited_for(scene: Hosted) -> None:
    incident = await served(scene)
    scene.platform.pointer = FOREIGN
    await scene.room.pass_time(minutes=1)
    change = await scene.change()
    assert change.step is Step.DONE
    assert "Inconclusive: 9 serves now, by no change of ours" in change.outcome
    assert (await scene.served())[-1] == ("9", "seen", None)
    assert "model.moved" in await scene.room.story(incident.id)
