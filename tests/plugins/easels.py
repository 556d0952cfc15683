"""Slack's canvases and files on loopback, as strict as the real ones where our exporter touches them."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from bot.testing.far_end import Arrived
from tests.plugins.presses import Press, Said

CHANNEL = "C0RETAIL"


@dataclass
class Easel(Press):
    """One workspace; files of everybody, canvases among them."""

    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    readers: dict[str, tuple[str, str]] = field(default_factory=dict)
    number: int = 0

    def open(self, path: str) -> bool:
        return path.startswith("/upload/")

    def denied(self) -> tuple[int, bytes]:
        return 200, b'{"ok": false, "error": "invalid_auth"}'

    def writes(self, method: str, path: str) -> bool:
        return not path.endswith(("/auth.test", "/files.list", "/files.getUploadURLExternal"))

    def answer(self, method: str, path: str, query: dict[str, str], arrived: Arrived) -> Said:
        assert method == "POST"
        if path.startswith("/upload/"):
            assert "authorization" not in arrived.headers
            self.uploads[path.removeprefix("/upload/")] = arrived.body
            return 200, {}
        name = path.removeprefix("/api/")
        given = self._given(arrived)
        return 200, {
            "auth.test": lambda: {"ok": True, "user_id": "U0BOT"},
            "files.list": lambda: self._list(given),
            "files.getUploadURLExternal": lambda: self._begin(given),
            "files.completeUploadExternal": lambda: self._complete(given),
            "canvases.create": lambda: self._create(given),
            "canvases.edit": lambda: self._edit(given),
            "canvases.access.set": lambda: self._share(given),
        }.get(name, lambda: {"ok": False, "error": "unknown_method"})()

    def _given(self, arrived: Arrived) -> dict[str, Any]:
        if arrived.headers["content-type"].startswith("application/json"):
            return dict(json.loads(arrived.body or b"{}"))
        return {name: values[0] for name, values in parse_qs(arrived.body.decode()).items()}

    def _list(self, given: dict[str, Any]) -> dict[str, Any]:
        """Two at a time, newest first."""
        own = [one for one in reversed(self.files.values()) if one["user"] == given["user"]]
        page = int(given["page"])
        return {"ok": True, "files": own[page * 2 - 2 : page * 2], "paging": {"pages": (len(own) + 1) // 2}}

    def _begin(self, given: dict[str, Any]) -> dict[str, Any]:
        its = self._new()
        return {"ok": True, "file_id": its, "upload_url": f"{self.far.url}/upload/{its}"}

    def _complete(self, given: dict[str, Any]) -> dict[str, Any]:
        done = []
        for one in given["files"]:
            if one["id"] not in self.uploads:
                return {"ok": False, "error": "file_not_found"}
            self._file(one["id"], one["title"], "png")
            done.append(self.files[one["id"]])
        return {"ok": True, "files": done}

    def _create(self, given: dict[str, Any]) -> dict[str, Any]:
        if error := _wrong(given["document_content"]):
            return {"ok": False, "error": error}
        its = self._new()
        self._file(its, given["title"], "quip")
        self.files[its]["markdown"] = given["document_content"]["markdown"]
        return {"ok": True, "canvas_id": its}

    def _edit(self, given: dict[str, Any]) -> dict[str, Any]:
        canvas = self.files.get(given["canvas_id"])
        if canvas is None:
            return {"ok": False, "error": "canvas_not_found"}
        (change,) = given["changes"]
        if change["operation"] == "rename":
            canvas["title"] = change["title_content"]["markdown"]
        elif change["operation"] == "replace" and not _wrong(change["document_content"]):
            canvas["markdown"] = change["document_content"]["markdown"]
        else:
            return {"ok": False, "error": "canvas_editing_failed"}
        return {"ok": True}

    def _share(self, given: dict[str, Any]) -> dict[str, Any]:
        assert given["access_level"] == "read"
        if given["channel_ids"] != [CHANNEL]:
            return {"ok": False, "error": "channel_not_found"}
        self.readers[given["canvas_id"]] = (given["access_level"], CHANNEL)
        return {"ok": True}

    def _file(self, its: str, title: str, kind: str, user: str = "U0BOT") -> None:
        link = f"https://acme.slack.com/files/{its}"
        self.files[its] = {"id": its, "title": title, "filetype": kind, "user": user, "permalink": link,
                           "created": self.number}  # fmt: skip

    def _new(self) -> str:
        self.number += 1
        return f"F{self.number:04}"

    # --- the suite's hand ---

    async def texts(self, document_id: str) -> list[str]:
        return [c["markdown"].replace("\\", "") for c in self._canvases() if c["title"].startswith(f"{document_id}:")]

    async def pictures(self, document_id: str) -> set[bytes]:
        shown = " ".join(c["markdown"] for c in self._canvases() if c["title"].startswith(f"{document_id}:"))
        return {data for its, data in self.uploads.items() if f"/files/{its})" in shown}

    async def write(self, words: str) -> None:
        its = self._new()
        self._file(its, "PM-30: our own notes", "quip", user="U01ADA")
        self.files[its]["markdown"] = words

    async def beside(self) -> str:
        return " ".join(one["markdown"] for one in self.files.values() if one["user"] == "U01ADA")

    def _canvases(self) -> list[dict[str, Any]]:
        return [one for one in self.files.values() if one["filetype"] == "quip" and one["user"] == "U0BOT"]


def _wrong(content: dict[str, Any]) -> str:
    if content["type"] != "markdown" or len(content["markdown"].encode()) > 1_048_576:
        return "invalid_document_content"
    return ""
