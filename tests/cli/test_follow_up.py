"""`tocsin follow-up list|add|take|move|done|drop`: what shall be done after an incident."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from bot import app
from bot.clock import SystemClock
from bot.contract.source import Delivery
from bot.engine import intake
from bot.engine.desk import Desk
from bot.store import Store
from tests.cli.conftest import Type
from tests.slack.room import alert


@pytest.fixture(autouse=True)
def ready(folder: Path, typed: Type, slack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with an incident in it, and ada at the keyboard."""
    typed("migrate")
    monkeypatch.setenv("TOCSIN_PERSON", "ada")

    async def book() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        loaded = app.load(app.Folder.of(folder / "config"), dict(os.environ))
        desk = Desk(store, SystemClock(), loaded.settings, loaded.library)
        await store.write(lambda tx: intake.book(tx, desk, [intake.Arrived("prom", Delivery((alert(),)))], tx.now))
        await store.close()

    asyncio.run(book())


def test_one_is_written_listed_moved_taken_and_done(typed: Type) -> None:
    assert typed("follow-up", "list").stdout == "There is no follow-up.\n"
    said = typed("follow-up", "add", "INC-1", "Alert on nulls", "--owner", "bo", "--due", "2w").stdout
    assert said.startswith("FU-1 stands: Alert on nulls (bo has it, due 20")
    listed = typed("follow-up", "list").stdout
    assert "FU-1" in listed
    assert "Alert on nulls" in listed
    typed("follow-up", "move", "1", "--link", "https://tickets.example/7", "--what", "Alert on more nulls")
    assert typed("follow-up", "take", "FU-1").stdout.startswith("FU-1 is yours: Alert on more nulls")
    (found,) = json.loads(typed("follow-up", "list", "--owner", "ada", "--json").stdout)
    assert (found["owner"], found["link"], found["standing"]) == ("ada", "https://tickets.example/7", "open")
    assert json.loads(typed("follow-up", "list", "--owner", "bo", "--json").stdout) == []
    answer = json.loads(typed("follow-up", "done", "1", "--json").stdout)
    assert (answer["verdict"], answer["follow_up"]["standing"]) == ("GO", "done")
    assert typed("follow-up", "done", "1").stdout == "FU-1 is over already: done.\n"
    assert typed("follow-up", "list").stdout == "There is no follow-up.\n"
    assert "FU-1" in typed("follow-up", "list", "--all").stdout
    assert "FU-1" in typed("follow-up", "list", "--incident", "INC-1").stdout


def test_dropping_wants_a_reason(typed: Type) -> None:
    typed("follow-up", "add", "1", "Alert on nulls")
    assert "needs a reason" in typed("follow-up", "drop", "1", code=2).stderr
    assert typed("follow-up", "drop", "1", "--why", "It is retired").stdout == "FU-1 is dropped: It is retired\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "INC-9", "x"), 1, "INC-9"),
        (("add", "INC-1", "x", "--owner", "adda"), 1, "ada"),
        (("add", "INC-1", "x", "--due", "yesterday"), 2, "Write it as 2026-12-01"),
        (("add", "INC-1", "x", "--link", "ftp://x"), 2, "Write it as https"),
        (("done", "FU-9"), 1, "tocsin follow-up list"),
        (("done", "what"), 1, "Write FU-7 or 7"),
    ],
)
def test_what_makes_no_sense_says_what_to_do(typed: Type, arguments: tuple[str, ...], code: int, said: str) -> None:
    assert said in typed("follow-up", *arguments, code=code).stderr
    assert typed("follow-up", "list", "--all").stdout == "There is no follow-up.\n"
