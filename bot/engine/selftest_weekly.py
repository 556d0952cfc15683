"""Each week whoever is on call soon gets a test page by each of their ways, and hears where they did not answer.

A job for each (week, person) sends, another on the next morning looks; both stand in the table once, whatever happens.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import telemetry, words
from bot.contract.pager import Note, Teller
from bot.engine import escalate, nudge, roster, rota_news, selftest, work
from bot.engine.desk import Desk
from bot.engine.selftest import Wanted
from bot.errors import NotDelivered, PluginFault
from bot.model.entry import Entry
from bot.model.job import Job, Lane, NewJob
from bot.model.paged import Test
from bot.model.people import Person
from bot.rules import rota
from bot.store import Tx, jobs, log, page_tests, seen

KIND = "selftest"
MISSED = "pager.test_missed"
WEEKLY = "The weekly test."
AT = time(10)  # of everybody's own day
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
EARLY = timedelta(hours=6)  # before Monday begins in UTC, when it is 10:00 nowhere yet
TRIES = 5  # of a channel that fails in passing

log_ = telemetry.logger("selftest")


def recur(tx: Tx, now: datetime) -> None:
    """Ask that this week's tests be planned, which any number of replicas do once."""
    monday = _monday(now + EARLY)
    due = datetime.combine(monday, time(0), UTC) - EARLY
    jobs.put_once(tx, NewJob(f"{KIND}/{monday}", KIND, Lane.DIGEST, due, {"week": monday.isoformat()}))


def due(person: Person, monday: date, now: datetime) -> datetime | None:
    """10:00 of their own first working day of the week that is still to come; None when the week is over for that."""
    where = ZoneInfo(person.timezone)
    days = (datetime.combine(monday + DAY * n, AT, where).astimezone(UTC) for n in range(5))
    return next((each for each in days if each >= now), None)


class Weekly:
    """The handler of the jobs `selftest`: the plan, a person's tests, the look on the morning after."""

    def __init__(self, desk: Desk) -> None:
        """`desk.ways` are tried."""
        self._desk = desk

    async def ring(self, job: Job) -> work.Outcome:
        """Do what the job says; nothing while `escalation.test` is off."""
        if self._desk.settings.escalation.test == "off":
            return work.Done()
        monday, name = date.fromisoformat(str(job.payload["week"])), job.payload.get("person")
        if name is None:
            return work.Done(lambda tx: self._plan(tx, monday))
        person = (await self._desk.store.read(self._desk.people)).persons.get(str(name))
        if person is None:
            return work.Dead(f"{name} is not in config/people.yaml.")
        return await (self._look(person, monday) if job.payload.get("look") else self._test(job, person, monday))

    def _plan(self, tx: Tx, monday: date) -> None:
        """A job for everybody who is on call in the coming week, one after the other over an hour."""
        start = datetime.combine(monday, time(0), UTC)
        changes = roster.changes(tx, self._desk, start, start + WEEK)
        rotas, persons = self._desk.settings.rotas.values(), self._desk.settings.people.persons
        shifts = (shift for one in rotas for shift in rota.shifts(one, start, start + WEEK, changes))
        names = sorted({holder.person for shift in shifts for holder in shift.holders} & persons.keys())
        for place, name in enumerate(names):
            if at := due(persons[name], monday, tx.now):
                jobs.put_once(tx, _job(monday, name, at + HOUR * place / len(names)))

    async def _test(self, job: Job, person: Person, monday: date) -> work.Outcome:
        """Send one by each way that pages them; where a channel fails in passing all the rest goes on meanwhile."""
        desk, now = self._desk, self._desk.clock.now()
        known = await desk.store.read(lambda tx: _known(tx, person.name, monday))
        roster_ = await desk.store.read(lambda tx: desk.roster(tx, now))
        ways = [name for name in _channels(person) if roster_.reaches(person, name)]
        straight = [name for name in ways if not selftest.mirrored(desk.ways[name])]
        after: dict[str, str] = dict.fromkeys(set(ways) - {*straight}, "not tested: it would open an incident there")
        again = [name for name in straight if not await self._sent(job, person, monday, known.get(name), name)]
        if again:
            return work.Later(now + timedelta(seconds=work.backoff(job.attempts)), f"{', '.join(again)} may work later")

        def then(tx: Tx) -> None:
            rows = _known(tx, person.name, monday)
            told = {name: (one.failure or "sent") for name, one in rows.items()}
            subject = f"person:{person.name}"
            tx.note(Entry("tocsin", "pager.tested", tx.now, "tocsin", subject, WEEKLY, after={**after, **told}))
            jobs.put_once(tx, _job(monday, person.name, nudge.morning(tx.now, person.timezone), look=True))

        return work.Done(then)

    async def _sent(self, job: Job, person: Person, monday: date, known: Test | None, channel: str) -> bool:
        """Whether nothing is left to do for this way."""
        desk, way = self._desk, self._desk.ways[channel]
        settled = known is not None and (known.provider_id or known.failure or known.answered_at)
        once = bool(getattr(way.pager, "once", False))
        if settled or (known is not None and once):  # it may have gone, and nobody is to be rung twice
            return True
        try:
            tested = rota_news.language(desk, person).tested
            wanted = Wanted(person, channel, monday.isoformat(), tested.weekly, tested.title)
            await selftest.sent(desk, way, wanted, desk.clock.now(), job.attempts)
        except (NotDelivered, PluginFault) as error:
            if error.retry and not once and job.attempts < TRIES:
                return False
            why = str(error)
            await desk.store.write(lambda tx: selftest.failed(tx, person.name, channel, why))
        return True

    async def _look(self, person: Person, monday: date) -> work.Outcome:
        """What was not answered is told once: to them by a way that works, after two weeks in a row to their lead."""
        missed = await self._desk.store.write(lambda tx: self._missed(tx, person, monday))
        if missed is None or missed.told:
            return work.Done()
        key = f"{KIND}/{monday}/{person.name}/missed"
        for channel in missed.ways:
            way = self._desk.ways[channel]
            teller: Teller = way.pager  # type: ignore[assignment]  # those that tell are chosen
            note = Note(key, person, missed.text, self._desk.clock.now())
            try:
                await way.guard.call("pager", lambda teller=teller, note=note: teller.tell(note))  # type: ignore[misc]
            except (NotDelivered, PluginFault) as error:
                log_.info("a way does not tell", person=person.name, channel=channel, reason=str(error))
            else:
                return work.Done()
        return work.Done(lambda tx: escalate.owe(tx, key, f"person:{person.name}", missed.text, tx.now))

    def _missed(self, tx: Tx, person: Person, monday: date) -> "_Missed | None":
        """Put down what was missed and tell the lead, once; who is told in the chat is told by that."""
        rows = _known(tx, person.name, monday)
        missed = [one for one in rows.values() if one.answered_at is None]
        if not missed or not seen.first(tx, f"{KIND}/{monday}/{person.name}/missed", tx.now + WEEK):
            return None
        names, subject = sorted(one.channel for one in missed), f"person:{person.name}"
        last = str(monday - WEEK)
        before = [dict(one.entry.after) for one in log.of_kinds(tx.sql, subject, {MISSED})]
        again = sorted({way for one in before if one.get("week") == last for way in one["ways"]} & {*names})
        tx.note(Entry("tocsin", MISSED, tx.now, "tocsin", subject, after={"week": str(monday), "ways": names}))
        if again:
            self._tell_leads(tx, person, monday, again)
        say = rota_news.language(self._desk, person).tested
        text = words.fill(say.missed, ways=", ".join(_named(one, say.missed_one) for one in missed), day=monday)
        order = self._order(person, rows)
        if order and order[0] == selftest.OWN:
            escalate.owe(tx, f"{KIND}/{monday}/{person.name}/missed", subject, text, tx.now)
            return _Missed(text, (), told=True)
        tells = [name for name in order if getattr(self._desk.ways[name].pager, "tells", False)]
        return _Missed(text, tuple(tells))

    def _order(self, person: Person, rows: Mapping[str, Test]) -> list[str]:
        """Their ways, those that were answered first, those that could not even be sent by left out."""
        able = [name for name in _channels(person) if name in self._desk.ways and name in rows]
        fit = [name for name in able if rows[name].failure is None]
        return sorted(fit, key=lambda name: rows[name].answered_at is None)

    def _tell_leads(self, tx: Tx, person: Person, monday: date, ways: Sequence[str]) -> None:
        people = self._desk.settings.people
        for name in people.leads(person.name):
            if name != person.name:
                say = rota_news.language(self._desk, people.persons.get(name)).tested
                text = words.fill(say.lead, person=person.name, ways=", ".join(ways))
                key = f"{KIND}/{monday}/{person.name}/lead/{name}"
                escalate.owe(tx, key, f"person:{name}", text, tx.now)


@dataclass(frozen=True, slots=True)
class _Missed:
    """What they are to be told, and by which ways, in order; `told`: in the chat, which is under way."""

    text: str
    ways: tuple[str, ...]
    told: bool = False


def _channels(person: Person) -> list[str]:
    """Each way once, in the order in which it would wake them."""
    return list(dict.fromkeys(step.channel for step in person.ways("high")))


def _known(tx: Tx, person: str, monday: date) -> dict[str, Test]:
    """This week's tests, by way."""
    begins = f"page/{selftest.INCIDENT}/{monday}/"
    return {one.channel: one for one in page_tests.of(tx, person) if one.key.startswith(begins)}


def _named(test: Test, failed: str) -> str:
    return words.fill(failed, channel=test.channel, why=test.failure) if test.failure else test.channel


def _monday(now: datetime) -> date:
    return now.date() - DAY * now.weekday()


def _job(monday: date, person: str, at: datetime, *, look: bool = False) -> NewJob:
    said = {"week": monday.isoformat(), "person": person, **({"look": True} if look else {})}
    key = f"{KIND}/{monday}/{person}{'/look' if look else ''}"
    return NewJob(key, KIND, Lane.DIGEST, at, said)
