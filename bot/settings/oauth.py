"""slack.oauth: one bot for several workspaces, each of which installs it by itself."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from bot import documents
from bot.documents import Form
from bot.model.estate import Estate
from bot.model.people import People
from bot.settings.nouns import OAuth, Settings, Slack
from bot.settings.sheet import Sheet

#: What it takes from the environment, besides the client id.
SECRETS = ("SLACK_CLIENT_SECRET", "TOCSIN_TOKEN_KEY")
VARIABLES = ("SLACK_CLIENT_ID", *SECRETS)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
KEY = 32  # bytes of a key of Fernet's
_MAKE = "Make one with: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, safe = parts.hostname, parts.scheme == "https"
        good = bool(host) and (safe or (parts.scheme == "http" and host in LOOPBACK))
        plain = not (parts.query or parts.fragment or parts.username) and value.isprintable() and " " not in value
    except ValueError:
        good = plain = False
    if not (good and plain):
        raise documents.Wrong("is no https address.", "Write the bot's own, as in https://tocsin.example.com.")
    return value.rstrip("/")


class OAuthForm(Form):
    """Where people install the app from."""

    url: Annotated[str, AfterValidator(_address)]
    client_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z._-]{1,100}$")] | None = None


def read(sheet: Sheet, form: OAuthForm, mode: str, env: Mapping[str, str]) -> OAuth | None:
    """What is needed to be installed; None with complaints when something is missing."""
    path = ("slack", "oauth")
    if mode != "http":
        do = "Set slack.mode to http, or leave slack.oauth out."
        sheet.wrong(f"Several workspaces need mode http, and slack.mode is {mode}.", do, *path)
        return None
    client = form.client_id or env.get("SLACK_CLIENT_ID") or ""
    if not client:
        do = "Basic Information, App Credentials: write it there, or set SLACK_CLIENT_ID."
        sheet.wrong("The client id of the app is missing.", do, *path)
    for name in SECRETS:
        if not env.get(name):
            do = _MAKE if name == "TOCSIN_TOKEN_KEY" else "Basic Information, App Credentials: copy the Client Secret."
            sheet.wrong(f"The environment has no {name}, which slack.oauth needs.", do, *path)
    keys = tuple(SecretStr(key.strip()) for key in env.get("TOCSIN_TOKEN_KEY", "").split(",") if key.strip())
    for number, key in enumerate(keys, 1):
        if not _fits(key.get_secret_value()):
            sheet.wrong(f"Key {number} of TOCSIN_TOKEN_KEY is no key of {KEY} bytes in base64.", _MAKE, *path)
    if not client or not env.get("SLACK_CLIENT_SECRET"):
        return None
    return OAuth(client, form.url, SecretStr(env["SLACK_CLIENT_SECRET"]), keys)


def check(slack: Slack, people: People, estate: Estate, sheets: tuple[Sheet, Sheet, Sheet]) -> None:
    """Complain where a workspace is named that nothing leads to; `sheets` are tocsin, people, estate."""
    top, crew, catalogue = sheets
    for sheet, key in ((crew, "people"), (catalogue, "entities")):
        for place, entry in enumerate(sheet.raw(key)):
            if "workspace" in entry and slack.oauth is None and not top.complaints:
                do = "Leave it out: with one bot token there is one workspace."
                sheet.wrong("A workspace is named, but there is no slack.oauth.", do, key, place, "workspace")
    named = any(person.workspace for person in people.persons.values())
    named |= any(entity.workspace for entity in estate.entities.values())
    if slack.oauth is not None and named and slack.workspace is None:
        do = "Add slack.workspace: the team id of the one that serves whatever names none."
        top.wrong("Workspaces are named, but not which of them is the main one.", do, "slack", "oauth")


def share(settings: Settings, team: str, *, main: bool) -> Settings:
    """What of the configuration is about one workspace; `main` has all that names none."""

    def here(workspace: str | None) -> bool:
        return workspace == team or (main and workspace is None)

    persons = {name: person for name, person in settings.people.persons.items() if here(person.workspace)}
    entities = {name: entity for name, entity in settings.estate.entities.items() if here(entity.workspace)}
    return replace(
        settings,
        people=replace(settings.people, persons=persons),
        estate=replace(settings.estate, entities=entities),
        slack=settings.slack if main else replace(settings.slack, channel="", index=None),
    )


def _fits(key: str) -> bool:
    try:
        return len(base64.b64decode(key, altchars=b"-_", validate=True)) == KEY
    except (binascii.Error, ValueError):
        return False
