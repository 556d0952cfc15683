"""Notion's REST API, as far as a page of ours needs it."""

from collections.abc import AsyncIterator
from typing import Any

from bot.contract import NotDelivered, http, multipart, reading, refusal
from bot.contract.exporter import Picture
from plugins.notion.settings import NotionSettings

VERSION = "2025-09-03"
_PAGES = 50  # pages of one listing that are read
_RIGHTS = "read, insert and update content, and the database must be shared with it"
Json = dict[str, Any]


class Client:
    """What the exporter asks; each question raises NotDelivered."""

    def __init__(self, settings: NotionSettings) -> None:
        """Nothing is opened."""
        self._own = settings
        token = settings.token.get_secret_value()
        self._proof = {"Authorization": f"Bearer {token}", "Notion-Version": VERSION}
        self._peer = http.Peer(f"{settings.url}/v1", self._proof, repeatable=True, largest=8_388_608)

    async def source(self) -> Json:
        """The data source: `id`, `properties`."""
        its = self._own.data_source
        if its is None:
            sources = (await self.ask("GET", f"databases/{self._own.database}")).get("data_sources") or []
            if len(sources) != 1:
                cure = "Name one as `data_source`: in Notion, Copy data source ID."
                raise NotDelivered(f"The database has {len(sources)} data sources.", cure)
            its = str(sources[0].get("id"))
        return await self.ask("GET", f"data_sources/{its}")

    async def page(self, page_id: str) -> Json | None:
        """The page; None where it is gone or in the trash."""
        reply = await self._peer.ask("GET", f"pages/{page_id}")
        if reply.status == 404:
            return None
        page = _good(reply)
        return None if page.get("in_trash") or page.get("archived") else page

    async def query(self, source: str, document_id: str) -> list[Json]:
        """The pages whose property is this id, oldest first."""
        asked = {
            "filter": {"property": self._own.property, "rich_text": {"equals": document_id}},
            "sorts": [{"timestamp": "created_time", "direction": "ascending"}],
            "page_size": 10,
        }
        found = (await self.ask("POST", f"data_sources/{source}/query", asked)).get("results") or []
        return [page for page in found if isinstance(page, dict) and not page.get("in_trash")]

    async def children(self, block: str) -> AsyncIterator[Json]:
        """The blocks right within a page or block."""
        cursor: str | None = None
        for _ in range(_PAGES):
            query = {"page_size": "100", **({"start_cursor": cursor} if cursor else {})}
            said = _good(await self._peer.ask("GET", f"blocks/{block}/children", query=query))
            for one in said.get("results") or []:
                yield one
            cursor = said.get("next_cursor") if said.get("has_more") else None
            if not cursor:
                return

    async def append(self, block: str, children: list[Json], after: str | None = None) -> list[Json]:
        """The new blocks, at the end or right after another."""
        asked = {"children": children, **({"after": after} if after else {})}
        return (await self.ask("PATCH", f"blocks/{block}/children", asked)).get("results") or []

    async def delete(self, block: str) -> None:
        """Put a block into the trash; one that is gone is gone."""
        reply = await self._peer.ask("DELETE", f"blocks/{block}")
        if reply.status != 404 and not (reply.status == 400 and "archived" in _reason(reply)):
            _good(reply)

    async def send(self, picture: Picture) -> str:
        """The id of the file, which Notion forgets in an hour where no block has it."""
        asked = {"mode": "single_part", "filename": picture.name, "content_type": "image/png"}
        made = str((await self.ask("POST", "file_uploads", asked)).get("id") or "")
        if not made:
            raise NotDelivered("The answer is none of Notion's.", "Look whether `url` is right.")
        body, kind = multipart.body({}, "file", picture.name, picture.png)
        url = f"{self._own.url}/v1/file_uploads/{made}/send"
        await http.send("POST", url, content=body, headers={**self._proof, "Content-Type": kind})
        return made

    async def ask(self, method: str, path: str, json: Any = None) -> Json:
        """An answer that is an object."""
        return _good(await self._peer.ask(method, path, json=json))


def _good(reply: http.Reply) -> Json:
    if not 200 <= reply.status < 300:
        raise refusal.of("Notion", reply, _reason(reply), rights=_RIGHTS)
    said = reply.json()
    if not isinstance(said, dict):
        raise NotDelivered("The answer is none of Notion's.", "Look whether `url` is right.")
    return said


def _reason(reply: http.Reply) -> str:
    """What it says of it, in one short line."""
    try:
        said = reply.json()
    except NotDelivered:
        return ""
    return reading.clean(str(said.get("message") or ""))[:200] if isinstance(said, dict) else ""
