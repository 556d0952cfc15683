"""The rows of models on a disk: the contract, the forms that are read, the program that is run, and what is hostile."""

import csv
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event

import pytest

from bot.contract import Asked, Health, NotFound, Refused
from bot.testing import evaluators
from bot.testing.evaluators import Row
from plugins import local
from plugins.local.rows import Rows
from tests.plugins.labs import END, EVERYTHING, SAMPLES, START, kept, line, plain, program, scored, shelf
from tests.plugins.shelf import REF, model

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


async def test_its_check_tells_of_a_root_that_is_not_there(tmp_path: Path) -> None:
    (row,) = await shelf(tmp_path / "gone").check()
    assert row.health is Health.MISSING
    assert [row.health for row in await shelf(tmp_path).check()] == [Health.OK]
