"""One living line for each incident in the channel of the index: how it stands, who has it, where its card is."""

from datetime import timedelta

from bot import words
from bot.engine import escalate, report, work
from bot.engine.desk import Desk
from bot.model.job import Job, Lane
from bot.model.view import View
from bot.slack import facts, language, living, pieces
from bot.slack.client import SlackFault
from bot.slack.office import Offices
from bot.slack.pieces import Json, Message
from bot.store import jobs, posts
from bot.words import Words

CARD_FIRST = timedelta(seconds=2)  # until the card is looked for again, so that the line need not be drawn twice
PATIENCE = 4  # times that is done; then the line goes without it


class Lines:
    """The handler of the job `line`."""

    def __init__(self, desk: Desk, offices: Offices) -> None:
        """What is drawn is read when the job is done."""
        self._desk = desk
        self._offices = offices

    async def line(self, job: Job) -> work.Outcome:
        """Keep the incident's line in the index; nothing where no index is configured."""
        desk, incident = self._desk, str(job.payload["incident"])
        index = desk.settings.slack.index
        if index is None:
            return work.Done()
        key = f"line/{incident}"
        view, card, stands = await desk.store.read(
            lambda tx: (report.view_in(tx, desk, incident), posts.get(tx, f"card/{incident}"), posts.get(tx, key))
        )
        if card is None and job.attempts <= PATIENCE:
            return work.Later(desk.clock.now() + CARD_FIRST, "the card goes first")
        office = self._offices.main
        near = card is not None and self._offices.entity(view.incident.entity) is office
        message = draw(view, language.channels(desk), card=card.channel if card and near else "")
        since = view.incident.opened_at - living.BEFORE
        wanted = living.Living(key, message, (index,), since, lane=Lane.DIGEST)
        try:
            post = await living.keep(office, job, wanted, stands)
        except SlackFault as fault:
            if fault.code not in living.ELSEWHERE:
                raise
            return self._refused(index, fault)
        return work.Done(None if post is None else lambda tx: posts.save(tx, post))

    def _refused(self, index: str, fault: SlackFault) -> work.Outcome:
        """Whoever reads the main channel is told once; each further line is just not there."""
        w, to = language.channels(self._desk), f"channel:{self._desk.settings.slack.channel}"
        text = words.fill(w.card.no_index, channel=index, code=fault.code)
        told = escalate.notice(f"index/{index}/{fault.code}", to, f"{text} {fault.do}".strip(), self._desk.clock.now())
        return work.Dead(str(fault), lambda tx: jobs.put_once(tx, told))


def draw(view: View, w: Words, *, card: str = "") -> Message:
    """The line; `card` is the id of the channel in which the incident's card stands."""
    incident, say = view.incident, w.card
    state, severity = facts.phase(incident, w), incident.severity.upper()
    what = f"{pieces.shorten(facts.subject(incident), 60)} · {pieces.shorten(incident.title, 150)}"
    about = " · ".join(part for part in (incident.id, what, _who(view, w)) if part)
    parts: list[list[Json]] = [[pieces.loud(f"{state} · {severity}")], [pieces.say(about, 500)]]
    parts.append(pieces.line(say.since_short, when=pieces.when(incident.opened_at)))
    if incident.resolved_at:
        parts.append(pieces.line(say.until_short, when=pieces.when(incident.resolved_at)))
    if card:
        parts.append(pieces.line(say.card_in, channel=pieces.channel(card)))
    spans = [span for part in parts for span in (pieces.say(" · "), *part)][1:]
    return Message(pieces.push(f"[{severity}] {state} {about}"), (pieces.lines(spans),))


def _who(view: View, w: Words) -> str:
    """Names, no mentions: the page has woken whom it had to."""
    incident, say = view.incident, w.card
    if incident.merged_into:
        return words.fill(say.merged_short, incident=incident.merged_into)
    if not incident.open:
        return ""
    if incident.holder:
        return words.fill(say.held_short, who=pieces.shorten(incident.holder, 60))
    names = ", ".join(pieces.shorten(person.name, 40) for person in view.waiting_for[:4])
    return words.fill(say.waiting_short, who=names or say.nobody)
