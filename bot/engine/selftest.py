"""Try out how somebody is reached: a test page through each of their ways, by the pagers that send the real ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import words
from bot.contract.pager import Call
from bot.engine import headline
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, NotFound, PluginFault, Refused
from bot.model.entry import Entry
from bot.model.incident import Incident, imagined
from bot.model.page import Page, PageState
from bot.model.people import Person
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.store import Tx, seen
from bot.words import Words

INCIDENT = "INC-0"  #: no real one bears this number
TITLE = "Test page: nothing is wrong"
PAUSE = timedelta(minutes=1)  # between two tests of one person: a call costs money, and a button is easily pressed


@dataclass(frozen=True, slots=True)
class Result:
    """Whether the channel took the test page, and the sentence for the person; taken is not yet read."""

    channel: str
    ok: bool
    sentence: str


async def send(desk: Desk, person: str, at: datetime, language: str = "en") -> list[Result]:
    """Send one page through each way `person` has named, none waiting for its turn, and put down what came of it.

    NotFound: nobody is called that. Refused: less than a minute has passed since the last test.
    """
    known = desk.settings.people.persons.get(person)
    if known is None:
        raise NotFound(f"There is nobody called {person[:40]!r}.", "Name somebody from config/people.yaml.")
    first = await desk.store.write(lambda tx: seen.first(tx, f"selftest/{person}", at + PAUSE))
    if not first:
        raise Refused("A test page was sent less than a minute ago.", "Wait a minute, then try again.")
    say = words.of(language)
    results = [await _try(desk, known, channel, at, say) for channel in _channels(known)]
    after = {result.channel: result.sentence if not result.ok else "sent" for result in results}
    entry = Entry("tocsin", "pager.tested", at, f"person:{person}", f"person:{person}", after=after)
    await desk.store.write(lambda tx: tx.note(entry))
    return results


async def received(desk: Desk, by: str, at: datetime, language: str = "en") -> str:
    """Whoever got a test page has answered it: put that down and return what they read. Refused for a stranger."""
    return await desk.store.write(lambda tx: _received(tx, desk, by, at, language))


def _received(tx: Tx, desk: Desk, by: str, at: datetime, language: str) -> str:
    person = desk.person(tx, by)
    if person is None:
        raise Refused("This test page was not for you.", "Send yourself one, once you are in config/people.yaml.")
    tx.note(Entry("tocsin", "pager.test_received", at, f"person:{person}", f"person:{person}", after={"as": by}))
    return words.of(language).answer.test_received


def _channels(person: Person) -> Iterable[str]:
    """Each channel once, in the order in which they would wake them."""
    ways = (*person.ways("high"), *person.ways("low"))
    return dict.fromkeys(way.channel for way in ways)


async def _try(desk: Desk, person: Person, channel: str, at: datetime, say: Words) -> Result:
    answer = say.answer
    way = desk.ways.get(channel)
    if way is None:
        return Result(channel, False, words.fill(answer.test_no_way, channel=channel))
    try:
        await _send(way, person, channel, at)
    except (NotDelivered, PluginFault) as error:
        return Result(channel, False, words.fill(answer.test_failed, channel=channel, why=error))
    return Result(channel, True, words.fill(answer.test_sent, channel=channel))


async def _send(way: Way, person: Person, channel: str, at: datetime) -> None:
    incident = _incident(at)
    id_ = f"{INCIDENT}/{at.isoformat()}/{person.name}/{channel}"
    page = Page(id_, INCIDENT, 1, "test", person.name, channel, "You asked for a test.", PageState.DECIDED, at, at)
    view = View(incident, headline.of(incident, None), (), (page,), TITLE, None, None, (person,), None, ())
    call = Call(f"page/{id_}", 1, page, person, view, at)
    await way.guard.call("pager", lambda: way.pager.send(call))


def _incident(at: datetime) -> Incident:
    """An incident that is nowhere but in the test page."""
    policy = Policy((Tier("test", (), timedelta(0)),), "test", repeats=0, urgency="low")
    said = {"key": "test", "title": TITLE, "severity": "sev5", "entity": "tocsin", "why": "You asked for a test."}
    return imagined(policy, at, id=INCIDENT, step=1, **said)
