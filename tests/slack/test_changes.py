"""Changes of production as people make them in Slack: by clicking, from the form to the end, and back again."""

from pathlib import Path

import pytest

from bot.model.change import Serving, Step
from bot.slack import validate
from tests.slack import serving
from tests.slack.forming import send, top
from tests.slack.room import alert
from tests.slack.serving import asked, cards, change, pressed, proposed, rollback, story


@pytest.mark.parametrize("transport", ["socket", "http"])
async def test_the_whole_story_by_clicking(tmp_path: Path, transport: str) -> None:
    async with serving.serving(tmp_path, transport) as (room, shelf):
        await room.book(alert())
        (card,) = room.cards()
        assert "Roll back" in card.buttons
        await room.ws.press(card, "Roll back", by="ada")
        await room.settle()
        view = top(room)
        assert "Because of INC-1" in view.shown
        assert "Serves now: 7" in view.shown
        assert "churn: 7 becomes 6" in view.shown
        assert "One of these must agree: @U01BO, @U01CY" in view.shown
        reply = await room.ws.submit(view, {"why": " "}, by="ada")
        assert reply.errors == {"why": "This is needed."}
        done = await send(room, top(room), why="accuracy fell by half")
        assert "CHG-1 waits for 1 to agree" in done.shown
        channel, thread = sorted(cards(room), key=lambda one: one.thread_ts is not None)
        assert (channel.thread_ts, thread.thread_ts) == (None, card.ts)
        assert channel.shown == thread.shown
        assert "accuracy fell by half" in channel.shown
        assert list(channel.buttons) == ["Approve", "Reject", "Withdraw"]
        assert "somebody else must agree" in await pressed(room, "Approve", by="ada")
        assert shelf.applied == []
        (question,) = asked(room, "bo")
        assert "CHG-1 is approved" in await pressed(room, "Approve", "bo", question)
        await room.pass_time(1)
        assert shelf.applied == ["churn -> 6"]
        now = cards(room)[0]
        assert "bo agreed." in now.shown
        assert "Kept before anything was changed" in now.shown
        assert "Seen to serve: 6" in now.shown
        assert not {"Approve", "Reject"} & set(now.buttons)
        assert not asked(room, "bo")[0].buttons
        kinds = await story(room)
        wanted = [
            "change.proposed",
            "change.refused",
            "change.agreed",
            "change.approved",
            "evidence.frozen",
            "change.applying",
        ]
        assert [kind for kind in kinds if kind in wanted] == wanted


async def test_without_an_incident_it_is_done_once_it_is_seen_and_can_be_undone(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        assert "CHG-1 is approved" in await pressed(room, "Approve", by="cy")
        await room.pass_time(1)
        assert (await change(room)).step is Step.DONE
        (card,) = cards(room)
        assert "DONE" in card.shown
        assert list(card.buttons) == ["Undo"]
        await room.ws.press(card, "Undo", by="bo")
        await room.settle()
        view = top(room, "bo")
        assert "churn: 6 becomes 7" in view.shown
        done = await send(room, view, "bo", why="6 was not better")
        assert "CHG-2" in done.shown
        assert (await change(room, 2)).undoes == "CHG-1"
        again = next(one for one in cards(room) if "CHG-2" in one.shown)
        assert "It takes back CHG-1." in again.shown
        await pressed(room, "Approve", "cy", again)
        await room.pass_time(1)
        assert shelf.applied == ["churn -> 6", "churn -> 7"]


async def test_a_version_may_be_chosen_and_each_says_what_is_different(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        view = await rollback(room, "")
        assert "Choose a model or agent" in view.shown
        offered = await room.ws.suggest(view, "field.model", "chu", by="ada")
        assert [one["value"] for one in offered] == ["churn"]
        await room.ws.fill(view, {"model": "churn"}, by="ada")
        await room.settle()
        view = top(room)
        (select,) = [one for one in view.content["blocks"] if one.get("block_id") == "version churn"]
        options = {one["value"]: one for one in select["element"]["options"]}
        assert options["6"]["text"]["text"] == "6 · last known good"
        assert options["6"]["description"]["text"] == "auc 0.912 (+0.021) · 12 d old · by ci"
        assert select["element"]["initial_option"]["value"] == "6"
        assert "7" not in options
        await room.ws.fill(view, {"version churn": "5"}, by="ada")
        await room.settle()
        assert "churn: 7 becomes 5" in top(room).shown
        await send(room, top(room), why="6 had the same fault")
        assert (await change(room)).plan.after.version == "5"


async def test_what_was_typed_stands_in_the_form(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        view = await rollback(room, "CHURN to 5 because 6 had the same fault")
        assert view.state["why"]["field.why"]["value"] == "6 had the same fault"
        assert "churn: 7 becomes 5" in view.shown


async def test_words_do_the_same_where_nothing_can_be_opened(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await room.book(alert())
        said = await room.ws.say(
            "#ml-retail",
            f"<@{room.ws.bot_user}> roll churn back to 6 because it fell",
            by="ada",
            thread=room.cards()[0],
        )
        await room.ws.until(lambda: not room.ws.courier.busy)
        await room.settle()
        offer = [one for one in room.ws.messages("#ml-retail") if one.thread_ts == (said.thread_ts or said.ts)][-1]
        await room.ws.press(offer, next(iter(offer.buttons)), by="ada")
        await room.settle()
        view = top(room)
        assert "Because of INC-1" in view.shown
        assert "churn: 7 becomes 6" in view.shown
        await send(room, view)
        assert ((await change(room)).incident, (await change(room)).why) == ("INC-1", "it fell")


@pytest.mark.parametrize(
    ("command", "words", "answer"),
    [
        ("/rollback", "chrun to 6", "No model or agent is called chrun. Did you mean churn?"),
        ("/rollback", "churn 6 7 8", "/rollback MODEL [VERSION]"),
        ("/pause", "churn 6", "/pause MODEL"),
        ("/models", "chrun", "Did you mean churn?"),
        ("/approvals", "CHG-9", "There is no change 'CHG-9'"),
        ("/approvals", "", "No change waits for anybody."),
    ],
)
async def test_words_that_make_no_sense_are_answered(tmp_path: Path, command: str, words: str, answer: str) -> None:
    async with serving.serving(tmp_path) as (room, _):
        reply = await room.ws.command(command, words, by="ada")
        await room.settle()
        assert answer in "\n".join(one.shown for one in reply.responses)
        assert room.ws.view("ada") is None


async def test_errors_stand_at_their_field(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        view = await rollback(room, "churn 99 because it fell")
        assert "There is no version '99'" in view.shown
        again = await send(room, view)
        names = [block.get("block_id") for block in again.content["blocks"]]
        assert names[names.index("version churn") + 1] == "problem"
        shelf.listed = [one for one in shelf.listed if one.id == "7"]
        shelf.serve(Serving({"7": 100.0}))
        view = await rollback(room, "churn")
        assert "No version is known to have been good" in view.shown or "offers no other version" in view.shown
        assert shelf.applied == []


async def test_a_platform_that_is_silent_is_said_to_be(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        shelf.down = True
        view = await rollback(room, "churn because it fell")
        assert "does not answer" in view.shown
        assert validate.validate(view.content, "modal") == []


async def test_what_moved_since_it_was_shown_is_shown_again(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        view = await rollback(room, "churn because it fell")
        shelf.serve(Serving({"5": 100.0}))
        again = await send(room, view)
        assert "The plan is not the one you saw" in again.shown
        assert "churn: 5 becomes 6" in again.shown
        assert "CHG-1 waits" in (await send(room, again)).shown
        assert (await change(room)).plan.before.version == "5"


async def test_a_second_change_is_told_who_holds_the_model(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await proposed(room)
        again = await send(room, await rollback(room, "churn because I want it, too", "bo"), "bo")
        assert "CHG-1 is under way" in again.shown
        assert "asked for by ada" in again.shown


async def test_a_double_click_counts_once(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        (card,) = cards(room)
        room.ws.duplicate_next()
        await pressed(room, "Approve", "bo", card)
        assert "agreed to CHG-1 already" in await pressed(room, "Approve", "bo", card)
        await room.pass_time(1)
        assert shelf.applied == ["churn -> 6"]
        assert (await story(room)).count("change.agreed") == 1


async def test_a_press_on_an_old_card_does_nothing_any_more(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        (old,) = cards(room)
        await pressed(room, "Reject", "bo", old)
        assert (await change(room)).step is Step.REJECTED
        (now,) = cards(room)
        assert "bo rejected it." in now.shown
        assert not now.buttons
        assert "REJECTED" in await pressed(room, "Approve", "cy", old)
        assert shelf.applied == []


async def test_its_requester_may_take_it_back(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        await pressed(room, "Withdraw", by="ada")
        assert (await change(room)).step is Step.WITHDRAWN
        assert shelf.applied == []


async def test_what_nobody_agreed_to_in_time_can_be_proposed_again(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        await proposed(room)
        (old,) = cards(room)
        await room.pass_time(61)
        (card,) = cards(room)
        assert "EXPIRED" in card.shown
        assert list(card.buttons) == ["Propose again"]
        assert await pressed(room, "Approve", "bo", old)
        assert (await change(room)).step is Step.EXPIRED
        await room.ws.press(card, "Propose again", by="ada")
        await room.settle()
        assert "churn: 7 becomes 6" in top(room).shown
        assert "CHG-2 waits" in (await send(room, top(room))).shown


async def test_a_stale_plan_is_not_applied(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, shelf):
        await proposed(room)
        shelf.serve(Serving({"5": 100.0}))
        await pressed(room, "Approve", by="bo")
        await room.pass_time(1)
        assert shelf.applied == []
        (card,) = cards(room)
        assert "Nothing was changed." in card.shown
        assert list(card.buttons) == ["Propose again"]
