"""Calls to Slack's Web API over one shared HTTP session, and what their failures mean."""

import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot import telemetry
from bot.errors import NotDelivered
from bot.slack import fit, quiet
from bot.slack.pieces import Json, Message

API = "https://slack.com/api/"
LOCAL = ("127.0.0.1", "localhost", "::1")  #: servers that no proxy of the environment leads to
Limited = Callable[[str, str, float], None]
log = telemetry.logger("slack")

#: Slack's own trouble: nobody knows whether the call took effect.
PASSING = {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "http_error"}
LIMITED = {"ratelimited", "rate_limited", "message_limit_exceeded"}
#: The token is the trouble, so every message waits until an admin has mended it.
TOKEN = {
    "invalid_auth",
    "not_authed",
    "not_installed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
}
#: The blocks are the trouble; the text alone may pass.
BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "invalid_attachments"}
#: What to do, for the errors an admin can mend.
CURES: Mapping[str, str] = {
    "channel_not_found": "Check the channel's name; a private channel needs the bot: /invite it there.",
    "not_in_channel": "Write /invite and the bot's name in that channel.",
    "is_archived": "Unarchive the channel, or name another one in the configuration.",
    "user_not_found": "Correct the Slack id in config/people.yaml.",
    "user_disabled": "Take this person off the rota; their Slack account is closed.",
    "cannot_dm_bot": "The Slack id in config/people.yaml is a bot's; write the person's.",
    "no_such_subteam": "Make a user group with that handle in Slack, or correct the handle in the runbook.",
    "missing_scope": "Add the scope to the app, then install it again.",
    "restricted_action": "An admin of the workspace must let the app post there.",
    "ekm_access_denied": "An admin of the workspace must let the app post there.",
} | dict.fromkeys(
    ("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"),
    "Install the app again and set SLACK_BOT_TOKEN to its new token.",
)


class SlackFault(NotDelivered):
    """A call that Slack refused or did not answer; `in_doubt` when it may have taken effect all the same."""

    def __init__(self, method: str, code: str, *, in_doubt: bool = False, after: float | None = None) -> None:
        """`code` is Slack's name of the error, or our word for a silent network."""
        retry = in_doubt or code in LIMITED or code in TOKEN or code in ("unreachable", "waiting")
        super().__init__(f"Slack did not take {method}: {code}.", CURES.get(code, ""), retry=retry, after=after)
        self.method = method
        self.code = code
        self.in_doubt = in_doubt


class Client:
    """One workspace's Web API: opened inside a running loop, closed once."""

    def __init__(
        self, token: SecretStr, *, url: str | None = None, timeout: float = 10.0, limited: Limited | None = None
    ) -> None:
        """`url` is another server than Slack's; `timeout` is in seconds, for a whole call.

        `limited` hears of every 429: the method, the channel ("" for none), and the seconds to leave it alone.
        """
        self.url = url or API
        self.token = token
        self._limited = limited
        self._timeout = aiohttp.ClientTimeout(total=timeout, connect=5.0)
        self._web: AsyncWebClient | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Client":
        self._session = aiohttp.ClientSession(timeout=self._timeout)
        # No retry handler: a post is not idempotent, and the job that asked for it tries again with open eyes.
        self._web = AsyncWebClient(
            self.token.get_secret_value(),
            self.url,
            session=self._session,
            retry_handlers=[],
            logger=quiet.logger("sdk"),
        )
        if self.local:
            self._web.proxy = None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def local(self) -> bool:
        """The server is this machine, so no proxy of the environment leads to it."""
        return urlsplit(self.url).hostname in LOCAL

    @property
    def web(self) -> AsyncWebClient:
        """The SDK's client under it; RuntimeError before it was opened."""
        if self._web is None:
            raise RuntimeError("The Slack client has not been opened.")
        return self._web

    async def call(self, method: str, **arguments: Any) -> Json:
        """The answer to one call, with `headers` beside it; SlackFault when there is none or it says no.

        A message or a view that Slack would refuse goes in the plainer form of `fit`.
        """
        act = getattr(self.web, method.replace(".", "_"))
        try:
            answer = await act(**fit.arguments(method, arguments))
        except (SlackApiError, SlackClientError, aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            fault = understood(method, error)
            telemetry.SLACK_CALLS.labels(method, fault.code).inc()
            if fault.after and self._limited is not None:
                self._limited(method, str(arguments.get("channel", "")), fault.after)
            raise fault from error
        telemetry.SLACK_CALLS.labels(method, "ok").inc()
        return {**answer.data, "headers": answer.headers}

    async def whisper(self, response_url: str, message: Message) -> None:
        """Answer an interaction so that only its person sees it; SlackFault when that fails."""
        if self._session is None:
            raise RuntimeError("The Slack client has not been opened.")
        body = fit.sendable(message.payload(), "message")
        body |= {"response_type": "ephemeral", "replace_original": False}
        proxy = None if self.local else self.web.proxy
        try:
            async with self._session.post(response_url, json=body, proxy=proxy) as answer:
                said, status = await answer.text(), answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise understood("response_url", error) from error
        telemetry.SLACK_CALLS.labels("response_url", "ok" if status == 200 else str(status)).inc()
        if status != 200:
            raise SlackFault("response_url", _word(said) or f"http_{status}")

    async def upload(self, address: str, content: bytes) -> None:
        """Send the bytes of a file to the address that Slack gave for it, once; SlackFault when that fails."""
        if self._session is None:
            raise RuntimeError("The Slack client has not been opened.")
        proxy = None if self.local else self.web.proxy
        try:
            async with self._session.post(address, data=content, proxy=proxy) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise understood("upload", error) from error
        telemetry.SLACK_CALLS.labels("upload", "ok" if status == 200 else str(status)).inc()
        if status != 200:
            raise SlackFault("upload", f"http_{status}")

    async def download(self, address: str, most: int) -> bytes:
        """The bytes of a file that somebody shared, from Slack's own host alone, since the token goes along.

        SlackFault when it is elsewhere, larger than `most` bytes, or not for us: then Slack shows a page to sign in.
        """
        if self._session is None:
            raise RuntimeError("The Slack client has not been opened.")
        if not self._ours(address):
            raise SlackFault("download", "not_slack")
        bearer = {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        proxy = None if self.local else self.web.proxy
        try:
            async with self._session.get(address, headers=bearer, proxy=proxy, allow_redirects=False) as answer:
                status, page = answer.status, answer.content_type == "text/html"
                content = await answer.content.read(most + 1) if status == 200 else b""
                while status == 200 and len(content) <= most and (more := await answer.content.read(most + 1)):
                    content += more
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise understood("download", error) from error
        telemetry.SLACK_CALLS.labels("download", "ok" if status == 200 else str(status)).inc()
        if status in (302, 401, 403) or page:
            raise SlackFault("download", "missing_scope")
        if status != 200 or len(content) > most:
            raise SlackFault("download", f"http_{status}" if status != 200 else "too_large")
        return content

    def _ours(self, address: str) -> bool:
        """Whether it is Slack's: by https on one of its hosts, or at the very server the calls go to."""
        where, here = urlsplit(address), urlsplit(self.url)
        if self.url != API:
            return (where.scheme, where.netloc) == (here.scheme, here.netloc)
        return where.scheme == "https" and where.netloc in ("files.slack.com", "slack-files.com")


def understood(method: str, error: Exception) -> SlackFault:
    """What a failed call means for the one who made it."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return SlackFault(method, "unreachable")
    if not isinstance(error, SlackApiError):
        return SlackFault(method, "no_answer", in_doubt=True)
    answer = error.response
    data = answer.data if isinstance(getattr(answer, "data", None), dict) else {}
    status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0) or 0)
    code = str(data.get("error", "")) or f"http_{status}"
    if status == 429 or code in LIMITED:
        return SlackFault(method, "ratelimited", after=_seconds(getattr(answer, "headers", {})))
    return SlackFault(method, code, in_doubt=status >= 500 or code in PASSING or not data)


def _seconds(headers: Mapping[str, str]) -> float:
    # The SDK's fakes and proxies spell the name in either case; aiohttp's own mapping does not mind.
    said = headers.get("Retry-After") or headers.get("retry-after") or ""
    return min(float(said), 3600.0) if said.isascii() and said.isdigit() else 1.0


def _word(said: str) -> str:
    try:
        read = json.loads(said)
    except ValueError:
        read = said
    word = read.get("error", "") if isinstance(read, dict) else read
    return word if isinstance(word, str) and word.isascii() and word.replace("_", "").isalnum() else ""
