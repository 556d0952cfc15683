"""What is weak about how models are retrained: levers without a policy, policies and budgets that nobody uses."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from bot import documents
from bot.documents import Document
from bot.errors import BadConfig
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.runbook import Action, Runbook
from bot.runbooks import Library
from bot.settings import fit
from bot.settings.nouns import Settings

FILE = "estate.yaml"
LISTED = 5  #: models that are named


def of_runbook(runbook: Runbook, document: Document, settings: Settings) -> Iterator[BadConfig]:
    """A retrain that it offers for models that have no policy; of a catalogue without platforms it is told once."""
    action, estate = _offer(runbook), settings.estate
    models = [one for one in fit.candidates(runbook, estate) if one and one.kind != "data"]
    if action is None or not models or not any(one.platform or one.retrain for one in estate.models.values()):
        return
    bare = [one.name for one in models if one.retrain is None]
    if len(bare) == len(models):
        what = "No model that it is for has `retrain` in config/estate.yaml."
        yield document.wrong(what, "Say there how one is retrained, or drop the lever.", "actions", action.name)
    elif bare and action.options.get("propose"):
        what = f"It proposes to retrain {_few(bare)}, which cannot be: there is no `retrain` in config/estate.yaml."
        do = "Say there how, or let `match` leave them out."
        yield document.wrong(what, do, "actions", action.name, "propose")


def of_estate(library: Library, settings: Settings) -> Iterator[BadConfig]:
    """Policies that no runbook has a gate for, proposals that nobody may agree to, budgets of what is never spent."""
    sheet, estate = _sheet(settings), settings.estate
    for model in estate.models.values():
        if model.retrain is None:
            continue
        books = [one for one in library.runbooks if model in fit.candidates(one, estate)]
        offers = [action for one in books if (action := _offer(one)) is not None]
        place = ("models", _place(sheet, "models", model.name), "retrain")
        if books and not offers:
            what = f"No runbook that is for {model.name} offers `retrain`, so nothing says what it must show to serve."
            yield sheet.wrong(what, "Add it with a `gate` to its `actions`, as runbooks/drift.md has it.", *place)
        yield from _unapproved(sheet, model, offers, place)
        yield from _untried(sheet, model, place)
    yield from _unspent(sheet, settings) if any(one.platform for one in estate.models.values()) else ()


def _unapproved(
    sheet: Document, model: Model, offers: Sequence[Action], place: tuple[str | int, ...]
) -> Iterator[BadConfig]:
    """What is proposed by itself is done by nobody's leave but theirs."""
    if model.approvers or model.retrain is None:
        return
    do = f"Name `approvers` of {model.name}."
    if model.retrain.every:
        what = f"A retrain of {model.name} is proposed by itself, and nobody may agree to it."
        yield sheet.wrong(what, do, *place, "every")
    elif any(action.options.get("propose") for action in offers):
        what = f"A runbook proposes to retrain {model.name} by itself, and nobody may agree to it."
        yield sheet.wrong(what, do, *place)


def _untried(sheet: Document, model: Model, place: tuple[str | int, ...]) -> Iterator[BadConfig]:
    """What it makes is tried on the rows that are kept back, all of which may be too young to have a label."""
    policy, trial = model.retrain, model.trial
    if policy and trial and timedelta(0) < policy.holdout <= trial.label_delay - policy.label_delay:
        what = "When a run ends, nothing is known of the rows that are kept back: what it makes can never be tried."
        do = f"`trial` says that it takes {documents.written(trial.label_delay)}: keep more back, or say so in both."
        yield sheet.wrong(what, do, *place, "holdout")


def _unspent(sheet: Document, settings: Settings) -> Iterator[BadConfig]:
    """Budgets of entities that retrain nothing."""
    spending = {model.entity for model in settings.estate.models.values() if model.retrain}
    for entity in settings.estate.entities.values():
        if entity.budget and entity.name not in spending:
            what = f"{entity.name} has a budget, and none of its models has `retrain`: nothing is ever spent."
            place = ("entities", _place(sheet, "entities", entity.name), "budget")
            yield sheet.wrong(what, "Say of a model how it is retrained, or drop the budget.", *place)


def _offer(runbook: Runbook) -> Action | None:
    return next((action for action in runbook.actions if action.name == Lever.RETRAIN), None)


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:LISTED]) + (" and others" if len(names) > LISTED else "")


def _sheet(settings: Settings) -> Document:
    """The catalogue as it stands in its file, for the lines; without any where it was not read from one."""
    path = settings.folder / FILE
    try:
        return documents.read(path)
    except BadConfig:
        return Document(str(path), {})


def _place(sheet: Document, section: str, name: str) -> int:
    """Which of a section bears the name; beyond all of them where none does."""
    entries: Any = sheet.data.get(section) if isinstance(sheet.data, dict) else None
    listed = entries if isinstance(entries, list) else []
    named = (n for n, one in enumerate(listed) if isinstance(one, dict) and one.get("name") == name)
    return next(named, len(listed))
