"""Retrains as people make them in Slack: the form, one card that tells how far it is, and what comes of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.contract.guard import Guard
from bot.contract.trainer import Going, Run
from bot.engine.desk import Forge, Lab
from bot.model.change import Step
from bot.model.estate import Estate
from bot.model.retraining import Budget, Policy
from bot.model.runbook import Action
from bot.runbooks import Library
from bot.sandbox.workspace import Message, View
from bot.slack import validate
from tests.slack import room as rooms
from tests.slack import serving
from tests.slack.forming import send, top
from tests.slack.room import Room, alert
from tests.slack.serving import asked, cards, change, pressed, story, version
from tests.slack.test_trials import TERMS, Arrays
from tests.story.forging import Hearth

DAY = timedelta(days=1)
POLICY = Policy(window=28 * DAY, longest=timedelta(hours=6), cost=40.0)
HOSTILE = "epoch 3\n<!channel> *<https://evil.example|the fix>* ```\n@here <@U01ADA> \u202eevil\n```\nMemoryError"


@dataclass
class Smithy:
    """A room whose churn can be trained."""

    room: Room
    hearth: Hearth
    arrays: Arrays
    shelf: serving.Shelf

    async def asked(self, words: str = "churn because it drifts", by: str = "ada", to: str = "/retrain") -> View:
        """The form that the command opens."""
        await self.room.ws.command(to, words, by=by, channel="#ml-retail")
        await self.room.settle()
        return top(self.room, by)

    async def said(self, words: str, by: str = "ada", to: str = "/retrain") -> str:
        """What the command is answered with."""
        reply = await self.room.ws.command(to, words, by=by, channel="#ml-retail")
        await self.room.settle()
        return "\n".join(one.shown for one in reply.responses)

    async def proposed(self) -> None:
        """Ada asks for one."""
        done = await send(self.room, await self.asked(), "ada")
        assert "CHG-1 waits for 1 to agree" in done.shown, done.shown

    async def begun(self) -> None:
        """Bo agrees, and the trainer takes it."""
        await self.proposed()
        assert "CHG-1 is approved" in await pressed(self.room, "Approve", "bo")
        await self.room.pass_time(1)
        assert self.hearth.begun == ["CHG-1"]

    async def tells(self, **more: Any) -> None:
        """What the run says is heard."""
        self.hearth.tell("CHG-1", **more)
        await self.room.pass_time(2)

    async def made(self, name: str) -> None:
        """It makes a version, which is judged."""
        self.shelf.listed.insert(0, version(name, 0))
        await self.tells(going=Going.DONE, version=name, cost=35.0)
        await self.room.pass_time(2)

    def shown(self, by: str = "ada") -> str:
        """What stands in the modal this person sees."""
        return top(self.room, by).shown

    def card(self, number: int = 1) -> Message:
        """The one card of the change in the channel."""
        (found,) = (one for one in cards(self.room) if one.shown.startswith(f"CHG-{number} "))
        return found


@asynccontextmanager
async def forge(folder: Path, gate: object = None, monthly: float | None = None) -> AsyncIterator[Smithy]:
    """Seven serves and can be tried; its runbook offers to retrain and to promote, by one."""
    async with serving.serving(folder) as (room, shelf):
        desk, hearth, arrays = room.desk, Hearth(), Arrays()
        estate = desk.settings.estate
        models = {**estate.models, "churn": replace(estate.models["churn"], trial=TERMS, retrain=POLICY)}
        budget = Budget(monthly, "EUR") if monthly is not None else None
        entities = {**estate.entities, "retail": replace(estate.entities["retail"], budget=budget)}
        desk.settings = replace(desk.settings, estate=Estate(entities, models, models))
        desk.forges["registry"] = Forge(hearth, Guard("registry", room.clock))
        desk.labs["registry"] = Lab(arrays, Guard("registry", room.clock, deadline=60.0))
        options = {"gate": gate} if gate else {}
        actions = (Action("retrain", approval="one", options=options), Action("promote", approval="one"))
        desk.runbooks = Library((replace(rooms.runbook(), actions=actions),))
        yield Smithy(room, hearth, arrays, shelf)


async def test_from_the_card_of_an_incident_to_the_promotion_by_clicking(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        room = smithy.room
        await room.book(alert())
        (card,) = room.cards()
        assert "Retrain" in card.buttons
        await room.ws.press(card, "Retrain", by="ada")
        await room.settle()
        view = top(room)
        for said in ("Because of INC-1", "7 goes on serving", "It learns from", "about 40", "One of these must agree"):
            assert said in view.shown
        done = await send(room, view, why="it drifts")
        assert "CHG-1 waits for 1 to agree" in done.shown
        channel, thread = sorted(cards(room), key=lambda one: one.thread_ts is not None)
        assert channel.shown == thread.shown
        assert thread.thread_ts == card.ts
        assert "becomes" not in channel.shown
        (question,) = asked(room, "bo")
        assert "CHG-1 is approved" in await pressed(room, "Approve", "bo", question)
        await room.pass_time(1)
        await smithy.tells(stage="epoch 4 of 10", share=0.42)
        now = cards(room)[0]
        assert now.ts == channel.ts
        assert "CHG-1 · TRAINING · retrain churn" in now.shown
        assert "It runs: epoch 4 of 10" in now.shown
        assert "████░░░░░░ 42 %" in now.shown
        smithy.arrays.skill["8"] = 1.6
        await smithy.made("8")
        await room.pass_time(2)
        (ended,) = [one for one in cards(room) if one.ts == channel.ts]
        assert "CHG-1 · DONE · retrain churn" in ended.shown
        assert "8 PASSED the gate" in ended.shown
        assert "CHG-2 asks to promote 8" in ended.shown
        assert "Undo" not in ended.buttons
        shown = await pressed(room, "CHG-2", "bo", ended)
        assert "churn: 7 becomes 8" in shown
        assert "It came of CHG-1." in shown
        (promotion,) = [one for one in cards(room) if one.shown.startswith("CHG-2 ") and one.thread_ts is None]
        assert "CHG-2 is approved" in await pressed(room, "Approve", "bo", promotion)
        await room.pass_time(3)
        (promotion,) = [one for one in cards(room) if one.ts == promotion.ts]
        assert "Seen to serve: 8" in promotion.shown
        assert "Watched until" in promotion.shown
        (ended,) = [one for one in cards(room) if one.ts == channel.ts]
        assert "Then: CHG-2, promote churn (VERIFYING)." in ended.shown
        assert "serves until somebody agrees" not in ended.shown


async def test_a_form_that_was_read_for_a_while_can_still_be_sent(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        view = await smithy.asked()
        await smithy.room.pass_time(7)
        assert "CHG-1 waits for 1 to agree" in (await send(smithy.room, view)).shown


async def test_a_run_is_called_off_by_a_press(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        await smithy.begun()
        card = smithy.card()
        assert list(card.buttons) == ["Call off"]
        await pressed(smithy.room, "Call off", "eve", card)  # nobody knows her
        assert "cancel" not in smithy.hearth.called
        assert "CHG-1 is called off" in await pressed(smithy.room, "Call off", "bo", card)
        await smithy.room.pass_time(1)
        assert "cancel" in smithy.hearth.called
        ended = smithy.card()
        assert "Called off by bo." in ended.shown
        assert "bo called it off." in ended.shown
        assert list(ended.buttons) == ["Propose again"]
        assert "FAILED" in await pressed(smithy.room, "Call off", "ada", card)  # her screen was old
        assert (await story(smithy.room)).count("training.called_off") == 1


async def test_a_hostile_log_is_shown_to_the_letter(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        await smithy.begun()
        await smithy.tells(going=Going.FAILED, stage="fit <!here>", log="noise\n" * 4_000 + HOSTILE)
        card = smithy.card()
        assert (await change(smithy.room)).step is Step.FAILED
        parts = [part for block in card.blocks for part in block.get("elements", ())]
        (log,) = [part for part in parts if part["type"] == "rich_text_preformatted"]
        (text,) = log["elements"]
        assert text["type"] == "text"
        assert "<!channel> *<https://evil.example|the fix>* ```" in text["text"]
        assert text["text"].endswith("MemoryError")
        assert "\u202e" not in text["text"]
        assert len(text["text"]) < 2_000
        assert "<!" not in card.text
        assert validate.validate({"text": card.text, "blocks": card.blocks}, "message") == []


async def test_a_gate_that_held_offers_the_ways_on(tmp_path: Path) -> None:
    async with forge(tmp_path, gate={"metric": "auc", "at_least": 0.99}) as smithy:
        await smithy.begun()
        smithy.arrays.skill["8"] = 1.6
        await smithy.made("8")
        card = smithy.card()
        assert "8 did NOT pass the gate" in card.shown
        assert "0.99" in card.shown
        assert "To keep 7, do nothing" in card.shown
        assert list(card.buttons) == ["Widen the window", "Look at TRL-1"]
        trial = await pressed(smithy.room, "Look at TRL-1", "ada", card)
        assert "churn: 8 is BETTER than 7" in trial
        assert "Next: see CHG-1." in trial
        await smithy.room.ws.press(card, "Widen the window", by="ada")
        await smithy.room.settle()
        assert top(smithy.room).state["window"]["field.window"]["value"] == "8w"


async def test_the_form_says_what_is_in_the_way_and_what_it_costs(tmp_path: Path) -> None:
    async with forge(tmp_path, monthly=30) as smithy:
        view = await smithy.asked("churn on the last 60 days because it drifts")
        assert view.state["window"]["field.window"]["value"] == "60 days"
        assert view.state["why"]["field.why"]["value"] == "it drifts"
        assert "(8w4d of data)" in view.shown
        assert "2 of these must agree" in view.shown
        assert "30 EUR" in view.shown
        reply = await smithy.room.ws.submit(view, {"window": "a while"}, by="ada")
        assert reply.errors == {"window": "Write a length of time, as in 30d, 12h or 8w."}
        smithy.hearth.others.append(Run("nightly-17", Going.RUNNING))
        view = await smithy.asked()
        assert "nightly-17" in view.shown
        assert "is being retrained already" in (await send(smithy.room, view)).shown
        assert smithy.hearth.begun == []


async def test_a_model_without_a_policy_says_so_in_the_form(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        assert "price has no `retrain`" in (await smithy.asked("price")).shown


async def test_whoever_is_asked_again_reads_what_it_costs(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        await smithy.proposed()
        await smithy.room.pass_time(45)
        told = "\n".join(one.shown for one in smithy.room.ws.messages("#ml-retail"))
        assert "still nobody has agreed to retrain of churn, cost about 40 (7 goes on serving)" in told


async def test_the_menu_and_the_help_offer_it(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        assert "/retrain MODEL [30d] [because WHY]" in await smithy.said("help", to="/tocsin")
        reply = await smithy.room.ws.command("/tocsin", "", by="ada", channel="#ml-oncall")
        await smithy.room.settle()
        (menu,) = reply.responses
        await smithy.room.ws.press(menu, "Retrain", by="ada")
        await smithy.room.settle()
        assert "Choose a model or agent" in smithy.shown()


async def test_a_second_one_is_told_of_the_first_and_a_rollback_is_free(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        await smithy.begun()
        assert "CHG-1 is under way (TRAINING" in (await smithy.asked(by="bo")).shown
        await smithy.room.ws.command("/rollback", "churn because it fell", by="ada", channel="#ml-retail")
        await smithy.room.settle()
        assert "is under way" not in top(smithy.room).shown
        assert "churn: 7 becomes 6" in top(smithy.room).shown


@pytest.mark.parametrize("words", ["retrain churn", "train churn again", "eğit churn", "churn yeniden eğit"])
async def test_words_open_it_too(tmp_path: Path, words: str) -> None:
    async with forge(tmp_path) as smithy:
        view = await smithy.asked(words, to="/tocsin")
        assert "churn is trained anew; 7 goes on serving." in view.shown


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("chrun", "No model or agent is called chrun. Did you mean churn?"),
        ("churn to 6", "/retrain MODEL [30d] [because WHY] | status [MODEL]"),
        ("status chrun", "Did you mean churn?"),
    ],
)
async def test_words_that_make_no_sense_are_answered(tmp_path: Path, words: str, answer: str) -> None:
    async with forge(tmp_path) as smithy:
        assert answer in await smithy.said(words)
        assert smithy.room.ws.view("ada") is None


async def test_the_status_tells_what_goes_on_and_what_was(tmp_path: Path) -> None:
    async with forge(tmp_path, monthly=500) as smithy:
        idle = await smithy.said("status")
        assert "It can be trained anew now, cost about 40 EUR." in idle
        assert "None has ended yet." in idle
        await smithy.begun()
        await smithy.tells(stage="epoch 4 of 10")
        going = await smithy.said("durum churn")
        assert "Goes on: CHG-1, TRAINING. It runs: epoch 4 of 10" in going
        await smithy.tells(going=Going.FAILED, cost=12.0)
        over = await smithy.said("status churn")
        assert "CHG-1, ended" in over
        assert "no version" in over
        assert "Spent this month: 12 EUR; left: 488 EUR" in over


async def test_whoever_waits_sees_it_on_their_page(tmp_path: Path) -> None:
    async with forge(tmp_path) as smithy:
        await smithy.proposed()
        await smithy.room.ws.open_home(by="bo")
        await smithy.room.ws.until(lambda: not smithy.room.ws.courier.busy)
        await smithy.room.settle()
        home = smithy.room.ws.home("bo")
        assert home is not None
        assert "CHG-1 · PROPOSED · retrain churn, cost about 40" in home.shown
