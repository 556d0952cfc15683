"""GitHub's and GitLab's requests for review on loopback, as strict as the real ones where our exporter touches them."""

import json
from dataclasses import dataclass, field
from typing import Any

from bot.testing.far_end import Arrived
from tests.plugins.presses import Press, Said


@dataclass
class Forge(Press):
    """The API of one repository, `acme/handbook`; `kind` is github or gitlab."""

    kind: str = "github"
    open_ones: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, method: str, path: str, query: dict[str, str], arrived: Arrived) -> Said:
        github = self.kind == "github"
        if path != ("/repos/acme/handbook/pulls" if github else "/projects/acme/handbook/merge_requests"):
            return 404, {"message": "Not Found"}
        if not github:
            assert "acme%2Fhandbook" in arrived.path
        if method == "GET":
            return 200, [one for one in self.open_ones if self._wanted(one, query)]
        given = json.loads(arrived.body)
        head = given["head"] if github else given["source_branch"]
        base = given["base"] if github else given["target_branch"]
        if any(one["_head"] == head for one in self.open_ones):
            return (422 if github else 409), {"message": "A request already exists for acme:tocsin/PM-7."}
        number = len(self.open_ones) + 1
        link = f"https://forge.example/acme/handbook/{number}"
        made = {"_head": head, "_base": base, "title": given["title"], "head": {"ref": head}, "source_branch": head,
                "html_url": link, "web_url": link}  # fmt: skip
        self.open_ones.append(made)
        return 201, made

    def _wanted(self, one: dict[str, Any], query: dict[str, str]) -> bool:
        if "per_page" in query:
            return False
        if self.kind == "github":
            assert query["state"] == "open"
            owner, _, head = query["head"].partition(":")
            return owner == "acme" and (one["_head"], one["_base"]) == (head, query["base"])
        assert query["state"] == "opened"
        return (one["_head"], one["_base"]) == (query["source_branch"], query["target_branch"])
