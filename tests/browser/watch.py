"""Watches a page as a stern reader of its console would: no error, and no request that leaves the page's own origin."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Page, Request, WebError

#: Made inside of the page: nothing is fetched from anywhere.
INSIDE = ("data", "blob", "about")


@dataclass
class Watch:
    """What went wrong in every page of one test; `forgive` takes what a test brings about on purpose."""

    faults: list[str] = field(default_factory=list)
    origin: str = ""  #: of the first page that was opened; every request must go there
    _forgiven: list[re.Pattern[str]] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch all pages of this context from now on."""
        context.on("weberror", self._error)
        context.on("console", self._console)
        context.on("request", self._request)
        context.on("page", self._page)

    def forgive(self, pattern: str) -> None:
        """A fault in which this regular expression is found is what the test wants to see."""
        self._forgiven.append(re.compile(pattern))

    @property
    def unforgiven(self) -> list[str]:
        """The faults that nobody asked for, in their order."""
        return [fault for fault in self.faults if not any(one.search(fault) for one in self._forgiven)]

    def _error(self, error: WebError) -> None:
        self.faults.append(f"page error: {error.error}")

    def _console(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "assert"):
            place = said.location
            self.faults.append(f"console: {said.text} ({place.get('url', '')}:{place.get('lineNumber', '')})")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in INSIDE:
            return
        origin = f"{parts.scheme}://{parts.netloc}"
        self.origin = self.origin or origin
        if origin != self.origin:
            self.faults.append(f"request to another origin: {request.method} {request.url}")

    def _page(self, page: Page) -> None:
        page.on("crash", lambda _: self.faults.append("the page crashed"))
