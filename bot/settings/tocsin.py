"""tocsin.yaml: the database, the doors, the connections, and how an incident escalates by default."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, SecretStr

from bot import documents
from bot.documents import Form, Pause
from bot.model.connection import Connection
from bot.model.escalation import Escalation
from bot.settings import oauth
from bot.settings.forms import Channel, Name, Number, Reachables, Severity, Team, Urgency
from bot.settings.known import Known
from bot.settings.nouns import Slack, Web
from bot.settings.oauth import OAuthForm
from bot.settings.people import Language
from bot.settings.sheet import Sheet

#: what each mode of Slack takes from the environment
TOKENS = {
    "socket": ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    "http": ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"),
    "off": (),
}
OURS = ("heartbeat", "noise")  #: connections of alerts that are our own
SHORTEST = 16  # characters of a token that stands for a person's authority
_BEGINNINGS = {"SLACK_BOT_TOKEN": "xoxb-", "SLACK_APP_TOKEN": "xapp-"}


def _url(value: str) -> str:
    if not value.startswith(("sqlite:///", "sqlite://", "postgresql://", "postgresql+psycopg://", "postgres://")):
        raise documents.Wrong("is no database.", "Write sqlite:///tocsin.db or postgresql://user:password@host/name.")
    return value


def _emoji(value: object) -> object:
    """`pushpin` or `:pushpin:` as pushpin."""
    bare = value.strip(":") if isinstance(value, str) else ""
    if not re.fullmatch(r"[a-z0-9_'+-]{1,100}", bare):
        raise documents.Wrong("is no name of an emoji.", "Write it as Slack does, such as pushpin.")
    return bare


def _usergroup(value: object) -> object:
    """`oncall-ml`, `@oncall-ml` or the id of a user group, as in S012AB3CD."""
    bare = value.removeprefix("@") if isinstance(value, str) else ""
    if not re.fullmatch(r"S[A-Z0-9]{2,30}|[a-z0-9][a-z0-9._-]{0,79}", bare):
        raise documents.Wrong("is no user group.", "Write its handle, as in oncall-ml, or its id, as in S012AB3CD.")
    return bare


class SlackForm(Form):
    """How the bot stands in Slack."""

    mode: Literal["socket", "http", "off"] = "socket"
    channel: Channel | None = None
    index: Channel | None = None
    own_channel: list[Severity] = Field(default=[])
    own_channel_prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,20}$")] = "inc"
    sockets: Annotated[Number, Field(ge=1, le=10)] = 2
    api_url: Annotated[str, Field(pattern=r"^https?://")] | None = None
    language: Language = "en"
    reaction: Annotated[str, BeforeValidator(_emoji)] = "pushpin"
    usergroups: dict[Name, Annotated[str, BeforeValidator(_usergroup)]] = Field(default={})
    topics: dict[Name, Channel] = Field(default={})
    oauth: OAuthForm | None = None
    workspace: Team | None = None


class WebForm(Form):
    """The HTTP door."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[Number, Field(ge=0, le=65_535)] = 8080
    body_limit: Annotated[Number, Field(ge=1_024, le=67_108_864)] = 1_048_576
    tokens: dict[Name, SecretStr] = Field(default={})
    address: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")] | None = None


class EscalationForm(Form):
    """What a runbook starts from."""

    repeats: Annotated[Number, Field(ge=0, le=20)] = 2
    fallback: Reachables = Field(default=[])
    urgency: dict[Severity, Urgency] = Field(default={})
    remind: Pause = Escalation().remind
    give_back: Pause = Escalation().give_back
    test: Literal["weekly", "off"] = "weekly"


class ConnectionForm(Form):
    """An instance of a plugin; the other keys are the plugin's, which checks them itself."""

    model_config = ConfigDict(extra="allow")

    name: Name
    plugin: Name


class Top(Form):
    """The keys that stand alone."""

    database: Annotated[str, AfterValidator(_url)] = "sqlite:///tocsin.db"


SECTIONS = (
    *("database", "slack", "web", "connections", "escalation", "heartbeats", "changes", "handover"),
    *("audit", "postmortems"),
)


def database(sheet: Sheet) -> str:
    """The address of the database."""
    sheet.only(*SECTIONS)
    given = {key: value for key, value in sheet.document.data.items() if key == "database"}
    found, complaints = documents.fit(Top, given, sheet.document)
    sheet.complaints += complaints
    return found.database if found else Top().database


def slack(sheet: Sheet, env: Mapping[str, str], known: Known) -> Slack:
    """How the bot stands in Slack, with the tokens its mode needs."""
    form = sheet.section("slack", SlackForm)
    if form is None:
        return Slack()
    if form.channel is None and form.mode != "off":
        do = 'Add slack.channel, as in "#ml-oncall", or set slack.mode to off.'
        sheet.wrong("No channel is named for the incident cards.", do, "slack")
    _apart(sheet, "usergroups", form.usergroups, known)
    _apart(sheet, "topics", form.topics, known)
    several = oauth.read(sheet, form.oauth, form.mode, env) if form.oauth else None
    for name in TOKENS[form.mode]:
        if form.oauth and name == "SLACK_BOT_TOKEN":
            continue  # each workspace brings its own
        if not env.get(name):
            do = "Set it (README, Slack), or set slack.mode to off."
            sheet.wrong(f"The environment has no {name}, which mode {form.mode} needs.", do, "slack", "mode")
    for name, beginning in _BEGINNINGS.items():
        if env.get(name) and not env[name].startswith(beginning):
            sheet.wrong(f"{name} does not begin with {beginning}.", "Check that no two tokens changed places.", "slack")
    return Slack(
        mode=form.mode,
        channel=form.channel or "",
        index=form.index,
        own_channel=tuple(str(severity) for severity in form.own_channel),
        own_channel_prefix=form.own_channel_prefix,
        sockets=form.sockets,
        bot_token=None if form.oauth else _secret(env, "SLACK_BOT_TOKEN"),
        app_token=_secret(env, "SLACK_APP_TOKEN"),
        signing_secret=_secret(env, "SLACK_SIGNING_SECRET"),
        api_url=env.get("SLACK_API_URL") or form.api_url,
        language=form.language,
        reaction=form.reaction,
        usergroups=form.usergroups,
        topics=form.topics,
        oauth=several,
        workspace=form.workspace,
    )


#: What a rota keeps true in Slack: what is said where two want the same, and what to do.
_KEPT = {
    "usergroups": (
        "The user group '{kept}' is kept equal to rota '{rota}' already.",
        "Give each rota a group of its own.",
    ),
    "topics": ("The topic of '{kept}' says who is on call for rota '{rota}' already.", "Give each rota a channel."),
}


def _apart(sheet: Sheet, what: str, kept: Mapping[str, str], known: Known) -> None:
    """Each rota is there, and no two of them pull at one thing."""
    taken: dict[str, str] = {}
    for rota, each in kept.items():
        if fault := known.missing("rota", rota):
            sheet.wrong(*fault, "slack", what, rota)
        if first := taken.get(each):
            wrong, do = _KEPT[what]
            sheet.wrong(wrong.format(kept=each, rota=first), do, "slack", what, rota)
        taken.setdefault(each, rota)


def web(sheet: Sheet) -> Web:
    """The HTTP door."""
    form = sheet.section("web", WebForm)
    if form is None:
        return Web()
    for name, token in form.tokens.items():
        if len(token.get_secret_value()) < SHORTEST:
            do = f"Give it at least {SHORTEST} characters, or take it out."
            sheet.wrong(f"The token of {name} can be guessed.", do, "web", "tokens", name)
    address = form.address.rstrip("/") if form.address else None
    return Web(form.host, form.port, form.body_limit, form.tokens, address)


def connections(sheet: Sheet) -> tuple[Connection, ...]:
    """Every instance of a plugin, its options not yet checked by the plugin."""
    found = []
    for place, form in sheet.entries("connections", ConnectionForm):
        if form.name in OURS:
            what = f"'{form.name}' is what alerts of Tocsin's own come through."
            sheet.wrong(what, "Give it another name.", "connections", place, "name")
        line = sheet.document.line("connections", place)
        found.append(Connection(form.name, form.plugin, {**(form.model_extra or {})}, sheet.document.file, line))
    return tuple(found)


def escalation(sheet: Sheet, known: Known) -> Escalation:
    """What a runbook that says nothing about it gets."""
    form = sheet.section("escalation", EscalationForm)
    if form is None:
        return Escalation()
    for number, target in enumerate(form.fallback):
        if fault := known.missing_target(target):
            sheet.wrong(*fault, "escalation", "fallback", number)
    said = {str(severity): str(urgency) for severity, urgency in form.urgency.items()}
    graded = {**Escalation().urgency, **said}
    return Escalation(form.repeats, tuple(form.fallback), graded, form.remind, form.give_back, form.test)


def _secret(env: Mapping[str, str], name: str) -> SecretStr | None:
    return SecretStr(env[name]) if env.get(name) else None
