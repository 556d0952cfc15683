"""How a workspace installs the app by itself: the page that begins it, the page Slack sends people back to, its end.

Everything an attacker could bring is judged before Slack is asked: the state is signed by us, ten minutes old at
most, good once, and tied to the browser in which it was begun.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError

from bot import telemetry
from bot.engine.desk import Desk
from bot.errors import BadInput, NotAuthentic, Refused, StoreDown, TocsinError
from bot.model.entry import Entry
from bot.settings.nouns import OAuth
from bot.slack import client, manifest
from bot.slack.client import Client, SlackFault
from bot.slack.gate import Gate, Receive, Reply, Scope, Send, answer
from bot.slack.installed import Installed
from bot.slack.payloads import Happened
from bot.slack.pieces import Json
from bot.slack.talk import Talk
from bot.store import Tx, installations, seen
from bot.store.installations import Installation

LIFE = timedelta(minutes=10)  # of a state
COOKIE = "tocsin_install"
METHOD = "oauth.v2.access"
INSTALL, REDIRECT = "/install", "/oauth_redirect"
AGAIN = "Begin again at {url}."
#: What Slack says of a code or of the app, for the person in front of the page.
SAID: Mapping[str, str] = {
    "invalid_code": "Slack says that this consent was used already or is too old.",
    "bad_redirect_uri": "Slack knows another address of this bot: add its redirect URL under OAuth & Permissions.",
    "invalid_client_id": "Slack does not know the app: the operator must correct its client id.",
    "bad_client_secret": "Slack does not know the app: the operator must correct SLACK_CLIENT_SECRET.",
}
log = telemetry.logger("slack")


class Installer:
    """Lets workspaces in and out."""

    def __init__(self, desk: Desk, oauth: OAuth, offices: Installed, signing: SecretStr, api_url: str | None) -> None:
        """`signing` is the app's signing secret, from which the key of our states is derived."""
        self._desk = desk
        self._oauth = oauth
        self._offices = offices
        self._key = hmac.new(signing.get_secret_value().encode(), b"tocsin/install", hashlib.sha256).digest()
        self._api = api_url or client.API

    def begin(self) -> Reply:
        """Off to Slack's question, with a state and the cookie it is tied to."""
        nonce = secrets.token_urlsafe(24)
        asked = {
            "client_id": self._oauth.client_id,
            "scope": ",".join(manifest.SCOPES),
            "state": self._state(nonce),
            "redirect_uri": self._oauth.redirect_url,
        }
        parts = urlsplit(self._api)
        address = f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize?{urlencode(asked)}"
        return Reply(302, b"", ((b"location", address.encode()), (b"set-cookie", self._cookie(nonce)), *_CAREFUL))

    async def end(self, query: Mapping[str, str], cookie: str) -> Reply:
        """What came of it, as a page of plain words; nothing is kept unless it says that the app is installed."""
        try:
            await self._judge(query.get("state", ""), cookie)
            if "error" in query:
                raise Refused(f"Nothing was installed: Slack says {_word(query['error'])}.", self._again)
            return _page(200, await self._take(query.get("code", "")))
        except StoreDown as down:
            return _page(503, str(down))
        except TocsinError as error:
            log.warning("slack.not_installed", reason=str(error))
            return _page(400, str(error))

    async def left(self, talk: Talk, happened: Happened) -> None:
        """An event says that the app or its token was taken away: that is so unless Slack still takes the token."""
        tokens = happened.event.get("tokens")
        if happened.kind == "tokens_revoked" and isinstance(tokens, dict) and not tokens.get("bot"):
            return  # somebody's own token, of which we have none
        team = happened.team
        await self._offices.read()
        if not (sealed := self._offices.token(team)):
            return
        try:
            await self._offices.of(team).client.call("auth.test")
        except SlackFault as fault:
            log.warning("slack.removed", team=team, code=fault.code, do=f"Install it at {self._oauth.install_url}.")
        else:
            return  # an event of an earlier installation
        await self._desk.store.write(lambda tx: self._remove(tx, team, sealed))
        await self._offices.read()

    # --- the state ---

    @property
    def _again(self) -> str:
        return AGAIN.format(url=self._oauth.install_url)

    def _state(self, nonce: str) -> str:
        until = int((self._desk.clock.now() + LIFE).timestamp())
        return f"{nonce}.{until}.{self._sign(nonce, until)}"

    def _sign(self, nonce: str, until: int) -> str:
        return hmac.new(self._key, f"{nonce}.{until}".encode(), hashlib.sha256).hexdigest()

    def _cookie(self, nonce: str) -> bytes:
        secure = "; Secure" if self._oauth.url.startswith("https:") else ""
        life = int(LIFE.total_seconds())
        return f"{COOKIE}={nonce}; Max-Age={life}; Path=/slack; HttpOnly; SameSite=Lax{secure}".encode()

    async def _judge(self, state: str, cookie: str) -> None:
        """NotAuthentic for a state that is not ours, of another browser, too old, or used."""
        nonce, until, signature = (*state.split("."), "", "", "")[:3]
        stamp = int(until) if until.isascii() and until.isdigit() and len(until) <= 12 else 0
        ours = hmac.compare_digest(self._sign(nonce, stamp).encode(), signature.encode())
        if not ours or not stamp:
            raise NotAuthentic("This page was not reached from this bot's own install page.", self._again)
        if not hmac.compare_digest(nonce.encode(), _cookied(cookie).encode()):
            raise NotAuthentic("This was begun in another browser.", self._again)
        now = self._desk.clock.now()
        if now.timestamp() > stamp:
            raise NotAuthentic("This was begun more than ten minutes ago.", self._again)
        if not await self._desk.store.write(lambda tx: seen.first(tx, f"slack/install/{nonce}", now + 2 * LIFE)):
            raise NotAuthentic("This page was opened already, and counts once.", self._again)

    # --- the token ---

    async def _take(self, code: str) -> str:
        """Fetch the token, keep it sealed, open the office; the words of the page."""
        if not code:
            raise BadInput("Slack sent no code.", self._again)
        said = await self._access(code)
        token, found = self._read(said)
        try:
            await self._desk.store.write(lambda tx: self._save(tx, found))
        except Refused:
            await self._give_back(token)
            raise
        await self._offices.read()
        lost = [scope.name for scope in manifest.SCOPES.values() if scope.name not in found.scopes.split(",")]
        log.info("slack.installed", team=found.team, by=found.installed_by)
        more = f"\nNot granted: {', '.join(lost)}. docs/slack.md says what is lost without." if lost else ""
        then = "You can close this page, and invite @tocsin to your channels."
        return f"Tocsin is installed in {found.name} ({found.team}).\n{then}{more}"

    async def _access(self, code: str) -> Json:
        """The answer of oauth.v2.access; Refused with a sentence."""
        form = {"code": code, "redirect_uri": self._oauth.redirect_url, "client_id": self._oauth.client_id}
        form["client_secret"] = self._oauth.client_secret.get_secret_value()
        async with Client(SecretStr(""), url=self._api) as asked:
            try:
                answer = await asked.web.api_call(METHOD, data=form)
            except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                fault = client.understood(METHOD, error)
                telemetry.SLACK_CALLS.labels(METHOD, fault.code).inc()
                what = SAID.get(fault.code, f"Slack did not give a token: {fault.code}.")
                raise Refused(what, self._again) from None  # what failed carries the secret in its arguments
        telemetry.SLACK_CALLS.labels(METHOD, "ok").inc()
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    def _read(self, said: Json) -> tuple[SecretStr, Installation]:
        """The token and what is kept; Refused for what we cannot serve."""
        team, token = said.get("team"), said.get("access_token")
        if said.get("is_enterprise_install") or not isinstance(team, Mapping) or not team.get("id"):
            raise Refused("It was installed for a whole organisation.", "Install it in one workspace of it.")
        if not isinstance(token, str) or said.get("token_type") != "bot":
            raise Refused("Slack gave no token of a bot.", self._again)
        if said.get("expires_in"):
            raise Refused("The app has token rotation switched on.", "Switch it off: OAuth & Permissions.")
        user: Mapping[str, Any] = said.get("authed_user") or {}
        sealed = self._offices.vault.seal(SecretStr(token))
        found = Installation(
            team=str(team["id"]),
            name=str(team.get("name") or team["id"])[:200],
            bot_user=str(said.get("bot_user_id") or ""),
            scopes=str(said.get("scope") or "").replace(" ", ""),
            token=sealed,
            installed_by=str(user.get("id") or ""),
            installed_at=self._desk.clock.now(),
        )
        return SecretStr(token), found

    def _save(self, tx: Tx, found: Installation) -> None:
        """Keep it if this bot serves that workspace. Refused."""
        settings = self._desk.settings
        named = {settings.slack.workspace}
        named |= {person.workspace for person in settings.people.persons.values()}
        named |= {entity.workspace for entity in settings.estate.entities.values()}
        others = [each for each in installations.current(tx) if each.team != found.team]
        if found.team not in named and (settings.slack.workspace or others):
            what = f"This bot does not serve the workspace {found.team}, so nothing was kept."
            raise Refused(what, "Its operator can name it: slack.workspace, or `workspace` of an entity or a person.")
        installations.save(tx, found)
        after = {"name": found.name, "scopes": found.scopes, "bot_user": found.bot_user}
        tx.note(_entry("workspace.installed", found.installed_at, f"slack:{found.installed_by}", found.team, after))

    async def _give_back(self, token: SecretStr) -> None:
        """Nobody needs this token."""
        async with Client(token, url=self._api) as theirs:
            try:
                await theirs.call("auth.revoke")
            except SlackFault as fault:
                log.warning("slack.token_not_given_back", reason=str(fault))

    def _remove(self, tx: Tx, team: str, sealed: str) -> None:
        if installations.remove(tx, team, sealed, tx.now):
            tx.note(_entry("workspace.removed", tx.now, "slack", team, {}))


class Front:
    """The ASGI application under /slack of a bot that can be installed: its two pages, and the gate for the rest."""

    def __init__(self, gate: Gate, installer: Installer) -> None:
        """Both are shared with the door."""
        self._gate = gate
        self._installer = installer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not path.endswith((INSTALL, REDIRECT)):
            await self._gate(scope, receive, send)
        elif scope["method"] != "GET":
            await answer(_page(405, "Open this page in a browser.", (b"allow", b"GET")), send)
        elif self._gate.closed:
            await answer(_page(503, "The bot is stopping; try again in a moment."), send)
        elif path.endswith(INSTALL):
            await answer(self._installer.begin(), send)
        else:
            query = parse_qs(scope.get("query_string", b"").decode("latin-1"), max_num_fields=20)
            cookies = [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"cookie"]
            once = {name: values[0] for name, values in query.items() if len(values) == 1}
            await answer(await self._installer.end(once, "; ".join(cookies)), send)


_CAREFUL = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),  # the address has the code in it
    (b"x-content-type-options", b"nosniff"),
)


def _page(status: int, text: str, *more: tuple[bytes, bytes]) -> Reply:
    """A page of plain words, in which nothing can be markup."""
    kind = (b"content-type", b"text/plain; charset=utf-8")
    return Reply(status, f"{text}\n".encode(), (kind, *_CAREFUL, *more))


def _cookied(header: str) -> str:
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _word(said: str) -> str:
    """A name of an error as Slack writes them; anything else is not repeated."""
    return said if said.isascii() and said.replace("_", "").isalnum() and len(said) <= 60 else "no"


def _entry(kind: str, at: Any, actor: str, team: str, after: Mapping[str, object]) -> Entry:
    return Entry("tocsin", kind, at, actor, f"workspace:{team}", after=after)
