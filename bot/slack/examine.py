"""What Tocsin needs of a workspace, asked of Slack itself: rows that say how it stands and what to press."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from bot.clock import Clock
from bot.contract.plugin import Health
from bot.errors import NotDelivered
from bot.model.people import Person
from bot.settings import Settings
from bot.slack import manifest
from bot.slack.client import API, LOCAL, TOKEN, Client, SlackFault
from bot.slack.pieces import Json

PAGES = 25  # of a thousand channels each, before a name counts as unknown
PATIENCE = 3  # times that a call waits as Slack asks
LONGEST = 60.0  # seconds it waits at most
_ADD = "OAuth & Permissions, Bot Token Scopes: add {name}; then Reinstall to Workspace."
_APP_TOKEN = "Basic Information, App-Level Tokens: generate one with connections:write, and set SLACK_APP_TOKEN to it."  # noqa: S105
_AGAIN = "Run it again in a minute."


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that is needed: how it stands, what was found, what to do; nothing works without a `required` one."""

    what: str
    health: Health
    found: str = ""
    do: str = ""
    required: bool = True


class Patient:
    """A client that waits when Slack asks it to; for questions nobody waits for at night."""

    def __init__(self, client: Client, clock: Clock) -> None:
        """`client` has been opened."""
        self._client = client
        self._clock = clock

    async def call(self, method: str, **arguments: object) -> Json:
        """The answer to one call; SlackFault when there is none, or Slack asks to wait too long."""
        for _ in range(PATIENCE):
            try:
                return await self._client.call(method, **arguments)
            except SlackFault as fault:
                if fault.after is None or fault.after > LONGEST:
                    raise
                await self._clock.sleep(fault.after)
        return await self._client.call(method, **arguments)


async def workspace(client: Client, clock: Clock, settings: Settings) -> list[Row]:
    """Every row about Slack; a Slack that does not answer, or does not know the token, is one row."""
    asked = Patient(client, clock)
    try:
        said = await asked.call("auth.test")
    except SlackFault as fault:
        what = "bot token" if fault.code in TOKEN else "Slack"
        return [Row(what, Health.MISSING, fault.what, fault.do or "Check the network, then run it again.")]
    granted = scopes_of(said)
    people = [person for person in settings.people.persons.values() if person.slack]
    return [
        identity(said),
        await transport(asked, settings),
        *scopes(granted),
        *[row async for row in channels(asked, wanted(settings), granted)],
        *[row async for row in members(asked, people, granted)],
    ]


def scopes_of(said: Json) -> frozenset[str] | None:
    """The scopes a call's answer says the token has; None when it does not say."""
    told = str(said.get("headers", {}).get("x-oauth-scopes") or "")
    return frozenset(told.replace(" ", "").split(",")) if told else None


def identity(said: Json) -> Row:
    """Whom the token speaks for, from the answer of auth.test."""
    who = f"@{said.get('user')} in {said.get('team')} ({said.get('team_id')})"
    if said.get("bot_id"):
        return Row("bot token", Health.OK, who)
    do = "OAuth & Permissions: copy the Bot User OAuth Token (xoxb-...) into SLACK_BOT_TOKEN."
    return Row("bot token", Health.MISSING, f"It is no bot's token, but that of {who}.", do)


async def transport(asked: Patient, settings: Settings) -> Row:
    """Whether Slack can reach the bot: the app token in Socket Mode, the signing secret by HTTP."""
    own = settings.slack
    if own.mode == "http":
        if own.signing_secret is not None and own.signing_secret.get_secret_value():
            return Row("signing secret", Health.OK, "It is set; whether it is right shows at the first request.")
        do = "Basic Information, App Credentials: copy the Signing Secret into SLACK_SIGNING_SECRET."
        return Row("signing secret", Health.MISSING, "It is not set, so every request is refused.", do)
    if own.app_token is None:
        return Row("app token", Health.MISSING, "It is not set, so no button arrives.", _APP_TOKEN)
    try:
        await asked.call("apps.connections.open", app_token=own.app_token.get_secret_value())
    except SlackFault as fault:
        if fault.code in TOKEN or fault.code == "not_allowed_token_type":
            return Row("app token", Health.MISSING, f"Slack refuses it: {fault.code}.", _APP_TOKEN)
        return Row("app token", Health.UNKNOWN, fault.what, _AGAIN)
    return Row("app token", Health.OK, "Socket Mode opens.")


def scopes(granted: Collection[str] | None) -> list[Row]:
    """A row for all scopes the token has, one for each that it lacks, one for those nobody needs."""
    if granted is None:
        return [Row("scopes", Health.UNKNOWN, "Slack did not say which scopes the token has.", "Look in the app.")]
    rows = [
        Row(f"scope {scope.name}", Health.MISSING, scope.lost, _ADD.format(name=name), scope.required)
        for name, scope in manifest.SCOPES.items()
        if name not in granted
    ]
    there = len(manifest.SCOPES) - len(rows)
    rows.insert(0, Row("scopes", Health.OK, f"{there} of {len(manifest.SCOPES)} are there."))
    if extra := sorted(set(granted) - set(manifest.SCOPES)):
        rows.append(Row("more scopes", Health.OK, f"Not needed: {', '.join(extra)}.", required=False))
    return rows


# --- its clock ---


async def ahead(url: str | None, clock: Clock) -> float:
    """By how many seconds Slack's clock is ahead of ours, by the Date of an answer, which has no fractions.

    NotDelivered when it does not answer, or does not say.
    """
    address = (url or API).rstrip("/") + "/api.test"
    local = urlsplit(address).hostname in LOCAL
    session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10.0), trust_env=not local)
    before = clock.now()
    try:
        async with session, session.post(address) as answer:
            said = parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise NotDelivered(f"Slack does not tell the time: {type(error).__name__}.", _AGAIN, retry=True) from error
    asked = before + (clock.now() - before) / 2
    # It was cut to the second: on the average half a second is missing, and what lies within is no difference.
    apart = (said - asked).total_seconds() + 0.5
    return 0.0 if abs(apart) <= 1.0 else apart


# --- channels ---


def wanted(settings: Settings) -> Mapping[str, str]:
    """The channels that the configuration names, each with where it is named."""
    named = {settings.slack.channel: "slack.channel"} if settings.slack.channel else {}
    for entity in settings.estate.entities.values():
        if entity.channel:
            named.setdefault(entity.channel, f"entity {entity.name}")
    return named


async def channels(asked: Patient, named: Mapping[str, str], granted: Collection[str] | None) -> AsyncIterator[Row]:
    """A row for each channel: whether it is there and the bot can post into it."""
    try:
        known = await _listed(asked, {name.removeprefix("#") for name in named}, granted)
    except SlackFault as fault:
        yield Row("channels", Health.UNKNOWN, fault.what, fault.do or _AGAIN)
        return
    for name, place in named.items():
        what = f"channel {name} ({place})"
        if known is None:
            yield Row(what, Health.UNKNOWN, "The token may not list channels.", _ADD.format(name="channels:read"))
        else:
            yield _channel(what, known.get(name.removeprefix("#")), granted or ())


async def _listed(asked: Patient, named: Collection[str], granted: Collection[str] | None) -> Mapping[str, Json] | None:
    """The channels it may see, by name and by id, read until all of `named` are found; None when it may see none."""
    kinds = {"public_channel": "channels:read", "private_channel": "groups:read"}
    types = [kind for kind, scope in kinds.items() if granted is None or scope in granted]
    if not types:
        return None
    known: dict[str, Json] = {}
    cursor = ""
    for _ in range(PAGES):
        said = await asked.call("conversations.list", types=",".join(types), limit=1000, cursor=cursor)
        for one in said.get("channels", ()):
            known |= {str(one.get("name")): one, str(one.get("id")): one}
        cursor = (said.get("response_metadata") or {}).get("next_cursor") or ""
        if not cursor or known.keys() >= set(named):
            break
    return known


def _channel(what: str, found: Json | None, granted: Collection[str]) -> Row:
    if found is None:
        do = "Check the name; a private channel needs the bot: /invite @tocsin there."
        return Row(what, Health.MISSING, "The bot does not see it.", do)
    if found.get("is_archived"):
        return Row(what, Health.MISSING, "It is archived.", "Unarchive it, or name another in the configuration.")
    if found.get("is_member"):
        return Row(what, Health.OK, "The bot is in it.")
    if {"channels:join", "chat:write.public"} & set(granted):
        return Row(what, Health.OK, "The bot is not in it, and walks in by itself.")
    return Row(what, Health.MISSING, "The bot is not in it.", "Write /invite @tocsin there.")


# --- people ---


async def members(asked: Patient, people: Iterable[Person], granted: Collection[str] | None) -> AsyncIterator[Row]:
    """A row for all whose account is good, and one for each whose is not."""
    everybody = list(people)
    if not everybody:
        return
    if granted is not None and "users:read" not in granted:
        yield Row("people", Health.UNKNOWN, "The token may not look at accounts.", _ADD.format(name="users:read"))
        return
    good = 0
    for person in everybody:
        try:
            said = await asked.call("users.info", user=person.slack)
        except SlackFault as fault:
            if fault.code not in ("user_not_found", "user_not_visible", "users_not_found"):
                yield Row(
                    "people", Health.UNKNOWN, f"After {good} of {len(everybody)}: {fault.what}", fault.do or _AGAIN
                )
                return
            do = "Profile, three dots, Copy member ID: write that into config/people.yaml."
            yield Row(_named(person), Health.MISSING, "This workspace has no such account.", do)
            continue
        troubles = list(_account(person, said.get("user") or {}))
        good += not troubles
        for row in troubles:
            yield row
    yield Row("people", Health.OK, f"{good} of {len(everybody)} have an account that can be paged.")


def _account(person: Person, user: Json) -> Iterator[Row]:
    """What is wrong with somebody's account, the gravest thing only."""
    if user.get("deleted"):
        yield Row(_named(person), Health.MISSING, "The account is closed.", "Take this person off the rotas.")
    elif user.get("is_bot") or user.get("id") == "USLACKBOT":
        yield Row(_named(person), Health.MISSING, "It is a bot's account.", "Write the person's id instead.")
    elif user.get("is_stranger"):
        yield Row(
            _named(person), Health.MISSING, "It belongs to another company.", "Write an account of this workspace."
        )
    elif user.get("is_restricted") or user.get("is_ultra_restricted"):
        do = "Make it a full member, or take this person off the rotas."
        yield Row(_named(person), Health.MISSING, "It is a guest's account, and a guest's presses are refused.", do)


def _named(person: Person) -> str:
    return f"{person.name} ({person.slack})"
