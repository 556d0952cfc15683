"""What stands in the thread of an incident's card: the evidence, the runbook's steps, the newest notes."""

import dataclasses

from bot import words
from bot.engine import annotate, attend, checklist, minds, report, work
from bot.engine.desk import Desk
from bot.model.job import Job, Lane
from bot.model.view import Remark, View
from bot.rules import stages
from bot.slack import evidence, language, links, living, pieces, steps
from bot.slack.client import SlackFault
from bot.slack.office import Offices
from bot.slack.pieces import Json, Message
from bot.store import Tx, posts
from bot.words import Words

EVIDENCE, STEPS, NOTES = KEYS = ("evidence", "steps", "notes")
NEWEST = 20  #: notes that are shown
ROOM = 8_000  #: characters of them; Slack's limit for a message is somewhere above 11,000
LONGEST = 400  #: characters of one

Stand = dict[str, posts.Post | None]


class Threads:
    """The handler of the job `thread`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def thread(self, job: Job) -> work.Outcome:
        """Keep the messages in the card's thread; nothing before the card stands, which asks for them then."""
        incident = str(job.payload["incident"])
        view, card, stand = await self._desk.store.read(lambda tx: self._load(tx, incident))
        if card is None:
            return work.Done()
        office, since = self._offices.entity(view.incident.entity), view.incident.opened_at - living.BEFORE
        waiting: SlackFault | None = None
        for key, message in drawings(view, language.channels(self._desk), stand).items():
            # A tick shows like any answer; evidence, and what is only just begun, lets every card go first.
            lane = Lane.DIGEST if key == EVIDENCE or stand[key] is None else Lane.CARD
            wanted = living.Living(f"{key}/{incident}", message, (card.channel,), since, card.ts, lane)
            try:
                post = await living.keep(office, job, wanted, stand[key])
            except SlackFault as fault:
                if fault.after is None:
                    raise
                waiting = waiting or fault  # the others may have their turn already
                continue
            if post is not None:  # written at once, so that it is not posted again when another one must wait
                await self._desk.store.write(lambda tx, post=post: posts.save(tx, post))  # type: ignore[misc]
        if waiting is not None:
            raise waiting
        return work.Done()

    def _load(self, tx: Tx, incident: str) -> tuple[View, posts.Post | None, Stand]:
        view = report.view_in(tx, self._desk, incident)
        done, noted = checklist.of(tx, self._desk, view.incident), annotate.remarks(tx, view.incident)
        told = attend.remarks(tx, view.incident)
        told += minds.remarks(tx, view.incident) if stages.staged(view.incident.policy) else ()
        noted = tuple(sorted((*noted, *told), key=lambda remark: remark.at))
        stand = {key: posts.get(tx, f"{key}/{incident}") for key in KEYS}
        return dataclasses.replace(view, checklist=done, notes=noted), posts.get(tx, f"card/{incident}"), stand


def drawings(view: View, w: Words, stand: Stand | None = None) -> dict[str, Message]:
    """What there is to show, in its order; what stands already is drawn although there is nothing left to say."""
    stand = stand or {}
    found: dict[str, Message] = {}
    if view.alerts or stand.get(EVIDENCE):
        found[EVIDENCE] = evidence.draw(view, w)
    if view.checklist:
        found[STEPS] = steps.draw(view, w)
    if view.notes or stand.get(NOTES):
        found[NOTES] = notes(view, w)
    return found


def notes(view: View, w: Words) -> Message:
    """The newest notes of the timeline, oldest first."""
    title = words.fill(w.card.notes, incident=view.incident.id)
    shown: list[list[Json]] = []
    room = ROOM
    for remark in reversed(view.notes[-NEWEST:]):
        line = _note(remark, w)
        room -= pieces.size(line)
        if room < 0:
            break
        shown.insert(0, line)
    more = len(view.notes) - len(shown)
    blocks = [pieces.header(title), *([pieces.small(words.fill(w.card.earlier, count=more))] if more else [])]
    said = f"{title}: {pieces.shorten(view.notes[-1].text, 300)}" if view.notes else f"{title}: {w.card.no_notes}"
    return Message(pieces.push(said), (*blocks, pieces.lines(*(shown or [[pieces.say(w.card.no_notes)]]))))


def _note(remark: Remark, w: Words) -> list[Json]:
    kind, _, name = (remark.author or f"person:{remark.by}").partition(":")
    who = pieces.user(name) if kind == "slack" else pieces.loud(name, 80)
    line = pieces.line(w.card.note, when=pieces.when(remark.at), who=who, text=pieces.say(remark.text, LONGEST))
    if remark.permalink:
        line += [pieces.say(" "), links.draw(w.card.original, remark.permalink)]
    return line
