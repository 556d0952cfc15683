"""What was changed elsewhere stands on the card of what broke; who acknowledged elsewhere leaves room for a person."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.model.incident import Phase
from bot.testing.house import House
from tests.story.place import Place, send

KEY = "0123456789abcdef0123456789abcdef"
PAYLOAD = {"summary": "Accuracy fell", "source": "gate", "severity": "error", "custom_details": {"model": "churn"}}


@pytest.fixture
async def house(place: Place) -> AsyncIterator[House]:
    """The bot with PagerDuty's door."""
    connection = f"connections:\n  - {{name: pd, plugin: pagerduty, routing_key: {KEY}}}\n"
    place.change("config/tocsin.yaml", "connections:\n", connection)
    async with place.house() as one:
        yield one


async def event(house: House, action: str = "trigger", **more: Any) -> None:
    body = {"routing_key": KEY, "event_action": action, "dedup_key": "k", "payload": PAYLOAD, **more}
    assert (await send(house, "/v2/enqueue", body, headers={})).status == 202
    await house.settle()


async def change(house: House, summary: str, at: str, source: str = "ci") -> None:
    payload = {"summary": summary, "timestamp": at, "source": source, "custom_details": {"model": "churn"}}
    answer = await send(house, "/v2/change/enqueue", {"routing_key": KEY, "payload": payload}, headers={})
    assert answer.status == 202
    await house.settle()


async def test_the_card_shows_the_last_three_changes_newest_first(house: House) -> None:
    for hour, what in enumerate(("deploy v4", "deploy v5", "deploy v6", "deploy v7")):
        await change(house, what, f"2026-11-23T0{hour}:00:00Z")
    assert house.told("#ml-oncall") == []
    assert house.workspace.messages("ml-oncall") == []
    await event(house)
    shown = [line for line in (await house.card("INC-1")).shown.splitlines() if "Changed:" in line]
    assert [line.rpartition(" (ci)")[0][-9:] for line in shown] == ["deploy v7", "deploy v6", "deploy v5"]


async def test_its_words_are_data(house: House) -> None:
    await change(house, "<!channel> *deploy* <https://x.example|v7>", "2026-11-23T03:00:00Z", "<@U01ADA>" + "x" * 300)
    await event(house)
    card = await house.card("INC-1")
    (line,) = [line for line in card.shown.splitlines() if "Changed:" in line]
    assert "<!channel> *deploy* <https://x.example|v7>" in line
    assert len(line) < 400


async def test_the_command_line_shows_them_too(house: House, place: Place) -> None:
    await change(house, "deploy v7", "2026-11-23T01:50:00Z")
    await event(house)
    status, printed = await place.typed("incident", "show", "INC-1")
    assert status == 0
    (line,) = [line for line in printed.splitlines() if "changed:" in line]
    assert "01:50" in line
    assert line.endswith("deploy v7 (ci)")


async def test_a_person_takes_over_what_was_acknowledged_elsewhere(house: House) -> None:
    await event(house)
    await event(house, "acknowledge")
    held = await house.card("INC-1")
    assert "connection:pd" in held.shown
    await house.press(held, "Acknowledge", by="ada")
    assert (await house.incident("INC-1")).holder == "ada"
    card = await house.card("INC-1")
    assert "connection:pd" not in card.shown


async def test_it_resolves_and_is_drawn_from_afar(house: House) -> None:
    await event(house)
    await event(house, "acknowledge")
    (page,) = house.pages_to("ada")
    assert "connection:pd" in page.shown
    for said in ("list", "show 1"):
        answers = (await house.command("/incident", said, by="ada")).responses
        assert any("connection:pd" in message.shown for message in answers), said
    await event(house, "resolve")
    assert (await house.incident("INC-1")).phase is Phase.RESOLVED
    assert "Acknowledge" not in (await house.card("INC-1")).shown
