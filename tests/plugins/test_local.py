"""Models on a disk: the contract, the files as they stand, two who switch at once, and what is asked for."""

import asyncio
import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bot import registry
from bot.contract import Lever, NotDelivered, NotFound, Op, Plan, Plugin, Refused, Serving, Stale
from bot.testing import platforms
from plugins import local
from plugins.local import Local, LocalSettings
from tests.plugins.shelf import NOW, REF, model, part, plan, point

HONEST = """#!/bin/sh
tr -d ' \\n' < serving.json | sed 's/.*"split":{"\\([^"]*\\)".*/\\1/'
"""


# --- the contract ---


class Torn(Local):
    """The plugin behind a wire that breaks when the stage says so: the disk has none."""

    breaks: str = ""

    async def apply(self, plan: Plan, token: str) -> Op:
        how, Torn.breaks = Torn.breaks, ""
        if how == "before":
            raise NotDelivered("The wire broke.", retry=True)
        op = await super().apply(plan, token)
        if how == "after":
            await asyncio.Event().wait()
        return op


class Disk:
    """The stage: a folder of its own each time, moved as somebody with an editor would."""

    versions = ("6", "7", "8")

    def __init__(self, root: Path, *, program: bool) -> None:
        self._root, self._program, self._count, self._moves = root, program, 0, 0
        self.ref: Mapping[str, str] = REF

    async def prepare(self) -> None:
        Torn.breaks = ""
        self._count, self._moves = self._count + 1, 0
        self.ref = {"name": f"churn-{self._count}"}
        folder = model(self._root, self.ref["name"])
        if self._program:
            await self._answers(HONEST)
        else:
            (folder / "probe.json").write_text('{"version": "7"}')

    async def serve(self, version: str) -> None:
        self._moves += 1
        point(self._folder, version, self._seq() + 1)

    async def delete(self, version: str) -> None:
        (self._folder / "versions" / version).rename(self._root / f".gone-{self._count}")

    async def lose_answer(self) -> None:
        Torn.breaks = "after"

    async def lose_write(self) -> None:
        Torn.breaks = "before"

    async def lie(self, version: str) -> None:
        if self._program:
            await self._answers(f'#!/bin/sh\necho \'{{"version": "{version}", "why": "It scored so."}}\'\n')
        else:
            (self._folder / "probe.json").write_text(json.dumps({"version": version}))

    async def writes(self) -> int:
        return self._seq() - 1 - self._moves

    @property
    def _folder(self) -> Path:
        return self._root / self.ref["name"]

    def _seq(self) -> int:
        return int(json.loads((self._folder / "serving.json").read_text())["seq"])

    async def _answers(self, script: str) -> None:
        file = self._folder / "probe"
        file.write_text(script)
        file.chmod(0o755)


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    plugin = Plugin(name="local", settings=LocalSettings, platforms=(Torn,))
    options = {"root": str(tmp_path), "run_probe": True}
    await platforms.conforms(plugin, options, Disk(tmp_path, program=True), deadline=1.0)


async def test_a_server_that_does_not_reload_is_seen(tmp_path: Path) -> None:
    """`probe.json` is the server's own word: it stays what it was when the server takes no notice of the pointer."""
    plugin = Plugin(name="local", settings=LocalSettings, platforms=(Torn,))
    found = await platforms.complaints(plugin, {"root": str(tmp_path)}, Disk(tmp_path, program=False), deadline=1.0)
    assert found == [
        "After rollback to 6, probe says that 7 answers.",
        "After promote to 8, probe says that 7 answers.",
    ]


def test_it_fits_and_is_found() -> None:
    registry.fits(local.plugin)
    assert registry.discover(names={"local"}).plugins["local"].platforms == (Local,)


# --- the files ---


async def test_a_switch_leaves_a_whole_pointer_and_a_line(tmp_path: Path) -> None:
    folder = model(tmp_path)
    point(folder, "7", 4, comment="written by hand")
    one = part(tmp_path)
    op = await one.apply(await plan(one, version="6"), "CHG-7")
    assert (op.state, op.id) == ("done", "CHG-7")
    assert json.loads((folder / "serving.json").read_text()) == {
        "split": {"6": 100.0},
        "paused": False,
        "seq": 5,
        "comment": "written by hand",
    }
    (line,) = [json.loads(one) for one in (folder / "history.jsonl").read_text().splitlines()]
    assert (line["seq"], line["token"], line["lever"], line["at"]) == (5, "CHG-7", "rollback", NOW.isoformat())
    (served,) = await one.history(REF)
    assert (served.serving.version, served.at, served.by) == ("6", NOW, "tocsin CHG-7")
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "history.jsonl", "serving.json", "versions"]


async def test_the_first_version_goes_into_service_where_none_did(tmp_path: Path) -> None:
    model(tmp_path, serves=None)
    one = part(tmp_path)
    assert await one.serving(REF) == Serving({}, False, {"split": {}, "paused": False}, "0")
    await one.apply(await plan(one, Lever.PROMOTE, version="8"), "CHG-1")
    assert (await one.serving(REF)).version == "8"


async def test_a_line_whose_swap_never_came_is_not_told(tmp_path: Path) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    await one.apply(await plan(one, version="6"), "CHG-1")
    ahead = {"at": "2026-11-23T03:00:00Z", "by": "tocsin", "token": "CHG-2", "split": {"8": 100}, "seq": 3}
    with (folder / "history.jsonl").open("a") as file:
        file.write(json.dumps(ahead) + '\n{"at": "2026-11-')  # killed before the swap, then torn
    assert [one.serving.version for one in await one.history(REF)] == ["6"]
    await one.apply(await plan(one, Lever.PROMOTE, version="7"), "CHG-3")
    assert [(one.serving.version, one.by) for one in await one.history(REF)] == [
        ("7", "tocsin CHG-3"),
        ("6", "tocsin CHG-1"),
    ]


async def test_the_history_ends_somewhere(tmp_path: Path) -> None:
    folder = model(tmp_path)
    line = '{{"at": "2026-11-23T03:00:00Z", "split": {{"7": 100}}, "seq": {}}}\n'
    (folder / "history.jsonl").write_text("".join(line.format(number) for number in range(20_000)))
    point(folder, "7", 20_000)
    past = await part(tmp_path).history(REF)
    assert (len(past), past[0].serving.guard, past[-1].serving.guard) == (200, "19999", "19800")


async def test_of_many_who_switch_at_once_one_does(tmp_path: Path) -> None:
    folder = model(tmp_path, versions=("6", "7", *map(str, range(10, 30))))
    plans = [await plan(part(tmp_path), Lever.PROMOTE, version=str(to)) for to in range(10, 30)]
    answers = await asyncio.gather(*(part(tmp_path).apply(one, "CHG") for one in plans), return_exceptions=True)
    assert sorted(type(one).__name__ for one in answers) == ["Op"] + 19 * ["Stale"]
    assert json.loads((folder / "serving.json").read_text())["seq"] == 2


async def test_who_finds_the_lock_held_changes_nothing(tmp_path: Path) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="Another program holds the lock") as refused:
            await one.apply(wanted, "CHG-1")
    assert refused.value.retry
    assert not (folder / "history.jsonl").exists()
    assert (await one.apply(wanted, "CHG-1")).state == "done"


async def test_the_number_alone_tells_that_it_moved(tmp_path: Path) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    point(folder, "7", 3)  # away and back
    with pytest.raises(Stale):
        await one.apply(wanted, "CHG-1")
    assert not (folder / "history.jsonl").exists()


# --- what is asked for ---


@pytest.mark.parametrize(
    ("lever", "parameters", "error", "said"),
    [
        (Lever.ROLLBACK, {"version": "9"}, NotFound, "churn has no version 9."),
        (Lever.ROLLBACK, {"version": "../7"}, Refused, "'../7' is no name of a folder."),
        (Lever.ROLLBACK, {}, Refused, "'None' is no name of a folder."),
        (Lever.ROLLBACK, {"version": "7"}, Refused, "churn serves that already."),
        (Lever.PROMOTE, {"version": "bad"}, Refused, "Version bad of churn may not serve: The body is no JSON"),
        (Lever.SHIFT, {"split": {"6": 10, "7": 80}}, Refused, "The shares make 90 %, not 100 %."),
        (Lever.SHIFT, {"split": {"6": True, "7": 99}}, Refused, "A share of the split is no number from 0 to 100."),
        (Lever.SHIFT, {"split": {}}, Refused, "A split of nothing serves nobody."),
        (Lever.SHIFT, {"split": {"7": 100, "6": 0}}, Refused, "churn serves that already."),
        (Lever.RESUME, {}, Refused, "churn serves that already."),
    ],
)
async def test_what_cannot_serve_is_refused(
    tmp_path: Path, lever: Lever, parameters: dict[str, Any], error: type[Exception], said: str
) -> None:
    folder = model(tmp_path)
    (folder / "versions" / "bad").mkdir()
    (folder / "versions" / "bad" / "version.json").write_text("{")
    with pytest.raises(error) as refused:
        await plan(part(tmp_path), lever, **parameters)
    assert str(refused.value).startswith(said)


async def test_what_was_deleted_can_still_be_paused(tmp_path: Path) -> None:
    folder = model(tmp_path)
    (folder / "versions" / "7").rename(tmp_path / ".gone")
    one = part(tmp_path)
    await one.apply(await plan(one, Lever.PAUSE), "CHG-1")
    assert (await one.serving(REF)).paused
    with pytest.raises(NotFound):
        await plan(one, Lever.RESUME)


async def test_a_paused_model_is_rolled_back_and_stays_paused(tmp_path: Path) -> None:
    point(model(tmp_path), "7", 1, paused=True)
    one = part(tmp_path)
    await one.apply(await plan(one, version="6"), "CHG-1")
    found = await one.serving(REF)
    assert (found.version, found.paused) == ("6", True)
