"""Notion on loopback, as strict as the real one where our exporter touches it: limits, versions, trash."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from bot.testing.far_end import Arrived
from plugins.notion.client import VERSION
from tests.plugins.presses import Press, Said, part

DATABASE, SOURCE = "d" * 32, "5" * 32
_KINDS = {"paragraph", "heading_1", "heading_2", "heading_3", "bulleted_list_item", "numbered_list_item", "quote",
          "code", "table", "table_row", "image", "divider", "toggle"}  # fmt: skip


@dataclass
class Notebook(Press):
    """A database with one source; blocks are kept flat, each with its children's ids."""

    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: dict[str, dict[str, Any]] = field(default_factory=dict)
    inside: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, bytes | None] = field(default_factory=dict)
    properties: dict[str, Any] = field(
        default_factory=lambda: {"Name": {"type": "title"}, "Document": {"type": "rich_text"}}
    )
    number: int = 0

    def writes(self, method: str, path: str) -> bool:
        return super().writes(method, path) and not path.endswith("/query")

    def answer(self, method: str, path: str, query: dict[str, str], arrived: Arrived) -> Said:
        if arrived.headers.get("notion-version") != VERSION:
            return _bad("Notion-Version is missing")
        if len(arrived.body) > 500_000 and "multipart" not in arrived.headers["content-type"]:
            return 413, {"message": "too large"}
        if method == "GET" and path == f"/v1/databases/{DATABASE}":
            return 200, {"data_sources": [{"id": SOURCE}]}
        if method == "GET" and path == f"/v1/data_sources/{SOURCE}":
            return 200, {"id": SOURCE, "properties": self.properties}
        if path.endswith("/send"):
            return self._sent(path.split("/")[3], arrived)
        given = json.loads(arrived.body) if arrived.body else {}
        if path == f"/v1/data_sources/{SOURCE}/query":
            return self._query(given)
        if path == "/v1/file_uploads":
            self.files[its := self._new()] = None
            return 200, {"id": its}
        if path == "/v1/pages":
            return self._page(given)
        if match := re.fullmatch(r"/v1/(pages|blocks)/([0-9a-f]+)(/children)?", path):
            return self._of(method, match, query, given)
        return 404, {"message": f"no such address: {path}"}

    def _of(self, method: str, match: "re.Match[str]", query: dict[str, str], given: dict[str, Any]) -> Said:
        known, its = (self.pages if match[1] == "pages" else self.blocks), match[2]
        if match[3]:
            if its not in self.inside:
                return 404, {"message": "Could not find block"}
            return self._listed(its, query) if method == "GET" else self._append(its, given)
        if its not in known:
            return 404, {"message": "Could not find it"}
        if method == "PATCH":
            if match[1] == "pages":
                known[its]["properties"] |= given["properties"]
            elif fault := _wrong({"type": "toggle", **given}):
                return fault
            else:
                known[its] |= given
        if method == "DELETE":
            self._drop(its)
            return 200, {"id": its, "in_trash": True}
        return 200, known[its]

    def _page(self, given: dict[str, Any]) -> Said:
        assert given["parent"] == {"type": "data_source_id", "data_source_id": SOURCE}
        texts = [one for prop in given["properties"].values() for one in (prop.get("title") or prop["rich_text"])]
        if fault := _wrong_texts(texts):
            return fault
        its = self._new()
        self.inside[its] = []
        self.pages[its] = {"id": its, "properties": given["properties"], "url": f"https://www.notion.so/{its}"}
        return 200, self.pages[its]

    def _query(self, given: dict[str, Any]) -> Said:
        wanted = given["filter"]
        if wanted["property"] not in self.properties:
            return _bad("no such property")
        found = [p for p in self.pages.values() if said(p, wanted["property"]) == wanted["rich_text"]["equals"]]
        return 200, {"results": [page for page in found if not page.get("in_trash")]}

    def _listed(self, its: str, query: dict[str, str]) -> Said:
        """Three at a time."""
        start, ids = int(query.get("start_cursor", "0")), self.inside[its]
        more = start + 3 < len(ids)
        found = [self.blocks[one] for one in ids[start : start + 3]]
        return 200, {"results": found, "has_more": more, "next_cursor": str(start + 3) if more else None}

    def _append(self, its: str, given: dict[str, Any]) -> Said:
        children = given["children"]
        for block in children:
            if fault := _wrong(block):
                return fault
        if len(children) > 100:
            return _bad("children.length should be ≤ 100")
        where = self.inside[its].index(given["after"]) + 1 if "after" in given else len(self.inside[its])
        fresh = [self._add(block) for block in children]
        self.inside[its][where:where] = fresh
        return 200, {"results": [self.blocks[one] for one in fresh]}

    def _add(self, block: dict[str, Any]) -> str:
        if block["type"] == "image":
            assert self.files[block["image"]["file_upload"]["id"]] is not None
        its = self._new()
        self.blocks[its] = {**block, "id": its}
        self.inside[its] = [self._add(one) for one in block[block["type"]].get("children", ())]
        return its

    def _drop(self, its: str) -> None:
        for one in self.inside.pop(its, []):
            self._drop(one)
        self.blocks.pop(its, None)
        for ids in self.inside.values():
            if its in ids:
                ids.remove(its)

    def _sent(self, its: str, arrived: Arrived) -> Said:
        assert self.files[its] is None, "sent twice"
        self.files[its] = part(arrived)[1]
        return 200, {"id": its, "status": "uploaded"}

    def _new(self) -> str:
        self.number += 1
        return f"{self.number:032x}"

    # --- the suite's hand ---

    async def texts(self, document_id: str) -> list[str]:
        own = [p for p in self.pages.values() if said(p, "Document") == document_id and not p.get("in_trash")]
        found = []
        for page in own:
            toggles = [one for one in self.inside[page["id"]] if self.blocks[one]["type"] == "toggle"]
            found += [self._words(one) for one in toggles]
        return found

    async def pictures(self, document_id: str) -> set[bytes]:
        return {
            data
            for block in self.blocks.values()
            if block["type"] == "image" and (data := self.files[block["image"]["file_upload"]["id"]])
        }

    async def write(self, words: str) -> None:
        """A page without an id."""
        its = self._new()
        self.inside[its] = [self._add({"type": "paragraph", "paragraph": {"rich_text": [_text(words)]}})]
        self.pages[its] = {"id": its, "properties": {}, "url": ""}

    async def beside(self) -> str:
        return " ".join(self._words(p["id"]) for p in self.pages.values() if not said(p, "Document"))

    def _words(self, its: str) -> str:
        own = json.dumps(self.blocks.get(its, {}), ensure_ascii=False)
        return " ".join([own, *(self._words(one) for one in self.inside.get(its, ()))])


def said(page: dict[str, Any], name: str) -> str:
    """The words of a property."""
    prop = page["properties"].get(name) or {}
    return "".join(one["text"]["content"] for one in prop.get("rich_text") or prop.get("title") or ())


def _text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": {"content": words}}


def _bad(why: str) -> Said:
    return 400, {"message": f"body failed validation: {why}"}


def _wrong(block: dict[str, Any], depth: int = 0) -> Said | None:
    """What Notion has against a block, by its limits."""
    if block["type"] not in _KINDS:
        return _bad(f"no such type {block['type']}")
    inner = block[block["type"]]
    texts = [
        *inner.get("rich_text", ()),
        *inner.get("caption", ()),
        *(t for cell in inner.get("cells", ()) for t in cell),
    ]
    if fault := _wrong_texts(texts):
        return fault
    children = inner.get("children", ())
    if len(children) > 100 or (children and depth >= 2):
        return _bad("children are too many or too deep")
    if block["type"] == "table" and any(len(one["table_row"]["cells"]) != inner["table_width"] for one in children):
        return _bad("a row is not as wide as its table")
    return next((fault for one in children if (fault := _wrong(one, depth + 1))), None)


def _wrong_texts(texts: list[dict[str, Any]]) -> Said | None:
    if len(texts) > 100:
        return _bad("rich_text.length should be ≤ 100")
    for one in texts:
        words = one["text"]["content"]
        if len(words.encode("utf-16-le", "surrogatepass")) // 2 > 2000:
            return _bad("text.content.length should be ≤ 2000")
        if (link := one["text"].get("link")) and not link["url"].startswith(("http://", "https://", "mailto:")):
            return _bad("Invalid URL for link")
    return None
