"""What a handover says of who is paged, who may accept it and why nobody did is what really is."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import words
from bot.engine import handover, handover_report
from bot.model.handover import Standing
from bot.slack import handover_card
from tests.story import rota_room
from tests.story.handing import MINUTE, Watch
from tests.story.rota_room import DAY, HOUR, TODAY

CHANGE = TODAY + DAY  #: ada's day ends, bo's begins
EN = words.of("en")


@pytest.fixture
async def watch(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Watch]:
    async with rota_room.opened(tmp_path, sqlite_url) as scene:
        one = Watch(scene)
        await one.down(CHANGE - HOUR)
        await one.look()
        yield one


async def stood(watch: Watch) -> str:
    """What the newest handover says of how it stands, in a terminal."""
    return handover_report.standing(await watch.last(), EN, "UTC")


async def test_whoever_has_somebody_in_their_place_is_not_said_to_be_paged(watch: Watch) -> None:
    await watch.until(CHANGE - 90 * MINUTE)
    await watch.scene.amend(watch.scene.wish("override", (watch.now, watch.now + 3 * HOUR), "gus", replaces="ada"))
    await watch.until(watch.now + MINUTE, MINUTE)
    assert await watch.scene.who(watch.now) == {"gus"}
    assert (await stood(watch)).endswith("Pages go to gus alone, ada is not on call any more.")
    await watch.until(watch.now + 20 * MINUTE)
    (reminder,) = (await watch.told("please_accept")).values()
    assert reminder.endswith("pages go to: gus.")


async def test_who_was_taken_off_by_hand_is_not_said_to_be_paged_by_the_next_reminder(watch: Watch) -> None:
    await watch.until(CHANGE + 5 * MINUTE)
    assert (await stood(watch)).endswith("ada, bo are all paged.")
    await watch.scene.back("OVR-1")
    await watch.until(CHANGE + 20 * MINUTE)
    assert (await stood(watch)).endswith("Pages go to bo alone, ada is not on call any more.")


async def test_whoever_has_the_shift_by_then_is_reminded_and_not_who_gave_it_away(watch: Watch) -> None:
    await watch.until(CHANGE)
    swapped = watch.scene.wish("override", (CHANGE + MINUTE, CHANGE + 6 * HOUR), "gus", replaces="bo")
    await watch.scene.amend(swapped)
    await watch.until(CHANGE + 16 * MINUTE)
    assert list(await watch.told("please_accept")) == ["person:gus"]
    assert (await watch.scene.entries("HND-1"))[-1].after["told"] == ["gus"]


async def test_a_lead_who_hands_over_cannot_accept_so_the_channel_hears(watch: Watch) -> None:
    await watch.scene.edit("[ada, bo, gus]", "[cy, bo, gus]")
    await watch.until(CHANGE + HOUR)
    only = await watch.last()
    assert (only.outgoing, only.standing) == (("cy",), Standing.POSTED)
    assert await watch.told("lead_reads") == {}
    (said,) = (await watch.told("channel_reads")).values()
    assert "bo should, or an admin for them" in said


async def test_a_vacant_seat_is_said_to_be_vacant_before_and_after(watch: Watch) -> None:
    await watch.scene.edit("[ada, bo, gus]", "[ada, null, gus]")
    await watch.until(CHANGE - 20 * MINUTE)
    assert "nobody takes over, the seat is vacant" in await stood(watch)
    await watch.until(CHANGE + MINUTE)
    assert (await stood(watch)).endswith("Nobody takes over: the seat is vacant.")
    only = await watch.last()
    assert handover_card.post(only, dict(only.report), EN).text == "HND-1: first-line, nobody takes over"


async def test_a_shift_that_went_back_is_said_to_have_gone_back(watch: Watch) -> None:
    await watch.until(CHANGE - 90 * MINUTE)
    made = await watch.scene.amend(watch.scene.wish("override", (watch.now, CHANGE), "gus", replaces="ada"))
    await watch.until(watch.now + 5 * MINUTE)
    assert made.override
    await watch.scene.back(made.override.id)
    await watch.until(watch.now + 20 * MINUTE)
    assert (await stood(watch)).endswith("The shift went back to ada.")
    assert (await watch.accept("1", "bo")).sentence.startswith("first-line went back to ada")


async def test_who_may_accept_is_shown_the_button(watch: Watch) -> None:
    await watch.until(CHANGE + MINUTE)
    for who, may in (("bo", True), ("cy", True), ("eve", True), ("ada", False), ("dee", False), ("nobody", False)):
        (shown,) = await handover.show(watch.desk, "first-line", f"person:{who}", watch.now)
        assert shown.acceptable is may, who


async def test_a_note_keeps_its_lines(watch: Watch) -> None:
    await watch.until(CHANGE - 20 * MINUTE)
    await watch.remark("1", "The table moves at noon.\n\n  Do not wake dee.", "ada")
    only = await watch.last()
    text = handover_report.plain(
        {
            "since": "2026-11-23T09:00+00:00",
            "until": "2026-11-24T09:00+00:00",
            "drafted": "2026-11-24T09:00+00:00",
            "about": "first-line",
        },
        only,
    )
    assert "The table moves at noon.\n    Do not wake dee." in text
