"""The exporter to Notion: one page of a database for each document, found again by a property that has its id.

Our part of the page is one toggle whose title says which version it is. A newer version is written into a toggle of its
own, and only when it is whole the older one goes; whatever people write beside it stays.
"""

import hashlib

from bot.contract import Check, Context, Document, Exported, Health, NotDelivered, reading
from plugins.notion import blocks
from plugins.notion.client import Client, Json
from plugins.notion.settings import NotionSettings

_TITLE = 500  # characters
_UNFINISHED = "being written"


class Pages:
    """Implements `Exporter`; a reference is the page's id."""

    def __init__(self, settings: NotionSettings, context: Context) -> None:
        """Nothing is opened."""
        self._own, self._client = settings, Client(settings)

    async def put(self, document: Document) -> Exported:
        """Make the page or bring it up to date; NotDelivered."""
        source = await self._client.source()
        title = self._title(source)
        page = await self._find(document, str(source["id"]))
        if page is None:
            page = await self._make(document, str(source["id"]), title)
        await self._renew(document, str(page["id"]))
        if _words((page.get("properties") or {}).get(title, {}).get("title")) != _titled(document):
            said = {"properties": {title: {"title": blocks.text(_titled(document))}}}
            await self._client.ask("PATCH", f"pages/{page['id']}", said)
        return Exported(str(page["id"]), reading.link(page.get("url")) or "")

    async def check(self) -> list[Check]:
        """Whether Notion knows us, and the database is there with the property that our pages need."""
        try:
            self._title(await self._client.source())
        except NotDelivered as error:
            return [Check("database", Health.UNKNOWN if error.retry else Health.MISSING, str(error))]
        return [Check("database", Health.OK)]

    def _title(self, source: Json) -> str:
        """The name of the title's property; NotDelivered where the property of ours is not there."""
        known = source.get("properties") or {}
        if (known.get(self._own.property) or {}).get("type") != "rich_text":
            what = f"The database has no text property {self._own.property!r}."
            raise NotDelivered(what, "Add it in Notion, or name another as `property`.")
        return next((name for name, one in known.items() if one.get("type") == "title"), "Name")

    async def _find(self, document: Document, source: str) -> Json | None:
        if document.reference:
            page = await self._client.page(document.reference)
            if page is not None:
                return page
        return next(iter(await self._client.query(source, document.id)), None)

    async def _make(self, document: Document, source: str, title: str) -> Json:
        """The page and its id in one act, so that it is found again however that ends."""
        properties = {
            title: {"title": blocks.text(_titled(document))},
            self._own.property: {"rich_text": blocks.text(document.id)},
        }
        parent = {"type": "data_source_id", "data_source_id": source}
        return await self._client.ask("POST", "pages", {"parent": parent, "properties": properties})

    async def _renew(self, document: Document, page: str) -> None:
        """Our toggle in this version, and no other of ours; the new one is whole before the old ones go."""
        wanted = _label(document)
        mine = [one async for one in self._client.children(page) if _is_ours(one, document.id)]
        whole = next((one for one in mine if _said(one) == wanted), None)
        if whole is None:
            whole = await self._write(document, page, str(mine[-1]["id"]) if mine else None)
        for one in mine:
            if one["id"] != whole["id"]:
                await self._client.delete(str(one["id"]))

    async def _write(self, document: Document, page: str, after: str | None) -> Json:
        """A new toggle; only once all of it is there does its title say so."""
        toggle = blocks.block("toggle", rich_text=blocks.text(f"{_beginning(document.id)}{_UNFINISHED}"))
        made = await self._client.append(page, [toggle], after)
        # Some answers list what stands after it as well: it is the one that is not whole yet.
        fresh = next((one for one in made if _UNFINISHED in _said(one)), None)
        if fresh is None:
            raise NotDelivered("The answer is none of Notion's.", "Look whether `url` is right.")
        sent = {picture.name: await self._client.send(picture) for picture in document.pictures}
        for batch in blocks.batches(blocks.of(document.markdown, sent)):
            await self._client.append(str(fresh["id"]), batch)
        await self._client.ask(
            "PATCH", f"blocks/{fresh['id']}", {"toggle": {"rich_text": blocks.text(_label(document))}}
        )
        return fresh


def _titled(document: Document) -> str:
    return f"{document.id}: {reading.clean(document.title)}"[:_TITLE]


def _beginning(document_id: str) -> str:
    return f"{document_id} as Tocsin has it · "


def _label(document: Document) -> str:
    """What the title of our toggle says once it is whole; other words or pictures have another."""
    spelled = document.markdown.encode("utf-8", "replace") + b"".join(one.png for one in document.pictures)
    return f"{_beginning(document.id)}version {document.version} · {hashlib.sha256(spelled).hexdigest()[:8]}"


def _is_ours(one: Json, document_id: str) -> bool:
    return one.get("type") == "toggle" and _said(one).startswith(_beginning(document_id))


def _said(one: Json) -> str:
    return _words((one.get("toggle") or {}).get("rich_text"))


def _words(texts: object) -> str:
    """The words of rich text as Notion gives it back."""
    if not isinstance(texts, list):
        return ""
    return "".join(str(one.get("plain_text") or (one.get("text") or {}).get("content") or "") for one in texts)
