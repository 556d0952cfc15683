"""What the selects of forms offer: models and people from the configuration in memory, severities, incidents. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from bot.engine.desk import Desk
from bot.model.estate import Model
from bot.model.incident import SEVERITIES, Incident
from bot.slack import pieces
from bot.slack.forms import fields
from bot.slack.pieces import Json
from bot.words import Words

LONGEST = 150  # characters Slack takes in the value of an option; a longer name must be typed in a command


def models(desk: Desk, typed: str, w: Words) -> Json:
    """The ack of somebody looking for a model: by its name or one of those its monitors use."""
    fitting = [one for one in desk.settings.estate.models.values() if _fits(typed, (one.name, *one.aliases))]
    found = sorted(fitting, key=lambda one: _order(typed, one.name))
    return {"options": [model(one, w) for one in found if len(one.name) <= LONGEST][: fields.CHOICES]}


def targets(desk: Desk, typed: str, w: Words) -> Json:
    """The ack of somebody looking for whom to call: people, teams and rotas, each under their heading."""
    people, named = desk.settings.people, (w.form.people, w.form.teams, w.form.rotas)
    kinds = ("person", people.persons), ("team", people.teams), ("rota", desk.settings.rotas)
    groups = [
        {"label": _plain(label), "options": found}
        for label, (kind, names) in zip(named, kinds, strict=True)
        if (found := list(_targets(kind, names, typed, w)))
    ]
    return {"option_groups": groups}


def persons(desk: Desk, typed: str) -> Json:
    """The ack of somebody looking for a person."""
    return _named(desk.settings.people.persons, typed)


def rotas(desk: Desk, typed: str) -> Json:
    """The ack of somebody looking for a rota."""
    return _named(desk.settings.rotas, typed)


def model(one: Model, w: Words) -> Json:
    """A model or an agent, with its team."""
    return fields.option(one.name, one.name, f"{w.form.agent if one.kind == 'agent' else w.form.model} · {one.team}")


def target(value: str, w: Words) -> Json | None:
    """Whom `person:NAME`, `team:NAME` or `rota:NAME` means; None for an empty one."""
    kind, _, name = value.partition(":")
    if not value or len(value) > LONGEST:
        return None
    about = {"team": w.form.team, "rota": w.form.rota}.get(kind)
    return fields.option(value, f"{name} ({about})" if about else name or value)


def chosen(name: str) -> Json | None:
    """What was chosen before, by its name alone; None when nothing was."""
    return fields.option(name, name) if name and len(name) <= LONGEST else None


def severities(*, undecided: str = "") -> list[Json]:
    """The five, gravest first; before them the words for leaving it to the runbook, where there are any."""
    first = [fields.option("runbook", undecided)] if undecided else []
    return [*first, *(fields.option(one, one.upper()) for one in SEVERITIES)]


def incidents(found: Sequence[Incident]) -> list[Json]:
    """Incidents with what is wrong, newest first."""
    return [
        fields.option(one.id, f"{one.id} · {one.severity.upper()} · {one.model or one.entity}", one.title)
        for one in found[: fields.CHOICES]
    ]


def _targets(kind: str, names: Iterable[str], typed: str, w: Words) -> Iterator[Json]:
    found = sorted((name for name in names if _fits(typed, (name,))), key=lambda name: _order(typed, name))
    made = (target(f"{kind}:{name}", w) for name in found[: fields.CHOICES])
    yield from (one for one in made if one is not None)


def _named(names: Iterable[str], typed: str) -> Json:
    fitting = [name for name in names if _fits(typed, (name,)) and len(name) <= LONGEST]
    found = sorted(fitting, key=lambda name: _order(typed, name))
    return {"options": [fields.option(name, name) for name in found[: fields.CHOICES]]}


def _fits(typed: str, names: Iterable[str]) -> bool:
    wanted = typed.strip().lower().removeprefix("@")
    return any(wanted in name.lower() for name in names)


def _order(typed: str, name: str) -> tuple[bool, str]:
    """Names that begin with what was typed come first."""
    return not name.lower().startswith(typed.strip().lower()), name


def _plain(words: str) -> Json:
    return {"type": "plain_text", "text": pieces.shorten(words, 75), "emoji": False}
