"""`lint` tells of retrains that can never be: no policy, no runbook, nobody who may agree, a budget of nothing."""

from pathlib import Path

import pytest

from bot import runbooks, settings
from bot.model.change import SWITCHES
from bot.rules import matching
from bot.settings import lint
from bot.settings.lint import Around
from tests.unit.test_lint import AT, GOOD

BARE = "{name: price, entity: retail, team: t, platform: shelf}"
CHURN = "entity: retail\n    team: t\n    platform: shelf\n    approvers: [team:t]"
SHELF = Around(levers={"shelf": frozenset(map(str, SWITCHES))})


def found(
    folder: Path, model: str, *, actions: str = "retrain: {approval: one}", budget: str = "", other: str = BARE
) -> list[str]:
    """What is said of a runbook with `actions`, and of an estate of `churn` and of another without a policy."""
    texts = {
        "tocsin": "slack: {mode: off}\nconnections: [{name: shelf, plugin: local}]",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": f"entities:\n  - {{name: retail{budget}}}\nmodels:\n  - {other}\n  - name: churn\n    {model}",
        "rotas": "rotas: []",
    }
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    shelf = folder / "runbooks"
    shelf.mkdir()
    text = (
        GOOD.replace("rollback: {approval: one}", actions).replace("churn-ml", "t").replace("rota:first-line", "team:t")
    )
    (shelf / "drift.md").write_text(text.replace("{kind: drift}", "{kind: drift, model: churn}"), encoding="utf-8")
    every = lint.look(runbooks.load(shelf, matching.parse), settings.load(folder, {}), SHELF, AT)
    assert not any(one.wrong for one in every)
    return [
        str(one.complaint).replace(f"{folder}/", "") for one in every if "matches nothing" not in one.complaint.what
    ]


def test_a_policy_and_a_runbook_that_offers_it_are_let_be(tmp_path: Path) -> None:
    model = f"{CHURN}\n    retrain: {{every: 4w}}"
    retrain = "retrain: {approval: one, propose: true, parameters: {epochs: 3}}"
    assert found(tmp_path, model, actions=retrain, budget=", budget: {monthly: 9}") == []


def test_a_lever_without_any_policy_is_named(tmp_path: Path) -> None:
    assert found(tmp_path, CHURN) == [
        "runbooks/drift.md:10: No model that it is for has `retrain` in config/estate.yaml. Say there how one is"
        " retrained, or drop the lever."
    ]


def test_where_no_platform_runs_anything_it_is_told_once(tmp_path: Path) -> None:
    bare = CHURN.replace("\n    platform: shelf", "")
    (one,) = found(tmp_path, bare, budget=", budget: {monthly: 9}", other=BARE.replace(", platform: shelf", ""))
    assert one.startswith("estate.yaml:1: No model names a `platform`")


@pytest.mark.parametrize(("propose", "told"), [("", False), (", propose: true", True)])
def test_a_proposal_for_what_has_no_policy_is_named(tmp_path: Path, propose: str, told: bool) -> None:
    model = f"{CHURN}\n    retrain: {{}}"
    said = found_of_both(tmp_path, model, f"retrain: {{approval: one{propose}}}")
    expected = (
        "runbooks/drift.md:10: It proposes to retrain price, which cannot be: there is no `retrain` in"
        " config/estate.yaml. Say there how, or let `match` leave them out."
    )
    assert said == [expected] * told


def found_of_both(folder: Path, model: str, actions: str) -> list[str]:
    """The same of a runbook that is for both models."""
    found(folder, model, actions=actions)
    book = folder / "runbooks/drift.md"
    book.write_text(book.read_text("utf-8").replace(", model: churn", ""), encoding="utf-8")
    library = runbooks.load(book.parent, matching.parse)
    every = lint.look(library, settings.load(folder, {}), SHELF, AT)
    return [str(one.complaint).replace(f"{folder}/", "") for one in every if "nothing" not in one.complaint.what]


def test_a_policy_that_no_runbook_has_a_gate_for_is_named_with_its_line(tmp_path: Path) -> None:
    (one,) = found(tmp_path, f"{CHURN}\n    retrain: {{}}", actions="rollback: {approval: one}")
    assert one.startswith("estate.yaml:10: No runbook that is for churn offers `retrain`, so nothing says what it must")


@pytest.mark.parametrize(
    ("policy", "propose", "said"),
    [
        ("{every: 4w}", "", "estate.yaml:9: A retrain of churn is proposed by itself, and nobody may agree to it."),
        ("{}", ", propose: true", "estate.yaml:9: A runbook proposes to retrain churn by itself, and nobody may agree"),
    ],
)
def test_a_proposal_that_nobody_may_agree_to_is_named(tmp_path: Path, policy: str, propose: str, said: str) -> None:
    model = f"{CHURN}\n    retrain: {policy}".replace("\n    approvers: [team:t]", "")
    (one,) = found(tmp_path, model, actions=f"retrain: {{approval: one{propose}}}")
    assert one.startswith(said)


def test_without_a_proposal_nobody_has_to_agree(tmp_path: Path) -> None:
    model = f"{CHURN}\n    retrain: {{}}".replace("\n    approvers: [team:t]", "")
    assert found(tmp_path, model) == []


def test_a_budget_of_nothing_is_named(tmp_path: Path) -> None:
    (one,) = found(tmp_path, CHURN, actions="rollback: {approval: one}", budget=", budget: {monthly: 9}")
    assert one == (
        "estate.yaml:2: retail has a budget, and none of its models has `retrain`: nothing is ever spent. Say of a"
        " model how it is retrained, or drop the budget."
    )


@pytest.mark.parametrize(("delay", "told"), [("40d", True), ("2d1h", True), ("2d", False)])
def test_rows_that_are_kept_back_and_can_have_no_label_yet_are_named(tmp_path: Path, delay: str, told: bool) -> None:
    trial = f"trial: {{metric: auc, label_delay: {delay}}}"
    policy = f"{CHURN}\n    {trial}\n    retrain: {{window: 10d, holdout: 2d, label_delay: 1h}}"
    said = found(tmp_path, policy, actions="retrain: {approval: one, gate: {metric: auc}}")
    assert any("is known of the rows that are kept back" in one for one in said) is told
