"""Once a day whoever keeps a runbook hears that it is overdue, what the default one took, and what lies forgotten."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import attend, coverage
from bot.engine.coverage import Unmatched
from bot.engine.desk import Desk
from bot.model.incident import Incident
from bot.model.job import Job, Lane, NewJob
from bot.model.runbook import Runbook
from bot.rules import escalation, reach
from bot.store import Tx, incidents, jobs, seen
from bot.words import Words

KIND = "nudge"
AT = time(7)  #: of the day in UTC, when it is decided what is to be said
MORNING = time(9)  #: of their own day, when a person reads it
DAY = timedelta(days=1)
#: A week but for half a day, since the daily job may be late on one day and on time a week later.
WEEKLY = timedelta(days=6, hours=12)
SHOWN = 10  # groups of what was unmatched
TITLE = 100  # characters of an incident's title


def recur(tx: Tx, now: datetime) -> None:
    """Ask for today's, which any number of replicas do once."""
    due = datetime.combine(now.date(), AT, now.tzinfo)
    jobs.put_once(tx, NewJob(f"{KIND}/{due.date()}", KIND, Lane.DIGEST, due))


def ring(tx: Tx, desk: Desk, job: Job) -> None:
    """Put down what is to be said of the day that ended when the job fell due."""
    roster = desk.roster(tx, tx.now)
    wanted = [*_overdue(tx, desk, roster, job.due_at), *_unmatched(tx, desk, roster, job.due_at)]
    jobs.put(tx, *wanted, *_forgotten(tx, desk, roster, job.due_at))


def _overdue(tx: Tx, desk: Desk, roster: escalation.Roster, day: datetime) -> Iterator[NewJob]:
    for book in desk.runbooks.runbooks:
        late = (day.date() - book.review_by).days
        if late > 0 and seen.first(tx, f"{KIND}/{book.name}", day + WEEKLY):
            key = f"{KIND}/{book.name}/{day.date()}"
            for person, to in _owners(book.owner, desk, roster, tx.now):
                say = _words(desk, person).nudge
                text = words.fill(say.overdue, runbook=book.name, title=book.title, date=book.review_by, days=late)
                yield _notice(desk, key, to, text, tx.now)


def _unmatched(tx: Tx, desk: Desk, roster: escalation.Roster, day: datetime) -> Iterator[NewJob]:
    """For each default runbook, what it took since yesterday; what none took goes to the channel."""
    left = coverage.left_over(tx, desk, day - DAY, day)
    for name in dict.fromkeys(one.tally.runbook for one in left):
        taken = [one for one in left if one.tally.runbook == name]
        book: Runbook | None = desk.runbooks.get(name)
        for person, to in _owners(book.owner if book else "", desk, roster, tx.now):
            text = _listed(_words(desk, person), name, taken)
            yield _notice(desk, f"{KIND}/unmatched/{name}/{day.date()}", to, text, tx.now)


def _forgotten(tx: Tx, desk: Desk, roster: escalation.Roster, day: datetime) -> Iterator[NewJob]:
    """For each owner what has been acknowledged and open for over a day, whatever its holder says."""
    since = {one.id: attend.taken(tx, one) for one in incidents.acknowledged(tx, day - DAY)}
    found = [one for one in incidents.by_ids(tx, since).values() if since[one.id] < day - DAY]
    for owner in dict.fromkeys(one.policy.owner or "" for one in found):
        own = [one for one in found if (one.policy.owner or "") == owner]
        for person, to in _owners(owner, desk, roster, tx.now):
            text = _held(_words(desk, person), own, since)
            yield _notice(desk, f"{KIND}/forgotten/{owner}/{day.date()}", to, text, tx.now)


def _held(w: Words, own: Sequence[Incident], since: Mapping[str, datetime]) -> str:
    say = w.nudge
    lines = [
        words.fill(
            say.forgotten_line,
            incident=one.id,
            severity=one.severity.upper(),
            who=one.holder or "-",
            since=since[one.id].date(),
            title=one.title[:TITLE],
        )
        for one in own[:SHOWN]
    ]
    more = [words.fill(say.forgotten_more, count=len(own) - SHOWN)] if len(own) > SHOWN else []
    return words.fill(say.forgotten, count=len(own), lines="\n".join([*lines, *more]))


def _listed(w: Words, runbook: str, taken: Sequence[Unmatched]) -> str:
    lines = [
        words.fill(
            w.nudge.unmatched_line,
            incidents=one.tally.incidents,
            entity=one.tally.entity,
            model=one.tally.model or "-",
            kind=one.tally.kind,
            alerts=one.tally.alerts,
            incident=one.tally.newest,
            title=one.title[:TITLE],
        )
        for one in taken[:SHOWN]
    ]
    if len(taken) > SHOWN:
        lines.append(words.fill(w.nudge.more, count=len(taken) - SHOWN))
    count = sum(one.tally.incidents for one in taken)
    return words.fill(w.nudge.unmatched, count=count, runbook=runbook, lines="\n".join(lines))


def _owners(owner: str, desk: Desk, roster: escalation.Roster, now: datetime) -> Iterable[tuple[str | None, str]]:
    """The persons behind a target, each with the address of a notice; the channel where there is nobody."""
    found = reach.people(owner, roster.rotas, roster.people, roster.overrides, now).persons
    return [(name, f"person:{name}") for name in found] or [(None, f"channel:{desk.settings.slack.channel}")]


def _words(desk: Desk, person: str | None) -> Words:
    known = desk.settings.people.persons.get(person or "")
    return words.of(known.language if known and known.language else desk.settings.slack.language)


def _notice(desk: Desk, key: str, to: str, text: str, now: datetime) -> NewJob:
    """A message that can wait: to a person it is owed from their next morning on."""
    person = desk.settings.people.persons.get(to.removeprefix("person:"))
    due = morning(now, person.timezone) if person else now
    name = f"notice/{key}/{person.name}" if person else f"notice/{key}"
    return NewJob(name, "notice", Lane.DIGEST, due, {"to": to, "text": text})


def morning(now: datetime, zone: str) -> datetime:
    """The first 09:00 in `zone` that is not before `now`, in UTC."""
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    days = (datetime.combine(today + timedelta(days=n), MORNING, where).astimezone(now.tzinfo) for n in (0, 1))
    return next(each for each in days if each >= now)
