"""Reads the files together, since each names what another defines."""

from collections.abc import Mapping
from pathlib import Path

from bot.documents import BadConfigs
from bot.settings import (
    audit,
    calendars,
    changes,
    estate,
    handover,
    heartbeats,
    noise,
    oauth,
    people,
    postmortems,
    rotas,
    tocsin,
)
from bot.settings.known import Known
from bot.settings.nouns import Settings
from bot.settings.sheet import Sheet

FILES = ("tocsin.yaml", "people.yaml", "estate.yaml", "rotas.yaml")
OPTIONAL = "noise.yaml"


def load(folder: Path, env: Mapping[str, str]) -> Settings:
    """The settings of a folder with FILES; BadConfigs with every complaint about all of them."""
    sheets = [Sheet(folder / name, env) for name in FILES]
    sheets.append(Sheet(folder / OPTIONAL, env, optional=True))
    top, crew, catalogue, turns, quieting = sheets
    known = _known(top, crew, catalogue, turns)
    rota, overrides = rotas.read(turns, known)
    settings = Settings(
        folder=folder,
        database=tocsin.database(top),
        slack=tocsin.slack(top, env, known),
        web=tocsin.web(top),
        connections=tocsin.connections(top),
        people=people.read(crew, known),
        estate=estate.read(catalogue, known),
        rotas=rota,
        calendars=calendars.read(turns),
        overrides=overrides,
        escalation=tocsin.escalation(top, known),
        noise=noise.read(quieting, known),
        heartbeats=heartbeats.read(top, known),
        changes=changes.read(top, known),
        handover=handover.read(top, known),
        audit=audit.read(top, known),
        postmortems=postmortems.read(top, known),
    )
    oauth.check(settings.slack, settings.people, settings.estate, (top, crew, catalogue))
    if complaints := [complaint for sheet in sheets for complaint in sorted(sheet.complaints, key=lambda c: c.line)]:
        raise BadConfigs(complaints)
    return settings


def _known(top: Sheet, crew: Sheet, catalogue: Sheet, turns: Sheet) -> Known:
    """Every name that is defined, also by an entry that is wrong in another way, so that one fault stays one."""
    return Known(
        person=crew.names("people"),
        team=crew.names("teams"),
        lead=None if crew.lost else frozenset(str(team.get("name")) for team in crew.raw("teams") if team.get("lead")),
        rota=turns.names("rotas"),
        entity=catalogue.names("entities"),
        connection=top.names("connections"),
        model=catalogue.names("models"),
    )
