"""Hands for tests of bad days: a bot with all there is to draw, a second way to its people, and looks at all of it."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from bot import telemetry
from bot.contract.guard import Guard
from bot.contract.pager import Call, Sent
from bot.contract.plugin import Check
from bot.engine import respond
from bot.engine.desk import Way
from bot.model.people import NotifyStep
from bot.model.verb import Verb
from bot.runbooks import Library
from bot.sandbox.workspace import Channel, Message
from bot.settings.nouns import Postmortems
from bot.store import log
from tests.slack.room import Room, key, runbook

FOREVER = 1_000_000
STEP = 5.0  #: seconds the clock moves at a time, so that what falls due is done nearly then
#: What was tried in vain, of all that has no time of its own.
OWED = "SELECT key FROM jobs WHERE outcome IS NULL AND attempts > 0 AND kind NOT IN ('step', 'wake', 'homes', 'group')"
INDEX = "#incidents"


class Sms:
    """A channel that is no part of Slack."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, datetime]] = []

    async def send(self, call: Call) -> Sent:
        """It always works."""
        self.sent.append((call.person.name, call.page.incident, call.at))
        return Sent(f"sms-{len(self.sent)}")

    async def check(self) -> list[Check]:
        """Nothing is needed."""
        return []


def furnish(room: Room) -> Sms:
    """Everything there is to draw: an index, a channel of its own for each incident, steps; and sms after 2 minutes."""
    own, sms = room.desk.settings, Sms()
    room.desk.ways["sms"] = Way(sms, Guard("sms", room.clock))
    ways = {"high": (NotifyStep("slack"), NotifyStep("sms", timedelta(minutes=2)))}
    persons = {name: replace(person, notify=ways) for name, person in own.people.persons.items()}
    slack = replace(own.slack, index=INDEX, own_channel=("sev2",))
    people = replace(own.people, persons=persons)
    room.desk.settings = replace(own, slack=slack, people=people, postmortems=Postmortems(severities=frozenset()))
    room.desk.runbooks = Library((replace(runbook(), body="## Check first\n1. Is the feed late?\n"),))
    room.ws.add_channel(Channel(INDEX))
    return sms


async def go(room: Room, seconds: float) -> None:
    """Time goes by in small steps, and what falls due is done."""
    await room.settle(0)
    until = room.clock.now() + timedelta(seconds=seconds)
    while (left := (until - room.clock.now()).total_seconds()) > 0:
        await room.settle(min(STEP, left))


async def take(room: Room, verb: Verb, number: int, by: str = "ada", detail: str = "") -> None:
    """Somebody answers without Slack."""
    press = respond.Press(verb, f"INC-{number}", f"person:{by}", room.clock.now(), "cli", detail=detail)
    await respond.take(room.desk, press)


def posts(room: Room, since: int = 0) -> list[str]:
    """The keys of what was posted, in order; `since` is a place in the journal."""
    made = [change.message for change in room.ws.journal[since:] if change.kind == "post" and change.message]
    return [key(message) for message in made if key(message)]


def twice(room: Room) -> list[str]:
    """What was posted more than once."""
    return [name for name, count in Counter(posts(room)).items() if count > 1]


def standing(room: Room, name: str) -> Message:
    """The one message called so, wherever it stands, as it is on the screen now."""
    places = [channel.id for channel in room.ws.state.channels.values()]
    (found,) = [one for place in places for one in room.ws.messages(place) if key(one) == name]
    return found


async def owed(room: Room) -> list[str]:
    """What was tried and has not been done yet."""
    return [row[0] for row in await room.desk.store.read(lambda tx: tx.sql.exec_driver_sql(OWED).all())]


async def whole(room: Room) -> None:
    """The log verifies, nothing was said twice, nothing is owed."""
    _, broken = await room.desk.store.read(lambda tx: log.verify(tx.sql))
    assert not broken
    assert (twice(room), await owed(room)) == ([], []), "said twice, still owed"


def unfit() -> dict[str, float]:
    """How many drawings Slack would have refused so far."""
    kinds = ("message", "modal", "home")
    return {
        kind: telemetry.REGISTRY.get_sample_value("tocsin_slack_unfit_total", {"surface": kind}) or 0 for kind in kinds
    }
