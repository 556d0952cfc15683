"""A document as a commit upon the newest one of a branch, without a work tree."""

from dataclasses import dataclass

from bot.contract import Document, NotDelivered, reading, stamp
from plugins.git.client import Git

_FILE = "100644"


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that is not pushed yet; None where everything stands in the branch already."""

    commit: str | None
    blob: str  #: of the Markdown file


async def make(git: Git, document: Document, tip: str | None) -> Made:
    """The document upon `tip` (None: the repository is empty); what people made of our file is kept beside it."""
    where = f"{git.settings.path}/{document.id}"
    if tip is None:
        await git.must("read-tree", "--empty")
    else:
        await git.must("read-tree", f"{tip}^{{tree}}")
        await _free(git, tip, where)
    text = stamp.stamped(document, stamp.beside(document, document.id)).encode("utf-8", "replace")
    blob = await _blob(git, text)
    files = {f"{where}.md": blob}
    for picture in document.pictures:
        files[f"{where}/{picture.name}"] = await _blob(git, picture.png)
    if tip is not None and (theirs := await _theirs(git, tip, f"{where}.md", document.id)) not in (None, blob):
        files[f"{where}.theirs.md"] = str(theirs)
    lines = "".join(f"{_FILE} {sha}\t{path}\n" for path, sha in files.items())
    await git.must("update-index", "--add", "--index-info", given=lines.encode())
    tree = await git.must("write-tree", "--missing-ok")
    if tip is not None and tree == await git.must("rev-parse", f"{tip}^{{tree}}"):
        return Made(None, blob)
    return Made(await _commit(git, document, tree, tip), blob)


async def _free(git: Git, tip: str, where: str) -> None:
    """Returns when our folders are folders or not there, and our file is no folder; else git would replace theirs."""
    steps = where.split("/")
    folders = ["/".join(steps[: nth + 1]) for nth in range(len(steps))]
    for path, kind in (*((folder, "tree") for folder in folders), (f"{where}.md", "blob")):
        listed = await git.must("ls-tree", tip, "--", path)
        if listed and listed.split()[1] != kind:
            raise NotDelivered(f"Something else stands in the repository at {path}.", "Move it, or set another `path`.")


async def _blob(git: Git, data: bytes) -> str:
    return await git.must("hash-object", "-w", "--stdin", "-t", "blob", given=data)


async def _theirs(git: Git, tip: str, path: str, document_id: str) -> str | None:
    """The file that stands there, where it is none that Tocsin wrote."""
    listed = await git.must("ls-tree", tip, "--", path)
    if not listed:
        return None
    sha = listed.split()[2]
    said = await git.run("cat-file", "blob", sha)
    return None if stamp.untouched(said.out.decode("utf-8", "replace"), document_id) else sha


async def _commit(git: Git, document: Document, tree: str, tip: str | None) -> str:
    """Made twice of the same, it is the same commit."""
    name, _, mail = git.settings.author.rstrip(">").partition(" <")
    at = f"{int(document.at.timestamp())} +0000"
    env = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": at}
    env |= {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail, "GIT_COMMITTER_DATE": at}
    message = f"{subject(document)}\n\n{document.incident}, version {document.version}.\n"
    parents = ["-p", tip] if tip else []
    return await git.must("commit-tree", tree, *parents, "-F", "-", given=message.encode("utf-8", "replace"), env=env)


def subject(document: Document) -> str:
    """One line for a commit or a request."""
    return f"{document.id}: {reading.clean(document.title)[:120]}"
