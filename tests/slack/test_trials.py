"""Trials in Slack: asked for by button and by words, told once where whoever wanted to know reads, and acted upon."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bot.contract.evaluator import Asked, Scored
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.engine import trial as asking
from bot.engine import trial_schedule
from bot.engine.desk import Lab
from bot.errors import NotFound, Refused
from bot.model.estate import Estate
from bot.model.job import Lane, NewJob
from bot.model.runbook import Action
from bot.model.served import WayBack
from bot.model.trial import Stage, Terms, Trial
from bot.runbooks import Library
from bot.sandbox.workspace import Message, Reply
from bot.store import jobs, trials, ways_back
from tests.slack import room as rooms
from tests.slack import serving
from tests.slack.forming import top
from tests.slack.room import START, Room, alert, key

DAY = timedelta(days=1)
TERMS = Terms("auc", window=28 * DAY, slices=("country",), least=200, every=DAY)
SKILL = {"7": 0.4, "6": 1.6, "5": 0.4}  # how well a version tells yes from no


@dataclass
class Arrays:
    """Implements `contract.Evaluator` in memory: thirty days of predictions."""

    skill: dict[str, float] = field(default_factory=lambda: dict(SKILL))
    asked: list[Asked] = field(default_factory=list)
    down: bool = False

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        """The rows."""
        self.asked.append(asked)
        if self.down:
            raise Refused("churn has no labels.", "Write them <!channel>.")
        if missing := set(asked.versions) - set(self.skill):
            raise NotFound(f"There is no version {min(missing)!r}.")
        dice, count = np.random.default_rng(7), 2_000
        truth = (dice.random(count) < 0.4).astype(float)
        drawn = {v: dice.normal(size=count) + self.skill[v] * (truth - 0.5) for v in asked.versions}
        said = {version: (1 / (1 + np.exp(-each))).tolist() for version, each in drawn.items()}
        at = np.linspace((START - 30 * DAY).timestamp(), START.timestamp(), count, endpoint=False)
        country = np.where(dice.random(count) < 0.5, "tr", "de").tolist()
        return Scored(at.tolist(), truth.tolist(), said, dict.fromkeys(asked.columns, country))

    async def check(self) -> list[Check]:
        """All is well."""
        return []


@asynccontextmanager
async def trying(folder: Path, approval: str = "one", **terms: object) -> AsyncIterator[tuple[Room, Arrays]]:
    """A room in which churn is served by 7 and can be tried; its runbook offers to evaluate, by that approval."""
    async with serving.serving(folder) as (room, _):
        desk, arrays = room.desk, Arrays()
        estate = desk.settings.estate
        churn = replace(estate.models["churn"], trial=replace(TERMS, **terms))  # type: ignore[arg-type]
        models = {**estate.models, "churn": churn}
        desk.settings = replace(desk.settings, estate=Estate(estate.entities, models, models))
        desk.labs["registry"] = Lab(arrays, Guard("registry", room.clock, deadline=60.0))
        desk.runbooks = Library((replace(rooms.runbook(), actions=(Action("evaluate", approval=approval),)),))
        yield room, arrays


async def kept(room: Room, number: int = 1) -> Trial:
    """The trial as it stands."""
    return await room.desk.store.read(lambda tx: trials.get(tx, f"TRL-{number}"))


async def count(room: Room) -> int:
    """How many there are."""
    return len(await room.desk.store.read(trials.listing))


def told(room: Room, channel: str = "#ml-retail") -> list[Message]:
    """What is told of trials in a channel, its threads included."""
    threads = [room.ws.messages(channel, thread=card.ts) for card in room.cards(channel)]
    found = {one.ts: one for each in (room.ws.messages(channel), *threads) for one in each}
    return [one for one in found.values() if key(one).startswith("trial/")]


def direct(room: Room, person: str) -> list[Message]:
    """What is told of trials to one person."""
    return [one for one in room.ws.dms(person) if key(one).startswith("trial/")]


async def pressed(room: Room, label: str, by: str = "ada") -> Reply:
    """Somebody presses a button of the incident's card."""
    reply = await room.ws.press(room.cards()[0], label, by=by)
    assert reply.acked, reply.error
    await room.settle()
    return reply


async def typed(room: Room, text: str, by: str = "ada", channel: str = "#ml-oncall") -> str:
    """What somebody reads who types `/tocsin evaluate ...`."""
    reply = await room.ws.command("/tocsin", f"evaluate {text}".strip(), by=by, channel=channel)
    await room.settle()
    return "\n".join(one.shown for one in reply.responses)


async def test_a_press_on_the_card_and_the_result_in_its_thread(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        (card,) = room.cards()
        assert list(card.buttons)[:3] == ["Acknowledge", "Roll back", "Evaluate"]
        reply = await pressed(room, "Evaluate")
        assert reply.responses[0].shown == (
            "TRL-1: 6 of churn is compared with 7 on the last 4w.\nThe result comes in the thread of INC-1."
        )
        trial = await kept(room)
        assert (trial.stage, trial.incident, trial.asked_by) == (Stage.DONE, "INC-1", "person:ada")
        (message,) = told(room)
        assert message.thread_ts == card.ts
        assert message.shown.startswith("churn: 6 is BETTER than 7\n1,866 rows, ")
        assert direct(room, "ada") == []


async def test_the_result_leads_to_the_rollback(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        await pressed(room, "Evaluate")
        (message,) = told(room)
        assert "Next: roll back to 6." in message.shown
        await room.ws.press(message, "Roll back", by="ada")
        await room.settle()
        view = top(room)
        assert view.title == "Roll back"
        assert "churn: 7 becomes 6" in view.shown
        assert "TRL-1: 6 is better than 7 (auc" in str(view.content)


async def test_what_never_served_is_promoted(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, arrays):
        arrays.skill["5"] = 3.0
        await typed(room, "churn 5")
        (message,) = direct(room, "ada")
        assert list(message.buttons) == ["Promote"]


async def test_what_served_by_the_platforms_own_memory_is_rolled_back_to(tmp_path: Path) -> None:
    """Our ledger begins with our first look: what served before that the platform may remember."""
    async with trying(tmp_path) as (room, arrays):
        arrays.skill["5"] = 3.0
        back = WayBack("churn", True, "5", "as the platform remembers", room.clock.now())
        await room.desk.store.write(lambda tx: ways_back.put(tx, back))
        await typed(room, "churn 5")
        (message,) = direct(room, "ada")
        assert list(message.buttons) == ["Roll back"]


async def test_two_presses_make_one_trial(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        (card,) = room.cards()
        for by in ("ada", "bo"):
            await room.ws.press(card, "Evaluate", by=by)
        await room.settle()
        assert await count(room) == 1
        assert len(told(room)) == 1


async def test_the_button_is_not_there_where_nothing_can_be_tried(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert(model="price"))
        assert "Evaluate" not in room.cards("#ml-oncall")[0].buttons
        room.desk.runbooks = Library((rooms.runbook(),))
        await room.book(alert())
        assert "Evaluate" not in room.cards()[0].buttons


async def test_the_button_goes_when_the_incident_is_over(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        await pressed(room, "Resolve")
        assert "Evaluate" not in room.cards()[0].buttons


async def test_strangers_and_those_who_may_not_start_nothing(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        await pressed(room, "Evaluate", by="eve")
        assert "I do not know you" in await typed(room, "churn", by="eve")
        assert await count(room) == 0


# --- in words ---


async def test_whoever_asks_in_words_hears_it_by_direct_message(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, arrays):
        said = await typed(room, "churn to 5 because <!channel> it drifts")
        assert said == (
            "TRL-1: 5 of churn is compared with 7 on the last 4w.\nThe result comes to you by direct message."
        )
        (message,) = direct(room, "ada")
        assert message.shown.startswith("churn: nothing tells 5 from 7\n")
        assert message.buttons == {}
        assert (await kept(room)).why == "@channel it drifts"
        assert [one.versions for one in arrays.asked] == [("7", "5")]
        assert told(room) == []


async def test_in_the_thread_of_a_card_its_model_is_meant(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        (card,) = room.cards()
        for number, (words, challenger) in enumerate((("evaluate", "6"), ("evaluate 5 because of ada", "5")), 1):
            await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}> {words}", by="ada", thread=card)
            await room.ws.until(lambda: not room.ws.courier.busy)
            await room.settle()
            trial = await kept(room, number)
            assert (trial.challenger, trial.incident) == (challenger, "INC-1")
        assert len(told(room)) == 2


async def test_an_incident_may_be_named_from_anywhere(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        assert "The result comes in the thread of INC-1." in await typed(room, "INC-1")
        assert len(told(room)) == 1


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("chrun", "No model or agent is called chrun. Did you mean churn?"),
        ("churn 6 7", "Write it like this: /tocsin evaluate [MODEL] [VERSION] [because WHY]"),
        ("churn 99", "churn has no version 99. There are: 7, 6, 5."),
        ("churn 7", "7 cannot be compared with itself"),
        ("price", "price has no `trial` in config/estate.yaml"),
        ("INC-9", "There is no incident INC-9."),
        ("", "Which model or agent? For example: /tocsin evaluate churn"),
    ],
)
async def test_what_cannot_be_gets_a_clear_answer(tmp_path: Path, said: str, answer: str) -> None:
    async with trying(tmp_path) as (room, _):
        assert answer in await typed(room, said)
        assert await count(room) == 0


async def test_the_menus_lead_there(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        menu = await room.ws.command("/tocsin", "", by="ada", channel="#ml-oncall")
        await room.settle()
        which = await room.ws.press(menu.responses[0], "Evaluate", by="ada")
        await room.settle()
        assert list(which.responses[0].buttons) == ["churn"]
        await room.ws.press(which.responses[0], "churn", by="ada")
        await room.settle()
        assert len(direct(room, "ada")) == 1
        await room.ws.say("#ml-retail", f"<@{room.ws.bot_user}>", by="ada", thread=room.cards()[0])
        await room.ws.until(lambda: not room.ws.courier.busy)
        await room.settle()
        own = [one for one in room.ws.messages("#ml-retail", thread=room.cards()[0].ts) if "Evaluate" in one.buttons]
        await room.ws.press(own[-1], "Evaluate", by="ada")
        await room.settle()
        assert (await kept(room, 2)).incident == "INC-1"


async def test_where_no_model_can_be_tried_it_is_said(tmp_path: Path) -> None:
    async with serving.serving(tmp_path) as (room, _):
        assert "No model or agent has `trial`" in await typed(room, "")


# --- where it is told ---


async def test_a_runbook_that_evaluates_by_itself_tells_the_thread(tmp_path: Path) -> None:
    async with trying(tmp_path, "none") as (room, _):
        await room.book(alert())
        await room.pass_time(1)
        (message,) = told(room)
        assert message.thread_ts == room.cards()[0].ts
        assert "asked for by the runbook feature-drift" in message.shown


async def test_one_that_failed_says_what_to_mend(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, arrays):
        arrays.down = True
        await room.book(alert())
        await pressed(room, "Evaluate")
        (message,) = told(room)
        assert "churn: the evaluation FAILED" in message.shown
        assert "churn has no labels." in message.shown
        assert "<!channel>" not in message.text


async def test_of_those_made_by_the_clock_only_news_is_told(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, arrays):
        for number, (skill, expected) in enumerate(((0.4, 0), (3.0, 1)), 1):
            arrays.skill["6"] = skill
            due = NewJob(f"due/{number}", trial_schedule.KIND, Lane.DIGEST, room.clock.now(), {"model": "churn"})
            await room.ask_for(due)
            await room.pass_time(24 * 60)
            assert (await kept(room, number)).stage is Stage.DONE
            assert len(told(room)) == expected
        assert "made by itself" in told(room)[0].shown


async def test_it_is_told_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await typed(room, "churn")
        trial = await kept(room)
        for _ in range(2):
            await room.desk.store.write(lambda tx: jobs.put(tx, asking.told_job(trial, tx.now)))
            await room.settle()
        assert len(direct(room, "ada")) == 1


async def test_an_outage_of_slack_delays_it_and_loses_nothing(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        await room.book(alert())
        reply = await room.ws.press(room.cards()[0], "Evaluate", by="ada")
        assert reply.acked
        room.ws.fault("chat.postMessage", "500", times=2, after_effect=True)
        await room.settle()
        await room.pass_time(2)
        assert len(told(room)) == 1


async def test_whoever_is_in_no_slack_is_told_in_the_channel(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        people = room.desk.settings.people
        nobody = replace(people.persons["bo"], slack=None)
        room.desk.settings = replace(
            room.desk.settings, people=replace(people, persons={**people.persons, "bo": nobody})
        )
        answer = await asking.ask(room.desk, asking.Wish("churn"), "person:bo", room.clock.now(), "cli")
        assert answer.trial is not None, answer.sentence
        await room.settle()
        assert len(told(room)) == 1


async def test_it_speaks_the_language_of_its_reader(tmp_path: Path) -> None:
    async with trying(tmp_path) as (room, _):
        people = room.desk.settings.people
        ada = replace(people.persons["ada"], language="tr")
        room.desk.settings = replace(room.desk.settings, people=replace(people, persons={**people.persons, "ada": ada}))
        reply = await room.ws.command("/tocsin", "değerlendir churn", by="ada", channel="#ml-oncall")
        await room.settle()
        assert "Sonuç size doğrudan mesajla gelecek." in reply.responses[0].shown
        (message,) = direct(room, "ada")
        assert message.shown.startswith("churn: 6, 7 sürümünden DAHA İYİ")
