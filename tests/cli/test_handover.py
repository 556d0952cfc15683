"""`tocsin handover show|list|accept|note`: what goes from one shift to the next."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from bot.model.handover import Handover, Standing, move
from bot.store import Store, handovers
from tests.cli.conftest import Type

NOW = SystemClock().now().replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def ready(typed: Type, slack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database, people who are reached in Slack, and ada at the keyboard."""
    typed("migrate")
    monkeypatch.setenv("TOCSIN_PERSON", "ada")


@pytest.fixture
def waits(folder: Path) -> None:
    """A handover of ada to bo that was posted an hour ago, as the running bot left it."""

    async def write() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        draft = Handover(
            "HND-1", "first-line", NOW - HOUR, NOW - 9 * HOUR, ("ada",), ("bo",), Standing.DRAFT, NOW - HOUR
        )
        posted = move(draft, Standing.POSTED, NOW - HOUR, posted_at=NOW - HOUR)
        await store.write(lambda tx: handovers.add(tx, posted))
        await store.close()

    asyncio.run(write())


def test_it_shows_what_would_be_handed_over_now(typed: Type) -> None:
    shown = typed("handover", "show", "second-line").stdout
    assert "second-line" in shown
    (found,) = json.loads(typed("handover", "show", "second-line", "--json").stdout)
    assert (found["rota"], found["handover"], found["report"]["about"]) == ("second-line", None, "second-line")
    assert "third-line" in typed("handover", "show", "third-line", code=1).stderr


def test_of_several_rotas_it_shows_each(typed: Type) -> None:
    found = json.loads(typed("handover", "show", "--as", "cy", "--json").stdout)
    assert [one["rota"] for one in found] == ["second-line"]


def test_nothing_was_handed_over_yet(typed: Type) -> None:
    assert typed("handover", "list").stdout == "No shift was handed over yet.\n"
    assert json.loads(typed("handover", "list", "--json").stdout) == []


@pytest.mark.usefixtures("waits")
def test_a_note_then_whoever_accepts_first(typed: Type) -> None:
    assert typed("handover", "note", "1", "look at the lag").stdout == "Your note stands in HND-1.\n"
    taken = json.loads(typed("handover", "accept", "hnd-1", "--as", "bo", "--json").stdout)
    assert (taken["verdict"], taken["handover"]["accepted_by"]) == ("GO", "bo")
    assert taken["handover"]["remarks"][0]["text"] == "look at the lag"
    assert "bo accepted HND-1 already" in typed("handover", "accept", "1", "--as", "cy").stdout
    assert typed("handover", "note", "1", "too late", code=1).stdout
    (row,) = typed("handover", "list").stdout.splitlines()[1:]
    assert row.startswith("HND-1  first-line")
    assert "accepted" in row
    assert "1h" in row


@pytest.mark.usefixtures("waits")
def test_whoever_hands_over_cannot_accept(typed: Type) -> None:
    refused = json.loads(typed("handover", "accept", "1", "--json", code=1).stdout)
    assert (refused["verdict"], refused["sentence"]) == (
        "SAME_PERSON",
        "You hand over HND-1: somebody else must accept it.",
    )
    assert "HND-9" in typed("handover", "accept", "9", code=1).stderr
    assert "--as" in typed("handover", "accept", "1", "--as", "nobody", code=2).stderr
