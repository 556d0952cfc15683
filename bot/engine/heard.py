"""What comes back from a channel: whether a page arrived, and what its reader sends back.

A channel may say anything twice, late, in another order or before we know its own id of a message; none of that is an
error. What a person says is done by the rules that judge a press in the chat.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import telemetry, words
from bot.contract.receiver import Heard, Reply, Report, Says
from bot.engine import addresses, page, respond, selftest
from bot.engine.desk import Desk
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.page import PageState
from bot.model.people import Person
from bot.model.verb import Verb
from bot.model.verdict import Verdict
from bot.rules import written
from bot.store import Tx, incidents, jobs, page_tests, pages, reported, seen
from bot.words import Words

KIND = "report"  #: of the job that looks again for a page that was not known yet
SOON = timedelta(seconds=5)  # until then the page it is about is written down, or its worker died with it
KEPT = timedelta(days=7)  # how long a second copy of an answer is told from a new one
LONGEST = 500  # characters of what a channel says went wrong
_NUMBER = re.compile(r"(?:INC-)?0*([0-9]{1,15})", re.IGNORECASE | re.ASCII)
_VERBS = {Says.ACKNOWLEDGE: Verb.ACKNOWLEDGE, Says.RESOLVE: Verb.RESOLVE, Says.ESCALATE: Verb.ESCALATE}


async def take(desk: Desk, connection: str, heard: Heard, at: datetime) -> list[str]:
    """Put down what a connection's channels said; a sentence for each reply, after the commit of all of it.

    The same request twice does everything once. StoreDown: some of it may not be written, so it must be sent again.
    """
    for report in heard.reports:
        await _reported(desk, connection, report, at)
    return [await _reply(desk, connection, reply, at) for reply in heard.replies]


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Look again for what a report was about; if there is still nothing it was not ours."""
    said = job.payload
    report = Report(str(said["id"]), bool(said["arrived"]), str(said["why"]))
    _report(tx, desk, str(said["connection"]), report, tx.now, again=False)


# --- reports ---


async def _reported(desk: Desk, connection: str, report: Report, at: datetime) -> None:
    if report.arrived is not None and report.provider_id:
        await desk.store.write(lambda tx: _report(tx, desk, connection, report, at))


def _report(tx: Tx, desk: Desk, connection: str, report: Report, at: datetime, *, again: bool = True) -> None:
    channels = _channels(desk, connection)
    if known := reported.pages(tx, report.provider_id, channels):
        # All of one message at once, in the order in which everybody locks incidents.
        incidents.by_ids(tx, {pages.get(tx, page_id).incident for page_id in known}, lock=True)
        for page_id in known:
            _became(tx, desk, page_id, connection, report, at)
    elif test := reported.test(tx, report.provider_id, channels):
        if not report.arrived and test.failure is None and test.answered_at is None:
            page_tests.put(tx, replace(test, failure=_why(report)))
    elif again:
        key = f"report/{connection}/{report.provider_id[:200]}/{bool(report.arrived)}"
        said = {"connection": connection, "id": report.provider_id, "arrived": report.arrived, "why": _why(report)}
        jobs.put_once(tx, NewJob(key, KIND, Lane.STATE, at + SOON, said))


def _became(tx: Tx, desk: Desk, page_id: str, connection: str, report: Report, at: datetime) -> None:
    """What is newer than what the ledger says is put down; a page that was answered has not failed."""
    sheet = pages.get(tx, page_id)  # as it is now that nobody else writes it
    incident = incidents.get(tx, sheet.incident)
    if not report.arrived:
        if sheet.state in (PageState.SENT, PageState.DELIVERED):
            telemetry.PAGES.labels(sheet.channel, "failed").inc()
            page.failed(tx, desk, sheet, _why(report))
        return
    if sheet.delivered_at is not None:
        return
    state = PageState.DELIVERED if sheet.state is PageState.SENT else sheet.state
    pages.change(tx, sheet.id, state, delivered_at=at)
    telemetry.PAGES.labels(sheet.channel, "delivered").inc()
    after = {"page": sheet.id, "via": connection}
    tx.note(Entry(incident.entity, "page.delivered", at, f"connection:{connection}", incident.id, after=after))


def _why(report: Report) -> str:
    return written.line(report.why, LONGEST) or "The channel says that it did not arrive."


# --- replies ---


@dataclass(frozen=True, slots=True)
class _Answer:
    """One reply that is looked at: where it came from, from whom, about which incident it may be."""

    connection: str
    reply: Reply
    at: datetime
    person: Person
    words: Words
    about: str = ""  #: the incident of the page it answers
    channel: str = ""  #: of that page

    @property
    def actor(self) -> str:
        return f"person:{self.person.name}"


async def _reply(desk: Desk, connection: str, reply: Reply, at: datetime) -> str:
    telemetry.REPLIES.labels(connection, reply.says.value).inc()
    return await desk.store.write(lambda tx: _said(tx, desk, connection, reply, at))


def _said(tx: Tx, desk: Desk, connection: str, reply: Reply, at: datetime) -> str:
    """Do what it asks for, once; a second copy changes nothing."""
    copy = bool(reply.id) and not seen.first(tx, f"reply/{connection}/{reply.id[:200]}", at + KEPT)
    if reply.says in (Says.CONFIRM, Says.STOP, Says.START) and (reply.phone or reply.email):
        return _about_address(tx, desk, connection, reply, at, copy=copy)
    found = _who(tx, desk, connection, reply, at)
    if isinstance(found, str):
        return found
    if reply.says not in _VERBS:
        called = bool(found.channel) and desk.ways[found.channel].kind == "call"
        return "" if called else found.words.heard.help  # what the keys do the plugin alone knows
    incident = _which(tx, found)
    if incident is None:
        return _unclear(tx, found)
    if incident == selftest.INCIDENT:
        return found.words.answer.test_received if copy else _tested(tx, desk, found)
    if not incidents.by_ids(tx, [incident]):
        return words.fill(found.words.heard.no_incident, number=incident.removeprefix("INC-"))
    return _stands(tx, found, incident) if copy else _do(tx, desk, found, incident)


def _who(tx: Tx, desk: Desk, connection: str, reply: Reply, at: datetime) -> _Answer | str:
    """Whose answer it is: of the page it answers, or of the one person who confirmed that address; else a sentence."""
    if reply.page:
        return _of_page(tx, desk, connection, reply, at)
    say = words.of(desk.settings.slack.language)
    kind, said = _address(reply)
    found = addresses.confirmed_by(tx, desk, kind, said) if said else []
    if reply.says is Says.HELP and len(found) != 1:
        return say.heard.help
    if len(found) != 1:
        return say.heard.several if found else say.heard.nobody
    return _answer(desk, connection, reply, at, found[0])


def _of_page(tx: Tx, desk: Desk, connection: str, reply: Reply, at: datetime) -> _Answer | str:
    channels, people = _channels(desk, connection), desk.people(tx).persons
    sheet = reported.page(tx, reply.page.removeprefix("page/"), channels)
    if sheet is not None and sheet.person in people:
        return replace(
            _answer(desk, connection, reply, at, people[sheet.person]), about=sheet.incident, channel=sheet.channel
        )
    test = reported.test_of_key(tx, reply.page, channels)
    if test is not None and test.person in people:
        known = _answer(desk, connection, reply, at, people[test.person])
        return replace(known, about=selftest.INCIDENT, channel=test.channel)
    return words.of(desk.settings.slack.language).heard.gone


def _answer(desk: Desk, connection: str, reply: Reply, at: datetime, person: Person) -> _Answer:
    say = words.of(person.language or desk.settings.slack.language)
    return _Answer(connection, reply, at, person, say)


def _which(tx: Tx, answer: _Answer) -> str | None:
    """The incident it is about: the one it names, that of its page, or the only one that waits for them."""
    if code := answer.reply.code.strip():
        number = _NUMBER.fullmatch(code)
        return f"INC-{number[1]}" if number else None
    if answer.about:
        return answer.about
    waiting = pages.waiting_for(tx, answer.person.name)
    return waiting.pop() if len(waiting) == 1 else None


def _unclear(tx: Tx, answer: _Answer) -> str:
    """Why nothing was done; what they sent is not said again."""
    say = answer.words.heard
    if answer.reply.code.strip():
        return words.fill(say.no_number, help=say.help)
    waiting = sorted(pages.waiting_for(tx, answer.person.name), key=lambda id_: int(id_.removeprefix("INC-")))
    return words.fill(say.which, incidents=", ".join(waiting[:10])) if waiting else say.nothing_waits


def _do(tx: Tx, desk: Desk, answer: _Answer, incident: str) -> str:
    reply, verb = answer.reply, _VERBS[answer.reply.says]
    press = respond.Press(verb, incident, answer.actor, answer.at, answer.connection, language=answer.words.language)
    done = respond.within(tx, desk, press)
    after = {"verb": verb.value, "verdict": done.verdict.name, "via": answer.connection}
    after |= {"page": written.line(reply.page, 200)} if reply.page else {}
    entry = Entry(done.incident.entity, "page.replied", answer.at, answer.actor, done.incident.id, after=after)
    tx.note(entry)
    over = done.verdict is Verdict.RESOLVED and done.incident.merged_into is None
    return words.fill(answer.words.heard.resolved, incident=done.incident.id) if over else done.sentence


def _stands(tx: Tx, answer: _Answer, incident_id: str) -> str:
    """How it stands with what was asked for once already: its first answer may never have come back to them."""
    incident, say = incidents.get(tx, incident_id), answer.words.heard
    if not incident.open:
        return words.fill(say.resolved, incident=incident.id)
    if incident.holder == answer.person.name:
        return words.fill(answer.words.answer.yours, incident=incident.id)
    told = words.fill(say.held if incident.holder else say.unheld, incident=incident.id, who=incident.holder)
    return f"{say.heard_already} {told}"


def _tested(tx: Tx, desk: Desk, answer: _Answer) -> str:
    """A test page was answered, which proves that the channel by which they answer reaches them."""
    written = "sms" if answer.reply.phone else "email"
    ours = _channels(desk, answer.connection)
    for channel in [answer.channel] if answer.channel else sorted(n for n in ours if desk.ways[n].kind == written):
        page_tests.answered(tx, answer.person.name, answer.at, channel)
    after = {"as": answer.actor, "via": answer.connection}
    tx.note(Entry("tocsin", "pager.test_received", answer.at, answer.actor, answer.actor, after=after))
    return answer.words.answer.test_received


# --- addresses ---


def _about_address(tx: Tx, desk: Desk, connection: str, reply: Reply, at: datetime, *, copy: bool) -> str:
    kind, said = _address(reply)
    whose = addresses.holders(tx, desk, kind, said)
    say = words.of((whose[0].language if whose else None) or desk.settings.slack.language)
    if reply.says is Says.CONFIRM:
        if copy:
            counts = bool(addresses.confirmed_by(tx, desk, kind, said))
            to = addresses.masked(kind, said)
            return words.fill(say.confirming.confirmed, to=to) if counts else say.heard.heard_already
        return addresses.proven(tx, desk, [(one, kind) for one in whose], reply.code.strip(), connection, at).sentence
    if copy:
        return say.heard.heard_already
    if reply.says is Says.STOP:
        addresses.stop(tx, desk, kind, said, connection, at)
        return say.confirming.stopped
    again = addresses.start(tx, desk, kind, said, connection, at)
    if not again:
        return say.heard.nobody
    return say.confirming.started if any(counts for _, counts in again) else say.confirming.start_unconfirmed


def _address(reply: Reply) -> tuple[str, str]:
    return ("phone", reply.phone) if reply.phone else ("email", reply.email)


def _channels(desk: Desk, connection: str) -> Collection[str]:
    """Every name of every channel of this connection."""
    return {name for name, way in desk.ways.items() if way.connection == connection}
