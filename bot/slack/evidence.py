"""The evidence in a card's thread: each alert with its measures, its labels to the letter, its links as they are."""

from bot import words
from bot.model.alert import KeptAlert, Status
from bot.model.view import View
from bot.slack import facts, links, pieces
from bot.slack.pieces import Json, Message
from bot.words import Words

ROOM = 8_000  #: characters of one message; Slack's limit is somewhere above 11,000
MEASURES, LABELS, LINKS = 8, 12, 3  #: of one alert
NAME, TEXT = 60, 300  #: characters of a name or a label, and of what a monitor wrote
ADDRESS = 1_000  #: characters of an address to open; a longer one is told of

Lines = list[list[Json]]


def draw(view: View, w: Words) -> Message:
    """The alerts that fire first; as many as there is room for, and how many more there are."""
    incident, card = view.incident, w.card
    title = words.fill(card.evidence, incident=incident.id)
    blocks, room = [pieces.header(title)], ROOM
    for kept in sorted(view.alerts, key=lambda kept: kept.status is not Status.FIRING):
        parts = _head(kept, w), _measures(kept, w), _origin(kept, w)
        room -= sum(pieces.size(line) for lines in parts for line in lines)
        if room < 0 and len(blocks) > 1:
            break
        blocks.append(pieces.told(*parts))
    if not view.alerts:
        blocks.append(pieces.small(card.went if incident.merged_into else card.no_alert))
    more = max(incident.alerts_total, len(view.alerts)) - (len(blocks) - 1)
    if more > 0:
        blocks.append(pieces.small(words.fill(card.more_alerts, count=more)))
    return Message(pieces.push(f"{title}: {facts.wrong(view, w)}"), tuple(blocks))


def _head(kept: KeptAlert, w: Words) -> Lines:
    card, alert = w.card, kept.alert
    states = {Status.FIRING: card.firing, Status.RESOLVED: card.over, Status.NO_DATA: card.no_data}
    about = " ".join(part for part in (alert.model, alert.version) if part)
    told = " · ".join(part for part in (pieces.shorten(about, NAME), states[kept.status]) if part)
    lines = [[pieces.loud(alert.title, 150), pieces.say(f" · {told}")]]
    if alert.summary and alert.summary != alert.title:
        lines.append([pieces.say(alert.summary, TEXT)])
    return lines


def _measures(kept: KeptAlert, w: Words) -> Lines:
    found = kept.alert.measures
    lines = [[pieces.say(facts.measure(one, w, most=NAME), TEXT)] for one in found[:MEASURES]]
    if len(found) > MEASURES:
        lines.append([pieces.say(words.fill(w.card.and_others, count=len(found) - MEASURES))])
    return lines


def _origin(kept: KeptAlert, w: Words) -> Lines:
    """Its labels, its links, and when it was seen, by which connection."""
    card, alert = w.card, kept.alert
    labels = [
        f"{pieces.shorten(key, NAME)} = {pieces.shorten(value, NAME)}" for key, value in sorted(alert.labels.items())
    ]
    lines: Lines = []
    if labels:
        more = words.fill(card.and_others, count=len(labels) - LABELS) if len(labels) > LABELS else ""
        told = " · ".join([*labels[:LABELS], *([more] if more else [])])
        lines.append([pieces.say(card.labels, most=NAME), pieces.say(told, 2_000)])
    if alert.links:
        spans = [span for link in alert.links[:LINKS] for span in (pieces.say(" · "), _link(link))][1:]
        more = words.fill(card.and_others, count=len(alert.links) - LINKS) if len(alert.links) > LINKS else ""
        lines.append([pieces.say(card.links, most=NAME), *spans, *([pieces.say(f" · {more}")] if more else [])])
    first, last = pieces.when(kept.first_seen_at), pieces.when(kept.last_seen_at)
    connection = pieces.shorten(alert.connection, NAME)
    lines.append(pieces.line(card.seen, first=first, last=last, connection=connection))
    return lines


def _link(address: str) -> Json:
    """A link that calls itself what it is; words where it is too long to be opened from a message."""
    return links.draw("", address) if len(address) <= ADDRESS else pieces.say(links.words("", address), TEXT)
