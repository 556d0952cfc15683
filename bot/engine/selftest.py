"""Try out how somebody is reached: a test page through each of their ways, by the pagers that send the real ones."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import words
from bot.contract.pager import Call, Sent
from bot.engine import escalate, headline, rota_news
from bot.engine.desk import Desk, Way
from bot.errors import NotDelivered, NotFound, PluginFault, Refused
from bot.model.entry import Entry
from bot.model.incident import Incident, imagined
from bot.model.page import Page, PageState
from bot.model.paged import Test
from bot.model.people import Person
from bot.model.runbook import Policy, Tier
from bot.model.view import View
from bot.rules.escalation import Roster
from bot.store import Tx, jobs, page_tests, seen
from bot.words import Words

OWN = "slack"  #: the channel whose button answers
INCIDENT = "INC-0"  #: no real one bears this number
LONGEST = 500  # characters of what a channel says went wrong
PAUSE = timedelta(minutes=1)  # between two tests of one person: a call costs money, and a button is easily pressed


@dataclass(frozen=True, slots=True)
class Result:
    """Whether the channel took the test page, and the sentence for the person; taken is not yet read."""

    channel: str
    ok: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One test page: to whom by which way; `run` tells it from that of another day, `why` is what it says of itself."""

    person: Person
    channel: str
    run: str
    why: str
    title: str

    @property
    def key(self) -> str:
        """The same at every attempt."""
        return f"page/{self.id}"

    @property
    def id(self) -> str:
        """As a page is called."""
        return f"{INCIDENT}/{self.run}/{self.person.name}/{self.channel}"


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
    tested = rota_news.language(desk, known).tested
    roster = await desk.store.read(lambda tx: desk.roster(tx, at))
    results = [
        await _try(desk, roster, Wanted(known, channel, at.isoformat(), tested.asked, tested.title), at, say)
        for channel in _channels(known)
    ]
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
    page_tests.answered(tx, person, at, OWN)
    tx.note(Entry("tocsin", "pager.test_received", at, f"person:{person}", f"person:{person}", after={"as": by}))
    jobs.put(tx, escalate.homes(tx.now))
    return words.of(language).answer.test_received


def _channels(person: Person) -> Iterable[str]:
    """Each channel once, in the order in which they would wake them."""
    ways = (*person.ways("high"), *person.ways("low"))
    return dict.fromkeys(way.channel for way in ways)


async def _try(desk: Desk, roster: Roster, wanted: Wanted, at: datetime, say: Words) -> Result:
    answer, person, channel = say.answer, wanted.person, wanted.channel
    way = desk.ways.get(channel)
    if way is None:
        return Result(channel, False, words.fill(answer.test_no_way, channel=channel))
    if not roster.reaches(person, channel):  # a wrong digit would ring a stranger, and who said STOP means tests, too
        return Result(channel, False, words.fill(answer.test_unconfirmed, channel=channel))
    try:
        await sent(desk, way, wanted, at)
    except (NotDelivered, PluginFault) as error:
        why = str(error)
        await desk.store.write(lambda tx: failed(tx, person.name, channel, why))
        return Result(channel, False, words.fill(answer.test_failed, channel=channel, why=error))
    told = answer.test_mirrored if mirrored(way) else answer.test_sent
    return Result(channel, True, words.fill(told, channel=channel))


def mirrored(way: Way) -> bool:
    """Whether a page this way opens an incident at its far end, and so does a test."""
    return bool(getattr(way.pager, "follows", False))


async def sent(desk: Desk, way: Way, wanted: Wanted, at: datetime, attempt: int = 1) -> None:
    """Send one test page, which is put down before it goes and after; NotDelivered or PluginFault from its channel."""
    call = _call(wanted, at, attempt)
    blank = Test(wanted.person.name, wanted.channel, wanted.key, at)
    await desk.store.write(lambda tx: page_tests.put(tx, blank))
    taken: Sent = await way.guard.call("pager", lambda: way.pager.send(call))
    await desk.store.write(lambda tx: _took(tx, blank, taken.provider_id))


def failed(tx: Tx, person: str, channel: str, why: str) -> None:
    """The last test of that way was not sent."""
    _change(tx, person, channel, failure=why[:LONGEST])


def _took(tx: Tx, test: Test, provider_id: str) -> None:
    _change(tx, test.person, test.channel, provider_id=provider_id)


def _change(tx: Tx, person: str, channel: str, **facts: str) -> None:
    """Whoever answered before it was written down has answered all the same."""
    for test in page_tests.of(tx, person):
        if test.channel == channel:
            page_tests.put(tx, replace(test, **facts))  # type: ignore[arg-type]
    jobs.put(tx, escalate.homes(tx.now))


def _call(wanted: Wanted, at: datetime, attempt: int) -> Call:
    incident, person = _incident(at, wanted), wanted.person
    state = PageState.DECIDED
    page = Page(wanted.id, INCIDENT, 1, "test", person.name, wanted.channel, wanted.why, state, at, at)
    view = View(incident, headline.of(incident, None), (), (page,), wanted.title, None, None, (person,), None, ())
    return Call(wanted.key, attempt, page, person, view, at)


def _incident(at: datetime, wanted: Wanted) -> Incident:
    """An incident that is nowhere but in the test page."""
    policy = Policy((Tier("test", (), timedelta(0)),), "test", repeats=0, urgency="low")
    said = {"key": "test", "title": wanted.title, "severity": "sev5", "entity": "tocsin", "why": wanted.why}
    return imagined(policy, at, id=INCIDENT, step=1, **said)
