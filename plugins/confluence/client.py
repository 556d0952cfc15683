"""Confluence Cloud's REST API: v2 for pages, v1 for what v2 does not have, attachments sent."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bot.contract import NotDelivered, http, multipart, reading, refusal
from bot.contract.exporter import Picture
from plugins.confluence.settings import ConfluenceSettings

_PAGES = 40  # pages of one listing that are read
_RIGHTS = "view, add and change pages and attachments of the space"
Json = dict[str, Any]


class Client:
    """What the exporter asks of one site; each question raises NotDelivered."""

    def __init__(self, settings: ConfluenceSettings) -> None:
        """Nothing is opened."""
        self._own = settings
        proof = base64.b64encode(f"{settings.user}:{settings.token.get_secret_value()}".encode()).decode()
        self._proof = {"Authorization": f"Basic {proof}", "Accept": "application/json"}
        self._peer = http.Peer(settings.url, self._proof, repeatable=True, largest=8_388_608)

    async def space(self) -> Json:
        """The space: `id`, `homepageId`."""
        found = (await self.get("api/v2/spaces", {"keys": self._own.space})).get("results") or []
        if not found:
            cure = "Correct `space`, or give our account access to it."
            raise NotDelivered(f"There is no space {self._own.space} for us.", cure)
        return _object(found[0])

    async def page(self, page_id: str) -> Json | None:
        """A page with its body; None where it is gone or in the trash."""
        reply = await self._peer.ask("GET", f"api/v2/pages/{quote(page_id, safe='')}", query={"body-format": "storage"})
        if reply.status == 404:
            return None
        said = _good(reply)
        return said if said.get("status") == "current" else None

    async def titled(self, space: str, title: str) -> list[Json]:
        """The pages of that title in the space: one at most, as Confluence has it."""
        query = {"space-id": space, "title": title, "status": "current", "body-format": "storage"}
        return [_object(one) for one in (await self.get("api/v2/pages", query)).get("results") or []]

    async def below(self, parent: str, beginning: str) -> list[Json]:
        """The pages right below another whose titles begin like that."""
        found: list[Json] = []
        query = {"limit": "250"}
        for _ in range(_PAGES):
            said = await self.get(f"api/v2/pages/{quote(parent, safe='')}/children", query)
            found += [one for one in map(_object, said.get("results") or []) if _title(one).startswith(beginning)]
            after = parse_qs(urlsplit(str((said.get("_links") or {}).get("next") or "")).query).get("cursor")
            if not after:
                break
            query = {"limit": "250", "cursor": after[0]}
        return found

    async def create(self, page: Json) -> Json | None:
        """The new page; None where its title is taken."""
        reply = await self._peer.ask("POST", "api/v2/pages", json=page)
        if reply.status == 400 and "title" in _reason(reply).lower():
            return None
        return _good(reply)

    async def update(self, page: Json) -> Json | None:
        """The changed page; None where somebody changed it meanwhile."""
        reply = await self._peer.ask("PUT", f"api/v2/pages/{quote(page['id'], safe='')}", json=page)
        return None if reply.status == 409 else _good(reply)

    async def attach(self, page_id: str, pictures: tuple[Picture, ...]) -> None:
        """Let these pictures, as they are now, be attachments of the page; those that are there are not sent again."""
        if not pictures:
            return
        said = await self.get(f"api/v2/pages/{quote(page_id, safe='')}/attachments", {"limit": "250"})
        there = {(str(one.get("title")), str(one.get("comment"))) for one in map(_object, said.get("results") or [])}
        for picture in pictures:
            mark = f"sha256 {hashlib.sha256(picture.png).hexdigest()}"
            if (picture.name, mark) in there:
                continue
            body, kind = multipart.body({"comment": mark, "minorEdit": "true"}, "file", picture.name, picture.png)
            url = f"{self._own.url}/rest/api/content/{quote(page_id, safe='')}/child/attachment"
            headers = {**self._proof, "X-Atlassian-Token": "nocheck", "Content-Type": kind}
            await http.send("PUT", url, content=body, headers=headers)

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Json:
        """An answer that is an object."""
        return _good(await self._peer.ask("GET", path, query=query))


def _good(reply: http.Reply) -> Json:
    if not 200 <= reply.status < 300:
        raise refusal.of("Confluence", reply, _reason(reply), rights=_RIGHTS)
    return _object(reply.json())


def _reason(reply: http.Reply) -> str:
    """Its first reason, in one short line."""
    try:
        said = reply.json()
    except NotDelivered:
        return ""
    errors = said.get("errors") if isinstance(said, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else said
    words = (first.get("title") or first.get("message")) if isinstance(first, dict) else ""
    return reading.clean(str(words or ""))[:200]


def _object(said: Any) -> Json:
    if not isinstance(said, dict):
        raise NotDelivered("The answer is none of Confluence's.", "Look whether `url` is right; it ends in /wiki.")
    return said


def _title(page: Json) -> str:
    return str(page.get("title") or "")
