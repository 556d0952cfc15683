"""The exporter into a Git repository: `postmortems/PM-7.md` and its pictures, committed upon whatever is newest there.

Nothing is forced over what others pushed: a branch that moved meanwhile is read again. In a repository nothing is lost,
and what people made of our file stands beside the new one as `PM-7.theirs.md` for all to see.
"""

import re
import tempfile
from pathlib import Path

from bot.contract import Check, Context, Document, Exported, Health, NotDelivered
from plugins.git.client import Git, Said
from plugins.git.review import Request, Reviews
from plugins.git.settings import GitSettings
from plugins.git.writing import make, subject

ROUNDS = 5  #: how often a branch that moves is read again
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}")
_PICTURE = re.compile(r"[A-Za-z0-9_-]{1,100}\.png")
_MOVED = re.compile(
    r"\[rejected\]|stale info|cannot lock ref|failed to update ref|fetch first|reference already exists"
)


class Repository:
    """Implements `Exporter`; a reference is `branch:path`."""

    def __init__(self, settings: GitSettings, context: Context) -> None:
        """Nothing is opened."""
        self._own = settings
        self._reviews = Reviews(settings) if settings.review else None

    async def put(self, document: Document) -> Exported:
        """Commit and push it, by a request for review where that is wanted; NotDelivered."""
        if not _ID.fullmatch(document.id) or not all(_PICTURE.fullmatch(one.name) for one in document.pictures):
            raise NotDelivered("The document or one of its pictures has no plain name.", "Tell Tocsin's makers.")
        with tempfile.TemporaryDirectory(prefix="tocsin-git-") as scratch:
            git = Git(self._own, Path(scratch))
            await git.must("init", "--quiet", "--bare", ".")
            for _ in range(ROUNDS):
                if (stands := await self._round(git, document)) is not None:
                    return stands
        raise NotDelivered(f"{self._own.branch} moves faster than it can be pushed to.", retry=True)

    async def check(self) -> list[Check]:
        """Whether the repository is there for us, and the host's API; whether we may push shows at the first time."""
        rows = []
        try:
            with tempfile.TemporaryDirectory(prefix="tocsin-git-") as scratch:
                git = Git(self._own, Path(scratch), deadline=4.0)
                await git.must("init", "--quiet", "--bare", ".")
                tips = await self._tips(git)
                there = not tips or self._own.branch in tips
                do = "" if there else f"There is no branch {self._own.branch}: correct `branch`."
                rows.append(Check("repository", Health.OK if there else Health.MISSING, do))
        except NotDelivered as error:
            rows.append(Check("repository", Health.UNKNOWN if error.retry else Health.MISSING, str(error)))
        if self._reviews is not None:
            try:
                await self._reviews.known()
                rows.append(Check("requests for review", Health.OK))
            except NotDelivered as error:
                rows.append(Check("requests for review", Health.UNKNOWN if error.retry else Health.MISSING, str(error)))
        return rows

    async def _round(self, git: Git, document: Document) -> Exported | None:
        """One attempt; None when somebody pushed meanwhile."""
        tips = await self._tips(git)
        base = tips.get(self._own.branch)
        if base is None and tips:
            raise NotDelivered(f"There is no branch {self._own.branch}.", "Correct `branch` of the connection.")
        if self._reviews is None or base is None:  # an empty repository has nothing to review upon
            made = await self._made(git, document, base)
            if made is None or await self._push(git, made, self._own.branch, base or ""):
                return self._stands(document, self._own.branch, self._link(document))
            return None
        return await self._reviewed(git, document, self._reviews, tips)

    async def _reviewed(self, git: Git, document: Document, reviews: Reviews, tips: dict[str, str]) -> Exported | None:
        """Upon an open request's branch where there is one, so that what reviewers pushed to it stays; else anew."""
        head, base = f"tocsin/{document.id}", tips[self._own.branch]
        if await self._made(git, document, base) is None:
            return self._stands(document, self._own.branch, self._link(document))  # it was merged
        old = tips.get(head, "")
        upon = old if old and await reviews.find(head, self._own.branch) else base
        made = await self._made(git, document, upon)
        if made is not None and made != old and not await self._push(git, made, head, old):
            return None
        said = (
            f"{document.incident}: the postmortem as Tocsin has it. It is brought up to date here until it is merged."
        )
        link = await reviews.open(Request(head, self._own.branch, subject(document), said))
        return self._stands(document, head, link)

    async def _tips(self, git: Git) -> dict[str, str]:
        """The newest commit of each branch."""
        listed = await git.must("ls-remote", "--heads", "--", self._own.url)
        pairs = (line.split("\t", 1) for line in listed.splitlines() if "\t" in line)
        return {name.removeprefix("refs/heads/"): sha for sha, name in pairs}

    async def _made(self, git: Git, document: Document, tip: str | None) -> str | None:
        if tip is not None:
            said = await git.run("fetch", "--quiet", "--depth", "1", "--no-tags", "--", self._own.url, tip)
            if said.code:
                raise git.refused("fetch", said)
        return (await make(git, document, tip)).commit

    async def _push(self, git: Git, commit: str, branch: str, old: str) -> bool:
        """Whether the branch was still at `old` and now has the commit."""
        ref = f"refs/heads/{branch}"
        lease = f"--force-with-lease={ref}:{old}"
        said = await git.run("push", "--porcelain", lease, "--", self._own.url, f"{commit}:{ref}")
        if said.code == 0:
            return True
        words = f"{said.out.decode('utf-8', 'replace')}\n{said.err}"
        if _MOVED.search(words):
            return False
        if "[remote rejected]" in words:
            line = next(one for one in words.splitlines() if "[remote rejected]" in one)
            why = git.refused("push", Said(1, b"", f"error: {line.partition('[remote rejected]')[2].strip()}")).what
            raise NotDelivered(why, f"Let our user push to {branch}, or set `review`.")
        raise git.refused("push", said)

    def _stands(self, document: Document, branch: str, link: str) -> Exported:
        return Exported(f"{branch}:{self._own.path}/{document.id}.md", link)

    def _link(self, document: Document) -> str:
        """Where a host of repositories shows the file; empty for one that may be any server."""
        if not self._own.url.startswith(("http://", "https://")):
            return ""
        middle = "-/blob" if self._own.review == "gitlab" or "gitlab" in self._own.host else "blob"
        root = self._own.url.removesuffix(".git")
        return f"{root}/{middle}/{self._own.branch}/{self._own.path}/{document.id}.md"
