"""The runbook's steps in a card's thread: a checklist whose ticks say who and when."""

from collections.abc import Sequence
from itertools import groupby

from bot import words
from bot.model.checklist import Item
from bot.model.incident import Incident
from bot.model.verb import Verb
from bot.model.view import View
from bot.slack import buttons, inline, markdown, pieces
from bot.slack.pieces import Json, Message
from bot.words import Words

ROOM = 6_000  #: characters of the steps; their buttons come on top of it
LEAST, MOST = 120, 500  #: characters of one step, whatever the number of steps
SPANS, ROW, SECTIONS = 20, 25, 40  #: spans of one step, buttons side by side, headings


def draw(view: View, w: Words) -> Message:
    """Every step below its heading, and a button to tick it or to take the tick back while the incident is open."""
    card, incident, items = w.card, view.incident, view.checklist
    title = words.fill(card.steps, runbook=pieces.shorten(view.runbook_title, 120))
    progress = words.fill(card.progress, done=sum(item.ticked_at is not None for item in items), total=len(items))
    lines = _lines(items, w)
    shown = items[: len(lines)]
    blocks = [pieces.header(title), *_sections(shown, lines)]
    if len(items) > len(shown):
        blocks.append(pieces.small(words.fill(card.more_steps, count=len(items) - len(shown))))
    if incident.open:
        pressed = [_button(incident, number, item, w) for number, item in enumerate(shown, 1)]
        blocks += [pieces.row(*pressed[at : at + ROW]) for at in range(0, len(pressed), ROW)]
    blocks.append(pieces.small(f"{incident.id} · {progress}"))
    return Message(pieces.push(f"{incident.id} · {title} · {progress}"), tuple(blocks))


def _lines(items: Sequence[Item], w: Words) -> list[list[Json]]:
    """The steps that fit, a line each, numbered through."""
    most = max(LEAST, min(MOST, ROOM // max(len(items), 1) - 100))
    lines: list[list[Json]] = []
    room, sections = ROOM, {""}
    for number, item in enumerate(items, 1):
        line = _line(number, item, most, w)
        room -= pieces.size(line) + (len(item.step.section) if item.step.section not in sections else 0)
        sections.add(item.step.section)
        if lines and (room < 0 or len(sections) > SECTIONS):
            break
        lines.append(line)
    return lines


def _line(number: int, item: Item, most: int, w: Words) -> list[Json]:
    text = inline.cut(markdown.spans(item.step.text, most=most), most, SPANS)
    if item.ticked_at is None:
        return [pieces.say(f"{number}. "), *text]
    who = pieces.loud(item.ticked_by or w.card.nobody, 80)
    done = pieces.line(w.card.ticked, who=who, when=pieces.when(item.ticked_at))
    return [pieces.say(f"{number}. "), *pieces.struck(text), *done]


def _sections(items: Sequence[Item], lines: Sequence[list[Json]]) -> list[Json]:
    """A block for each heading of the runbook, in its order."""
    blocks = []
    for section, pairs in groupby(zip(items, lines, strict=True), key=lambda pair: pair[0].step.section):
        heading = [pieces.loud(section, 150)] if section.strip() else []
        blocks.append(pieces.lines(heading, *(line for _, line in pairs)))
    return blocks


def _button(incident: Incident, number: int, item: Item, w: Words) -> Json:
    """Ticks what is open, unticks what is ticked; it stays good whatever else happens to the incident."""
    ticked = item.ticked_at is not None
    label = words.fill(w.card.undo if ticked else w.card.done, number=number)
    value = buttons.encode(buttons.Meant(str(Verb.UNTICK if ticked else Verb.TICK), incident.id, detail=item.step.id))
    aloud = words.fill(w.card.step_aloud, label=label, incident=incident.id, step=pieces.shorten(item.step.text, 75))
    return pieces.button(label, f"step/{number}", value, aloud=aloud)
