"""The message in which somebody who answers for a person says whether a Slack user is that person."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from bot import words
from bot.engine import work
from bot.engine.desk import Desk
from bot.model.job import Job, Lane, NewJob
from bot.slack import buttons, language, living, pieces
from bot.slack.buttons import Meant
from bot.slack.office import Offices
from bot.slack.pieces import Json, Message
from bot.slack.postman import Parcel, Place
from bot.slack.wanted import Wanted
from bot.store import Tx, jobs, links, posts
from bot.store.links import Request
from bot.words import Words

KIND = "vouch"  #: of its jobs, and what its buttons mean
YES, NO = "yes", "no"
BEFORE = timedelta(minutes=5)  # how far Slack's clock may be behind ours when one in doubt is looked up


def ask(tx: Tx, request: Request, names: Iterable[str]) -> None:
    """Each of `names` gets a message with a yes and a no."""
    jobs.put(tx, *(_job(tx, request, name, {}) for name in names))


def tell(tx: Tx, request: Request, names: Iterable[str], by: str, linked: bool) -> None:
    """What each of them was asked was decided `by` one of them: the buttons go, the outcome stands there."""
    jobs.put(tx, *(_job(tx, request, name, {"by": by, "linked": linked}) for name in names))


def _job(tx: Tx, request: Request, name: str, outcome: dict[str, object]) -> NewJob:
    about = {"request": request.id, "to": name, "user": request.slack_user, "person": request.person}
    return NewJob(f"{KIND}/{request.id}/{name}", KIND, Lane.CARD, tx.now, about | outcome)


class Vouching:
    """The handler of the job `vouch`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def vouch(self, job: Job) -> work.Outcome:
        """Ask, once; or say what was decided where it was asked."""
        name = str(job.payload["to"])
        key = f"{KIND}/{job.payload['request']}/{name}"
        stands = await self._desk.store.read(lambda tx: posts.get(tx, key))
        w = language.person(self._desk, name)
        if "by" in job.payload:
            if stands is not None:
                office = self._offices.person(name)
                await living.edited(office, Place(stands.channel, stands.ts), outcome(job.payload, w), job.key)
            return work.Done()
        return work.Done() if stands is not None else await self._ask(job, name, key, w)

    async def _ask(self, job: Job, name: str, key: str, w: Words) -> work.Outcome:
        request, user = await self._desk.store.read(lambda tx: self._load(tx, str(job.payload["request"]), name))
        if request is None or request.expires_at <= self._desk.clock.now():
            return work.Done()
        if user is None:
            return work.Dead(f"{name} has no Slack account, and was not asked who {request.slack_user} is.")
        office = self._offices.person(name)
        channel = await office.directory.direct(user)
        since = request.asked_at - BEFORE
        parcel = Parcel(key, channel, question(request, w), Lane.CARD, job.attempts, since)
        place = await office.postman.post(parcel)
        return work.Done(lambda tx: posts.save(tx, posts.Post(key, place.channel, place.ts, parcel.message.digest)))

    def _load(self, tx: Tx, request: str, name: str) -> tuple[Request | None, str | None]:
        return links.asked(tx, request), account(tx, self._desk, name)


def account(tx: Tx, desk: Desk, name: str) -> str | None:
    """The Slack user of a person, by the configuration or by a link."""
    person = desk.people(tx).persons.get(name)
    return person.slack if person else None


def bare(account: str) -> str:
    """The Slack user in an account, which may have its workspace before it."""
    return account.rpartition("/")[2]


def question(request: Request, w: Words) -> Message:
    """Who says to be whom, what is done for them after a yes, and the two buttons."""
    say, person = w.link, request.person
    wanted = Wanted.unpack(request.replay)
    lines = [_line(say.vouch, request.slack_user, person)]
    if wanted is not None:
        lines.append(pieces.line(say.wanted, what=pieces.loud(wanted.what, 100)))
    sure = pieces.confirm(
        words.fill(say.yes_title, person=person), words.fill(say.yes_text, person=person), say.yes_short, say.not_me
    )
    row = pieces.row(
        pieces.button(words.fill(say.yes, person=person), f"{KIND}.{YES}", _value(request, YES), confirm=sure),
        pieces.button(say.no, f"{KIND}.{NO}", _value(request, NO)),
    )
    return Message(
        pieces.push(words.fill(say.vouch, user=bare(request.slack_user), person=person)), (pieces.lines(*lines), row)
    )


def outcome(told: Mapping[str, Any], w: Words) -> Message:
    """Who decided, and what."""
    template = w.link.vouched if told["linked"] else w.link.declined
    user, person, voucher = str(told["user"]), str(told["person"]), str(told["by"])
    text = words.fill(template, user=bare(user), person=person, voucher=voucher)
    return Message(pieces.push(text), (pieces.lines(_line(template, user, person, voucher=voucher)),))


def _value(request: Request, said: str) -> str:
    return buttons.encode(Meant(KIND, detail=f"{request.id}/{said}"))


def _line(template: str, user: str, person: str, **more: object) -> list[Json]:
    return pieces.line(template, user=pieces.user(bare(user)), person=pieces.loud(person, 80), **more)
