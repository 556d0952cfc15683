"""The app as several workspaces know it: its client id and secret, and the codes its installers consented to."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

from bot.sandbox.workspace.nouns import Json
from bot.sandbox.workspace.permits import Denied

CODE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True)
class Consent:
    """What a person's browser carries back to the app after a yes: the code, the app's own state, the address."""

    code: str
    state: str
    redirect: str


@dataclass(frozen=True)
class Code:
    """A consent that waits for the app to fetch its token, once; `grant` installs the app and says so."""

    user: str
    scopes: tuple[str, ...]
    redirect_uri: str
    at: datetime
    grant: Callable[["Code"], Json]


class Registry:
    """One app: its client id and secret, where it may be redirected to, the codes given out."""

    def __init__(self, client_id: str, client_secret: str, redirect_uris: tuple[str, ...] = ()) -> None:
        """No `redirect_uris`: any address is taken, as of an app that has named none."""
        self.client_id, self.client_secret, self.redirect_uris = client_id, client_secret, redirect_uris
        self.codes: dict[str, Code] = {}

    def asked(self, url: str) -> dict[str, str]:
        """The question an authorize address puts; Denied when Slack would show an error page instead of asking."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if given.get("client_id") != self.client_id:
            raise Denied("invalid_client_id")
        uri = given.setdefault("redirect_uri", self.redirect_uris[0] if self.redirect_uris else "")
        if not uri or (self.redirect_uris and not uri.startswith(self.redirect_uris)):
            raise Denied("bad_redirect_uri")
        if not given.get("scope"):
            raise Denied("invalid_scope")
        return given

    def consent(self, code: str, user: str, url: str, now: datetime, grant: Callable[[Code], Json]) -> Consent:
        """A person says yes to what an authorize address asks."""
        given = self.asked(url)
        scopes = tuple(scope for scope in given["scope"].replace(" ", ",").split(",") if scope)
        self.codes[code] = Code(user, scopes, given["redirect_uri"], now, grant)
        back = {"code": code, "state": given.get("state", "")}
        return Consent(code, back["state"], _redirect(given["redirect_uri"], back))

    def deny(self, url: str) -> str:
        """Where the browser goes after a no."""
        given = self.asked(url)
        return _redirect(given["redirect_uri"], {"error": "access_denied", "state": given.get("state", "")})

    def known(self, client_id: str, client_secret: str) -> None:
        """Refuses a caller who is not the app."""
        if client_id != self.client_id:
            raise Denied("invalid_client_id")
        if not hmac.compare_digest(client_secret.encode(), self.client_secret.encode()):
            raise Denied("bad_client_secret")


def _redirect(uri: str, query: dict[str, str]) -> str:
    return f"{uri}{'&' if '?' in uri else '?'}{urlencode(query)}"
