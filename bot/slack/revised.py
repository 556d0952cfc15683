"""Says in an incident's thread that its runbook was changed since it opened, with a button that takes that over."""

from bot import words
from bot.engine import adopt, work
from bot.engine.deed import Press
from bot.engine.desk import Desk
from bot.errors import NotFound
from bot.model.incident import Incident
from bot.model.job import Job
from bot.model.verb import Verb
from bot.slack import buttons, cards, language, living, pieces
from bot.slack.buttons import Meant
from bot.slack.identity import Caller
from bot.slack.living import Living
from bot.slack.office import Offices
from bot.slack.payloads import Click
from bot.slack.pieces import Message
from bot.slack.talk import Talk
from bot.store import Tx, incidents, posts
from bot.store.posts import Post
from bot.words import Words

ADOPT = "adopt"  #: what the button says it wants
SHOWN = 2_000  # characters of the difference
NOT_YET = 10  # looks for the card in whose thread it belongs


class Revised:
    """The handler of the jobs `revised`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What differs is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def told(self, job: Job) -> work.Outcome:
        """Post it below the card, once for each revision; nothing where nothing differs any more."""
        key, revision = job.key, str(job.payload["revision"])
        try:
            incident, card, stands, changes = await self._desk.store.read(lambda tx: self._load(tx, job))
        except NotFound as missing:
            return work.Dead(str(missing))
        if stands or not changes or adopt.revision(self._desk, incident) != revision or card is None:
            return work.Done()
        message = draw(incident, revision, changes, language.channels(self._desk))
        wanted = Living(key, message, (card.channel,), incident.opened_at - living.BEFORE, card.ts)
        post = await living.keep(self._offices.entity(incident.entity), job, wanted, None)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _load(self, tx: Tx, job: Job) -> tuple[Incident, Post | None, Post | None, tuple[str, ...]]:
        incident = incidents.get(tx, str(job.payload["incident"]))
        stands, card = posts.get(tx, job.key), posts.get(tx, f"card/{incident.id}")
        return incident, card, stands, adopt.difference(tx, self._desk, incident)


def draw(incident: Incident, revision: str, changes: tuple[str, ...], w: Words) -> Message:
    """What would be other, and the button."""
    said = words.fill(w.answer.revised, incident=incident.id, runbook=incident.runbook)
    value = buttons.encode(Meant(ADOPT, incident.id, incident.version, revision))
    button = pieces.button(w.answer.adopt, ADOPT, value)
    shown = [pieces.say(pieces.shorten(" ".join(changes), SHOWN), SHOWN)]
    return Message(pieces.push(said), (pieces.lines([pieces.say(said)], shown), pieces.row(button)))


async def pressed(talk: Talk, caller: Caller, click: Click, meant: Meant) -> Message:
    """Take it over if the rules let who pressed; why not otherwise, also where it was changed once more. NotFound."""
    now, spoken = talk.desk.clock.now(), caller.words.language
    press = Press(Verb.ESCALATE, meant.incident, caller.by, now, "button", detail=meant.detail, language=spoken)
    return cards.notice((await adopt.adopt(talk.desk, press)).sentence)
