"""Whom the configuration names by e-mail alone is found in Slack by it, paged there, and known from then on."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.engine import report
from bot.model.page import PageState
from bot.model.people import Person
from bot.store import log, pages
from tests.slack.room import Room, alert, room


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[Room]:
    """Ada has an address in the configuration, and no Slack id."""
    async with room(tmp_path) as found:
        settings = found.desk.settings
        persons = {**settings.people.persons, "ada": Person("ada", email="Ada@example.com")}
        found.desk.settings = replace(settings, people=replace(settings.people, persons=persons))
        yield found


async def failures(room: Room) -> list[str]:
    sheets = await room.desk.store.read(lambda tx: pages.of(tx, "INC-1"))
    return [str(sheet.failure) for sheet in sheets if sheet.person == "ada" and sheet.state is PageState.FAILED]


async def test_somebody_named_by_address_is_paged_and_may_press(one: Room) -> None:
    await one.book(alert())
    await one.settle(5)
    (page,) = one.pages("ada")
    assert (await one.ws.press(page, "Acknowledge", by="ada")).acked
    await one.settle(5)
    view = await report.view(one.desk, "INC-1")
    assert view.incident.holder == "ada"
    assert view.holder is not None
    assert view.holder.slack == "U01ADA"  # so the card mentions her
    assert one.calls("users.lookupByEmail") == [None]
    linked = await one.desk.store.read(lambda tx: log.of(tx.sql, "person:ada"))
    assert [each.entry.kind for each in linked] == ["person.linked"]


async def test_they_are_looked_up_once(one: Room) -> None:
    await one.book(alert("one"), alert("two", model="price"))
    await one.settle(10)
    await one.book(alert("three", model="other"))
    await one.settle(10)
    assert len(one.pages("ada")) == 3
    assert len(one.calls("users.lookupByEmail")) <= 2  # the first two pages may go side by side


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "somebody.else@example.com"},
        {"email_confirmed": False},
        {"is_restricted": True},
        {"deleted": True},
        {"is_bot": True},
    ],
)
async def test_who_is_no_full_member_by_that_address_is_not_paged_and_the_next_is(
    one: Room, fields: dict[str, Any]
) -> None:
    one.ws.change_person("ada", **fields)
    await one.book(alert())
    await one.settle(5)
    (why,) = await failures(one)
    assert "no full member with the verified address of ada" in why
    assert "Write their Slack id" in why
    assert len(one.pages("bo")) == 1  # at once, not after ten minutes
    assert one.pages("ada") == []


async def test_without_the_scope_it_says_which_is_missing(one: Room) -> None:
    one.ws.revoke("users:read.email")
    await one.book(alert())
    await one.settle(5)
    (why,) = await failures(one)
    assert "missing_scope" in why
    assert len(one.pages("bo")) == 1
