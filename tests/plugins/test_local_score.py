"""The program that gives the rows of a model on a disk: what it is told, how it may fail, and that it ends."""

import asyncio
import os
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract import Asked, Health, NotDelivered, NotFound, Refused
from tests.plugins.labs import END, EVERYTHING, SAMPLES, START, kept, line, program, scored, shelf
from tests.plugins.shelf import REF, model


def lives(process: int) -> bool:
    """Whether it still runs; one that nobody has buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_the_sample_program_runs(tmp_path: Path) -> None:
    folder = model(tmp_path)
    shutil.copy(SAMPLES / "score", folder / "score")
    for version, weight in (("6", "0.1"), ("7", "0.2")):
        (folder / "versions" / version / "weight.txt").write_text(weight)
    stamps = [(START + timedelta(hours=hour)).isoformat() for hour in (-1, 0, 1)]
    (folder / "inputs.csv").write_text("at,truth,orders,segment\n" + "".join(f"{at},1,3,eu\n" for at in stamps))
    found = scored(tmp_path, run_score=True)
    assert list(found.at) == [START.timestamp()]
    assert [round(found.said[version][0], 6) for version in ("6", "7")] == [0.3, 0.6]
    assert found.columns == {"segment": ["eu"]}
    assert found.how == "run by the program score: 1 rows of 1 file"


def test_a_program_is_not_run_unless_it_may_be(tmp_path: Path) -> None:
    program(kept(tmp_path, line()), "touch ran\n")
    assert scored(tmp_path).how.startswith("read from rows")
    assert not (tmp_path / "churn" / "ran").exists()
    (row,) = [row for row in asyncio.run(shelf(tmp_path).check()) if row.scope == "churn"]
    assert (row.health, "run_score: true" in row.do) == (Health.UNKNOWN, True)


def test_a_program_is_told_what_is_asked_and_nothing_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "do-not-tell")
    folder = model(tmp_path)
    program(
        folder,
        'printf "%s\\n" "$@" > told; env >> told; printf "at,truth,said.6,said.7\\n1795395610,1,0,1\\n" > "$out"\n',
    )
    asked = Asked(("6", "7"), START, END, ("segment", "a,b", "c\nd", "x\x00"), most=50)
    assert len(scored(tmp_path, asked, run_score=True).at) == 1
    told = (folder / "told").read_text()
    assert told.startswith(
        "--versions=6,7\n--since=2026-11-23T01:00:00+00:00\n--until=2026-11-23T02:00:00+00:00\n"
        "--columns=segment\n--most=50\n--out=/"
    )
    assert "do-not-tell" not in told


@pytest.mark.parametrize(
    ("script", "error", "why"),
    [
        ('echo "No module named sklearn" >&2; exit 3\n', NotDelivered, "ended with 3. No module named sklearn"),
        ("exit 4\n", NotDelivered, "ended with 4. Run it by hand."),
        ("true\n", Refused, "wrote no rows"),
        ('printf "at,truth,said.6,said.7\\n" > "$out"\n', Refused, "wrote no rows"),
        ('head -c 100000 /dev/zero > "$out"\n', Refused, "wrote no rows"),
        ('ln -s /etc/passwd "$out"\n', Refused, "cannot be read"),
        ('printf "at,truth,said.6\\n1795395610,1,0\\n" > "$out"\n', Refused, "what version 7 said"),
    ],
)
def test_a_program_that_does_otherwise_is_told_of(
    tmp_path: Path, script: str, error: type[Exception], why: str
) -> None:
    program(model(tmp_path), script)
    with pytest.raises(error) as raised:
        scored(tmp_path, run_score=True)
    assert why in str(raised.value)


def test_a_program_of_an_unknown_version_is_not_run(tmp_path: Path) -> None:
    program(model(tmp_path), "touch ran\n")
    with pytest.raises(NotFound, match="no version 9"):
        scored(tmp_path, Asked(("9",), START, END), run_score=True)
    assert not (tmp_path / "churn" / "ran").exists()


async def test_a_program_that_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    folder = model(tmp_path)
    os.mkfifo(folder / "never")
    program(folder, 'sh -c "echo \\$\\$ > child; read word < never" &\nwait\n')
    task = asyncio.ensure_future(shelf(tmp_path, run_score=True).scored(REF, EVERYTHING))
    while not task.done() and not ((folder / "child").exists() and (folder / "child").read_text().strip()):
        await asyncio.sleep(0)
    child = int((folder / "child").read_text())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):  # the system ends it in its own time
        while lives(child):
            await asyncio.sleep(0)


@pytest.mark.parametrize("moment", range(0, 60, 3))
async def test_a_program_is_ended_with_its_children_at_whatever_moment(tmp_path: Path, moment: int) -> None:
    folder = model(tmp_path)
    os.mkfifo(folder / "never")
    program(folder, 'sh -c "echo \\$\\$ > child; read word < never" &\nwait\n')
    task = asyncio.ensure_future(shelf(tmp_path, run_score=True).scored(REF, EVERYTHING))
    for _ in range(moment):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(10):
        while (folder / "child").exists() and (said := (folder / "child").read_text().strip()) and lives(int(said)):
            await asyncio.sleep(0)
