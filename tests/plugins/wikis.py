"""Confluence Cloud on loopback, as strict as the real one where our exporter touches it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from bot.testing.far_end import Arrived
from tests.plugins.presses import Press, Said, part

HOME = "100"
_ENTITIES = '<!DOCTYPE r [<!ENTITY nbsp " ">]>'


@dataclass
class Wiki(Press):
    """One site with the space SRE, whose home page is 100."""

    pages: dict[str, dict[str, Any]] = field(default_factory=dict)
    attached: dict[str, dict[str, tuple[bytes, str]]] = field(default_factory=dict)
    number: int = 1000

    def __post_init__(self) -> None:
        super().__post_init__()
        self.pages[HOME] = self._page(HOME, "SRE Home", "", "<p>Home</p>")

    def answer(self, method: str, path: str, query: dict[str, str], arrived: Arrived) -> Said:
        if path == "/wiki/api/v2/spaces":
            found = [{"id": "7", "key": "SRE", "homepageId": HOME}] if query["keys"] == "SRE" else []
            return 200, {"results": found}
        if path == "/wiki/api/v2/pages" and method == "GET":
            return 200, {"results": [p for p in self._current() if p["title"] == query["title"]]}
        if path == "/wiki/api/v2/pages" and method == "POST":
            return self._create(json.loads(arrived.body))
        if match := re.fullmatch(r"/wiki/api/v2/pages/(\d+)(/children|/attachments)?", path):
            return self._of(method, match[1], match[2] or "", query, arrived)
        if match := re.fullmatch(r"/wiki/rest/api/content/(\d+)/child/attachment", path):
            return self._attach(method, match[1], arrived)
        return 404, {"errors": [{"title": f"No such address: {path}"}]}

    def _of(self, method: str, its: str, what: str, query: dict[str, str], arrived: Arrived) -> Said:
        if its not in self.pages:
            return 404, {"errors": [{"title": "Not Found"}]}
        if what == "/attachments":
            found = [{"title": name, "comment": mark} for name, (_, mark) in self.attached.get(its, {}).items()]
            return 200, {"results": found}
        if what == "/children":
            return self._children(its, query)
        if method == "GET":
            return 200, self.pages[its]
        return self._update(its, json.loads(arrived.body))

    def _children(self, its: str, query: dict[str, str]) -> Said:
        """Two at a time, so that whoever does not follow the cursor finds nothing."""
        found = [{"id": p["id"], "title": p["title"]} for p in self._current() if p["parentId"] == its]
        start = int(query.get("cursor", "0"))
        more = {"next": f"/wiki/api/v2/pages/{its}/children?cursor={start + 2}"} if start + 2 < len(found) else {}
        return 200, {"results": found[start : start + 2], "_links": more}

    def _create(self, given: dict[str, Any]) -> Said:
        assert given["spaceId"] == "7"
        assert given["status"] == "current"
        title = given["title"]
        if any(p["title"] == title for p in self._current()):
            return 400, {"errors": [{"title": "A page with this title already exists: in this space"}]}
        if fault := self._wrong(title, given["body"]):
            return fault
        self.number += 1
        its = str(self.number)
        self.pages[its] = self._page(its, title, given["parentId"], given["body"]["value"])
        return 200, self.pages[its]

    def _update(self, its: str, given: dict[str, Any]) -> Said:
        assert given["id"] == its
        page = self.pages[its]
        if given["version"]["number"] != page["version"]["number"] + 1:
            return 409, {"errors": [{"title": "Version must be incremented on update"}]}
        if fault := self._wrong(given["title"], given["body"]):
            return fault
        page |= {"title": given["title"], "version": given["version"]}
        page["body"]["storage"]["value"] = as_kept(given["body"]["value"])
        return 200, page

    def _attach(self, method: str, its: str, arrived: Arrived) -> Said:
        assert method == "PUT"
        assert arrived.headers["x-atlassian-token"] == "nocheck"
        name, data, fields = part(arrived)
        self.attached.setdefault(its, {})[name] = (data, fields["comment"])
        return 200, {"results": [{"title": name}]}

    def _wrong(self, title: str, body: dict[str, Any]) -> Said | None:
        assert body["representation"] == "storage"
        if not title or len(title) > 255:
            return 400, {"errors": [{"title": "Bad title"}]}
        try:
            spaces = 'xmlns:ac="a" xmlns:ri="r"'
            ElementTree.fromstring(f"{_ENTITIES}<r {spaces}>{body['value']}</r>")
        except ElementTree.ParseError as error:
            return 400, {"errors": [{"title": f"Error parsing xhtml: {error}"}]}
        return None

    def _current(self) -> list[dict[str, Any]]:
        return [page for page in self.pages.values() if page["status"] == "current"]

    def _page(self, its: str, title: str, parent: str, body: str) -> dict[str, Any]:
        return {
            "id": its,
            "title": title,
            "status": "current",
            "parentId": parent,
            "version": {"number": 1, "message": ""},
            "body": {"storage": {"value": as_kept(body)}},
            "_links": {"webui": f"/spaces/SRE/pages/{its}"},
        }

    # --- the suite's hand ---

    async def texts(self, document_id: str) -> list[str]:
        return [p["body"]["storage"]["value"] for p in self._current() if p["title"].startswith(f"{document_id}:")]

    async def pictures(self, document_id: str) -> set[bytes]:
        own = [p["id"] for p in self._current() if p["title"].startswith(f"{document_id}:")]
        return {data for its in own for data, _ in self.attached.get(its, {}).values()}

    async def write(self, words: str) -> None:
        """On a page of ours, above and below, and on one of their own."""
        self._create({"spaceId": "7", "status": "current", "title": "PM-30 notes", "parentId": HOME,
                      "body": {"representation": "storage", "value": f"<p>{words}</p>"}})  # fmt: skip

    async def beside(self) -> str:
        return " ".join(p["body"]["storage"]["value"] for p in self._current() if p["title"] == "PM-30 notes")


def as_kept(body: str) -> str:
    """As Confluence writes it down: macros get an id."""
    return re.sub(r"<ac:structured-macro (?!ac:macro-id)", '<ac:structured-macro ac:macro-id="5f" ', body)
