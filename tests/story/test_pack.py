"""The evidence pack: one file with everything that is known of an incident, and a cover that says what is not."""

import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.engine import pack, respond, serious
from bot.errors import BadInput, NotFound
from bot.model.alert import Kind, Measure
from bot.model.verb import Verb
from bot.store import log
from tests.story import waiting_room
from tests.story.waiting_room import Waiting

NASTY = "<script>alert(1)</script><!channel> \u202e"


@pytest.fixture
async def waiting(tmp_path: Path, migrated_url: str) -> AsyncIterator[Waiting]:
    """Each story once over each database."""
    async with waiting_room.opened(tmp_path, migrated_url) as one:
        yield one


async def night(waiting: Waiting, title: str = "accuracy fell") -> None:
    """An alert, a page, a rollback that two people agreed to, a serious mark, and its end."""
    scene, measures = waiting.scene, (Measure("auc", 0.61, 0.7, "<"),)
    await scene.room.alert(title, measures=measures, labels={"password": "hunter2", "job": "nightly"})
    await scene.room.pass_time(minutes=5)
    change = await scene.proposed(incident="INC-1")
    await scene.vote(change)
    await scene.room.pass_time(minutes=20)
    assert scene.shelf.applied.pop().startswith("CHG-1")
    wish = serious.Wish("1", "person:cy", waiting.now, "cli", "patients", ("nis2",))
    await serious.mark(scene.desk, wish)
    met = serious.Wish("1", "person:cy", waiting.now, "cli", step="warning", reference=NASTY)
    await serious.meet(scene.desk, met)


async def packed(waiting: Waiting, out: Path, typed: str = "1") -> tuple[pack.Packed, dict[str, Any]]:
    """The pack, and its files as they can be read."""
    made = await pack.write(waiting.scene.desk, typed, out)
    with zipfile.ZipFile(out) as zipped:
        raw = {name: zipped.read(name) for name in zipped.namelist()}
    read = {name: json.loads(data) if name.endswith(".json") else data for name, data in raw.items()}
    return made, read


async def test_everything_that_is_known_is_in_it(waiting: Waiting, tmp_path: Path) -> None:
    await night(waiting)
    made, files = await packed(waiting, tmp_path / "pack.zip")
    assert set(files) == set(made.files) >= {
        "alerts.json", "changes.json", "clocks.json", "evidence.json", "incident.json", "log.zip", "oncall.json",
        "pages.json", "runbook.md", "summary.html", "timeline.html", "timeline.jsonl",
    }  # fmt: skip
    assert files["incident.json"]["incident"]["id"] == "INC-1"
    assert files["alerts.json"][0]["measures"][0]["metric"] == "auc"
    (change,) = files["changes.json"]
    assert (change["change"]["requested_by"], change["change"]["agreements"][0]["by"]) == ("ada", "bo")
    assert {"change.proposed", "change.agreed", "evidence.frozen"} <= {one["kind"] for one in change["course"]}
    assert files["evidence.json"][0]["after"]["serving"]["split"] == {"7": 100.0}
    assert files["pages.json"][0]["person"]
    assert {one["clock"]["standing"] for one in files["clocks.json"]} == {"met", "running"}
    assert b"Look first." in files["runbook.md"]
    kinds = {json.loads(line)["kind"] for line in files["timeline.jsonl"].splitlines() if b'"kind"' in line}
    assert {"incident.opened", "incident.serious_marked", "clock.met", "change.proposed"} <= kinds
    with zipfile.ZipFile(tmp_path / "pack.zip") as zipped, zipped.open("log.zip") as inner:
        assert "entries.jsonl" in zipfile.ZipFile(inner).namelist()
    assert sorted(one.name for one in tmp_path.iterdir() if "pack" in one.name) == ["pack.zip"]  # no scraps


async def test_the_cover_says_what_is_not_known(waiting: Waiting, tmp_path: Path) -> None:
    await night(waiting)
    made, files = await packed(waiting, tmp_path / "pack.zip")
    cover = files["summary.html"].decode()
    said = " ".join(made.unknown)
    for each in ("There is no postmortem", "1 reports that a law wants", "What happened outside Tocsin"):
        assert each in said
        assert each in cover
    waiting.scene.room.change("runbooks/anything.md", "Look first.", "Look twice.")
    made, files = await packed(waiting, tmp_path / "later.zip")
    assert "The runbook was changed since: revision " in " ".join(made.unknown)
    assert b"In force was revision" in files["runbook.md"]


async def test_of_an_incident_that_was_merged_everything_comes_along(waiting: Waiting, tmp_path: Path) -> None:
    await night(waiting)
    await waiting.scene.room.alert("latency rose", kind=Kind.LATENCY)
    press = respond.Press(Verb.MERGE, "1", "person:ada", waiting.now, via="cli", detail="INC-2")
    await respond.take(waiting.scene.desk, press)
    _, files = await packed(waiting, tmp_path / "pack.zip", "INC-2")
    assert [one["id"] for one in files["incident.json"]["merged"]] == ["INC-1"]
    assert len(files["changes.json"]) == 1
    subjects = {json.loads(line).get("subject") for line in files["timeline.jsonl"].splitlines()}
    assert {"INC-1", "INC-2", "CHG-1"} <= subjects


async def test_hostile_words_are_escaped_and_secrets_are_not_there(waiting: Waiting, tmp_path: Path) -> None:
    await night(waiting, NASTY)
    _, files = await packed(waiting, tmp_path / "pack.zip")
    for name in ("summary.html", "timeline.html"):
        assert b"<script>" not in files[name]
        assert b"default-src" in files[name]
    assert b"&lt;script&gt;" in files["summary.html"]
    assert files["alerts.json"][0]["labels"]["password"] != "hunter2"
    assert files["alerts.json"][0]["labels"]["job"] == "nightly"


async def test_what_cannot_be_gets_a_clear_answer(waiting: Waiting, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="INC-9"):
        await pack.write(waiting.scene.desk, "9", tmp_path / "pack.zip")
    await waiting.scene.room.alert("accuracy fell")
    with pytest.raises(BadInput, match="cannot be written"):
        await pack.write(waiting.scene.desk, "1", tmp_path / "nowhere" / "pack.zip")
    made, _ = await packed(waiting, tmp_path / "bare.zip")
    assert any("not marked as serious under any law" in one for one in made.unknown)
    assert any("No evidence was frozen" in one for one in made.unknown)
    _, broken = await waiting.scene.desk.store.read(lambda tx: log.verify(tx.sql))
    assert not broken
