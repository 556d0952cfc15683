"""A postmortem whole, as its presenter reads it: a fixed story in frozen time, its pictures told in their own words."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.contract.source import Delivery
from bot.engine import annotate, follow_up, intake, postmortem, respond
from bot.engine.annotate import Note
from bot.engine.follow_up import Wish
from bot.engine.roster import Asking
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change import Serving
from bot.model.change_event import ChangeEvent
from bot.model.served import Moved
from bot.store import change_events, moved
from tests.parts import migrated
from tests.story.engine_room import Room, opened
from tests.story.place import START

GOLDEN = Path(__file__).parent / "golden" / "postmortem.md"
MINUTE = timedelta(minutes=1)


async def tell(room: Room, amount: float, status: Status = Status.FIRING) -> None:
    """The monitor's word about the drift of churn 7, of two features."""
    measures = tuple(
        Measure("psi", value, 0.2, ">", baseline=0.02, sample_size=12_400, window="1h", feature=feature)
        for feature, value in (("amount", amount), ("age", 0.1))
    )
    facts = {"model": "churn", "version": "7", "environment": "production", "kind": Kind.DRIFT, "status": status}
    alert = Alert("webhook", "hook", "hook:drift", "Drift of amount", started_at=START, measures=measures, **facts)  # type: ignore[arg-type]
    arrived = [intake.Arrived("hook", Delivery((alert,)))]
    await room.desk.store.write(lambda tx: intake.book(tx, room.desk, arrived, room.now))


async def press(room: Room, verb: str, who: str) -> None:
    """Somebody presses a button of INC-1."""
    await respond.take(room.desk, respond.Press(respond.Verb(verb), "INC-1", f"person:{who}", room.now, "cli"))


async def happened(room: Room) -> None:
    """A feature table is deployed, amount drifts, ada takes it, the platform goes back to 6, it is over in an hour."""
    event = ChangeEvent("d1", "hook", START - 20 * MINUTE, "feature table v12", "ci", model="churn")
    served = Moved("churn", START + 25 * MINUTE, Serving({"6": 100.0}), "platform:ops")
    await room.desk.store.write(lambda tx: change_events.add(tx, [event]))
    await room.pass_time(minutes=2)
    await tell(room, 0.31)
    await room.pass_time(minutes=2)
    await press(room, "acknowledge", "dee")
    await press(room, "acknowledge", "ada")
    await room.pass_time(minutes=10)
    await tell(room, 0.36)
    await annotate.add(room.desk, Note("INC-1", "the join lost its *currency*", "person:bo", room.now, "cli"))
    await room.pass_time(minutes=20)
    await room.desk.store.write(lambda tx: moved.add(tx, served))
    await tell(room, 0.12)
    wish = Wish("INC-1", "Test the join of the feature table", "bo", "2w", "https://tickets.example/ML-7")
    await follow_up.add(room.desk, wish, Asking("person:ada", room.now, "cli", "en"))
    await room.pass_time(minutes=24)
    await tell(room, 0.05, Status.RESOLVED)
    await room.pass_time(minutes=1)


def plain(text: str) -> str:
    """Without what is different whenever the bot writes another entry or a runbook another word."""
    text = re.sub(r"(?<=<!-- tocsin:)(\S+) [0-9a-f]{12}", r"\1", text)
    return re.sub(r"\bretail/\d+", "retail/N", re.sub(r"revision [0-9a-f]{12}", "revision R", text))


async def test_the_postmortem_of_a_whole_story(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    async with opened(tmp_path, migrated.sqlite(tmp_path)) as room:
        await happened(room)
        found = plain((await postmortem.find(room.desk, "INC-1")).text)
    if os.environ.get("TOCSIN_GOLDEN") == "write":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8"), "TOCSIN_GOLDEN=write writes it anew."
