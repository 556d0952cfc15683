"""Answers that list something: open incidents, who is on call, whom an incident goes to."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot import words
from bot.engine import explain, parts, report
from bot.engine.ladder import Rung
from bot.model.incident import Incident, Phase
from bot.model.page import Page
from bot.model.rota import Shift
from bot.model.view import View
from bot.rules import turns
from bot.slack import cards, commands, pieces
from bot.slack.commands import Command
from bot.slack.pieces import Json, Message
from bot.words import Words

MOST = 20  #: lines; a phone shows no more with any grace
ASKED = 10  #: buttons of a question


def incidents(found: Sequence[Incident], total: int, w: Words, *, mine: bool = False) -> Message:
    """The newest incidents, a line each, of `total` that there are."""
    if not found:
        return commands.hint(w.talk.none_mine if mine else w.talk.none_open)
    names = ", ".join(incident.id for incident in found[:MOST])
    text = words.fill(w.talk.yours_now if mine else w.talk.open_now, names=names)
    return Message(pieces.push(text), (pieces.lines(*_rows([_incident(one, w) for one in found], total, w)),))


def which(command: Command, found: Sequence[Incident], total: int, w: Words) -> Message:
    """Asks which incident is meant, a button for each, when none was named and it is not the only one."""
    listed = incidents(found, total, w)
    if not found:
        return listed
    example = command.usage.replace("INC-7", found[0].id)
    asked = pieces.lines([pieces.say(words.fill(w.talk.which, example=example))])
    row = pieces.row(*(order(one.id, f"{command.name} {one.id}", place) for place, one in enumerate(found[:ASKED])))
    return Message(listed.text, (asked, *listed.blocks, row))


def order(label: str, text: str, place: int = 0, *, style: str | None = None) -> Json:
    """A button that gives an order as if its presser had typed it."""
    return pieces.button(label, f"{ORDER}{place}", text, style=style)


ORDER = "order."  #: how the action of such a button begins


def on_call(found: Sequence[report.OnCall], w: Words) -> Message:
    """Who holds each rota's pager, until when, and who is next."""
    if not found:
        return commands.hint(w.talk.no_rota)
    said = "; ".join(f"{one.rota}: {', '.join(p.name for p in one.persons) or w.talk.nobody}" for one in found[:MOST])
    rows = [row for one in found[:MOST] for row in _on_call(one, w)]
    rows += [[pieces.say(words.fill(w.talk.more, count=len(found) - MOST))]] if len(found) > MOST else []
    return Message(pieces.push(words.fill(w.talk.on_call, names=said)), (pieces.lines(*rows),))


def answering(found: report.Answering, w: Words) -> Message:
    """Who answers for a model, a team, a rota or an entity: the first people first, then the rotas and tiers."""
    who = pieces.named(found.persons) if found.persons else [pieces.loud(w.talk.nobody)]
    first = pieces.line(w.talk.answers_for, what=pieces.loud(found.about, 100), who=who)
    rows = [row for one in found.rotas[:MOST] for row in _on_call(one, w)]
    rows += [row for rung in found.tiers[:MOST] for row in _rung(rung, w)]
    said = ", ".join(person.name for person in found.persons[:MOST]) or w.talk.nobody
    text = words.fill(w.talk.answers_for, what=found.about, who=said)
    return Message(pieces.push(text), (pieces.lines(first, *rows),))


def explained(found: explain.Explanation, w: Words) -> Message:
    """Why an incident was routed so, who is paged when, and how its first alert would go now."""
    incident = found.view.incident
    why = words.fill(w.talk.explained, incident=incident.id, why=found.why)
    rows = [row for rung in found.tiers[:MOST] for row in _rung(rung, w)]
    first = pieces.lines([pieces.say(why, 1000)], *rows)
    return Message(pieces.push(why), (first, *explained_parts(found, w)))


def ledger(view: View, w: Words) -> Message:
    """Every page of an incident, the newest first: how far it came, and when each of that happened."""
    sheets = sorted(view.pages, key=lambda page: page.decided_at, reverse=True)
    text = words.fill(w.talk.pages if sheets else w.talk.no_pages, incident=view.incident.id, count=len(sheets))
    rows = _rows([_sheet(page, w) for page in sheets], len(sheets), w)
    return Message(pieces.push(text), (pieces.lines([pieces.say(text)], *rows),))


def _sheet(page: Page, w: Words) -> list[Json]:
    said = w.talk.page_states
    stamps = (("decided", page.decided_at), ("due", page.due_at if page.due_at != page.decided_at else None))
    later = (("claimed", page.claimed_at), ("sent", page.sent_at), ("delivered", page.delivered_at))
    gone = [(said[name], at) for name, at in (*stamps, *later, ("answered", page.answered_at)) if at]
    told = pieces.line(w.talk.sheet, tier=page.tier, who=pieces.say(page.person, 80), by=page.channel)
    for what, at in gone:
        told += [pieces.say(f" · {what} "), pieces.when(at)]
    ends = [said[page.state.value]] if page.state.value in ("failed", "moot") else []
    ends += [pieces.clean(page.failure)] if page.failure else []
    ends += [words.fill(w.talk.as_named, id=page.provider_id)] if page.provider_id else []
    ends += [words.fill(w.talk.along, page=page.bundled)] if page.bundled else []
    return [*told, *(pieces.say(f" · {end}", 300) for end in ends)]


def explained_parts(found: explain.Explanation, w: Words) -> list[Json]:
    """What an explanation has beyond the first round: a block for each part."""
    return [_part(part, w) for part in parts.incident(found, w)]


def _part(part: parts.Part, w: Words) -> Json:
    shown = [[pieces.say(line)] for line in part.lines[:MOST]]
    more = [[pieces.say(words.fill(w.talk.more, count=len(part.lines) - MOST))]] if len(part.lines) > MOST else []
    return pieces.lines([pieces.loud(part.title)], *shown, *more)


def _rung(rung: Rung, w: Words) -> list[list[Json]]:
    who = ", ".join(rung.persons) or w.talk.nobody
    after = rung.after // timedelta(minutes=1)
    template = w.talk.rung if after else w.talk.rung_now
    rows = [pieces.line(template, tier=pieces.loud(rung.tier, 80), after=after, who=pieces.say(who))]
    return [*rows, pieces.line(w.talk.because, why=rung.why)] if rung.why else rows


def _rows(rows: list[list[Json]], total: int, w: Words) -> Iterable[list[Json]]:
    shown = rows[:MOST]
    rest = max(total, len(rows)) - len(shown)
    return [*shown, [pieces.say(words.fill(w.talk.more, count=rest))]] if rest > 0 else shown


def _incident(incident: Incident, w: Words) -> list[Json]:
    if incident.holder and incident.phase is not Phase.TRIGGERED:
        state = words.fill(w.talk.held, phase=w.talk.phases[incident.phase.value], who=incident.holder)
    else:
        state = words.fill(w.talk.waits, tier=incident.tier)
    told = pieces.line(
        w.talk.listed,
        severity=incident.severity.upper(),
        about=pieces.say(cards.subject(incident), 60),
        title=pieces.say(incident.title, 100),
        state=pieces.say(state, 100),
        since=pieces.when(incident.opened_at),
    )
    return [pieces.loud(incident.id), *told]


def _on_call(one: report.OnCall, w: Words) -> list[list[Json]]:
    who = pieces.named(one.persons) if one.persons else [pieces.loud(w.talk.nobody)]
    now = pieces.line(w.talk.until, rota=pieces.loud(one.rota, 80), who=who, until=_end(one.shift, w))
    if one.after is None:
        return [now]
    names = ", ".join(holder.person for holder in one.after.holders) or w.talk.nobody
    return [now, pieces.line(w.talk.then, who=pieces.say(names, 200), until=_end(one.after, w))]


def _end(shift: Shift, w: Words) -> Json:
    """When a shift ends; a rota of one person is theirs without end, and Slack draws no date so far away."""
    return pieces.say(w.home.forever) if shift.end >= turns.LAST else pieces.when(shift.end)
