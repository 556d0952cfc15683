"""estate.yaml: what is in production, whose it is, and what its monitors call it."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from bot import documents
from bot.documents import Duration, Form, Wait
from bot.model.estate import Entity, Estate, Model
from bot.model.retraining import Budget, Policy
from bot.model.trial import METRICS, Terms
from bot.settings.forms import Channel, Name, Targets, Team, Zone
from bot.settings.known import Known
from bot.settings.sheet import Sheet


def _metric(name: str) -> str:
    if name not in METRICS:
        raise documents.Wrong("is no metric.", documents.closest(name, METRICS) or "See config/README.md.")
    return name


def _within_ten_years(length: timedelta) -> timedelta:
    if length > LONGEST:
        raise documents.Wrong("is longer than ten years.", "Write 45s, 10m, 1h30m, 2 hours or 1 week.")
    return length


HOLDOUT = timedelta(days=7)  #: of the newest data, at most, where the catalogue says nothing of it
LONGEST = timedelta(days=3653)
Metric = Annotated[str, AfterValidator(_metric)]
Span = Annotated[Duration, AfterValidator(_within_ten_years)]  #: longer than nothing
Pause = Annotated[Wait, AfterValidator(_within_ten_years)]  #: nothing included
Money = Annotated[float, Field(strict=False, ge=0, le=1e12, allow_inf_nan=False)]
Column = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class BudgetForm(Form):
    """What an entity may spend on retraining."""

    monthly: Money
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"


class EntityForm(Form):
    """A business entity."""

    name: Name
    channel: Channel | None = None
    timezone: Zone = "UTC"
    workspace: Team | None = None
    budget: BudgetForm | None = None


class TrialForm(Form):
    """How the versions of a model are tried."""

    metric: Metric
    also: list[Metric] = Field(default=[])
    window: Span = timedelta(days=28)
    label_delay: Pause = timedelta(0)
    slices: list[Column] = Field(default=[], max_length=20)
    fairness: list[Column] = Field(default=[], max_length=5)
    least: int = Field(default=500, ge=10, le=10_000_000)
    threshold: float = Field(default=0.5, ge=0, le=1)
    connection: Name | None = None
    every: Span | None = None


class RetrainForm(Form):
    """How a model is retrained."""

    window: Span = Policy().window
    label_delay: Pause | None = None
    holdout: Pause | None = None
    cooldown: Pause = Policy().cooldown
    longest: Span = Policy().longest
    cost: Money | None = None
    watch: Span = Policy().watch
    connection: Name | None = None
    every: Span | None = None


class ModelForm(Form):
    """A model or an AI agent."""

    name: Name
    kind: Literal["model", "agent", "data"] = "model"
    entity: Name
    team: Name
    criticality: Literal["low", "medium", "high", "critical"] = "medium"
    platform: Name | None = None
    ref: dict[str, str] = Field(default={})
    features: Name | None = None
    approvers: Targets = Field(default=[])
    aliases: list[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(default=[])
    feeds: list[Name] = Field(default=[])
    trial: TrialForm | None = None
    retrain: RetrainForm | None = None


def read(sheet: Sheet, known: Known) -> Estate:
    """The entities and models that fit; what does not is in the sheet's complaints."""
    sheet.only("entities", "models")
    entities = {
        form.name: Entity(form.name, form.channel, form.timezone, form.workspace, _budget(form.budget))
        for _, form in sheet.entries("entities", EntityForm)
    }
    models: dict[str, Model] = {}
    places: dict[str, int] = {}
    for place, form in sheet.entries("models", ModelForm):
        models[form.name], places[form.name] = _model(sheet, place, form, known), place
    for name, place in places.items():
        if name in Estate(models=models).downstream(name):
            sheet.wrong(f"{name} feeds itself.", "Leave out the step that leads back.", "models", place, "feeds")
    return Estate(entities, models, _names(sheet, models, places))


def _model(sheet: Sheet, place: int, form: ModelForm, known: Known) -> Model:
    for kind in ("entity", "team", "platform", "features"):
        name = getattr(form, kind)
        if name and (fault := known.missing("connection" if kind in ("platform", "features") else kind, name)):
            sheet.wrong(*fault, "models", place, kind)
    if form.trial and form.trial.connection and (fault := known.missing("connection", form.trial.connection)):
        sheet.wrong(*fault, "models", place, "trial", "connection")
    _fits(sheet, place, form, known)
    for number, fed in enumerate(form.feeds):
        if fault := known.missing("model", fed):
            sheet.wrong(*fault, "models", place, "feeds", number)
    for number, approver in enumerate(form.approvers):
        if fault := known.missing_target(approver):
            sheet.wrong(*fault, "models", place, "approvers", number)
    return Model(
        name=form.name,
        entity=form.entity,
        team=form.team,
        kind=form.kind,
        criticality=form.criticality,
        platform=form.platform,
        ref=form.ref,
        features=form.features,
        approvers=tuple(form.approvers),
        aliases=tuple(form.aliases),
        feeds=tuple(form.feeds),
        trial=_terms(form.trial),
        retrain=_policy(form),
    )


def _terms(form: TrialForm | None) -> Terms | None:
    if form is None:
        return None
    said: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in form}
    return Terms(**said)


def _fits(sheet: Sheet, place: int, form: ModelForm, known: Known) -> None:
    """Complains of a way to retrain that leads nowhere."""
    retrain = form.retrain
    if retrain is None:
        return
    here = ("models", place, "retrain")
    if form.kind == "data":
        sheet.wrong(f"{form.name} is data, which is not trained.", "Take `retrain` out.", *here)
    if retrain.connection is None and form.platform is None:
        do = "Name its `platform`, or another `connection` here."
        sheet.wrong(f"Nobody would train {form.name}: it has no platform.", do, *here)
    if retrain.connection and (fault := known.missing("connection", retrain.connection)):
        sheet.wrong(*fault, *here, "connection")
    if retrain.holdout and retrain.holdout >= retrain.window:
        what = "As much would be kept back as there is to learn from."
        sheet.wrong(what, "Let `holdout` be shorter than `window`.", *here, "holdout")
    if retrain.every and retrain.every < retrain.cooldown:
        what = f"It would be proposed more often than its cooldown of {documents.written(retrain.cooldown)} lets it be."
        sheet.wrong(what, "Let `every` be longer, or `cooldown` shorter.", *here, "every")


def _policy(form: ModelForm) -> Policy | None:
    """With the label delay of its trials where it says none of its own: the truth about its data is one."""
    if form.retrain is None:
        return None
    said: dict[str, Any] = dict(form.retrain)
    if form.retrain.holdout is None:
        said["holdout"] = min(form.retrain.window / 5, HOLDOUT) if form.trial else timedelta(0)
    if form.retrain.label_delay is None:
        said["label_delay"] = form.trial.label_delay if form.trial else timedelta(0)
    return Policy(**said)


def _budget(form: BudgetForm | None) -> Budget | None:
    return Budget(form.monthly, form.currency) if form else None


def _names(sheet: Sheet, models: dict[str, Model], places: dict[str, int]) -> dict[str, Model]:
    """Every name and alias, each of which leads to one model."""
    names = dict(models)
    for model in models.values():
        for number, alias in enumerate(model.aliases):
            owner = names.setdefault(alias, model)
            if owner is not model or alias == model.name or alias in model.aliases[:number]:
                path = ("models", places[model.name], "aliases", number)
                sheet.wrong(
                    f"The name '{alias}' belongs to {owner.name} already.", "Give it to one model, once.", *path
                )
    return names
