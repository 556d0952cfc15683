"""Remembers what the tests let a workspace show, so that the page can be asked to draw all of it.

`TOCSIN_SHOWN=FOLDER` turns it on: a run of the tests leaves one JSON file a process there, and
tests/browser/test_every_message.py draws what it finds. Of things that are built alike the first and the longest are
kept: what a drawing could stumble over is the build, and a text that is longer than expected.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest

if TYPE_CHECKING:
    from bot.sandbox.workspace import Change

Json = dict[str, Any]


def build(thing: object) -> str:
    """How a value is built: its type, its keys, and those of all within it; of a list each build once."""
    if isinstance(thing, dict):
        kind = thing.get("type", "")
        inner = ",".join(f"{name}:{build(value)}" for name, value in sorted(thing.items()) if name != "type")
        return f"{kind}{{{inner}}}"
    if isinstance(thing, list | tuple):
        return f"[{'|'.join(sorted({build(one) for one in thing}))}]"
    return "" if isinstance(thing, str) else type(thing).__name__


def pieces(change: "Change") -> Iterator[tuple[str, Json]]:
    """The things to draw in a change, with where they stand: the blocks one by one, what a message has beside them."""
    if (message := change.message) is not None:
        yield from (("message", {"blocks": [block]}) for block in message.blocks)
        beside = {"attachments": message.attachments, "files": list(message.files)}
        if any(beside.values()) or not message.blocks:
            yield "message", {"text": message.text} | {name: many for name, many in beside.items() if many}
    if (view := change.view) is not None:
        yield from ((view.type, {"blocks": [block], "errors": _said(view.errors, block)}) for block in view.blocks)


def _said(errors: Any, block: Json) -> Json:
    """What a refused form says at this block."""
    return {key: text for key, text in errors.items() if key == block.get("block_id")}


class Memory:
    """The first and the longest of everything that is built alike, by where it stands."""

    def __init__(self, event: str = "") -> None:
        """`event`: the audit event that tells of a visible change."""
        self.event = event
        self.first: dict[str, Json] = {}
        self.longest: dict[str, tuple[int, Json]] = {}

    def keep(self, surface: str, thing: Json) -> None:
        """Remember a thing to draw; `surface`: message, modal or home."""
        name, size = f"{surface} {build(thing)}", len(repr(thing))
        kept = {"surface": surface, **thing}
        self.first.setdefault(name, kept)
        if size > self.longest.get(name, (0, {}))[0]:
            self.longest[name] = size, kept

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: takes the visible changes of every workspace of this process, and nothing else."""
        if event == self.event:
            for surface, thing in pieces(arguments[0]):
                self.keep(surface, thing)

    def everything(self) -> list[Json]:
        """What is kept, each once, with its `surface`: `blocks` and `errors`, or `text`, `attachments` and `files`."""
        return [*self.first.values(), *(one for _, one in self.longest.values() if one not in self.first.values())]


def read(folder: Path) -> list[Json]:
    """What every process of the runs before left in a folder, alike ones from two processes once."""
    memory = Memory()
    for file in sorted(folder.glob("*.json")):
        for one in orjson.loads(file.read_bytes()):
            memory.keep(one.pop("surface"), one)
    return memory.everything()


MEMORY = pytest.StashKey[Memory]()


def pytest_configure(config: pytest.Config) -> None:
    """Listens from now on, where TOCSIN_SHOWN names a folder."""
    if folder := os.environ.get("TOCSIN_SHOWN"):
        from bot.sandbox.workspace.state import SHOWN  # which a run without a memory need not load

        Path(folder).mkdir(parents=True, exist_ok=True)
        memory = config.stash[MEMORY] = Memory(SHOWN)
        sys.addaudithook(memory.heard)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leaves what this process remembers."""
    memory = session.config.stash.get(MEMORY, None)
    if memory and (kept := memory.everything()):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        file = Path(os.environ["TOCSIN_SHOWN"]) / f"{worker}-{os.getpid()}.json"
        file.write_bytes(orjson.dumps(kept, default=str))
