"""What the forms that change production read: the platform, the ledger, and the rules that count when they are sent."""

from dataclasses import replace

from bot import words
from bot.engine import approvers, drafting, forbidden, headline, planning
from bot.engine.drafting import Wish
from bot.errors import TocsinError
from bot.model.change import Lever, Lock
from bot.model.estate import Model
from bot.rules import retraining, target
from bot.slack import served, where
from bot.slack.forms import fields, outlook
from bot.slack.forms.form import Errand, Known
from bot.slack.forms.outlook import VERSIONED, Outlook
from bot.store import Tx, alerts, changes, incidents
from bot.words import Words


def wish(errand: Errand, lever: Lever, model: str) -> Wish:
    """What the form asks for as it stands; the last known good version is left to the engine to find."""
    filled, seed = errand.filled, errand.seed
    version = standing(errand, model) if lever in VERSIONED and not seed.undoes else ""
    split = outlook.shares(filled.get("split", "")) if lever is Lever.SHIFT and not seed.undoes else None
    return Wish(
        lever,
        model,
        version=version if version and version != seed.good else None,
        split=split,
        incident=errand.incident or None,
        why=filled.get("why", ""),
        language=errand.caller.words.language,
        glass=filled.get("glass", ""),
        undoes=seed.undoes or None,
        seen=seed.plan or None,
        window=outlook.window(filled.get("window", "")) if lever is Lever.RETRAIN else None,
    )


def standing(errand: Errand, model: str) -> str:
    """The version that was chosen in the form, else the one it was opened with, else the last known good one."""
    seed = errand.seed
    typed = seed.version if seed.of == model else ""
    return errand.filled.get(outlook.version_field(model), "") or typed or seed.good


async def placed(errand: Errand) -> Errand:
    """The errand with the open incident in whose place it began, where there is one. NotFound."""
    return (await errand.desk.store.read(lambda tx: _place(tx, errand)))[0]


async def read(errand: Errand, lever: Lever) -> Known:
    """The incident, and the outlook for the model that is chosen, or that the incident is about. NotFound."""
    errand, known, model = await errand.desk.store.read(lambda tx: _place(tx, errand))
    if model is None:
        return replace(known, outlook=Outlook(), plan="")
    found = await _people(errand, lever, model, await _platform(errand, lever, model))
    found = await _planned(replace(errand, seed=replace(errand.seed, good=found.good)), lever, found)
    return replace(known, outlook=found, plan=found.plan.digest if found.plan else "", good=found.good)


def _place(tx: Tx, errand: Errand) -> tuple[Errand, Known, Model | None]:
    """The errand with the incident in whose place it began, that incident while it is open, and the model."""
    seed, find = errand.seed, errand.desk.settings.estate.find
    its = seed.incident or where.incident(tx, seed.channel or None, seed.message or None)
    incident = incidents.find(tx, its) if its else None
    if incident is not None and not incident.open:
        incident = None
    errand = replace(errand, seed=replace(seed, incident=incident.id if incident else ""))
    name = errand.filled.get("model") or seed.model or (incident.model if incident else None)
    if incident is None:
        return errand, Known(), find(name)
    kept = alerts.of(tx, incident.id)
    return errand, Known(incident, headline.of(incident, kept[0] if kept else None)), find(name)


async def _platform(errand: Errand, lever: Lever, model: Model) -> Outlook:
    """What the platform and the ledger say; one that does not answer is part of the outlook."""
    desk, now, found = errand.desk, errand.now, Outlook(model.name)
    if lever is Lever.RETRAIN:
        return found  # its trainer is asked as well, once it is planned
    try:
        known = await drafting.gather(desk, model, lever, now)
    except TocsinError as error:
        return replace(found, trouble=str(error))
    best = target.last_good(known, desk.settings.changes.good_after, now) if lever is Lever.ROLLBACK else None
    versions = target.choices(known) if lever in VERSIONED else ()
    fitting = [one for one in versions if outlook.fits(one.id)][: fields.CHOICES]
    serving = next((one for one in known.versions if one.id == known.before.version), None)
    return replace(
        found,
        now=known.before,
        choices=tuple(fitting),
        hidden=len(versions) - len(fitting),
        metrics=serving.metrics if serving else {},
        good=(best.version or "") if best else "",
    )


async def _people(errand: Errand, lever: Lever, model: Model, found: Outlook) -> Outlook:
    """Who must agree; whether the glass may be broken; what forbids it all."""
    desk, now, incident = errand.desk, errand.now, errand.incident or None
    person = errand.caller.person.name if errand.caller.person else None

    def look(tx: Tx) -> Outlook:
        roster = desk.roster(tx, now)
        by = approvers.rules(tx, desk, model, incident, now, lever)
        action, who = by.action(lever), approvers.Requester(person or "", roster, now)
        needs = approvers.needs(desk, model, lever, by, who)
        names = sorted(approvers.of(desk, roster, model, now) - {person})
        about = forbidden.About(model.entity, incident, model.name, errand.caller.words.language)
        return replace(
            found,
            needs=needs,
            approvers=tuple(roster.people.persons[name] for name in names if name in roster.people.persons),
            glass=needs > 0 and action is not None and action.break_glass,
            forbidden=forbidden.said(tx, desk, about, now) or _locked(tx, model, lever, errand.caller.words),
        )

    return await desk.store.read(look)


def _locked(tx: Tx, model: Model, lever: Lever, w: Words) -> str:
    """Which change stands in the way; nothing where none does."""
    other = changes.open_of(tx, model.name, Lock.TRAINING if lever is Lever.RETRAIN else Lock.SERVING)
    if other is None:
        return ""
    step = served.step(other, w)
    return words.fill(w.answer.locked, change=other.id, step=step, who=other.requested_by, model=model.name)


async def _planned(errand: Errand, lever: Lever, found: Outlook) -> Outlook:
    """With the plan as it would be proposed, or why there can be none."""
    if found.trouble or not _asked(errand, lever, found):
        return found
    try:
        plan = await planning.draft(errand.desk, wish(errand, lever, found.model), errand.now)
    except TocsinError as error:
        return replace(found, trouble=str(error))
    more = retraining.needs(0, bool(plan.parameters.get("over")))
    return replace(found, plan=plan, needs=found.needs + more)


def _asked(errand: Errand, lever: Lever, found: Outlook) -> bool:
    """Whether enough is said for a plan."""
    if lever is Lever.RETRAIN:
        typed = errand.filled.get("window", "")
        return not typed or outlook.window(typed) is not None
    if errand.seed.undoes or lever not in (*VERSIONED, Lever.SHIFT):
        return True
    if lever is Lever.SHIFT:
        return outlook.shares(errand.filled.get("split", "")) is not None
    return bool(standing(errand, found.model))
