"""Pull requests of GitHub and merge requests of GitLab: the one of a branch is found again, else opened."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from bot.contract import NotDelivered, http, reading, refusal
from plugins.git.settings import GitSettings

_EXISTS = frozenset({409, 422})  # what either says of a second request for one branch, among other things


@dataclass(frozen=True)
class Request:
    """What is asked for: the changes of `head` upon `base`."""

    head: str
    base: str
    title: str
    body: str


class Reviews:
    """The requests of one repository."""

    def __init__(self, settings: GitSettings) -> None:
        """Nothing is opened."""
        self._own, self._github = settings, settings.review == "github"
        token = settings.token.get_secret_value() if settings.token else ""
        proof = {"Authorization": f"Bearer {token}"} if self._github else {"PRIVATE-TOKEN": token}
        more = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"} if self._github else {}
        self._peer = http.Peer(settings.root, {"User-Agent": "tocsin", **proof, **more}, repeatable=True)

    async def find(self, head: str, base: str) -> str | None:
        """Where the open request of that branch is; None when there is none."""
        owner = self._own.repository.partition("/")[0]
        github = {"head": f"{owner}:{head}", "base": base, "state": "open"}
        gitlab = {"source_branch": head, "target_branch": base, "state": "opened"}
        reply = await self._peer.ask("GET", self._path, query=github if self._github else gitlab)
        found = self._good(reply)
        if not isinstance(found, list):
            raise NotDelivered("The answer is none of a Git host's API.", "Check the connection's `api`.")
        return next((link for one in found if (link := self._link(one, head))), None)

    async def open(self, wanted: Request) -> str:
        """Where the request of the branch is, opened now if there is none yet."""
        if link := await self.find(wanted.head, wanted.base):
            return link
        github = {"title": wanted.title, "head": wanted.head, "base": wanted.base, "body": wanted.body}
        gitlab = {"title": wanted.title, "source_branch": wanted.head, "target_branch": wanted.base}
        gitlab |= {"description": wanted.body}
        reply = await self._peer.ask("POST", self._path, json=github if self._github else gitlab)
        if reply.status in _EXISTS and (link := await self.find(wanted.head, wanted.base)):
            return link
        return self._link(self._good(reply), wanted.head) or ""

    async def known(self) -> None:
        """Returns when the repository is there for this token; NotDelivered otherwise."""
        self._good(await self._peer.ask("GET", self._path, query={"per_page": "1"}))

    @property
    def _path(self) -> str:
        its = self._own.repository
        return f"repos/{quote(its)}/pulls" if self._github else f"projects/{quote(its, safe='')}/merge_requests"

    def _good(self, reply: http.Reply) -> Any:
        host = "GitHub" if self._github else "GitLab"
        rights = "write pull requests" if self._github else "use the API as a Developer of the project"
        if reply.status == 409 or reply.status == 422:  # not the one that exists: it was looked for
            raise NotDelivered(f"{host} refuses the request: {_said(reply)}", "Check `branch` and the repository.")
        if not 200 <= reply.status < 300:
            if reply.status == 403 and reply.headers.get("x-ratelimit-remaining") == "0":
                raise NotDelivered(f"{host} takes no more for now.", retry=True, after=http.wait(reply))
            raise refusal.of(host, reply, rights=rights)
        return reply.json()

    def _link(self, one: Any, head: str) -> str | None:
        if not isinstance(one, dict):
            return None
        branch = (one.get("head") or {}).get("ref") if self._github else one.get("source_branch")
        link = reading.link(one.get("html_url" if self._github else "web_url"))
        return link if branch == head else None


def _said(reply: http.Reply) -> str:
    """Its reason, in one short line."""
    said = reply.json() if reply.body else {}
    words = said.get("message") if isinstance(said, dict) else None
    return reading.clean(" ".join(map(str, words)) if isinstance(words, list) else str(words or "no reason"))[:200]
