"""How the target of a page is written: people, places, and agents that look first."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator

from bot import documents
from bot.model import target
from bot.runbooks import templates

PEOPLE = "rota:NAME, person:NAME, team:NAME or lead:TEAM"


def _shape(value: str) -> str:
    """Its form alone; whether there is such a name is asked where names are known."""
    kind, _, name = value.partition(":")
    if kind not in (*target.KINDS, *target.PLACES) or not name.strip():
        more = "usergroup:HANDLE or channel:#NAME"
        cure = "An agent stands in `stages`: - {page: agent:NAME, wait: 3m}." if kind == target.AGENT else ""
        raise documents.Wrong("is no target.", cure or f"Write {PEOPLE}; or for a place {more}.")
    if kind == "usergroup" and not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,79}|S[A-Z0-9]{6,}", name):
        raise documents.Wrong("is no user group.", "Write its handle without the @, as in usergroup:oncall-ml.")
    if kind == "channel" and not re.fullmatch(r"#[^\s#@<>&,A-Z/]{1,80}|[CG][A-Z0-9]{6,}", name):
        raise documents.Wrong("is no Slack channel.", 'Write "channel:#name" or its id, as in channel:C012AB3CD.')
    if kind == "rota" and "/" in name and "{" not in name and target.part(name)[1] not in target.PARTS:
        raise documents.Wrong("is no part of a rota.", f"Write {name.partition('/')[0]}/next or /everyone.")
    return value


def _target(value: str) -> str:
    """The same with templates."""
    _shape(value)
    for what, _ in templates.faults(value, templates.MODEL_FIELDS):
        raise documents.Wrong(f"cannot be filled in: {what}")
    return value


def _staged(value: str) -> str:
    """One of a stage, which may be an agent."""
    kind, _, name = value.partition(":")
    if kind != target.AGENT:
        return _target(value)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise documents.Wrong("names no agent.", "Write agent: and the name of its connection in config/tocsin.yaml.")
    return value


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _some(value: list[str]) -> list[str]:
    if not value:
        raise documents.Wrong("names nobody.", "Name at least one, or leave the key out.")
    return value


Written = Annotated[str, AfterValidator(_shape)]  #: without templates, as outside a runbook
Target = Annotated[str, AfterValidator(_target)]
Targets = Annotated[list[Target], BeforeValidator(_listed), AfterValidator(_some)]
Staged = Annotated[list[Annotated[str, AfterValidator(_staged)]], BeforeValidator(_listed), AfterValidator(_some)]
