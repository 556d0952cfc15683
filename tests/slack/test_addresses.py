"""Somebody confirms their phone from their own page: a code is sent, typed into the form, and pages go there."""

from datetime import timedelta

import pytest

from bot.contract import ConnectionSettings, Context
from bot.contract.guard import Guard
from bot.engine.desk import Way
from bot.model.people import NotifyStep
from bot.slack import home_ways
from bot.words import ENGLISH
from tests.slack.forming import send, top
from tests.slack.room import Room
from tests.slack.test_home import give, opened
from tests.story import beeper
from tests.story.beeper import PHONE, Company


@pytest.fixture
def company(room: Room) -> Company:
    """A phone company that the room is connected to; ada has a phone, cy none that is known."""
    made = beeper.company()
    _connect(room)
    return made


def _connect(room: Room) -> None:
    settings, context = ConnectionSettings(), Context("tel", room.clock)
    for line in (beeper.Texts, beeper.Calls):
        way = Way(line(settings, context), Guard(line.channel, room.clock), line.channel, "tel")
        room.desk.ways[line.channel] = way
    ways = {"high": (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)), NotifyStep("call"))}
    give(room, "ada", phone=PHONE, notify=ways)
    give(room, "cy", notify=ways)


async def test_the_page_shows_how_it_stands_and_a_code_changes_it(room: Room, company: Company) -> None:
    view = await opened(room)
    assert "sms (…01): not confirmed, pages do not go there" in view.shown
    assert [label for label in view.buttons if label.startswith("Confirm")] == ["Confirm …01"]
    await room.ws.press(view, "Confirm …01", by="ada")
    await room.settle()
    form = top(room)
    assert "A code is on its way to …01 by sms. It is good for 10 minutes. Enter it here." in form.shown
    assert len(company.told) == 1
    done = await send(room, form, code=company.code)
    assert "…01 is confirmed: pages go there from now on." in done.shown
    await room.settle(3)
    again = await opened(room)
    assert "sms (…01): confirmed" in again.shown
    assert "call (…01): confirmed" in again.shown
    assert not [label for label in again.buttons if label.startswith("Confirm")]


async def test_a_wrong_code_stays_in_the_form_and_no_second_one_is_sent(room: Room, company: Company) -> None:
    await room.ws.press(await opened(room), "Confirm …01", by="ada")
    await room.settle()
    reply = await room.ws.submit(top(room), {"code": "12 34"}, by="ada")
    assert reply.errors == {"code": "Six digits"}
    wrong = f"{(int(company.code) + 1) % 1_000_000:06d}"
    again = await send(room, top(room), code=wrong)
    assert "That is not the code that was sent. 4 tries are left." in again.shown
    assert len(company.told) == 1
    assert "is confirmed" in (await send(room, top(room), code=company.code)).shown


async def test_pressing_twice_sends_one_code_and_a_phone_that_takes_none_is_said(room: Room, company: Company) -> None:
    view = await opened(room)
    for _ in range(2):
        await room.ws.press(view, "Confirm …01", by="ada")
        await room.settle()
    assert len(company.told) == 1
    await room.pass_time(2)
    company.refuses = "No credit."
    await room.ws.press(view, "Confirm …01", by="ada")
    await room.settle()
    assert "No credit." in room.ws.dms("ada")[-1].text


async def test_who_has_no_phone_sees_that_and_no_button(room: Room, company: Company) -> None:
    view = await opened(room, "cy")
    assert "sms: config/people.yaml has no address of yours for it" in view.shown
    assert not [label for label in view.buttons if label.startswith("Confirm")]
    bo = await opened(room, "bo")
    assert "config/people.yaml has no address" not in bo.shown  # nothing of theirs needs confirming


def test_nothing_is_drawn_where_nothing_needs_confirming() -> None:
    assert home_ways.draw((), ENGLISH) == []
