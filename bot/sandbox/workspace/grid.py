"""Several workspaces behind one address, for an app that is installed in each of them with a token of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

import aiohttp

from bot.sandbox.workspace import oauth, server
from bot.sandbox.workspace.control import HEADER
from bot.sandbox.workspace.registry import Consent, Registry
from bot.sandbox.workspace.wire import HOST, Receive, Scope, Send, Wire
from bot.sandbox.workspace.workspace import Workspace

AUTHORIZE = "/oauth/v2/authorize"


@dataclass(frozen=True)
class Landing:
    """The page on which a person's browser ends: its status and words, and the code it brought there (empty: none)."""

    status: int
    text: str
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Grid:
    """One HTTP server over workspaces of distinct team_ids; each call goes to the workspace its token belongs to.

    There is one app: one client id, one signing secret (that of the first workspace), one request URL. Nobody has
    installed it yet, unless `installed`. Workspaces are not started or stopped by themselves.
    """

    def __init__(
        self,
        workspaces: Sequence[Workspace],
        *,
        client_id: str,
        client_secret: str,
        redirect_uris: Sequence[str] = (),
        installed: bool = False,
    ) -> None:
        """ValueError when two workspaces share a team_id: give it by Secrets(team_id=...)."""
        teams = [workspace.team_id for workspace in workspaces]
        if not teams or len(set(teams)) < len(teams):
            raise ValueError(f"Each workspace needs a team_id of its own: {teams}")
        self.workspaces = tuple(workspaces)
        self.registry = Registry(client_id, client_secret, tuple(redirect_uris))
        self._wire = Wire(self)
        self.origin = ""
        for workspace in self.workspaces:
            state = workspace.state
            state.keys = replace(state.keys, signing_secret=self.signing_secret)
            state.registry = self.registry
            if not installed:
                state.installed = False
                state.tokens.pop(state.keys.bot_token)

    @property
    def url(self) -> str:
        """The base of the Web API; ends with a slash."""
        return f"{self.origin}/api/"

    @property
    def signing_secret(self) -> str:
        """The key of every workspace's deliveries."""
        return self.workspaces[0].state.keys.signing_secret

    @property
    def request_url(self) -> str | None:
        """Where the deliveries of every workspace go."""
        return self.workspaces[0].request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        """May be set at any time."""
        for workspace in self.workspaces:
            workspace.request_url = url

    # --- installing, as a person with a browser ---

    def consent(self, workspace: Workspace, *, by: str, url: str) -> Consent:
        """What `by` would bring back after a yes to an authorize address; Denied where Slack shows none."""
        return oauth.consent(workspace.state, workspace.person(by).id, url)

    def deny(self, url: str) -> str:
        """Where the browser would go after a no."""
        return self.registry.deny(url)

    async def install(self, workspace: Workspace, *, by: str, start: str) -> Landing:
        """Opens the app's own page, follows it to the question, says yes, and comes back with the cookies it got."""
        page_of = urlsplit(start)
        # A browser sends secure cookies to the machine it runs on, even without TLS.
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=f"{page_of.scheme}://{page_of.netloc}")
        async with aiohttp.ClientSession(cookie_jar=jar) as browser:
            asked = start
            if page_of.path != AUTHORIZE:
                async with browser.get(start, allow_redirects=False) as page:
                    asked = page.headers.get("Location", "")
                    if urlsplit(asked).path != AUTHORIZE:
                        return Landing(page.status, await page.text(), headers=dict(page.headers))
            consent = self.consent(workspace, by=by, url=asked)
            async with browser.get(consent.redirect, allow_redirects=False) as page:
                return Landing(page.status, await page.text(), consent.code, dict(page.headers))

    # --- the server ---

    async def start(self, port: int = 0) -> Self:
        """Listens on 127.0.0.1, on a free port when 0 is asked for."""
        self.origin = f"http://{HOST}:{await self._wire.start(port)}"
        for workspace in self.workspaces:
            workspace.wired(self._wire)
            workspace.open(self.origin)
        return self

    async def stop(self) -> None:
        """Closes everything."""
        for workspace in self.workspaces:
            await workspace.stop()
        await self._wire.stop()

    async def __aenter__(self) -> Self:
        """Starts on a free port."""
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        await self.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hands a request to the workspace it is for: by token, ticket or key; to the first when it is nobody's."""
        path: str = scope["path"]
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if path.startswith("/api/"):
            body = await server.read(receive)
            given = _token(headers, body or b"")
            found = self._first(lambda ws: given in ws.state.tokens or given in ws.state.ended)
            await found.door.answer(scope, body, receive, send)
            return
        key = path.rpartition("/")[2]
        ticket = parse_qs(scope["query_string"].decode()).get("ticket", [""])[0]
        control = headers.get(HEADER.lower().encode(), b"").decode(errors="replace")
        found = self._first(
            lambda ws: (
                key in ws.state.response_urls
                or key in ws.state.uploads
                or ticket in ws.state.tickets
                or control == ws.control_token
            )
        )
        await found.door(scope, receive, send)

    def _first(self, fits: Callable[[Workspace], bool]) -> Workspace:
        return next((workspace for workspace in self.workspaces if fits(workspace)), self.workspaces[0])


def _token(headers: dict[bytes, bytes], body: bytes) -> str:
    said = headers.get(b"authorization", b"").decode(errors="replace")
    if said.startswith("Bearer "):
        return said.removeprefix("Bearer ").strip()
    form = headers.get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded")
    return parse_qs(body.decode(errors="replace")).get("token", [""])[0] if form else ""
