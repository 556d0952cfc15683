"""How many must agree: by runbook, criticality and tier; and the glass, which policy lets one person break."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.model.change import Lever, Step
from bot.model.verdict import Verdict
from bot.settings import nouns
from tests.story import changing
from tests.story.changing import Scene

ESTATE, RUNBOOK = "config/estate.yaml", "runbooks/anything.md"
GLASS = ("rollback: {approval: one}", "rollback: {approval: one, break_glass: true}")


@pytest.fixture
async def scene(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Scene]:
    """Ada is on call, Bo and Gus share her team and may agree, Cy leads it and may not."""
    async with changing.opened(tmp_path, sqlite_url) as one:
        yield one


@pytest.mark.parametrize("reason", [" ", "\t\n", "hurry", "a         b"])
async def test_the_glass_is_not_broken_without_a_reason(scene: Scene, reason: str) -> None:
    scene.write(RUNBOOK, *GLASS)
    assert (await scene.propose(glass=reason)).verdict is Verdict.NO_REASON
    assert (await scene.all(), await scene.jobs()) == ([], [])


async def test_the_glass_is_not_broken_where_policy_forbids_it(scene: Scene) -> None:
    assert (await scene.propose(glass="customers are being charged twice")).verdict is Verdict.NO_GLASS
    scene.write(RUNBOOK, *GLASS)
    other = await scene.propose(lever=Lever.PAUSE, glass="customers are being charged twice")
    assert other.verdict is Verdict.NO_GLASS
    assert (await scene.propose("person:dee", glass="customers are being charged twice")).verdict is (
        Verdict.NOT_YOUR_MODEL
    )
    assert (await scene.all(), await scene.jobs()) == ([], [])


async def test_the_glass_is_broken_loudly(scene: Scene) -> None:
    scene.write(RUNBOOK, *GLASS)
    scene.write(ESTATE, 'approvers: ["team:churn-ml"]', "approvers: []")  # that is what it is for
    change = await scene.proposed(glass="customers are being charged twice")
    assert (change.step, change.needs, change.glass) == (Step.APPROVED, 0, "customers are being charged twice")
    assert await scene.jobs() == ["apply/CHG-1"]
    assert await scene.jobs("review") != []
    assert (await scene.vote(change)).verdict is Verdict.DECIDED


async def test_the_mildest_incident_lends_no_rules(scene: Scene) -> None:
    """An incident about another model, whose runbook asks nobody, does not make a rollback of this one free."""
    (scene.room.home / "runbooks/mild.md").write_text(
        (scene.room.home / RUNBOOK)
        .read_text("utf-8")
        .replace("match: {}", "match: {model: price}")
        .replace("approval: one", "approval: none"),
        "utf-8",
    )
    scene.room.reload()
    lenient(scene)
    incident = await scene.room.alert("price is off", model="price")
    assert incident.runbook == "mild"
    change = await scene.proposed(incident=incident.id)
    assert (change.needs, change.plan.runbook) == (1, "anything")


def lenient(scene: Scene) -> None:
    """The criticality of models asks for nothing."""
    least = nouns.Changes(approval=dict.fromkeys(("low", "medium", "high", "critical"), "none"))
    scene.desk.settings = replace(scene.desk.settings, changes=least)


@pytest.mark.parametrize(("approval", "by", "needs"), [("none", "bo", 0), ("tier", "ada", 0), ("tier", "bo", 1)])
async def test_what_policy_lets_one_do_alone_needs_nobody(scene: Scene, approval: str, by: str, needs: int) -> None:
    scene.write(RUNBOOK, "rollback: {approval: one}", f"rollback: {{approval: {approval}}}")
    lenient(scene)
    change = await scene.proposed(f"person:{by}")
    assert change.needs == needs
    assert await scene.jobs() == ([] if needs else ["apply/CHG-1"])


async def test_the_stricter_of_runbook_and_criticality_wins(scene: Scene) -> None:
    scene.write(RUNBOOK, "rollback: {approval: one}", "rollback: {approval: none}")
    assert (await scene.proposed()).needs == 1  # what is not said of the criticality is one


async def test_a_machine_never_changes_anything_alone(scene: Scene) -> None:
    scene.write(RUNBOOK, "rollback: {approval: one}", "rollback: {approval: none}")
    lenient(scene)
    change = await scene.proposed("tocsin")
    assert (change.needs, change.requested_by) == (1, "tocsin")
    assert (await scene.vote(change, "tocsin")).verdict is Verdict.STRANGER


async def test_an_incident_lends_its_runbook_and_is_drawn_anew(scene: Scene) -> None:
    scene.write(RUNBOOK, "rollback: {approval: one}", "rollback: {approval: two, verify_within: 3m, metric: auc}")
    incident = await scene.room.alert("accuracy fell")
    change = await scene.proposed("person:eve", incident=incident.id.lower(), language="tr")
    assert (change.incident, change.needs) == (incident.id, 2)
    plan = change.plan
    assert (plan.runbook, plan.revision) == ("anything", incident.runbook_revision)
    assert (plan.verify_within.total_seconds(), plan.metric) == (180, "auc")
    assert f"card/{incident.id}" in await scene.jobs("card")


async def test_who_is_answered_in_turkish_reads_turkish(scene: Scene) -> None:
    answer = await scene.propose(language="tr")
    assert answer.sentence.startswith("CHG-1, 2026-11-23 07:38 +03 zamanına kadar onay bekliyor. Sayısı: 1.")
    assert answer.change is not None
    voted = await scene.vote(answer.change, "person:ada", language="tr")
    assert voted.sentence == "Bunu siz istediniz, bu yüzden başka biri onaylamalı."
    assert (await scene.vote(answer.change, language="tr")).sentence == "CHG-1 onaylandı, şimdi uygulanıyor."
