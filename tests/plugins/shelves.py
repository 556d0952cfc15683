"""Folders and bare repositories of Git, as far ends of exporters."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Shelf:
    """A folder; while it is broken it is a file."""

    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "postmortems"

    async def texts(self, document_id: str) -> list[str]:
        path = self.folder / f"{document_id}.md"
        return [path.read_text()] if path.exists() else []

    async def pictures(self, document_id: str) -> set[bytes]:
        return {path.read_bytes() for path in (self.folder / document_id).glob("*.png")}

    async def write(self, words: str) -> None:
        (self.folder / "notes.md").write_text(words)

    async def beside(self) -> str:
        return (self.folder / "notes.md").read_text()

    async def lose(self, nth: int) -> bool:
        return False

    async def break_down(self) -> None:
        os.rename(self.folder, self.home / "elsewhere")
        (self.home / "elsewhere" / ".tocsin" / "lock").unlink()
        self.folder.symlink_to(self.home / "nowhere" / "at" / "all")

    async def mend(self) -> None:
        if self.folder.is_symlink():
            self.folder.unlink()
            os.rename(self.home / "elsewhere", self.folder)

    async def refuse(self) -> bool:
        return False


@dataclass
class Bare:
    """A bare repository with one commit in `main`."""

    home: Path
    empty: bool = False

    def __post_init__(self) -> None:
        git(self.home, "init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        if not self.empty:
            self.commit("README.md", "The handbook\n")

    @property
    def path(self) -> Path:
        return self.home / "far.git"

    def commit(self, name: str, words: str, branch: str = "main") -> None:
        """Somebody else pushes a file."""
        work = self.home / "theirs"
        shutil.rmtree(work, ignore_errors=True)
        git(self.home, "clone", "--quiet", str(self.path), str(work))
        known = git(work, "branch", "--remotes", "--list", f"origin/{branch}").strip()
        git(work, "checkout", "--quiet", "-B", branch, *([f"origin/{branch}"] if known else []))
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(words)
        git(work, "add", "--all")
        git(work, "commit", "--quiet", "-m", f"Write {name}")
        git(work, "push", "--quiet", "origin", f"HEAD:{branch}")

    def show(self, path: str, branch: str = "main") -> bytes | None:
        """A file as it stands there now."""
        done = subprocess.run(["git", "show", f"{branch}:{path}"], cwd=self.path, capture_output=True, check=False)
        return None if done.returncode else done.stdout

    def log(self, branch: str = "main") -> list[str]:
        """The subjects of its commits, newest first."""
        return git(self.path, "log", "--format=%s", branch).splitlines()

    async def texts(self, document_id: str) -> list[str]:
        said = self.show(f"postmortems/{document_id}.md")
        return [said.decode()] if said is not None else []

    async def pictures(self, document_id: str) -> set[bytes]:
        said = self.show(f"postmortems/{document_id}/drift.png")
        return {said} if said is not None else set()

    async def write(self, words: str) -> None:
        self.commit("postmortems/notes.md", words)

    async def beside(self) -> str:
        return (self.show("postmortems/notes.md") or b"").decode()

    async def lose(self, nth: int) -> bool:
        return False

    async def break_down(self) -> None:
        """Every push fails in passing, as while a host is busy."""
        hook = self.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
        hook.chmod(0o755)

    async def mend(self) -> None:
        (self.path / "hooks" / "pre-receive").unlink(missing_ok=True)

    async def refuse(self) -> bool:
        return False


def git(where: Path, *arguments: str) -> str:
    """What it says; CalledProcessError where it fails."""
    env = {"PATH": os.environ["PATH"], "HOME": str(where), "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_AUTHOR_NAME": "Bo", "GIT_AUTHOR_EMAIL": "bo@example.com",
           "GIT_COMMITTER_NAME": "Bo", "GIT_COMMITTER_EMAIL": "bo@example.com"}  # fmt: skip
    return subprocess.run(["git", *arguments], cwd=where, env=env, check=True, capture_output=True, text=True).stdout
