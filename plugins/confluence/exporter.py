"""The exporter to Confluence Cloud: one page for each document, found again by its id in title and body.

Our part of a page stands between two marks; what people write around it stays, and so do their comments.
"""

from bot.contract import Check, Context, Document, Exported, Health, NotDelivered, reading
from plugins.confluence import storage
from plugins.confluence.client import Client, Json
from plugins.confluence.settings import ConfluenceSettings

ROUNDS = 4  #: how often a page is read again that somebody changes at the same time
_TITLE = 255  # characters; Confluence's own


class Pages:
    """Implements `Exporter`; a reference is the page's id."""

    def __init__(self, settings: ConfluenceSettings, context: Context) -> None:
        """Nothing is opened."""
        self._own, self._client = settings, Client(settings)

    async def put(self, document: Document) -> Exported:
        """Make the page or bring it up to date; NotDelivered."""
        for _ in range(ROUNDS):
            page = await self._find(document) or await self._make(document)
            if page is None:
                continue
            await self._client.attach(str(page["id"]), document.pictures)
            if await self._renew(document, page):
                return Exported(str(page["id"]), self._link(page))
        raise NotDelivered("Somebody else changes the page all the time.", "It is tried again.", retry=True)

    async def check(self) -> list[Check]:
        """Whether the site knows us, and the space and the page above are there."""
        try:
            space = await self._client.space()
            if self._own.parent and await self._client.page(self._own.parent) is None:
                return [Check("parent", Health.MISSING, f"There is no page {self._own.parent}: correct `parent`.")]
        except NotDelivered as error:
            return [Check("space", Health.UNKNOWN if error.retry else Health.MISSING, str(error))]
        return [Check("space", Health.OK if space.get("id") else Health.UNKNOWN)]

    async def _find(self, document: Document) -> Json | None:
        """The page by its id, else below its parent, else by its title; only one that carries our mark."""
        if document.reference:
            page = await self._client.page(document.reference)
            if page is not None:
                return page
        space = await self._client.space()
        for one in await self._client.below(self._above(space), f"{document.id}:"):
            page = await self._client.page(str(one.get("id")))
            if page is not None and storage.ours(document.id, _body(page)):
                return page
        for page in await self._client.titled(str(space.get("id")), _title(document)):
            if storage.ours(document.id, _body(page)):
                return page
        return None

    async def _make(self, document: Document) -> Json | None:
        """A new page; None where one of its title came up meanwhile, to be looked at."""
        space = await self._client.space()
        page = {
            "spaceId": str(space.get("id")),
            "status": "current",
            "title": _title(document),
            "parentId": self._above(space),
            "body": {"representation": "storage", "value": storage.new(document)},
        }
        made = await self._client.create(page)
        if made is None and await self._find(document) is None:
            what = f"A page called {_title(document)[:80]!r} stands there already, and Tocsin did not make it."
            raise NotDelivered(what, "Rename it, then export again.")
        return await self._client.page(str(made["id"])) if made else None

    async def _renew(self, document: Document, page: Json) -> bool:
        """Whether the page has this version now; False when somebody was faster."""
        version, note = page.get("version") or {}, _note(document)
        if version.get("message") == note:
            return True
        body = storage.renewed(document, _body(page))
        if body is None:
            what = f"Tocsin's marks are gone from page {page['id']}, so nobody can tell which part of it is ours."
            raise NotDelivered(what, "Restore an older version of the page, or delete it; then export again.")
        changed = {
            "id": str(page["id"]),
            "status": "current",
            "title": _title(document),
            "body": {"representation": "storage", "value": body},
            "version": {"number": int(version.get("number") or 0) + 1, "message": note},
        }
        return await self._client.update(changed) is not None

    def _above(self, space: Json) -> str:
        above = self._own.parent or str(space.get("homepageId") or "")
        if not above:
            raise NotDelivered(f"The space {self._own.space} has no home page.", "Set `parent` to a page's id.")
        return above

    def _link(self, page: Json) -> str:
        path = str((page.get("_links") or {}).get("webui") or f"/pages/viewpage.action?pageId={page['id']}")
        return reading.link(f"{self._own.url}{path}") or ""


def _title(document: Document) -> str:
    """It begins with the id, by which it is found whatever people are told of it afterwards."""
    return f"{document.id}: {reading.clean(document.title)}"[:_TITLE]


def _note(document: Document) -> str:
    """What the page's history says of a version of ours; the page as it is now needs no second one."""
    pictures = "".join(picture.name for picture in document.pictures)
    return f"Tocsin: {document.id}, version {document.version}{', with pictures' if pictures else ''}"


def _body(page: Json) -> str:
    return str(((page.get("body") or {}).get("storage") or {}).get("value") or "")
