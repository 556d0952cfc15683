"""What is wrong with runbooks and what is weak about them, each with its file, its line and a cure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from bot import documents, runbooks
from bot.documents import Document
from bot.errors import BadConfig
from bot.model.change import SWITCHES, Lever
from bot.model.estate import Model
from bot.model.matcher import Matcher
from bot.model.runbook import Runbook
from bot.rules import patterns, reach
from bot.runbooks import Library
from bot.settings import fit, retrained
from bot.settings.nouns import Settings

SECTIONS = ("Goal", "Check first", "Decide", "Act", "Verify", "When to escalate")
GATED = frozenset({"promote", "retrain"})  #: levers that bring a new version
SOON = timedelta(days=14)  #: how long before its review a runbook is spoken of
_HEADING = re.compile(r"^## +(.*?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Around:
    """What the plugins say of the connections, by name."""

    once: frozenset[str] = frozenset()  #: whose monitor sends each state once, not each evaluation
    levers: Mapping[str, frozenset[str]] = field(default_factory=dict)  #: what the platform of each can do
    agents: frozenset[str] | None = None  #: those that have an agent; None: nobody can say


@dataclass(frozen=True)
class Finding:
    """One thing to mend; only a `wrong` one keeps the configuration from coming into force."""

    wrong: bool
    complaint: BadConfig


def look(library: Library, settings: Settings, around: Around, at: datetime) -> list[Finding]:
    """Everything there is to say about the runbooks at `at`, by file and line."""
    found = [Finding(True, one) for one in (*library.complaints, *fit.check(library, settings))]
    for runbook in library.runbooks:
        document = library.documents[runbook.name]
        weak = [
            *_sections(runbook),
            *_review(runbook, document, at),
            *_owner(runbook, document, settings, at),
            *_wild(runbook, document),
            *_counted(runbook, document, settings, around),
            *_idle(runbook, document, settings),
            *_agents(runbook, document, settings, around),
            *_levers(runbook, document, settings, around),
            *_gates(runbook, document, settings),
            *_canaries(runbook, document, settings, around),
            *retrained.of_runbook(runbook, document, settings),
        ]
        found += [Finding(False, one) for one in weak]
    beside = [*_no_platform(library, settings), *retrained.of_estate(library, settings)]
    found += [Finding(False, one) for one in beside]
    return sorted(found, key=lambda one: (one.complaint.file, one.complaint.line, not one.wrong))


def _sections(runbook: Runbook) -> Iterator[BadConfig]:
    """The parts that whoever is woken looks for, and finds missing or empty."""
    text = documents.text(Path(runbook.file))
    _, body = documents.head(text, runbook.file)
    above = text[: len(text) - len(body)].count("\n")
    places = {match[1]: match for match in _HEADING.finditer(body)}
    for name in SECTIONS:
        if name not in places:
            do = f"Write a section `## {name}`; see runbooks/drift.md for one of each."
            yield BadConfig(f"There is no section `{name}`.", do, file=runbook.file, line=above + 1)
        elif not re.match(r"\s*[^\s#]", body[places[name].end() :]):
            line = above + body[: places[name].start()].count("\n") + 1
            yield BadConfig(
                f"The section `{name}` is empty.", "Say it, or a ticket will.", file=runbook.file, line=line
            )
    if not runbooks.steps(body):
        what = "It has no steps, so the card has no checklist."
        yield BadConfig(what, "Number what is to be checked.", file=runbook.file, line=above + 1)


def _review(runbook: Runbook, document: Document, at: datetime) -> Iterator[BadConfig]:
    left = (runbook.review_by - at.date()).days
    if left <= SOON.days:
        when = f"was to be reviewed by {runbook.review_by}"
        if left >= 0:
            when = f"is to be reviewed by {runbook.review_by}, in {left} days"
        do = f"{runbook.owner}: read it again, then set a new date."
        yield document.wrong(f"{runbook.name} {when}.", do, "review_by")


def _owner(runbook: Runbook, document: Document, settings: Settings, at: datetime) -> Iterator[BadConfig]:
    """An owner that is defined, and behind which nobody stands."""
    found = reach.people(runbook.owner, settings.rotas, settings.people, settings.overrides, at)
    kind, _, name = runbook.owner.partition(":")
    defined = {"team": settings.people.teams, "rota": settings.rotas, "lead": settings.people.teams}.get(kind, ())
    if not found.persons and name in defined:
        yield document.wrong(f"Nobody is behind its owner {runbook.owner}: {found.why}", "Name somebody.", "owner")


def _wild(runbook: Runbook, document: Document) -> Iterator[BadConfig]:
    """Patterns that only an engine of linear time keeps from running away."""
    placed: list[tuple[Matcher, tuple[str | int, ...]]] = [(matcher, ("match",)) for matcher in runbook.match]
    for number, grade in enumerate(runbook.severity):
        placed += [(matcher, ("severity", number)) for matcher in grade.conditions]
    for matcher, path in placed:
        if matcher.op[-1] == "~" and not patterns.tame(matcher.value):
            what = f"The pattern {matcher.value!r} could run away; only tocsin[re2] keeps it from that."
            yield document.wrong(what, "Write it with fewer repeats: elsewhere the file is refused.", *path)


def _counted(runbook: Runbook, document: Document, settings: Settings, around: Around) -> Iterator[BadConfig]:
    """Evaluations that are counted, of monitors that do not tell of each."""
    calm, confirm = runbook.calm, runbook.confirm
    keys = ["confirm"] if confirm and confirm.breaches > 1 and not confirm.shadow else []
    keys += ["calm"] if calm.evaluations > 1 and not calm.shadow else []
    counted = [sender for sender in fit.senders(settings) if sender[1] in around.once]
    senders = [name for source, name in counted if fit.brings((source, name), runbook)]
    for key in keys if senders else ():
        late = "so the next breach counts when it repeats itself, hours later" if key == "confirm" else ""
        what = f"`{key}` counts evaluations, but {', '.join(senders)} tells each state once{late and f', {late}'}."
        do = "Put `for:` into the monitor's own rule, match the connections that post each run, or set `shadow: true`."
        yield document.wrong(what, do, key)


def _agents(runbook: Runbook, document: Document, settings: Settings, around: Around) -> Iterator[BadConfig]:
    """Stages that name a connection whose plugin has no agent."""
    if around.agents is None:
        return
    known = {connection.name for connection in settings.connections}
    for tier in runbook.tiers:
        for number, stage in enumerate(tier.stages):
            for name in (one.partition(":")[2] for one in stage.page if one.startswith(f"{reach.AGENT}:")):
                if name in known and name not in around.agents:
                    do = "Name a connection whose plugin brings one, or take the stage out: it is passed over."
                    what = f"The connection {name} has no agent."
                    yield document.wrong(what, do, "tiers", tier.name, "stages", number, "page")


def _idle(runbook: Runbook, document: Document, settings: Settings) -> Iterator[BadConfig]:
    if fault := idle(runbook, settings):
        yield document.wrong(*fault, "match")


def idle(runbook: Runbook, settings: Settings) -> tuple[str, str] | None:
    """Why no alert could ever meet its conditions, and the cure; None where one could."""
    if not fit.candidates(runbook, settings.estate):
        what = f"{runbook.name} matches nothing: no model, agent or data of config/estate.yaml is meant by it."
        return what, "Catalogue what it is for, or loosen `match`."
    if any(fit.brings(sender, runbook) for sender in fit.senders(settings)):
        return None
    what = f"{runbook.name} matches nothing: no connection brings such alerts."
    return what, "Connect its monitor in config/tocsin.yaml, or loosen `match`."


def _levers(runbook: Runbook, document: Document, settings: Settings, around: Around) -> Iterator[BadConfig]:
    """Levers of a runbook all of whose models are run by nothing that could pull them; a trainer has its own."""
    models = [model for model in fit.candidates(runbook, settings.estate) if model]
    if not models or not any(model.platform for model in settings.estate.models.values()):
        return
    offered = {lever for model in models if model.platform for lever in around.levers.get(model.platform, ())}
    named = ", ".join(sorted({model.platform for model in models if model.platform})) or "none"
    for action in runbook.actions:
        # A platform declares switches alone: who evaluates or retrains is said by `trial` and `retrain` of the models.
        if action.name not in offered and (action.name in SWITCHES or (not offered and action.name != Lever.RETRAIN)):
            what = f"No platform of what it is for offers `{action.name}` (platforms: {named})."
            yield document.wrong(what, "Give a model a `platform` that can, or drop it.", "actions", action.name)


def _canaries(runbook: Runbook, document: Document, settings: Settings, around: Around) -> Iterator[BadConfig]:
    """Canaries of models none of whose platforms can share the traffic out."""
    models = [model for model in fit.candidates(runbook, settings.estate) if model and model.platform]
    offered = {lever for model in models for lever in around.levers.get(model.platform or "", ())}
    for action in runbook.actions:
        if "canary" in action.options and offered and Lever.SHIFT not in offered:
            what = "No platform of what it is for can share the traffic out: a new version gets all of it at once."
            yield document.wrong(
                what, "Give a model a `platform` that offers shift, or drop it.", "actions", action.name, "canary"
            )


def _gates(runbook: Runbook, document: Document, settings: Settings) -> Iterator[BadConfig]:
    """Gates that are never asked, and those that never pass because no trial measures what they want."""
    models = [model for model in fit.candidates(runbook, settings.estate) if model and model.trial]
    for action in runbook.actions:
        if "gate" not in action.options:
            continue
        place = ("actions", action.name, "gate")
        if action.name not in GATED:
            do = f"Put it under {' or '.join(sorted(GATED))}, or drop it."
            yield document.wrong(f"`{action.name}` asks no gate.", do, *place)
            continue
        wanted = cast(Mapping[str, Any], action.options["gate"])
        for model in models:
            yield from (document.wrong(what, do, *place, key) for what, do, key in _unmeasured(wanted, model))


def _unmeasured(wanted: Mapping[str, Any], model: Model) -> Iterator[tuple[str, str, str]]:
    """What the gate wants and the trials of `model` do not measure, the cure, and which key of the gate it is."""
    own = model.trial
    if own is None:
        return
    metric = wanted["metric"]
    if metric not in (own.metric, *own.also):
        what = f"It never passes for {model.name}, whose trial does not measure {metric}."
        yield what, f"Add {metric} to its `trial.also` in config/estate.yaml.", "metric"
    if wanted.get("schema") and not (model.features or model.platform):
        what = f"It never passes for {model.name}, whose columns nobody is named to serve."
        yield what, "Name the connection of its feature store in its `features` in config/estate.yaml.", "schema"
    columns = {place.partition("=")[0] for place in wanted.get("slices_at_least", ())}
    if missing := sorted(columns - set(own.slices)):
        what = f"It never passes for {model.name}, whose trial has no slices by {', '.join(missing)}."
        yield what, f"Add {', '.join(missing)} to its `trial.slices` in config/estate.yaml.", "slices_at_least"


def _no_platform(library: Library, settings: Settings) -> Iterator[BadConfig]:
    """Said once: as long as the catalogue names no platform, every lever is a word."""
    levers = sum(bool(runbook.actions) for runbook in library.runbooks)
    models = settings.estate.models.values()
    if levers and models and not any(model.platform for model in models):
        what = f"No model names a `platform`, so the levers of {levers} runbooks can be pulled by hand only."
        yield BadConfig(what, "Name the connection that runs them.", file=settings.folder / "estate.yaml", line=1)
