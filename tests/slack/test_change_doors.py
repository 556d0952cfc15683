"""Changes in Slack, around the story: who may not press at all, the other levers, lists, pages, and hostile words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.model.change import Step
from tests.slack import serving
from tests.slack.forming import send, top
from tests.slack.room import alert
from tests.slack.serving import cards, change, pressed, proposed, rollback, story


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"is_restricted": True}, "guests cannot act here"),
        ({"deleted": True}, "account is closed"),
        ({"is_stranger": True}, "belongs to another workspace"),
    ],
)
async def test_who_is_no_full_member_agrees_to_nothing(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        await room.pass_time(2)
        room.ws.change_person("bo", **fields)
        assert reason in await pressed(room, "Approve", by="bo")
        assert (await change(room)).step is Step.PROPOSED
        assert shelf.applied == []
        assert "change.refused" in await story(room)


async def test_whom_nobody_knows_agrees_to_nothing(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        assert "I do not know you" in await pressed(room, "Approve", by="eve")
        assert ((await change(room)).step, shelf.applied) == (Step.PROPOSED, [])


async def test_who_is_no_approver_any_more_is_refused_when_they_press(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        estate = room.desk.settings.estate
        churn = replace(estate.models["churn"], approvers=("person:cy",))
        models = {**estate.models, "churn": churn}
        room.desk.settings = replace(room.desk.settings, estate=replace(estate, models=models, names=models))
        assert "not among those who may agree" in await pressed(room, "Approve", by="bo")
        assert shelf.applied == []


# --- the other levers, lists, and pages ---


async def test_pausing_and_resuming(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await room.ws.command("/pause", "churn because it answers nonsense", by="ada")
        await room.settle()
        assert "churn: 7 becomes paused (7)" in top(room).shown
        await send(room, top(room))
        await pressed(room, "Approve", by="bo")
        await room.pass_time(1)
        assert shelf.now.paused
        (card,) = cards(room)
        await room.ws.press(card, "Undo", by="ada")
        await room.settle()
        assert top(room).title == "Resume"
        assert "churn: paused (7) becomes 7" in top(room).shown


async def test_the_traffic_is_shared_out(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await room.ws.command("/tocsin", "shift churn because we try 6", by="ada")
        await room.settle()
        view = top(room)
        reply = await room.ws.submit(view, {"split": "7 = 90"}, by="ada")
        assert "together they must be 100" in reply.errors["split"]
        await room.ws.fill(top(room), {"split": "7 = 90\n6 = 10"}, by="ada")
        await room.settle()
        assert "churn: 7 becomes 7 90 %, 6 10 %" in top(room).shown
        await send(room, top(room))
        await pressed(room, "Approve", by="bo")
        await room.pass_time(1)
        assert dict(shelf.now.split) == {"7": 90.0, "6": 10.0}


async def test_the_menus_offer_it(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await room.book(alert())
        anywhere = await room.ws.command("/tocsin", "", by="ada", channel="#ml-oncall")
        await room.settle()
        assert "Roll back" in anywhere.responses[0].buttons
        await room.ws.press(anywhere.responses[0], "Roll back", by="ada")
        await room.settle()
        assert "Choose a model or agent" in top(room).shown
        await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}>", by="ada", thread=room.cards()[0])
        await room.ws.until(lambda: not room.ws.courier.busy)
        await room.settle()
        menu = [one for one in room.ws.messages("#ml-retail") if "Pause" in one.buttons][-1]
        await room.ws.press(menu, "Pause", by="ada")
        await room.settle()
        assert top(room).title == "Pause"
        assert "churn: 7 becomes paused (7)" in top(room).shown


async def test_lists_say_what_serves_and_what_waits(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await proposed(room)
        models = await room.ws.command("/models", "", by="ada")
        waiting = await room.ws.command("/approvals", "", by="bo")
        await room.settle()
        said = models.responses[0].shown
        assert "churn (churn-ml): 7 since" in said
        assert "price (churn-ml): no platform runs it" in said
        listed = waiting.responses[0]
        assert "CHG-1 · PROPOSED · roll back churn: 7 becomes 6 · asked for by ada" in listed.shown
        shown = await room.ws.press(listed, "CHG-1", by="bo")
        await room.settle()
        card = shown.responses[0]
        assert "CHG-1 is approved" in await pressed(room, "Approve", "bo", card)


async def test_each_sees_on_their_page_what_waits_for_them(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await proposed(room)
        for person, title in (("bo", "Waiting for your approval"), ("ada", "Your changes")):
            await room.ws.open_home(by=person)
            await room.ws.until(lambda: not room.ws.courier.busy)
            await room.settle()
            page = room.ws.home(person)
            assert page is not None
            assert title in page.shown
            assert "CHG-1" in page.shown
        await pressed(room, "Reject", by="cy")
        await room.settle(5)
        page = room.ws.home("bo")
        assert page is not None
        assert "Waiting for your approval" not in page.shown


async def test_the_button_is_not_there_where_no_platform_offers_it(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await room.book(alert(model="price"))
        (card,) = room.cards("#ml-oncall")
        assert "Roll back" not in card.buttons


HOSTILE = ("<!channel> & <@U01ADA>", "\u202e6" + "x" * 120, ":tada: *bold* `code`", "a\nb", "y" * 400)


async def test_hostile_names_and_words_are_shown_as_they_are(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        shelf.listed += [serving.version(name, note="<!here> _x_", by="<@U01BO>") for name in HOSTILE]
        view = await rollback(room, "churn because <!channel> look | at {this} &amp; that")
        await room.ws.fill(view, {"version churn": HOSTILE[0]}, by="ada")
        await room.settle()
        view = top(room)
        assert HOSTILE[0] in view.shown
        await send(room, view)
        (card,) = cards(room)
        assert "<!channel> & <@U01ADA>" in card.shown
        assert not any("<!channel>" in one.text for one in room.ws.messages("#ml-retail"))
        assert (await change(room)).plan.after.version == HOSTILE[0]
