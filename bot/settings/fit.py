"""Whether the runbooks fit the rest of the configuration and each other."""

from collections.abc import Iterator
from datetime import date

from bot.documents import Document
from bot.errors import BadConfig
from bot.model.estate import Estate, Model
from bot.model.matcher import Matcher
from bot.model.runbook import Runbook, Tier
from bot.rules import routing
from bot.runbooks import Library, policy
from bot.settings.known import Known
from bot.settings.nouns import Settings

Path = tuple[str | int, ...]
#: The connections of alerts that come from within, with their sources: people, heartbeats, and the rules on noise.
OWN = {"by-hand": "person", "heartbeat": "heartbeat", "noise": "tocsin"}


def check(library: Library, settings: Settings) -> list[BadConfig]:
    """Targets that lead nowhere for a model the runbook could match, names nobody defines, and ties."""
    known = _known(settings)
    found: list[BadConfig] = []
    for runbook in library.runbooks:
        document = library.documents[runbook.name]
        found += _names(runbook, document, known)
        found += _targets(runbook, document, settings, known)
    for one, other in routing.ties(library.runbooks):
        what = f"{other.name} and {one.name} match the same alerts with equal right ({routing.said(other.match)})."
        do = f"Add a condition to one of them; the other stands in {one.file}."
        found.append(library.documents[other.name].wrong(what, do, "match"))
    return found


def overdue(library: Library, today: date) -> list[BadConfig]:
    """Runbooks whose `review_by` has passed: nothing is refused for that, but somebody should look."""
    return [
        library.documents[runbook.name].wrong(
            f"{runbook.name} was to be reviewed by {runbook.review_by}.",
            f"{runbook.owner}: read it again, then set a new date.",
            "review_by",
        )
        for runbook in library.runbooks
        if runbook.review_by < today
    ]


def _known(settings: Settings) -> Known:
    """Every name the configuration defines."""
    teams = settings.people.teams
    return Known(
        person=frozenset(settings.people.persons),
        team=frozenset(teams),
        lead=frozenset(name for name, team in teams.items() if team.lead),
        rota=frozenset(settings.rotas),
        entity=frozenset(settings.estate.entities),
        connection=frozenset((*OWN, *(connection.name for connection in settings.connections))),
        model=frozenset(settings.estate.models),
    )


def _names(runbook: Runbook, document: Document, known: Known) -> Iterator[BadConfig]:
    """The owner, and exact conditions on what the configuration lists."""
    if fault := known.missing_target(runbook.owner):
        yield document.wrong(*fault, "owner")
    fields = {"entity": "entity", "model": "model", "model.team": "team", "connection": "connection"}
    conditions: list[tuple[Matcher, Path]] = [(matcher, ("match",)) for matcher in runbook.match]
    for number, grade in enumerate(runbook.severity):
        conditions += [(matcher, ("severity", number)) for matcher in grade.conditions]
    for matcher, path in conditions:
        kind = fields.get(matcher.field)
        if kind and matcher.op == "=" and matcher.value and (fault := known.missing(kind, matcher.value)):
            yield document.wrong(*fault, *path, matcher.field)


def _targets(runbook: Runbook, document: Document, settings: Settings, known: Known) -> Iterator[BadConfig]:
    """Each target that leads nowhere, once, with the models it is so for."""
    dangling: dict[tuple[str, Path, str, str], list[str]] = {}
    for model in candidates(runbook, settings.estate):
        drawn = policy(runbook, runbook.severity[-1].severity, model, settings.escalation)
        pages = [page for tier in drawn.tiers for page in _paged(tier)]
        pages += [("fallback", target, ("fallback",)) for target in drawn.fallback if runbook.fallback]
        for place, target, path in pages:
            if "{" not in target and (fault := known.missing_target(target)):
                dangling.setdefault((place, path, *fault), []).append(model.name if model else "")
    for (place, path, what, do), models in dangling.items():
        named = sorted(name for name in models if name)
        few = ", ".join(named[:5]) + (" and others" if len(named) > 5 else "")
        of = f" (for {few})" if "" not in models else ""
        yield document.wrong(f"{place} reaches nobody{of}: {what}", do, *path)


def _paged(tier: Tier) -> Iterator[tuple[str, str, Path]]:
    """Each target of a tier, and where it stands."""
    for number, stage in enumerate(tier.course):
        place: Path = ("tiers", tier.name, *(("stages", number) if tier.stages else ()), "page")
        yield from ((tier.name, target, place) for target in stage.page)


def candidates(runbook: Runbook, estate: Estate, *given: Matcher) -> list[Model | None]:
    """Every model an alert could be about when it matches, and None for one that nobody has catalogued.

    `given` is what is known of the alert beside that.
    """
    every = (None, *estate.models.values())
    return [model for model in every if routing.compatible((*runbook.match, *given, *_about(model)))]


def senders(settings: Settings) -> list[tuple[str, str]]:
    """The source and the connection of every alert there can be, the bot's own among them."""
    own = [(source, name) for name, source in OWN.items()]
    return [*own, *((one.plugin, one.name) for one in settings.connections)]


def brings(sender: tuple[str, str], runbook: Runbook) -> bool:
    """Whether an alert of that source and connection could match."""
    source, connection = sender
    given = Matcher("source", "=", source), Matcher("connection", "=", connection)
    return routing.compatible((*runbook.match, *given))


def _about(model: Model | None) -> list[Matcher]:
    """What an alert about `model` says of it."""
    if model is None:
        return [Matcher(field, "=", "") for field in ("model.kind", "model.team", "criticality")]
    said = {
        "model": model.name,
        "entity": model.entity,
        "model.kind": model.kind,
        "model.team": model.team,
        "criticality": model.criticality,
    }
    return [Matcher(field, "=", value) for field, value in said.items()]
