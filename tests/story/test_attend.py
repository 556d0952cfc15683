"""Acknowledged and forgotten: its holder is asked, says so or does something, or loses it; once, whatever happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.engine import attend
from bot.model.entry import Entry
from bot.model.incident import Incident, Phase
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.sandbox.workspace import Message, Reply
from bot.store import log
from bot.testing.house import House
from tests.story.answers import do, last, names
from tests.story.place import Place

ON_IT = "I'm on it"


def asked(house: House, person: str) -> list[Message]:
    """The messages that asked somebody whether they are at it, as they look now."""
    keys = ((one, (one.metadata or {}).get("event_payload", {}).get("key", "")) for one in house.workspace.dms(person))
    return [one for one, key in keys if str(key).startswith(f"{attend.REMINDER}/")]


def read(reply: Reply) -> str:
    """What whoever pressed reads."""
    return " ".join(message.text for message in reply.responses)


@asynccontextmanager
async def taken(place: Place) -> AsyncIterator[tuple[House, Incident]]:
    """An urgent incident that ada has acknowledged; its runbook leaves it to the defaults, or says other."""
    if "remind: off" in (place.home / "runbooks/anything.md").read_text():
        place.change("runbooks/anything.md", "remind: off\n", "")
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        await do(house, Verb.ACKNOWLEDGE, incident, "ada")
        yield house, incident


async def entries(house: House, incident: Incident, kind: str) -> list[Entry]:
    """Those of a kind."""
    found = await house.app.store.read(lambda tx: log.of_kinds(tx.sql, incident.id, (kind,)))
    return [each.entry for each in found]


async def test_who_is_silent_is_asked_then_loses_it_and_the_first_tier_is_paged_anew(any_place: Place) -> None:
    async with taken(any_place) as (house, incident):
        await house.pass_time(minutes=59)
        assert asked(house, "ada") == []
        await house.pass_time(minutes=1)
        (message,) = asked(house, "ada")
        assert f"Still at it? {incident.id}" in message.shown
        assert list(message.buttons) == [ON_IT, "Escalate", "Hand over"]
        assert "goes back to L1" in message.shown
        entry = await last(house, incident, attend.REMINDED)
        assert (entry.actor, entry.why) == ("tocsin", "ada has done nothing about it for 1h.")
        await house.pass_time(minutes=29)
        assert (await house.incident(incident.id)).holder == "ada"
        await house.pass_time(minutes=1)
        now = await house.incident(incident.id)
        assert (now.phase, now.holder, now.tier, now.attended_at) == (Phase.TRIGGERED, None, "L1", None)
        assert now.next_step_at == house.clock.now() + timedelta(minutes=10)
        assert names(house) == ["ada", "ada"]
        back = await last(house, incident, attend.GIVEN_BACK)
        assert back.why == "ada was asked whether they are at it, and did not answer for 30m."
        assert (back.before["holder"], back.after["phase"]) == ("ada", "triggered")
        assert any("is not yours any more" in text for text in house.told("ada"))
        (message,) = asked(house, "ada")
        assert list(message.buttons) == []
        assert "not yours any more" in message.shown
        assert f"Given back: {back.why}" in (await house.card(incident.id)).shown
        await house.pass_time(minutes=10)
        assert names(house) == ["ada", "ada", "bo"]  # and it climbs on, as any that nobody answers
        await do(house, Verb.ACKNOWLEDGE, incident, "bo")
        assert "Given back" not in (await house.card(incident.id)).shown


async def test_a_press_says_that_they_are_at_it_and_they_are_asked_again_an_hour_later(any_place: Place) -> None:
    async with taken(any_place) as (house, incident):
        await house.pass_time(minutes=60)
        await house.pass_time(minutes=10)
        (message,) = asked(house, "ada")
        await house.press(message, ON_IT, by="ada")
        await house.settle()
        now = await house.incident(incident.id)
        assert (now.phase, now.holder, now.attended_at) == (Phase.ACKNOWLEDGED, "ada", house.clock.now())
        (message,) = asked(house, "ada")
        assert list(message.buttons) == []
        assert "You are on it." in message.shown
        await house.pass_time(minutes=59)
        assert len(asked(house, "ada")) == 1
        await house.pass_time(minutes=1)
        assert len(asked(house, "ada")) == 2
        await do(house, Verb.RESOLVE, incident, "ada")
        assert "It is resolved." in asked(house, "ada")[1].shown
        await house.pass_time(hours=5)
        assert len(asked(house, "ada")) == 2
        assert await entries(house, incident, attend.GIVEN_BACK) == []


@pytest.mark.parametrize("act", [Verb.NOTE, Verb.REGRADE, Verb.PAGE])
async def test_whatever_its_holder_does_counts_and_what_others_do_does_not(place: Place, act: Verb) -> None:
    detail = {Verb.NOTE: "I look at the features", Verb.REGRADE: "sev1", Verb.PAGE: "person:cy"}[act]
    async with taken(place) as (house, incident):
        await house.pass_time(minutes=40)
        await do(house, Verb.NOTE, incident, "bo", "anybody there?")
        await do(house, act, incident, "ada", detail)
        await house.pass_time(minutes=59)
        assert asked(house, "ada") == []
        await house.pass_time(minutes=1)
        assert len(asked(house, "ada")) == 1


async def test_a_note_that_comes_after_the_question_answers_it(place: Place) -> None:
    async with taken(place) as (house, incident):
        await house.pass_time(minutes=70)
        await do(house, Verb.NOTE, incident, "ada", "rolling back soon")
        (message,) = asked(house, "ada")
        assert "You are on it." in message.shown
        await house.pass_time(minutes=55)
        assert (await house.incident(incident.id)).holder == "ada"


async def test_who_writes_in_its_thread_is_not_asked(place: Place) -> None:
    async with taken(place) as (house, incident):
        await house.pass_time(minutes=30)
        card = await house.card(incident.id)
        await house.workspace.say("#ml-oncall", "the upstream table is late", by="ada", thread=card)
        await house.pass_time(minutes=31)
        assert asked(house, "ada") == []
        assert (await last(house, incident, attend.ATTENDED)).after == {"holder": "ada", "via": "message"}
        await house.pass_time(minutes=30)
        assert len(asked(house, "ada")) == 1


async def test_an_old_question_says_what_has_become_of_it(place: Place) -> None:
    async with taken(place) as (house, incident):
        await house.pass_time(minutes=60)
        (message,) = asked(house, "ada")
        await house.pass_time(minutes=30)
        reply = await house.press(message, ON_IT, by="ada")
        assert "nobody holds it now. Acknowledge it to take it again." in read(reply)
        assert (await house.incident(incident.id)).holder is None
        await do(house, Verb.ACKNOWLEDGE, incident, "bo")
        reply = await house.press(message, ON_IT, by="ada")
        assert "It is held by bo now." in read(reply)
        await do(house, Verb.RESOLVE, incident, "bo")
        reply = await house.press(message, ON_IT, by="ada")
        assert "resolved" in read(reply)
        assert (await house.incident(incident.id)).ended_by == "bo"


async def test_anybody_else_who_may_takes_it_by_the_same_word(place: Place) -> None:
    async with taken(place) as (house, incident):
        answer = await do(house, Verb.ATTEND, incident, "bo")
        assert (answer.verdict, answer.incident.holder) == (Verdict.GO, "bo")
        assert (await do(house, Verb.ATTEND, incident, "dee")).verdict is Verdict.NOT_ALLOWED
        assert (await do(house, Verb.ATTEND, incident, "bo")).sentence.startswith(f"{incident.id}: noted, you are on")
        await house.pass_time(minutes=60)
        assert (len(asked(house, "ada")), len(asked(house, "bo"))) == (0, 1)


async def test_it_is_typed_in_a_terminal_too(place: Place) -> None:
    async with taken(place) as (house, incident):
        await house.pass_time(minutes=50)
        status, out = await place.typed("incident", "attend", incident.id, "--as", "ada")
        assert (status, out.startswith(f"{incident.id}: noted, you are on it.")) == (0, True)
        await house.pass_time(minutes=59)
        assert asked(house, "ada") == []


async def test_what_is_not_urgent_is_asked_about_once_and_stays(place: Place) -> None:
    place.change("runbooks/anything.md", "repeats: 1", "repeats: 1\nurgency: {sev2: low}")
    async with taken(place) as (house, incident):
        await house.pass_time(hours=6)
        (message,) = asked(house, "ada")
        assert "It stays with you" in message.shown
        assert (await house.incident(incident.id)).holder == "ada"


@pytest.mark.parametrize(
    ("keys", "questions", "lost"),
    [
        ("remind: off", 0, False),
        ("give_back: off", 1, False),
        ("remind: 10m\ngive_back: 5m", 1, True),
    ],
)
async def test_a_runbook_says_how_long_or_that_it_does_not_ask(
    place: Place, keys: str, questions: int, lost: bool
) -> None:
    place.change("runbooks/anything.md", "remind: off", keys.replace("off", "0"))
    async with taken(place) as (house, incident):
        place.change(
            "runbooks/anything.md", keys.replace("off", "0"), "remind: 1m"
        )  # later edits are for later incidents
        await house.reload()
        await house.pass_time(hours=4)
        assert len(asked(house, "ada")) == questions
        assert bool(await entries(house, incident, attend.GIVEN_BACK)) is lost


async def test_a_snooze_is_no_forgetting(place: Place) -> None:
    async with taken(place) as (house, incident):
        await do(house, Verb.SNOOZE, incident, "ada", "180")
        await house.pass_time(minutes=170)
        assert asked(house, "ada") == []
        await house.pass_time(minutes=10)
        assert (await house.incident(incident.id)).phase is Phase.TRIGGERED  # woken, and paged as ever
        assert await entries(house, incident, attend.REMINDED) == []


async def test_two_replicas_and_a_crash_ask_once(any_place: Place) -> None:
    async with taken(any_place) as (_, incident):
        pass
    any_place.clock.put(any_place.clock.now() + timedelta(minutes=75))  # nobody was there when it rang
    async with any_place.house() as one, any_place.house() as two:
        await one.settle()
        await two.settle()
        assert len(asked(one, "ada")) == 1
        assert len(await entries(one, incident, attend.REMINDED)) == 1
        await two.pass_time(minutes=29)
        await one.pass_time(minutes=1)
        await two.settle()
        assert len(await entries(one, incident, attend.GIVEN_BACK)) == 1
        assert names(one) == ["ada", "ada"]
