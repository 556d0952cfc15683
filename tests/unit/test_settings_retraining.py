"""`retrain` of a model and `budget` of an entity, in estate.yaml."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot import settings
from bot.errors import BadConfig
from bot.model.estate import Estate
from bot.model.retraining import Budget, Policy

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def load(folder: Path, retrain: str = "", model: str = "platform: shelf", budget: str = "") -> Estate:
    """A small configuration whose model is retrained so."""
    entity = f"{{name: retail{f', budget: {budget}' if budget else ''}}}"
    churn = (
        f"{{name: churn, entity: retail, team: t{f', {model}' if model else ''}{retrain and f', retrain: {retrain}'}}}"
    )
    files = {
        "tocsin": "slack: {mode: off}\nconnections: [{name: shelf, plugin: local}, {name: ci, plugin: webhook}]",
        "people": "people: [{name: ada, slack: U01ADA}]\nteams: [{name: t, entity: retail, members: [ada], lead: ada}]",
        "estate": f"entities: [{entity}]\nmodels: [{churn}]",
        "rotas": "rotas: []",
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return settings.load(folder, {"SPEND": "1200.50"}).estate


def test_what_says_nothing_is_not_retrained_and_not_counted(tmp_path: Path) -> None:
    found = load(tmp_path)
    assert found.models["churn"].retrain is None
    assert found.entities["retail"].budget is None


def test_a_bare_policy_has_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "{}").models["churn"].retrain == Policy()


def test_everything_is_read(tmp_path: Path) -> None:
    said = "{window: 28d, label_delay: 0s, holdout: 5d, cooldown: 2d, longest: 3h, cost: 40, watch: 12h,"
    said += " connection: ci, every: 4w}"
    found = load(tmp_path, said, "trial: {metric: auc, label_delay: 7d}", "{monthly: 500, currency: EUR}")
    policy = Policy(28 * DAY, 0 * DAY, 5 * DAY, 2 * DAY, 3 * HOUR, 40.0, 12 * HOUR, "ci", 28 * DAY)
    assert found.models["churn"].retrain == policy
    assert found.entities["retail"].budget == Budget(500.0, "EUR")


def test_the_label_delay_is_that_of_the_trials_where_none_is_said(tmp_path: Path) -> None:
    found = load(tmp_path, "{}", "platform: shelf, trial: {metric: auc, label_delay: 7d}")
    assert found.models["churn"].retrain == Policy(label_delay=7 * DAY, holdout=7 * DAY)


@pytest.mark.parametrize(("window", "holdout"), [("10d", 2 * DAY), ("90d", 7 * DAY), ("10h", 2 * HOUR)])
def test_a_fifth_of_the_newest_data_is_kept_back_where_there_is_a_trial(
    tmp_path: Path, window: str, holdout: timedelta
) -> None:
    found = load(tmp_path, f"{{window: {window}, cooldown: 1h}}", "platform: shelf, trial: {metric: auc}")
    policy = found.models["churn"].retrain
    assert policy is not None
    assert policy.holdout == holdout


def test_not_all_data_can_be_kept_back(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="As much would be kept back as there is to learn from"):
        load(tmp_path, "{window: 5d, holdout: 5d}")


def test_a_budget_may_come_from_the_environment(tmp_path: Path) -> None:
    assert load(tmp_path, budget='{monthly: "${SPEND}"}').entities["retail"].budget == Budget(1200.5)


def test_a_schedule_may_be_as_close_as_the_cooldown(tmp_path: Path) -> None:
    policy = load(tmp_path, "{cooldown: 2d, every: 2d}").models["churn"].retrain
    assert policy is not None
    assert policy.every == policy.cooldown == 2 * DAY


@pytest.mark.parametrize(
    ("retrain", "model", "fault"),
    [
        ("{windo: 90d}", "platform: shelf", "no setting `models[0].retrain.windo`. Did you mean 'window'?"),
        ("{window: 0s}", "platform: shelf", "`models[0].retrain.window` must be longer than nothing."),
        ("{window: 90}", "platform: shelf", "`models[0].retrain.window` needs a unit."),
        ("{window: 999999w}", "platform: shelf", "`models[0].retrain.window` is longer than ten years."),
        ("{cooldown: 999999w}", "platform: shelf", "`models[0].retrain.cooldown` is longer than ten years."),
        ("{label_delay: 999999w}", "platform: shelf", "`models[0].retrain.label_delay` is longer than ten years."),
        ("{cost: -1}", "platform: shelf", "`models[0].retrain.cost` must be"),
        ("{cost: .nan}", "platform: shelf", "`models[0].retrain.cost` must be"),
        ("{cost: dear}", "platform: shelf", "`models[0].retrain.cost` must be"),
        ("{connection: cl}", "platform: shelf", "There is no connection 'cl'. Known: ci, shelf."),
        ("{every: 12h}", "platform: shelf", "It would be proposed more often than its cooldown of 1d lets it be."),
        ("{}", "platform: shelf, trial: {metric: auc, label_delay: 999999w}", "trial.label_delay` is longer than ten"),
        ("{}", "", "Nobody would train churn: it has no platform."),
        ("{}", "kind: data, platform: shelf", "churn is data, which is not trained."),
    ],
)
def test_a_policy_that_leads_nowhere_is_refused_with_its_line(
    tmp_path: Path, retrain: str, model: str, fault: str
) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, retrain, model)
    assert fault in str(refused.value)
    assert "estate.yaml:2: " in str(refused.value)


@pytest.mark.parametrize(
    ("budget", "fault"),
    [
        ("{currency: EUR}", "`entities[0].budget.monthly` is missing."),
        ("{monthly: -1}", "`entities[0].budget.monthly` must be"),
        ("{monthly: .inf}", "`entities[0].budget.monthly` must be"),
        ("{monthly: 5, currency: euro}", "`entities[0].budget.currency`"),
        ("{yearly: 5}", "There is no setting `entities[0].budget.yearly`"),
        ("500", "`entities[0].budget` must be"),
    ],
)
def test_a_budget_that_is_none_is_refused_with_its_line(tmp_path: Path, budget: str, fault: str) -> None:
    with pytest.raises(BadConfig) as refused:
        load(tmp_path, budget=budget)
    assert fault in str(refused.value)
    assert "estate.yaml:1: " in str(refused.value)
