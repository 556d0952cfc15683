"""The estate's server: it follows the pointer that `local` swaps, splits, pauses, and bears what makes no sense."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.contract import Context, Lever, Plan
from bot.errors import BadInput
from bot.sandbox.estate import churn, features, linear, serving, streams
from bot.sandbox.estate.linear import Model
from bot.sandbox.estate.serving import Served
from bot.testing.clock import FakeClock
from plugins.local import Local, LocalSettings

AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
COLUMNS = streams.customers(streams.rng(7, "churn", 0)).columns
REF = {"name": "churn"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Churn, furnished: 7 serves."""
    churn.furnish(tmp_path / "churn", 7, AT)
    return tmp_path / "churn"


@pytest.fixture
def server(folder: Path) -> Served[Model]:
    """Whoever answers for it."""
    return Served(folder, linear.load)


def platform(folder: Path) -> Local:
    """The plugin over the estate's folder."""
    return Local(LocalSettings(root=str(folder.parent)), Context("disk", FakeClock(AT)))


def point(folder: Path, **said: object) -> None:
    """The pointer, as somebody writes it by hand."""
    (folder / serving.POINTER).write_text(json.dumps(said))


def answering(server: Served[Model]) -> list[str]:
    """The versions that answer a window."""
    return [answer.version for answer in serving.answers(server, COLUMNS, AT)]


async def test_the_plugin_reads_what_was_furnished_and_its_rollback_is_seen_to_serve(
    folder: Path, server: Served[Model]
) -> None:
    local = platform(folder)
    before = await local.serving(REF)
    assert before.split == {"7": 100}
    assert [(one.id, one.usable, sorted(one.metrics)) for one in await local.versions(REF)] == [
        ("7", True, ["auc", "log_loss"]),
        ("6", True, ["auc", "log_loss"]),
    ]
    seven, six = await local.history(REF)
    assert (seven.serving.version, AT - seven.at) == ("7", timedelta(days=3))
    assert (six.serving.version, AT - six.at) == ("6", timedelta(days=45))
    assert answering(server) == ["7"]
    after = await local.wanted(REF, Lever.ROLLBACK, before, {"version": "6"})
    plan = Plan(Lever.ROLLBACK, "churn", "disk", REF, before, after, "asked for", "6 serves")
    assert (await local.apply(plan, "token")).state == "done"
    probe = await local.probe(REF)
    assert probe is not None
    assert probe.version == "7"  # the pointer was swapped, and the server has not looked yet
    assert answering(server) == ["6"]
    probe = await local.probe(REF)
    assert probe is not None
    assert probe.version == "6"
    assert "loaded at 03:38:00 UTC, number 3" in probe.why
    assert (await local.flow(REF, AT)).predictions == 2 * streams.ROWS


async def test_the_plugin_finds_nothing_odd_in_the_folders(folder: Path) -> None:
    features.furnish(folder.parent / features.NAME, 7, AT)
    serving.switch(folder.parent / features.NAME, "2", AT, "upstream")
    local = platform(folder)
    assert [(check.scope, check.health) for check in await local.check()] == [("root", "ok")]
    (one,) = await local.history({"name": features.NAME})
    assert one.serving.version == "1"  # what somebody else did is not in it
    assert (await local.serving({"name": features.NAME})).guard == "2"


def test_rows_are_split_as_the_pointer_says_and_each_is_answered_once(folder: Path, server: Served[Model]) -> None:
    point(folder, split={"6": 80, "7": 20}, seq=3)
    six, seven = serving.answers(server, COLUMNS, AT)
    assert (six.version, seven.version) == ("6", "7")
    assert len(six.rows) == pytest.approx(0.8 * streams.ROWS, abs=5)
    assert sorted([*six.rows, *seven.rows]) == [*range(streams.ROWS)]
    assert np.array_equal(seven.predictions, seven.model.predict(COLUMNS)[seven.rows])
    assert json.loads((folder / serving.PROBE).read_text())["version"] == "6"


@pytest.mark.parametrize("said", [{"split": {"7": 100}, "paused": True, "seq": 3}, {"split": {}, "seq": 3}])
def test_what_is_paused_answers_nothing_and_says_so(
    folder: Path, server: Served[Model], said: dict[str, object]
) -> None:
    assert answering(server) == ["7"]
    point(folder, **said)
    assert answering(server) == []
    assert json.loads((folder / serving.PROBE).read_text())["version"] is None
    point(folder, split={"7": 100}, paused=False, seq=4)
    assert answering(server) == ["7"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{", "makes no sense"),
        ("[]", "makes no sense"),
        ('{"split": 7}', "makes no sense"),
        ('{"split": {"7": "all"}}', "makes no sense"),
        ('{"split": {"6": 50, "7": 20}}', "do not make 100"),
        ('{"split": {"../../churn/versions/6": 100}}', "names what is no version"),
        ('{"split": {"9": 100}, "seq": 2}', "Version 9 of churn cannot be loaded"),
    ],
)
def test_a_pointer_that_makes_no_sense_leaves_what_served(
    folder: Path, server: Served[Model], body: str, why: str
) -> None:
    assert answering(server) == ["7"]
    (folder / serving.POINTER).write_text(body)
    assert answering(server) == ["7"]
    assert why in str(server.trouble)
    assert json.loads((folder / serving.PROBE).read_text())["version"] == "7"
    point(folder, split={"6": 100}, seq=3)
    assert answering(server) == ["6"]
    assert server.trouble is None


def test_without_a_pointer_nothing_is_served(folder: Path, server: Served[Model]) -> None:
    (folder / serving.POINTER).unlink()
    assert answering(server) == []
    assert server.trouble == "serving.json cannot be read: No such file or directory."
    with pytest.raises(BadInput, match="cannot be read"):
        serving.pointed(folder)


def test_a_server_that_looks_again_loads_only_what_moved(folder: Path) -> None:
    loaded: list[str] = []
    server = Served(folder, lambda version: loaded.append(version.name))
    for _ in range(3):
        server.serving(AT)
    serving.switch(folder, "6", AT, "ada")
    server.serving(AT)
    assert loaded == ["7", "6"]


def test_somebody_who_switches_keeps_the_other_keys_and_raises_the_number(folder: Path) -> None:
    point(folder, split={"7": 100}, seq=9, ticket="ML-7")
    serving.switch(folder, "6", AT, "ada")
    assert serving.pointed(folder) == serving.Pointer({"6": 100.0}, False, 10)
    assert json.loads((folder / serving.POINTER).read_text())["ticket"] == "ML-7"
    with pytest.raises(BadInput, match="churn has no version 9"):
        serving.switch(folder, "9", AT, "ada")


def test_what_was_counted_does_not_grow_for_ever(folder: Path, server: Served[Model]) -> None:
    file = folder / serving.PREDICTIONS
    line = b'{"at":"2026-11-22T00:00:00+00:00","count":1}\n'
    file.write_bytes(line * (serving.LARGEST // len(line)))
    server.count(500, AT, "eu")
    lines = file.read_bytes().splitlines()
    assert file.stat().st_size <= serving.LARGEST // 2
    assert json.loads(lines[0]) == json.loads(line)
    assert json.loads(lines[-1]) == {"at": AT.isoformat(), "count": 500, "segment": "eu"}


def test_a_furnishing_that_was_cut_off_is_done_again(folder: Path) -> None:
    half = folder / "versions" / ".8.new"
    half.mkdir()
    (half / "old").write_text("half")
    serving.furnish(folder, "8", {"parameters.json": b"{}"}, {"note": "whole"})
    assert sorted(file.name for file in (folder / "versions" / "8").iterdir()) == ["parameters.json", "version.json"]
    assert not half.exists()
