"""Training on a disk: the contract, a bot that is killed at any moment, what a run says, and what is hostile."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import registry
from bot.contract import Going, Health, NotDelivered, NotFound, Order, Refused
from bot.model.connection import Connection
from bot.testing import trainers
from bot.testing.clock import FakeClock
from plugins import local
from plugins.local import disk, launch
from plugins.local.trainer import Bench
from tests.plugins import kilns
from tests.plugins.kilns import ORDER, begun, bench, over, told, trained
from tests.plugins.labs import SAMPLES
from tests.plugins.shelf import NOW, REF, model

TOKEN = "CHG-1"


@pytest.fixture(autouse=True)
def fires(tmp_path: Path) -> Iterator[None]:
    yield
    kilns.put_out(tmp_path)


def run(root: Path, token: str = TOKEN) -> Path:
    return root / "churn" / "runs" / token


# --- the contract ---


async def test_it_keeps_the_contract(tmp_path: Path) -> None:
    options = {"root": str(tmp_path), "run_train": True}
    await trainers.conforms(local.plugin, options, kilns.Kiln(tmp_path))


# --- a bot that is killed ---

#: A bot that begins a run, and is killed while that goes on.
BOT = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.plugins import kilns
from tests.plugins.shelf import REF
asyncio.run(kilns.bench(Path(sys.argv[1])).start(REF, kilns.ORDER, "CHG-1"))
os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_a_run_outlives_the_bot_and_is_followed_by_the_next(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    killed = subprocess.run([sys.executable, "-c", BOT, str(tmp_path)], check=False, env={"PYTHONPATH": os.getcwd()})
    assert killed.returncode == -signal.SIGKILL
    part = bench(tmp_path)
    found = await part.find(REF, TOKEN)
    assert found is not None
    assert (found.id, found.going, found.started_at) == (TOKEN, Going.RUNNING, NOW)
    assert await part.running(REF) == [found]
    assert (await part.start(REF, ORDER, TOKEN)).id == TOKEN
    await told(run(tmp_path), 'mkdir versions/9; echo \'{"version": 9}\' > "$4/result.json"')
    assert (await over(part, TOKEN)).version == "9"
    assert len(begun(folder)) == 1


@pytest.mark.parametrize("left", ["nothing", "the folder", "the order", "the lock"])
async def test_a_bot_that_was_killed_before_it_began_anything_begins_it_later(tmp_path: Path, left: str) -> None:
    folder = trained(tmp_path)
    if left != "nothing":
        run(tmp_path).mkdir(parents=True)
    if left in ("the order", "the lock"):
        (run(tmp_path) / "order.json").write_text("{")
    if left == "the lock":
        with disk.locked(run(tmp_path)):
            pass
    part = bench(tmp_path)
    assert await part.find(REF, TOKEN) is None
    assert list(await part.running(REF)) == []
    with pytest.raises(NotFound, match="There is no run CHG-1"):
        await part.poll(REF, TOKEN)
    assert (await part.start(REF, ORDER, TOKEN)).going is Going.RUNNING
    await told(run(tmp_path), "exit 0")
    await over(part, TOKEN)
    assert len(begun(folder)) == 1


async def test_a_run_that_somebody_is_about_to_begin_waits_and_is_not_begun_twice(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    run(tmp_path).mkdir(parents=True)
    with disk.locked(run(tmp_path)):
        part = bench(tmp_path)
        assert (await part.start(REF, ORDER, TOKEN)).going is Going.WAITING
        assert [each.going for each in await part.running(REF)] == [Going.WAITING]
        with pytest.raises(NotDelivered, match="about to begin"):
            await part.cancel(REF, TOKEN)
    assert await part.find(REF, TOKEN) is None
    assert begun(folder) == []


async def test_looking_from_two_sides_at_once_begins_nothing_and_invents_no_run(tmp_path: Path) -> None:
    trained(tmp_path)
    run(tmp_path).mkdir(parents=True)
    with disk.locked(run(tmp_path), look=True):
        assert await bench(tmp_path).find(REF, TOKEN) is None


async def test_a_program_that_is_killed_failed(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await kilns.until(lambda: begun(folder))
    os.killpg(begun(folder)[0], signal.SIGKILL)
    found = await over(part, TOKEN)
    assert (found.going, found.stage) == (Going.FAILED, "it ended without a result.json")


async def test_a_process_that_was_given_the_number_later_is_not_the_run(tmp_path: Path) -> None:
    trained(tmp_path)
    run(tmp_path).mkdir(parents=True)
    other = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        process = run(tmp_path) / "process.json"
        process.write_text(json.dumps({"pid": other.pid, "mark": "another start"}))
        part = bench(tmp_path)
        assert (await part.cancel(REF, TOKEN)).going is Going.FAILED
        assert other.poll() is None
        process.write_text(json.dumps({"pid": other.pid, "mark": launch.mark(other.pid)}))
        assert (await part.poll(REF, TOKEN)).going is Going.RUNNING  # so the test above can fail
    finally:
        other.kill()
        other.wait()


# --- what it is given, and what it says ---


async def test_it_gets_its_order_its_folder_and_no_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    script = '#!/bin/sh\necho "$@"; env; pwd; ls /proc/self/fd; cp "$2" seen.json; cat\n'
    folder = trained(tmp_path, script)
    part = bench(tmp_path)
    order = Order(
        "churn",
        ORDER.since,
        ORDER.until,
        excluded=((datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)),),
        parameters={"depth": 6},
    )
    await part.start(REF, order, TOKEN)
    said = (await over(part, TOKEN)).log.splitlines()
    assert said[0] == f"--order {run(tmp_path)}/order.json --out {run(tmp_path)}"
    assert {line.partition("=")[0] for line in said[1:-5]} <= {"PATH", "PWD", "OLDPWD", "SHLVL", "_"}
    assert said[-5:] == [str(folder), "0", "1", "2", "3"]  # 3 is the look itself
    assert json.loads((folder / "seen.json").read_text()) == {
        "token": TOKEN,
        "at": "2026-11-23T02:14:00+00:00",
        "model": "churn",
        "since": "2026-11-01T00:00:00+00:00",
        "until": "2026-11-20T00:00:00+00:00",
        "excluded": [["2026-11-03T00:00:00+00:00", "2026-11-04T00:00:00+00:00"]],
        "parameters": {"depth": 6},
        "versions": ["8", "7", "6"],
    }


async def test_how_far_it_is_comes_through_cleaned(tmp_path: Path) -> None:
    trained(tmp_path)
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    progress = run(tmp_path) / "progress.json"
    said = {"stage": "fit\n\u202e3 of 4", "share": 0.75, "cost": 2.5, "metrics": {"a\nuc": 0.9, "odd": "much"}}
    progress.write_text(json.dumps(said))
    found = await part.poll(REF, TOKEN)
    assert (found.stage, found.share, found.cost, dict(found.metrics)) == ("fit 3 of 4", 0.75, 2.5, {"a uc": 0.9})
    for odd in ('{"stage": 3', "[]", '{"share": 7, "cost": -1, "stage": {}, "metrics": []}', "x" * 70_000):
        progress.write_text(odd)
        found = await part.poll(REF, TOKEN)
        assert (found.going, found.stage, found.share, found.cost) == (Going.RUNNING, "", None, None)


@pytest.mark.parametrize(
    ("command", "stage"),
    [
        ("exit 0", "it ended without a result.json"),
        ("mkdir versions/9; exit 1", "it ended without a result.json"),
        ("echo '{' > $4/result.json", "its result.json makes no sense: The body is no JSON"),
        ("ln -s /etc/passwd $4/result.json", "its result.json makes no sense: "),
        ("mkfifo $4/result.json", "its result.json makes no sense: result.json of CHG-1 is no plain file."),
        ("echo [] > $4/result.json", "it succeeded without a model: result.json names no version"),
        ("echo '{}' > $4/result.json", "it succeeded without a model: result.json names no version"),
        ('echo \'{"version": "../6"}\' > $4/result.json', "it succeeded without a model: result.json names no version"),
        ("echo '{\"version\": 9}' > $4/result.json", "it succeeded without a model: version 9 is none. Its folder is"),
        ("echo '{\"version\": 7}' > $4/result.json", "it succeeded without a model: version 7 was there before it"),
        (
            "mkdir versions/9; echo [] > versions/9/version.json; echo '{\"version\": 9}' > $4/result.json",
            "it succeeded without a model: version 9 is none. Its version.json is no object.",
        ),
    ],
)
async def test_a_run_without_a_model_failed_and_says_why(tmp_path: Path, command: str, stage: str) -> None:
    trained(tmp_path)
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await told(run(tmp_path), command)
    found = await over(part, TOKEN)
    assert (found.going, found.version) == (Going.FAILED, None)
    assert found.stage.startswith(stage)
    assert list(await part.running(REF)) == []


async def test_a_result_that_is_half_written_is_not_the_end(tmp_path: Path) -> None:
    trained(tmp_path)
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    (run(tmp_path) / "result.json").write_text('{"version": "9", "metr')
    assert (await part.poll(REF, TOKEN)).going is Going.RUNNING


async def test_the_end_of_a_long_log_comes_whole_clean_and_short(tmp_path: Path) -> None:
    trained(tmp_path)
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await told(run(tmp_path), "seq 1 100000; printf 'a\\033[31mb \\377 <!channel>\\n\\n'; exit 3")
    lines = (await over(part, TOKEN)).log.splitlines()
    assert lines[-1] == "a [31mb \ufffd <!channel>"
    assert lines[-2] == "100000"
    assert len(lines) == 20


async def test_a_program_that_cannot_be_run_failed_and_says_so(tmp_path: Path) -> None:
    trained(tmp_path, "#!/no/such/shell\n")
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    found = await over(part, TOKEN)
    assert (found.going, found.log) == (Going.FAILED, "train cannot be run: No such file or directory.")


async def test_the_sample_trains_a_model(tmp_path: Path) -> None:
    folder = model(tmp_path)
    shutil.copy(SAMPLES / "train", folder / "train")
    rows = ["at,orders,truth", "2026-11-02T00:00:00Z,1,0", "2026-11-02T01:00:00Z,3,1", "2026-11-25T01:00:00Z,9,0"]
    (folder / "inputs.csv").write_text("\n".join(rows) + "\n")
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    found = await over(part, TOKEN)
    assert (found.going, found.version, dict(found.metrics)) == (Going.DONE, "9", {"rows": 2.0})
    assert (folder / "versions" / "9" / "weight.txt").read_text() == "0.25"


# --- it is stopped ---


async def test_what_does_not_listen_is_killed_with_all_it_started(tmp_path: Path) -> None:
    folder = trained(tmp_path, '#!/bin/sh\ntrap "" TERM\nsleep 60 & echo $! >> began; echo $$ >> began; wait; wait\n')
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await kilns.until(lambda: len(begun(folder)) == 2)
    assert (await part.cancel(REF, TOKEN)).going is Going.CANCELLED
    await kilns.until(lambda: not any(map(kilns.lives, begun(folder))))


@pytest.mark.parametrize("group", ["", "timeout 60 "], ids=["in its group", "in a group of its own"])
async def test_the_rest_ends_with_the_first(tmp_path: Path, group: str) -> None:
    inner = 'trap "" TERM; echo $$ >> began; while :; do sleep 0.01; done'
    folder = trained(tmp_path, f"#!/bin/sh\n{group}sh -c '{inner}' & sleep 60\n")
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await kilns.until(lambda: begun(folder))
    assert (await part.cancel(REF, TOKEN)).going is Going.CANCELLED
    await kilns.until(lambda: not any(map(kilns.lives, begun(folder))))


async def test_who_finishes_while_it_is_stopped_is_done(tmp_path: Path) -> None:
    ends = 'mkdir versions/9; echo "{\\"version\\": 9}" > "$out/result.json"; exit'
    trained(tmp_path, f"#!/bin/sh\nout=$4\ntrap '{ends}' TERM\ntouch ready; while :; do sleep 0.01; done\n")
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await kilns.until((tmp_path / "churn" / "ready").exists)
    found = await part.cancel(REF, TOKEN)
    assert (found.going, found.version) == (Going.DONE, "9")


async def test_a_bot_that_is_killed_while_it_stops_a_run_stops_it_later(tmp_path: Path) -> None:
    trained(tmp_path, '#!/bin/sh\ntrap "" TERM\necho $$ >> began; while :; do sleep 0.01; done\n')
    part = bench(tmp_path)
    await part.start(REF, ORDER, TOKEN)
    await kilns.until(lambda: begun(tmp_path / "churn"))
    stopping = asyncio.ensure_future(part.cancel(REF, TOKEN))
    await kilns.until((run(tmp_path) / "cancelled.json").exists)
    stopping.cancel()
    await asyncio.wait([stopping])
    found = await bench(tmp_path).poll(REF, TOKEN)
    assert (found.going, found.stage) == (Going.RUNNING, "being stopped")
    assert (await bench(tmp_path).cancel(REF, TOKEN)).going is Going.CANCELLED


# --- what is refused ---


async def test_nothing_is_run_where_that_is_off_or_nothing_is_there(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    with pytest.raises(Refused, match="run_train: true"):
        await bench(tmp_path, run_train=False).start(REF, ORDER, TOKEN)
    (folder / "train").chmod(0o644)
    with pytest.raises(Refused, match="churn has no program train"):
        await bench(tmp_path).start(REF, ORDER, TOKEN)
    (folder / "train").unlink()
    (folder / "train").symlink_to("/bin/sh")
    with pytest.raises(Refused, match="churn has no program train"):
        await bench(tmp_path).start(REF, ORDER, TOKEN)
    assert not (folder / "runs").exists()


@pytest.mark.parametrize("parameters", [{"a": float("nan")}, {"a": object()}, {"a": "x" * 70_000}])
async def test_an_order_that_cannot_be_written_begins_nothing(tmp_path: Path, parameters: dict[str, object]) -> None:
    trained(tmp_path)
    with pytest.raises(Refused):
        await bench(tmp_path).start(REF, Order("churn", ORDER.since, ORDER.until, (), parameters), TOKEN)
    assert await bench(tmp_path).find(REF, TOKEN) is None


async def test_a_folder_of_runs_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    folder, elsewhere = trained(tmp_path / "models"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "runs").symlink_to(elsewhere)
    with pytest.raises(Refused, match="leads out"):
        await bench(tmp_path / "models").start(REF, ORDER, TOKEN)
    (folder / "runs").unlink()
    (folder / "runs").mkdir()
    (folder / "runs" / TOKEN).write_text("")
    with pytest.raises(Refused):
        await bench(tmp_path / "models").start(REF, ORDER, TOKEN)
    assert list(elsewhere.iterdir()) == []


async def test_a_run_that_leads_elsewhere_hides_no_other(tmp_path: Path) -> None:
    folder, elsewhere = trained(tmp_path / "models"), tmp_path / "elsewhere"
    elsewhere.mkdir()
    part = bench(tmp_path / "models")
    await part.start(REF, ORDER, TOKEN)
    (folder / "runs" / "CHG-2").symlink_to(elsewhere)
    assert [each.id for each in await part.running(REF)] == [TOKEN]
    with pytest.raises(Refused, match="leads out"):
        await part.poll(REF, "CHG-2")
    await part.cancel(REF, TOKEN)


@pytest.mark.parametrize("pid", [0, 1, -1, True, "7", None, 7.5])
async def test_a_number_that_means_everybody_is_no_process(tmp_path: Path, pid: object) -> None:
    trained(tmp_path)
    run(tmp_path).mkdir(parents=True)
    (run(tmp_path) / "process.json").write_text(json.dumps({"pid": pid, "mark": launch.mark(os.getpid())}))
    with pytest.raises(NotFound):
        await bench(tmp_path).cancel(REF, TOKEN)


async def test_a_log_that_is_a_link_begins_nothing(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    run(tmp_path).mkdir(parents=True)
    (run(tmp_path) / "log.txt").symlink_to(tmp_path / "stolen")
    with pytest.raises(Refused, match="could not be started"):
        await bench(tmp_path).start(REF, ORDER, TOKEN)
    assert begun(folder) == []
    assert not (tmp_path / "stolen").exists()


# --- its connection, and its check ---


def test_a_connection_has_a_trainer(tmp_path: Path) -> None:
    found = registry.load_one(local.plugin)
    connected = registry.Registry(found, FakeClock(NOW)).connect([Connection("disk", "local", {"root": str(tmp_path)})])
    assert connected.faults == ()
    assert isinstance(connected.parts["disk"].trainer, Bench)
    connected.parts["disk"].guard.close()


async def test_the_check_says_what_is_not_run(tmp_path: Path) -> None:
    folder = trained(tmp_path)
    rows = {row.scope: row for row in await bench(tmp_path, run_train=False).check()}
    assert rows["churn"].health is Health.UNKNOWN
    assert "run_train: true" in rows["churn"].do
    assert [(row.scope, row.health) for row in await bench(tmp_path).check()] == [("runs", Health.OK)]
    (folder / "train").chmod(0o644)
    assert (await bench(tmp_path).check())[-1].do == "Make its train a plain file that may be run."
    (row,) = await bench(tmp_path / "nowhere").check()
    assert row.health is Health.MISSING
