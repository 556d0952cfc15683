"""The rows of models on a disk: the contract, the forms that are read, the program that is run, and what is hostile."""

import asyncio
import csv
import json
import math
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from bot.contract import Asked, Context, Health, NotDelivered, NotFound, Refused, Scored
from bot.testing import evaluators
from bot.testing.evaluators import Row
from plugins import local
from plugins.local.evaluator import Shelf
from plugins.local.rows import Rows
from plugins.local.settings import LocalSettings
from tests.plugins.shelf import REF, model

SAMPLES = Path(local.__file__).parent / "samples"
START, END = datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC)
EVERYTHING = Asked(("6", "7"), START, END, ("segment", "plan"))

PROGRAM = """#!/bin/sh
set -eu
for given in "$@"; do case "$given" in --out=*) out="${given#--out=}" ;; esac; done
"""


def shelf(root: Path, **options: Any) -> Shelf:
    return Shelf(LocalSettings(root=str(root), **options), Context("disk"))


def scored(root: Path, asked: Asked = EVERYTHING, ref: Mapping[str, str] = REF, **options: Any) -> Scored:
    return asyncio.run(shelf(root, **options).scored(ref, asked))


def kept(root: Path, *lines: str, name: str = "a.jsonl") -> Path:
    """A model whose rows are these lines."""
    folder = root / "churn" if (root / "churn").exists() else model(root)
    (folder / "rows").mkdir(exist_ok=True)
    (folder / "rows" / name).write_text("".join(f"{line}\n" for line in lines))
    return folder


def line(second: int = 0, **more: Any) -> str:
    at = (START + timedelta(seconds=second)).isoformat()
    return json.dumps({"at": at, "truth": 1, "said": {"6": 0.5, "7": 0.25}, **more})


def program(folder: Path, script: str) -> None:
    (folder / "score").write_text(PROGRAM + script)
    (folder / "score").chmod(0o755)


def plain(numbers: Sequence[float]) -> list[float | None]:
    return [None if math.isnan(number) else number for number in numbers]


def lives(process: int) -> bool:
    """Whether it still runs; one that nobody has buried does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- the contract ---


class Disk:
    """The stage: a folder of its own each time, in the form that is tried."""

    versions, reruns = ("6", "7"), False

    def __init__(self, root: Path, form: str) -> None:
        self._root, self._form, self._count = root, form, 0
        self.ref: Mapping[str, str] = REF

    async def prepare(self, rows: Sequence[Row]) -> None:
        self._count += 1
        self.ref = {"name": f"churn-{self._count}"}
        folder = model(self._root, self.ref["name"])
        if self._form == "jsonl":
            for number in range(2):  # in two files
                (folder / "rows").mkdir(exist_ok=True)
                (folder / "rows" / f"{number}.jsonl").write_text("".join(map(spelled, rows[number::2])))
        elif self._form == "csv":
            (folder / "rows").mkdir()
            tabled(folder / "rows" / "a.csv", rows)
        else:
            tabled(folder / "kept.csv", rows)
            program(folder, 'cp kept.csv "$out"\n')


def spelled(row: Row) -> str:
    said = {"at": row.at.isoformat(), "truth": row.truth, "said": row.said, "columns": row.columns}
    return f"{json.dumps(said)}\n"


def tabled(file: Path, rows: Sequence[Row]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        table = csv.writer(opened)
        table.writerow(["at", "truth", "said.6", "said.7", "segment", "shop"])
        for row in rows:
            table.writerow([row.at.timestamp(), row.truth, *row.said.values(), *row.columns.values()])


@pytest.mark.parametrize("form", ["jsonl", "csv", "program"])
async def test_it_keeps_the_contract(tmp_path: Path, form: str) -> None:
    options = {"root": str(tmp_path), "run_score": form == "program"}
    await evaluators.conforms(local.plugin, options, Disk(tmp_path, form))


# --- the forms ---


@pytest.mark.parametrize("sample", ["rows.jsonl", "rows.csv"])
def test_the_samples_are_read(tmp_path: Path, sample: str) -> None:
    folder = kept(tmp_path)
    (folder / "rows" / "a.jsonl").unlink()
    shutil.copy(SAMPLES / sample, folder / "rows" / sample)
    found = scored(tmp_path)
    assert [at - START.timestamp() for at in found.at] == [0, 5, 10, 15, 20]
    assert plain(found.truth) == [1, 0, 1, None, 0]
    assert plain(found.said["6"]) == [0.62, 0.21, 0.55, 0.4, None]
    assert plain(found.said["7"]) == [0.08, 0.05, 0.11, 0.09, 0.07]
    assert found.columns == {
        "segment": ["eu", "us", "eu", "us", ""],
        "plan": ["yearly", "monthly", "monthly", "", ""],
    }
    assert (found.whole, found.how) == (True, "read from rows: 5 rows of 1 file")


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


def test_a_column_that_no_row_has_does_not_come(tmp_path: Path) -> None:
    kept(tmp_path, line(columns={"segment": "eu"}))
    assert scored(tmp_path).columns == {"segment": ["eu"]}


def test_what_makes_no_sense_is_passed_over_and_told(tmp_path: Path) -> None:
    odd = [
        "{",
        "7",
        '{"at": "yesterday", "truth": 1, "said": {"7": 0.5}}',
        '{"at": "2026-11-23T01:00:00Z", "truth": "perhaps", "said": {"7": 0.5}}',
        '{"at": "2026-11-23T01:00:00Z", "truth": 1, "said": {"7": [0.5]}}',
        '{"at": "2026-11-23T01:00:00Z", "truth": 1, "said": 0.5}',
        '{"at": "2026-11-23T01:00:00Z", "truth": 1, "said": {"7": 0.5}, "columns": "eu"}',
        '{"at": "2026-11-23T01:00:00Z", "truth": 1e999, "said": {"7": 0.5}}',
        f'{{"at": "2026-11-23T01:00:00Z", "pad": "{"x" * 200_000}"}}',
        "[" * 5_000,
    ]
    kept(tmp_path, line(), *odd, line(1))
    found = scored(tmp_path)
    assert len(found.at) == 2
    assert found.how.endswith("; 10 rows make no sense, the first is number 2 of a.jsonl")


def test_a_csv_that_makes_no_sense_is_passed_over_and_told(tmp_path: Path) -> None:
    good = "2026-11-23T01:00:00Z,1,0.5,0.4"
    run_away = '2026-11-23T01:00:00Z,1,"' + "\n".join("0.5,0.4" for _ in range(40_000))
    kept(tmp_path, "\ufeffat,truth,said.6,said.7", good, "1,2", "\x00\x01,\x02,x,y", "", run_away, good, name="a.csv")
    found = scored(tmp_path)
    assert 1 <= len(found.at) <= 2
    assert "rows make no sense, the first is number 2 of a.csv" in found.how


def test_hostile_texts_come_clean_and_short(tmp_path: Path) -> None:
    kept(tmp_path, line(columns={"segment": "a\nb\u202e\x07<!channel>" + "x" * 5_000, "plan": {"a": 1}}))
    (segment,) = scored(tmp_path).columns["segment"]
    assert segment.startswith("a b <!channel>xxx")
    assert len(segment) <= 100


# --- much ---


def test_of_too_many_rows_each_has_the_same_chance(tmp_path: Path) -> None:
    kept(tmp_path, *(line(second, said={"6": second, "7": 0}) for second in range(2_000)))
    found = scored(tmp_path, Asked(("6",), START, END, most=500))
    assert (len(found.at), found.whole) == (500, False)
    assert all(at - START.timestamp() == said for at, said in zip(found.at, found.said["6"], strict=True))
    # The mean of a fair sample of 500 lies within five standard errors (5 * 22.4) of 999.5.
    assert 887 < sum(found.said["6"]) / 500 < 1112
    assert list(scored(tmp_path, Asked(("6",), START, END, most=500)).at) == list(found.at)


def test_the_newest_files_are_read_first(tmp_path: Path) -> None:
    kept(tmp_path, "{", line(), name="new.jsonl")
    folder = kept(tmp_path, "{", line(), name="a.jsonl")
    os.utime(folder / "rows" / "a.jsonl", (1, 1))
    assert "2 rows make no sense, the first is number 1 of new.jsonl" in scored(tmp_path).how


def test_what_is_too_much_is_not_read_and_that_is_told(tmp_path: Path) -> None:
    folder = kept(tmp_path, *(line(second) for second in range(10)))
    file = folder / "rows" / "a.jsonl"
    rows = Rows(EVERYTHING, file.stat().st_size // 2, Event())
    rows.read(file)
    rows.read(file)
    found = rows.sample.scored(rows.whole, rows.told)
    assert [at - START.timestamp() for at in found.at] == list(range(len(found.at)))
    assert 4 <= len(found.at) <= 6
    assert not found.whole
    assert found.how.endswith("rows of 1 file; the oldest of it was not read, for it is too much")


def test_whoever_is_told_to_stop_reads_on_no_more(tmp_path: Path) -> None:
    folder = kept(tmp_path, *(line(second) for second in range(10)))
    stop = Event()
    stop.set()
    rows = Rows(EVERYTHING, 1_000_000, stop)
    rows.read(folder / "rows" / "a.jsonl")
    assert rows.fit == 0


# --- what is not there ---


def test_a_version_that_is_nowhere_is_not_found(tmp_path: Path) -> None:
    kept(tmp_path, line())
    with pytest.raises(NotFound, match="churn has no version 9"):
        scored(tmp_path, Asked(("7", "9"), START, END))


def test_a_version_whose_folder_is_gone_is_known_by_its_rows(tmp_path: Path) -> None:
    folder = kept(tmp_path, line(said={"5": 0.1, "7": 0.2}))
    assert not (folder / "versions" / "5").exists()
    assert list(scored(tmp_path, Asked(("5", "7"), START, END)).said["5"]) == [0.1]


def test_a_version_that_said_nothing_is_refused_with_what_to_do(tmp_path: Path) -> None:
    kept(tmp_path, line())
    with pytest.raises(Refused, match="No row of these days says what version 8 said") as refused:
        scored(tmp_path, Asked(("7", "8"), START, END))
    assert "`said.8`" in str(refused.value)


@pytest.mark.parametrize("lines", [None, [], ["{"], ["", "{}"]])
def test_a_model_without_rows_is_refused_with_what_to_write(tmp_path: Path, lines: list[str] | None) -> None:
    model(tmp_path) if lines is None else kept(tmp_path, *lines)
    with pytest.raises(Refused, match="churn has no rows to evaluate") as refused:
        scored(tmp_path)
    assert '"said": {"7": 0.31}' in str(refused.value)


def test_rows_of_other_days_are_none(tmp_path: Path) -> None:
    kept(tmp_path, line(7200))
    found = scored(tmp_path)
    assert (list(found.at), found.columns, found.whole) == ([], {}, True)


# --- models of other platforms ---


def test_the_model_of_another_platform_is_found_by_a_name_of_its_reference(tmp_path: Path) -> None:
    kept(tmp_path, line())
    ref = {"registered_model": "churn", "alias": "champion"}
    assert len(scored(tmp_path, ref=ref).at) == 1
    with pytest.raises(NotFound, match="No folder has a name of its reference"):
        scored(tmp_path, ref={"registered_model": "demand", "alias": "../churn"})
    model(tmp_path, "champion")
    with pytest.raises(NotFound, match="More than one folder"):
        scored(tmp_path, ref=ref)


# --- what leads elsewhere ---


def test_rows_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    elsewhere = kept(tmp_path / "elsewhere", line())
    folder = model(tmp_path / "models")
    (folder / "rows").symlink_to(elsewhere / "rows")
    with pytest.raises(Refused, match="rows is a link that leads out of churn"):
        scored(tmp_path / "models")
    (folder / "rows").unlink()
    (folder / "rows").mkdir()
    (folder / "rows" / "a.jsonl").symlink_to(elsewhere / "rows" / "a.jsonl")
    with pytest.raises(Refused, match=r"rows/a\.jsonl cannot be read"):
        scored(tmp_path / "models")


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, kind: str) -> None:
    folder = kept(tmp_path)
    file = folder / "rows" / "b.csv"
    os.mkfifo(file) if kind == "pipe" else file.mkdir()
    with pytest.raises(Refused, match=r"b\.csv"):
        scored(tmp_path)


# --- the program ---


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


async def test_its_check_tells_of_a_root_that_is_not_there(tmp_path: Path) -> None:
    (row,) = await shelf(tmp_path / "gone").check()
    assert row.health is Health.MISSING
    assert [row.health for row in await shelf(tmp_path).check()] == [Health.OK]
