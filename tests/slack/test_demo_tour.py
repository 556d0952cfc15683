"""The tour's ticks are readings of the log: what happened is ticked, what only looks like it is not."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.engine import handover_turns
from bot.engine.respond import Verb
from bot.model.change import Step
from bot.sandbox.demo import folder as folders
from bot.sandbox.demo.tour import ROTA, Tour
from bot.sandbox.workspace import Message
from bot.store import pages
from tests.slack import serving
from tests.slack.forming import send, top
from tests.slack.room import Room, alert
from tests.slack.rostering import form
from tests.slack.serving import asked, cards, change, pressed, proposed
from tests.slack.test_retraining import forge

RUNBOOKS = Path(__file__).resolve().parents[2] / "runbooks"
STEPS = ["acknowledge", "why", "rollback", "escalate", "retrain", "handover"]


async def read(tour: Tour, **args: Any) -> dict[str, Any]:
    """The steps by name."""
    told = await tour.act(args)
    assert [step["id"] for step in told["steps"]] == STEPS
    return {step["id"]: step for step in told["steps"]} | {"open": told["open"]}


async def done(tour: Tour) -> list[str]:
    """What is ticked."""
    told = await read(tour)
    return [name for name in STEPS if told[name]["done"]]


def card_of(room: Room, change_id: str) -> Message:
    """The card of a change in the channel, where it is no answer in a thread."""
    return next(one for one in cards(room) if one.shown.startswith(f"{change_id} ") and one.thread_ts is None)


def visit(tmp_path: Path, room: Room) -> Tour:
    """A tour of this room."""
    with folders.opened(tmp_path / "demo", RUNBOOKS) as folder:
        return Tour(room.desk, folder)


async def test_nothing_is_ticked_before_it_happened(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour = visit(tmp_path, room)
        told = await read(tour, by="ada")
        assert [told[name]["done"] for name in STEPS] == [False] * 6
        assert [told[name]["go"] for name in STEPS] == [None] * 6
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


async def test_a_retrain_leads_from_the_incident_to_the_promotion_and_counts_once_that_serves(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        room, tour = smithy.room, visit(tmp_path, smithy.room)

        async def go() -> tuple[str, str]:
            """The message it leads to, and whom to be."""
            told = (await read(tour))["retrain"]["go"]
            return told["ts"], told["as"]

        await room.book(alert())
        (card,) = room.cards()
        assert (await go())[0] == card.ts
        await room.ws.press(card, "Retrain", by="ada")
        await room.settle()
        await send(room, top(room), why="the world is another one")
        asks = card_of(room, "CHG-1")
        assert await go() == (asks.ts, "bo"), "who asked cannot agree"
        await pressed(room, "Approve", "bo", asked(room, "bo")[0])
        await room.pass_time(1)
        assert await go() == (asks.ts, "ada"), "whoever asked watches it train"
        smithy.arrays.skill["8"] = 1.6
        await smithy.made("8")
        await room.pass_time(2)
        assert (await change(room)).step is Step.DONE
        assert "retrain" not in await done(tour), "what it made does not serve yet"
        ts, who = await go()
        promotion = card_of(room, "CHG-2")
        assert ts == promotion.ts
        await pressed(room, "Approve", who if who in ("bo", "cy") else "bo", promotion)
        await room.pass_time(40)
        assert (await change(room, 2)).step is Step.DONE
        told = (await read(tour))["retrain"]
        assert (told["done"], told["go"]) == (True, None)


async def test_a_retrain_that_does_not_pass_is_not_ticked(tmp_path: Path) -> None:
    async with forge(tmp_path, gate={"metric": "auc", "at_least": 0.99}) as smithy:
        tour = visit(tmp_path, smithy.room)
        await smithy.begun()
        smithy.arrays.skill["8"] = 0.4
        await smithy.made("8")
        await smithy.room.pass_time(2)
        assert (await change(smithy.room)).step is Step.FAILED
        assert await done(tour) == []


async def test_a_promotion_that_follows_no_retrain_is_not_ticked(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        room, tour = smithy.room, visit(tmp_path, smithy.room)
        await room.ws.command("/tocsin", "promote churn 6 because it is better", by="ada", channel="#ml-retail")
        await room.settle()
        await send(room, top(room), why="it is better")
        await pressed(room, "Approve", "bo")
        await room.pass_time(40)
        assert (await change(room)).step is Step.DONE
        assert await done(tour) == []


async def test_a_shift_leads_from_the_form_to_the_draft_to_accept_and_counts_once_accepted(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        tour, own = visit(tmp_path, room), room.desk.settings
        layers = tuple(replace(one, members=(("bo",),)) for one in own.rotas["first-line"].layers)
        rota = replace(own.rotas["first-line"], name=ROTA, owner="churn-ml", layers=layers)
        room.desk.settings = replace(own, rotas={**own.rotas, ROTA: rota})
        go = (await read(tour))["handover"]["go"]
        assert go == {"channel": "dm", "ts": "", "as": "bo", "say": f"/oncall override {ROTA}"}
        await turn(room)
        view = await form(room, f"override {ROTA}", "bo")
        at = room.clock.now() + timedelta(minutes=20)
        await send(room, view, "bo", person="ada", starts=at.isoformat(" "), ends="8h")
        await turn(room)
        draft = next(one for one in room.ws.dms("bo") if "a draft" in one.shown)
        go = (await read(tour))["handover"]["go"]
        assert (go["channel"], go["ts"], go["as"]) == ("dm", draft.ts, "bo")
        await room.pass_time(21)
        await turn(room)
        post = next(one for one in room.ws.messages("#ml-retail") if "Accept" in one.buttons)
        go = (await read(tour))["handover"]["go"]
        assert (go["channel"], go["ts"], go["as"]) == (post.channel, post.ts, "ada")
        await room.ws.press(post, "Accept", by="bo")
        await room.settle()
        assert "handover" not in await done(tour), "who hands it over cannot accept it"
        await room.ws.press(post, "Accept", by="ada")
        await room.settle(3)
        assert "handover" in await done(tour)


async def turn(room: Room) -> None:
    """The ticker looks for changes of shift."""
    await handover_turns.recur(room.desk, room.clock.now())
    await room.settle(3)
    await room.settle(3)


async def _sheets(room: Room) -> list[Any]:
    return await room.desk.store.read(lambda tx: pages.of(tx, "INC-1"))
