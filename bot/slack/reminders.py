"""Asks whoever holds an incident whether they are still at it: a direct message that shows what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot import telemetry, words
from bot.engine import attend, report, work
from bot.engine.desk import Desk
from bot.errors import NotDelivered, NotFound
from bot.model.job import Job
from bot.model.verb import Verb
from bot.model.view import View
from bot.slack import accounts, buttons, cards, facts, language, living, pieces
from bot.slack.client import SlackFault
from bot.slack.living import Living
from bot.slack.office import Office, Offices
from bot.slack.pieces import Json, Message
from bot.store import Tx, posts
from bot.store.posts import Post
from bot.words import Words

SEEN = 100  # messages of the thread that are looked at
TITLE = 150  # characters of a title
log = telemetry.logger("slack")


@dataclass(frozen=True)
class Asked:
    """One reminder: of what, to whom, since when nothing was heard, and whether it needs no answer any more."""

    view: View
    person: str
    taken: datetime
    last: datetime
    back_at: datetime | None
    over: bool
    post: Post | None = None
    card: Post | None = None


class Reminders:
    """The handler of the jobs `reminder`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """How the incident stands is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def remind(self, job: Job) -> work.Outcome:
        """Ask once, or draw anew what asked; whoever writes in the incident's thread is at it and is not asked."""
        try:
            asked = await self._desk.store.read(lambda tx: self._load(tx, job))
        except NotFound as missing:
            return work.Dead(str(missing))
        person = self._desk.settings.people.persons.get(asked.person)
        if person is None:
            return work.Dead(f"{asked.person} is not in config/people.yaml.")
        if asked.post is None and asked.over:
            return work.Done()  # it was settled before anybody could be asked
        office = self._offices.person(asked.person)
        try:
            user = await accounts.of(self._desk, self._offices, person)
            channel = await office.directory.direct(user)
        except NotDelivered as nobody:
            if nobody.retry:
                raise
            return work.Dead(str(nobody))
        if asked.post is None and (wrote := await self._wrote(job, asked, user)):
            return work.Done(lambda tx: attend.spoke(tx, asked.view.incident.id, asked.person, wrote))
        message = draw(asked, language.person(self._desk, asked.person))
        since = datetime.fromisoformat(str(job.payload["asked"])) - living.BEFORE
        wanted = Living(job.key, message, (channel,), since, lane=job.lane)
        post = await living.keep(office, job, wanted, asked.post)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, job: Job) -> Asked:
        said = job.payload
        view = report.view_in(tx, self._desk, str(said["incident"]))
        asked, back = datetime.fromisoformat(str(said["asked"])), said.get("back_at")
        person = str(said["person"])
        return Asked(
            view,
            person,
            attend.taken(tx, view.incident),
            datetime.fromisoformat(str(said["since"])),
            datetime.fromisoformat(str(back)) if back else None,
            attend.over(tx, view.incident, person, asked),
            posts.get(tx, job.key),
            posts.get(tx, f"card/{view.incident.id}"),
        )

    async def _wrote(self, job: Job, asked: Asked, user: str) -> datetime | None:
        """When they last wrote in the thread of its card, if that was after all else they did; None otherwise."""
        if asked.card is None:
            return None
        office: Office = self._offices.entity(asked.view.incident.entity)
        about = {"ts": asked.card.ts, "oldest": f"{asked.last.timestamp():.6f}", "limit": SEEN}
        try:
            answer = await living.call(office, job, "conversations.replies", channel=asked.card.channel, **about)
        except SlackFault as fault:  # then they are asked, which costs them one press
            log.info("slack.thread_not_read", code=fault.code)
            return None
        said = [float(each["ts"]) for each in answer.get("messages", ()) if each.get("user") == user]
        newest = max((one for one in said if one > asked.last.timestamp()), default=None)
        return datetime.fromtimestamp(newest, asked.last.tzinfo) if newest is not None else None


def draw(asked: Asked, w: Words) -> Message:
    """The question with its buttons, or what became of it."""
    say, incident = w.attending, asked.view.incident
    title = words.fill(say.still, incident=incident.id)
    about = pieces.line(
        say.about,
        severity=incident.severity.upper(),
        about=pieces.say(facts.subject(incident), 60),
        title=pieces.say(incident.title, TITLE),
    )
    if asked.over:
        became = pieces.say(_became(asked, w), 300)
        return Message(pieces.push(title), (pieces.lines([pieces.loud(incident.id)], about, [became]),))
    since = pieces.line(say.since, taken=pieces.when(asked.taken), last=pieces.when(asked.last))
    rows = pieces.row(*_buttons(asked, w))
    return Message(
        pieces.push(f"{title} · {incident.title[:TITLE]}"),
        (pieces.header(title), pieces.lines(about, since, _otherwise(asked, w)), rows),
    )


def _otherwise(asked: Asked, w: Words) -> list[Json]:
    """What silence leads to."""
    say, policy = w.attending, asked.view.incident.policy
    if asked.back_at is None:
        return [pieces.say(say.stays)]
    return pieces.line(say.goes_back, tier=policy.start, when=pieces.when(asked.back_at))


def _became(asked: Asked, w: Words) -> str:
    say, incident = w.attending, asked.view.incident
    if not incident.open:
        return say.closed
    if incident.holder is None:
        return words.fill(say.with_nobody, tier=incident.tier)
    return say.answered if incident.holder == asked.person else words.fill(say.with_other, who=incident.holder)


def _buttons(asked: Asked, w: Words) -> Iterator[Json]:
    incident = asked.view.incident
    about = {"incident": incident.id, "about": pieces.shorten(facts.subject(incident), 60)}
    value = buttons.encode(buttons.Meant(str(Verb.ATTEND), incident.id, incident.version))
    aloud = words.fill(w.attending.aloud, **about)
    yield pieces.button(w.attending.on_it, str(Verb.ATTEND), value, style="primary", aloud=aloud)
    yield from cards.acts(incident, (Verb.ESCALATE, Verb.HAND_OVER), w)
