"""Models on a disk when somebody put something in the way; what answers, how much passed, and the look at itself."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.contract import Health, Lever, NotDelivered, NotFound, Refused, Serving
from tests.plugins.shelf import NOW, REF, model, part, plan, point


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"version": "7"}',
        b'{"split": {"7": 100}, "seq": -1}',
        b'{"split": {"7": 100}, "seq": 1e30}',
        b'{"split": {"7": 100}, "paused": "no"}',
        b'{"split": {"../7": 100}}',
        b'{"split": {"7": 1e999}}',
        b'{"split": {"7": 60, "6": 60}}',
        b'{"split": ' * 5000,
        b'{"split": {"7": 100}, "x": "' + b"x" * 70_000 + b'"}',
        b"\xff\xfe",
    ],
)
async def test_a_pointer_that_makes_no_sense_says_so_and_is_left_alone(tmp_path: Path, body: bytes) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    (folder / "serving.json").write_bytes(body)
    for act in (lambda: one.serving(REF), lambda: one.history(REF), lambda: one.apply(wanted, "CHG-1")):
        with pytest.raises(Refused) as refused:
            await act()
        assert "serving.json of churn" in str(refused.value)
    assert (folder / "serving.json").read_bytes() == body
    assert not (folder / "history.jsonl").exists()


async def test_a_pointer_too_deep_to_write_again_is_left_alone(tmp_path: Path) -> None:
    folder = model(tmp_path)
    point(folder, "7", 1, deep=json.loads("[" * 400 + "]" * 400))
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    assert wanted.digest
    with pytest.raises(Refused, match="cannot be written again"):
        await one.apply(wanted, "CHG-1")
    assert (await one.serving(REF)).version == "7"


@pytest.mark.parametrize("name", ["churn", "versions", "7"])
async def test_a_link_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    folder = model(root)
    way = {"churn": folder, "versions": folder / "versions", "7": folder / "versions" / "7"}[name]
    way.rename(outside)
    way.symlink_to(outside, target_is_directory=True)
    one = part(root)
    with pytest.raises(Refused, match="leads out"):
        await one.wanted(REF, Lever.PROMOTE, Serving({"6": 100.0}), {"version": "7"})
    if name == "7":
        assert [(each.id, each.usable) for each in await one.versions(REF)][-1] == ("7", False)


@pytest.mark.parametrize("file", ["serving.json", "history.jsonl", "probe.json", "predictions.jsonl", ".lock"])
@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
async def test_what_is_no_plain_file_is_refused_and_nobody_waits(tmp_path: Path, file: str, what: str) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    (folder / file).unlink(missing_ok=True)
    if what == "link":
        (tmp_path / "secret").write_text('{"split": {"6": 100}}')
        (folder / file).symlink_to(tmp_path / "secret")
    elif what == "pipe":
        os.mkfifo(folder / file)
    else:
        (folder / file).mkdir()
    acts = {
        "serving.json": lambda: one.serving(REF),
        "history.jsonl": lambda: one.history(REF),
        "probe.json": lambda: one.probe(REF),
        "predictions.jsonl": lambda: one.flow(REF, NOW),
        ".lock": lambda: one.apply(wanted, "CHG-1"),
    }
    if (file, what) == (".lock", "pipe"):
        return  # as good a lock as any
    with pytest.raises(Refused):
        await acts[file]()
    if file == "history.jsonl":
        with pytest.raises(Refused):
            await one.apply(wanted, "CHG-1")
        assert (await one.serving(REF)).version == "7"  # no switch without its line


async def test_names_that_are_near_are_offered(tmp_path: Path) -> None:
    model(tmp_path, "churn-eu")
    with pytest.raises(NotFound, match=r"There is no model churn\. There is churn-eu\."):
        await part(tmp_path).serving(REF)
    with pytest.raises(Refused, match="must have `name` and nothing else"):
        await part(tmp_path).serving({"model": "churn"})


async def test_versions_without_a_word_are_dated_by_their_folder(tmp_path: Path) -> None:
    folder = model(tmp_path)
    (folder / "versions" / "bare").mkdir()
    (folder / "versions" / ".hidden").mkdir()
    (folder / "versions" / "a file").write_text("")
    (folder / "versions" / "8" / "version.json").write_text(
        json.dumps({"created_at": "soon", "by": "\u202eeve\n", "note": "n" * 5000, "metrics": {"auc": "0.91", "x": []}})
    )
    os.utime(folder / "versions" / "8", (0, 1_700_000_000))
    found = {one.id: one for one in await part(tmp_path).versions(REF)}
    assert set(found) == {"6", "7", "8", "bare"}
    assert found["8"].created_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert (found["8"].by, len(found["8"].note), dict(found["8"].metrics)) == ("eve", 300, {"auc": 0.91})


# --- what answers, and how much passed ---


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\nexit 3\n", "ended with 3"),
        ("#!/bin/sh\necho\n", None),
        ("#!/bin/sh\necho '{'\n", "says nothing that can be read"),
        ("#!/bin/sh\nhead -c 200000 /dev/zero\n", "says more than"),
        ("no script at all", "cannot be run"),
    ],
)
async def test_a_program_that_fails_leaves_it_unknown(tmp_path: Path, script: str, said: str | None) -> None:
    file = model(tmp_path) / "probe"
    file.write_text(script)
    file.chmod(0o755)
    one = part(tmp_path, run_probe=True)
    if said is None:
        answer = await one.probe(REF)
        assert answer is not None
        assert answer.version is None
        return
    with pytest.raises(NotDelivered, match=said):
        await one.probe(REF)


async def test_a_program_gets_no_secret_and_is_run_only_where_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-hunter2")
    folder = model(tmp_path)
    (folder / "probe").write_text("#!/bin/sh\nenv > seen\necho 7\n")
    (folder / "probe").chmod(0o755)
    assert await part(tmp_path).probe(REF) is None
    assert not (folder / "seen").exists()
    (row,) = [row for row in await part(tmp_path).check() if row.scope == "churn"]
    assert row.health is Health.UNKNOWN
    answer = await part(tmp_path, run_probe=True).probe(REF)
    assert answer is not None
    assert (answer.version, answer.why) == ("7", "The program probe says so.")
    assert "hunter2" not in (folder / "seen").read_text()


async def test_predictions_are_counted_since(tmp_path: Path) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    assert (await one.flow(REF, NOW)).predictions is None
    lines = [
        {"at": (NOW - timedelta(minutes=1)).isoformat(), "count": 1000},
        {"at": NOW.isoformat(), "count": 40, "segment": "eu"},
        {"at": (NOW + timedelta(minutes=1)).isoformat(), "segment": "us"},
        {"at": NOW.isoformat(), "count": -5},
    ]
    (folder / "predictions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "torn")
    flow = await one.flow(REF, NOW)
    assert (flow.predictions, dict(flow.segments)) == (41, {"eu": 40, "us": 1})
    assert flow.how == "counted from predictions.jsonl; 2 lines make no sense"


async def test_a_count_that_may_be_short_says_so(tmp_path: Path) -> None:
    line = json.dumps({"at": NOW.isoformat(), "note": "x" * 1000}) + "\n"
    (model(tmp_path) / "predictions.jsonl").write_text(line * 9000)
    flow = await part(tmp_path).flow(REF, NOW - timedelta(days=1))
    assert flow.predictions is not None
    assert 7000 < flow.predictions < 9000
    assert flow.how.startswith("at least: only the last 8 MiB")


# --- its own look at itself ---


async def test_the_check_names_what_needs_a_look(tmp_path: Path) -> None:
    assert [row.health for row in await part(tmp_path / "nowhere").check()] == [Health.MISSING]
    model(tmp_path)
    point(model(tmp_path, "fraud"), "9", 1)
    (model(tmp_path, "odd") / "serving.json").write_text("{")
    rows = await part(tmp_path).check()
    assert {row.scope: row.health for row in rows} == {
        "root": Health.OK,
        "fraud": Health.MISSING,
        "odd": Health.MISSING,
    }
    assert "fraud has no version 9." in next(row.do for row in rows if row.scope == "fraud")


async def test_a_plan_for_what_is_not_there_any_more_changes_nothing(tmp_path: Path) -> None:
    folder = model(tmp_path)
    one = part(tmp_path)
    wanted = await plan(one, version="6")
    folder.rename(tmp_path / ".gone")
    with pytest.raises(NotFound):
        await one.apply(wanted, "CHG-1")
    (tmp_path / ".gone").rename(folder)
    odd = replace(wanted, after=Serving({"6": 50.0}))
    with pytest.raises(Refused, match="50 %"):
        await one.apply(odd, "CHG-1")
    assert (await one.serving(REF)).version == "7"
