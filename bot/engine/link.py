"""Tell that a Slack user is a person of the configuration: by a verified address, or because somebody vouches for it.

The configuration always goes first: who has a Slack id there is that user, and nobody can become them from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from bot import words
from bot.engine import escalate
from bot.engine.desk import Desk
from bot.errors import NotFound, Refused
from bot.model.entry import Entry
from bot.model.people import Person
from bot.store import Tx, jobs, links
from bot.store.links import Link, Request

PATIENCE = timedelta(hours=24)  # how long a request waits for somebody to vouch


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a request: `replay` of it is to be done now if it was `linked`."""

    linked: bool
    sentence: str  #: for whoever decided; it names the user by id
    request: Request


async def by_email(desk: Desk, user: str, team: str, email: str, at: datetime) -> Person | None:
    """Link the user whose verified address is `email` to the one person who has it, and return them.

    None where nobody or more than one has that address, or the person is a Slack user already. Whether Slack has
    verified the address, and whether the user is a full member of a workspace of ours, is the caller's to know.
    """
    return await desk.store.write(lambda tx: _by_email(tx, desk, (user, team, email), at))


def _by_email(tx: Tx, desk: Desk, whom: tuple[str, str, str], at: datetime) -> Person | None:
    user, team, email = whom
    people = desk.settings.people
    if known := desk.person(tx, f"slack:{user}"):
        return people.persons[known]
    wanted = email.strip().casefold()
    found = [person for person in people.persons.values() if wanted and (person.email or "").casefold() == wanted]
    if len(found) != 1 or _taken(tx, found[0]):
        return None
    record(tx, Link(user, team, found[0].name, at, "email"), by=f"slack:{user}")
    return found[0]


async def ask(desk: Desk, user: str, team: str, person: str, replay: Mapping[str, Any], at: datetime) -> Request:
    """Keep that `user` says they are `person` until somebody vouches for it; a later request takes its place.

    NotFound: nobody is called that. Refused: either of the two is linked already, or nobody could vouch.
    """
    id_ = uuid4().hex
    request = Request(id_, user, team, person, dict(replay), at, at + PATIENCE)
    return await desk.store.write(lambda tx: _ask(tx, desk, request))


def _ask(tx: Tx, desk: Desk, request: Request) -> Request:
    claimed = desk.settings.people.persons.get(request.person)
    if claimed is None:
        raise NotFound(f"There is nobody called {request.person[:40]!r}.", "Choose somebody from the list.")
    if known := desk.person(tx, f"slack:{request.slack_user}"):
        raise Refused(f"You are linked to {known} already.", "Nothing is left to do.")
    if _taken(tx, claimed):
        raise Refused(f"{claimed.name} has a Slack user already.", "If that is wrong, mend config/people.yaml.")
    if not vouchers(desk, claimed.name):
        raise Refused(f"Nobody can vouch that you are {claimed.name}.", "Ask for your Slack id in config/people.yaml.")
    links.prune(tx)
    links.ask(tx, request)
    after = {"slack_user": request.slack_user, "team": request.team, "expires_at": request.expires_at.isoformat()}
    tx.note(_entry("person.link_asked", f"slack:{request.slack_user}", request.person, request.asked_at, after))
    return request


async def decide(desk: Desk, request_id: str, by: str, yes: bool, at: datetime, language: str = "en") -> Decided:
    """`by` says whether it is so. NotFound: it was decided, replaced or ran out. Refused: `by` may not vouch for it."""
    return await desk.store.write(lambda tx: _decide(tx, desk, request_id, (by, yes, language), at))


def _decide(tx: Tx, desk: Desk, request_id: str, word: tuple[str, bool, str], at: datetime) -> Decided:
    by, yes, language = word
    request = links.asked(tx, request_id)
    if request is None or request.expires_at <= at:
        raise NotFound("That request was decided already, or nobody decided it in time.", "Let them ask again.")
    claimed = desk.settings.people.persons.get(request.person)
    voucher = desk.person(tx, by)
    _may_vouch(desk, request, by, voucher)
    links.close(tx, request.id)
    say = words.of(language).answer
    named = {"user": request.slack_user, "person": request.person}
    if not yes:
        after = {"slack_user": request.slack_user, "team": request.team, "as": by}
        tx.note(_entry("person.link_declined", f"person:{voucher}", request.person, at, after))
        return Decided(False, words.fill(say.link_declined, **named), request)
    if claimed is None or _taken(tx, claimed) or desk.person(tx, f"slack:{request.slack_user}"):
        raise Refused(f"{request.person} has a Slack user by now, or has gone from the configuration.", "Look again.")
    link = Link(request.slack_user, request.team, request.person, at, f"vouched:{voucher}")
    record(tx, link, by=f"person:{voucher}")
    return Decided(True, words.fill(say.linked, **named), request)


def vouchers(desk: Desk, person: str) -> tuple[str, ...]:
    """Who may vouch for `person`: the leads of their teams, then the admins; never they themselves."""
    people = desk.settings.people
    named = dict.fromkeys((*people.leads(person), *people.admins))
    return tuple(name for name in named if name != person and name in people.persons)


def record(tx: Tx, link: Link, by: str) -> None:
    """Keep a link that was judged, instead of one its user had that leads nowhere any more; the log says by whom."""
    links.remove(tx, link.slack_user)
    links.add(tx, link)
    after = {"slack_user": link.slack_user, "team": link.team, "how": link.how}
    tx.note(_entry("person.linked", by, link.person, link.linked_at, after))
    jobs.put(tx, escalate.homes(tx.now))


async def unlink(desk: Desk, user: str, by: str, at: datetime, why: str = "") -> str | None:
    """Take the link of a Slack user away, as when they left; the person it led to, or None when there was none."""
    return await desk.store.write(lambda tx: _unlink(tx, user, (by, why), at))


def _unlink(tx: Tx, user: str, word: tuple[str, str], at: datetime) -> str | None:
    link = links.of_user(tx, user)
    if link is None:
        return None
    links.remove(tx, user)
    entry = _entry("person.unlinked", word[0], link.person, at, {"slack_user": user, "team": link.team})
    tx.note(Entry(entry.chain, entry.kind, at, entry.actor, entry.subject, word[1], after=entry.after))
    return link.person


def _may_vouch(desk: Desk, request: Request, by: str, voucher: str | None) -> None:
    """Refused unless somebody else, who answers for that person, says so."""
    allowed = vouchers(desk, request.person)
    if by == f"slack:{request.slack_user}" or voucher is None or voucher not in allowed:
        names = ", ".join(allowed) or "nobody"
        raise Refused(f"You cannot vouch for {request.person}.", f"These can: {names}.")


def _taken(tx: Tx, person: Person) -> bool:
    """Whether this person has a Slack user already, by the configuration or by a link."""
    return person.slack is not None or links.of_person(tx, person.name) is not None


def _entry(kind: str, actor: str, person: str, at: datetime, after: Mapping[str, object]) -> Entry:
    return Entry("tocsin", kind, at, actor, f"person:{person}", after=after)
