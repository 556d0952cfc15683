"""The files a draft becomes: a folder with a configuration, its runbooks, and the list of what was left behind."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from bot import documents
from bot.errors import BadInput
from bot.importing.draft import ENTITY, LAST, Draft, Ladder, local
from bot.model.people import Person
from bot.model.rota import Every, Layer, Override, Rota, Window
from bot.model.runbook import TIERS

REVIEW = timedelta(days=90)  #: until the runbooks are to be read by somebody
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

TOCSIN = """\
# Written by `tocsin import`. Set SLACK_MODE=socket (or http) once Slack's tokens are in the environment.
database: ${DATABASE_URL:-sqlite:///tocsin.db}
slack: {mode: "${SLACK_MODE:-off}", channel: "#oncall"}
connections: []
"""
PEOPLE = """\
# Written by `tocsin import`. Without `slack` (a member id, as U01ADA2BC) people are found in Slack by their `email`.
# How somebody is woken beside that is for them to say, as in: notify: {high: [slack, sms after 2m, call after 5m]}
"""
ESTATE = f"""\
# Written by `tocsin import`. The other tool knew no models: catalogue yours here, and give `{ENTITY}` its real name.
entities:
- {{name: {ENTITY}}}
"""
ROTAS = """\
# Written by `tocsin import`. Look at each with `tocsin oncall show NAME` beside the schedule it comes from.
"""
BODY = """\
## Goal
Answer what the policy "{title}" was for. It pages whom that paged; what to check and to do is for its owner to write.

## Check first
1. Does it harm anybody now? Look at what the alert names.

## Decide
Escalate when you cannot say within the time of your tier what it is about.

## Act
No lever is offered here until somebody writes which change would be safe.

## Verify
The alert resolved, or somebody by name has taken it over.

## When to escalate
When nobody can say what it is about.
"""


def files(draft: Draft, vendor: str, today: date) -> dict[str, str]:
    """Every file by its path below the folder; BadInput where one would be larger than we read."""
    rotas = [rota for made in draft.rotas.values() for rota in made]
    found = {
        "config/tocsin.yaml": TOCSIN,
        "config/people.yaml": PEOPLE + documents.write(_people(draft)),
        "config/estate.yaml": ESTATE,
        "config/rotas.yaml": ROTAS + documents.write({"rotas": [_rota(rota, draft.overrides) for rota in rotas]}),
        "NOT-CARRIED.md": _left(draft, vendor),
    }
    for ladder in draft.ladders:
        found[f"runbooks/imported-{ladder.name}.md"] = _runbook(ladder, today)
    for name, content in found.items():
        if not name.endswith("CARRIED.md") and len(content.encode()) > documents.LARGEST:
            raise BadInput(f"{name} would be over {documents.LARGEST >> 20} MiB.", "Export fewer things at a time.")
    return found


def _people(draft: Draft) -> dict[str, Any]:
    teams = [_some(name=t.name, entity=t.entity, members=list(t.members), lead=t.lead) for t in draft.teams.values()]
    return {"people": [_person(person) for person in draft.people.values()], "teams": teams}


def _person(person: Person) -> dict[str, Any]:
    zone = person.timezone if person.timezone != "UTC" else None
    return _some(name=person.name, slack=person.slack, email=person.email, phone=person.phone, timezone=zone)


def _some(**given: Any) -> dict[str, Any]:
    """Whatever was given a value."""
    return {key: value for key, value in given.items() if value is not None}


def _rota(rota: Rota, overrides: list[Override]) -> dict[str, Any]:
    own = [_override(one, rota.timezone) for one in overrides if one.rota == rota.name]
    layers = [_layer(layer) for layer in rota.layers]
    return _some(name=rota.name, timezone=rota.timezone, owner=rota.owner, layers=layers, overrides=own or None)


def _layer(layer: Layer) -> dict[str, Any]:
    written = {
        "name": layer.name,
        "timezone": layer.timezone or None,
        "start": _wall(layer.start),
        "every": _every(layer.every),
        "members": [list(seat) if isinstance(seat, tuple) else seat for seat in layer.members],
        "only": [_window(window) for window in layer.only] or None,
        "rolling": layer.rolling or None,
        "from": _wall(layer.since) if layer.since else None,
        "until": _wall(layer.until) if layer.until else None,
    }
    return _some(**written)


def _override(override: Override, zone: str) -> dict[str, Any]:
    start, end = (local(at, zone) for at in (override.start, override.end))
    return _some(
        kind=override.kind.value,
        start=_wall(start) if start else None,
        end=_wall(end) if end else None,
        person=override.person,
        replaces=override.replaces,
    )


def _wall(at: datetime) -> str:
    return at.isoformat(" ", "seconds" if at.second or at.microsecond else "minutes")


def _every(every: Every) -> str:
    return f"{every.count} {every.unit}{'s' if every.count > 1 else ''}"


def _window(window: Window) -> dict[str, Any]:
    days = ",".join(_DAYS[day] for day in sorted(window.days)) if len(window.days) < len(_DAYS) else None
    return {**_some(days=days), "from": _clock(window.start), "to": _clock(window.end)}


def _clock(at: time) -> str:
    return f"{at.hour:02}:{at.minute:02}"


def _runbook(ladder: Ladder, today: date) -> str:
    tiers: dict[str, Any] = {}
    for tier, step in zip(TIERS, ladder.steps, strict=False):
        page = step.page[0] if len(step.page) == 1 else list(step.page)
        tiers[tier] = {"page": page, "answer_within": documents.written(step.wait or LAST), "may": ["silence"]}
    head: Mapping[str, Any] = _some(
        title=f"Imported: {ladder.title}",
        owner=ladder.owner,
        review_by=today + REVIEW,
        match={"label.policy": ladder.name},
        severity=[{"is": "sev2"}],
        tiers=tiers,
        start={"sev2": "L1"},
        repeats=ladder.repeats,
    )
    comment = f"# It is for alerts with the label `policy: {ladder.name}`; match what your monitors send instead.\n"
    return f"---\n{comment}{documents.write(head)}---\n{BODY.format(title=ladder.title)}"


def _left(draft: Draft, vendor: str) -> str:
    return "\n".join([*_lines(draft, vendor), ""])


def _lines(draft: Draft, vendor: str) -> Iterator[str]:
    yield f"# What `tocsin import {vendor}` did not carry over"
    yield ""
    yield from (f"- {one}" for one in draft.lost)
    if not draft.lost:
        yield "Nothing."
    if draft.wanting:
        yield from ("", "## To be filled in", "")
        yield from (f"- {one}" for one in draft.wanting)
