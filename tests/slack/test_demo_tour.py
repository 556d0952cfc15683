"""The tour's ticks are readings of the log: what happened is ticked, what only looks like it is not."""

from pathlib import Path
from typing import Any

import pytest

from bot.engine.respond import Verb
from bot.model.change import Step
from bot.sandbox.demo import folder as folders
from bot.sandbox.demo.tour import Tour
from bot.store import pages
from tests.slack import serving
from tests.slack.room import Room, alert
from tests.slack.serving import asked, change, pressed, proposed

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"
STEPS = ["acknowledge", "why", "rollback", "escalate"]


async def read(tour: Tour, **args: Any) -> dict[str, Any]:
    """The steps by name."""
    told = await tour.act(args)
    assert [step["id"] for step in told["steps"]] == STEPS
    return {step["id"]: step for step in told["steps"]} | {"open": told["open"]}


async def done(tour: Tour) -> list[str]:
    """What is ticked."""
    told = await read(tour)
    return [name for name in STEPS if told[name]["done"]]


def visit(tmp_path: Path, room: Room) -> Tour:
    """A tour of this room."""
    with folders.opened(tmp_path / "demo", RUNBOOKS) as folder:
        return Tour(room.desk, folder)


async def test_nothing_is_ticked_before_it_happened(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        told = await read(tour, by="ada")
        assert [told[name]["done"] for name in STEPS] == [False] * 4
        assert [told[name]["go"] for name in STEPS] == [None] * 4
        assert told["open"] is None


async def test_an_incident_says_where_to_go_and_whom_to_be(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        await room.book(alert())
        (card,) = room.cards()
        told = await read(tour, by="ada")
        assert told["open"] == {"channel": card.channel, "ts": card.ts}
        paged = next(name for name in ("ada", "bo", "cy") if room.pages(name))
        assert told["acknowledge"]["go"] == {"channel": card.channel, "ts": card.ts, "as": paged}
        assert told["rollback"]["go"]["ts"] == card.ts
        await room.ws.press(card, Verb.ACKNOWLEDGE.value, by=paged)
        await room.settle()
        told = await read(tour, by="ada")
        assert (told["acknowledge"]["done"], told["acknowledge"]["go"]) == (True, None)
        assert told["acknowledge"]["at"] <= room.clock.now().isoformat()


async def test_only_the_page_knows_that_a_thread_was_opened_and_the_first_time_counts(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        first = (await read(tour, seen="why", by="ada"))["why"]
        assert first["done"]
        await room.pass_time(5)
        assert (await read(tour, seen="why", by="bo"))["why"]["at"] == first["at"]
        assert (await read(visit(tmp_path, room)))["why"]["at"] == first["at"], "the folder remembers it"
        with pytest.raises(ValueError, match="`why` was seen"):
            await tour.act({"seen": "rollback", "by": "ada"})
        assert await done(tour) == ["why"]


async def test_a_rollback_counts_once_a_second_person_agreed_and_it_was_seen_to_serve(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        await proposed(room)
        go = (await read(tour))["rollback"]["go"]
        assert go["ts"] == serving.cards(room)[0].ts
        assert go["as"] != "ada", "who asked cannot agree"
        await pressed(room, "Approve", by="ada")
        assert await done(tour) == []
        await pressed(room, "Approve", "bo", asked(room, "bo")[0])
        await room.pass_time(1)
        assert (await change(room)).step is Step.DONE
        assert await done(tour) == ["rollback"]


async def test_a_glass_that_was_broken_is_no_second_person(tmp_path: Path) -> None:
    async with serving.serving(tmp_path, approval="one", break_glass=True) as (room, _):
        tour = visit(tmp_path, room)
        await room.book(alert())
        (card,) = room.cards()
        await room.ws.press(card, "Roll back", by="ada")
        await room.settle()
        view = room.ws.view("ada")
        assert view is not None
        await room.ws.submit(view, {"why": "it burns", "glass": "nobody else is awake"}, by="ada")
        await room.settle()
        await room.pass_time(40)
        assert (await change(room)).step is Step.DONE
        assert "rollback" not in await done(tour)


async def test_the_last_tier_counts_and_no_other(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        await room.book(alert())
        for _ in range(12):
            climbed = {page.tier for page in await _sheets(room)}
            assert ("escalate" in await done(tour)) == ("L3" in climbed)
            if "L3" in climbed:
                break
            await room.pass_time(10)
        else:
            pytest.fail("nobody was paged as L3")


async def _sheets(room: Room) -> list[Any]:
    return await room.desk.store.read(lambda tx: pages.of(tx, "INC-1"))
