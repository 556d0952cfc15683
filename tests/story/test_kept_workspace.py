"""The workspace and the bot are stopped and started again from their files: the bot goes on with its old cards."""

from datetime import timedelta
from pathlib import Path

from bot.sandbox.workspace import keep
from bot.testing.clock import FakeClock
from tests.story.place import Place


async def test_the_bot_edits_its_old_cards_and_pages_in_a_workspace_taken_from_its_file(
    place: Place, clock: FakeClock, tmp_path: Path
) -> None:
    file = tmp_path / "workspace.json"
    async with place.house() as house:
        incident = await house.alert("accuracy fell")
        card = await house.card(incident.id)
    keep.write(file, place.workspace)
    await place.workspace.stop()
    await clock.advance(timedelta(minutes=2))

    place.workspace = keep.read(file, clock)
    async with place.workspace, place.house() as house:
        await house.settle()
        assert place.workspace.messages("ml-oncall")[0].ts == card.ts
        (page,) = house.pages_to("ada")
        await house.press(page, "Acknowledge", by="ada")
        assert (await house.incident(incident.id)).holder == "ada"
        again = await house.card(incident.id)
        assert (again.ts, again.edits > card.edits) == (card.ts, True)
        assert "@U01ADA" in again.shown
        (page,) = house.pages_to("ada")
        assert "Acknowledge" not in page.buttons
        other = await house.alert("latency rose", problem="latency", model="price")
        assert (await house.card(other.id)).ts > again.ts
        assert len(house.paged()) == 2
