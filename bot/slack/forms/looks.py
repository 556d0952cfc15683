"""Views that only show: why an incident went where it went, and what has happened to it so far."""

from bot.model.entry import Sealed
from bot.slack import lists, pieces
from bot.slack.forms import lines, reading
from bot.slack.forms.form import Form, Scene
from bot.slack.pieces import Json
from bot.words import Words

TEXT = 240  # characters of an entry's words


def explanation(scene: Scene) -> list[Json]:
    """Why it was routed so, and who would be paged when, by the resolver that pages."""
    w, told = scene.w.form, scene.known.told if scene.known else None
    if told is None:
        return lines.about(scene)
    climb = pieces.lines([pieces.loud(w.climbs)], *lines.ladder(told.tiers, scene))
    gaps = [pieces.lines(*([pieces.loud(gap, 500)] for gap in told.gaps))] if told.gaps else []
    revised = [pieces.lines([pieces.say(w.revised)])] if told.revised else []
    why = pieces.lines([pieces.loud(w.why_routed), pieces.say(f" {told.why}", 1_000)])
    return [*lines.about(scene), why, climb, *gaps, *revised, *lists.explained_parts(told, scene.w)]


def timeline(scene: Scene) -> list[Json]:
    """The newest entries, oldest first."""
    if scene.known is None or scene.known.incident is None:
        return lines.about(scene)
    told = [pieces.lines(_entry(sealed, scene.w)) for sealed in scene.known.timeline]
    return [*lines.about(scene), *(told or [pieces.lines([pieces.say(scene.w.form.nothing_yet)])])]


EXPLAIN = Form("explain", "explain_title", explanation, load=reading.explained, typed="/incident explain INC-7")
TIMELINE = Form("timeline", "timeline_title", timeline, load=reading.timeline, typed="/incident show INC-7")


def _entry(sealed: Sealed, w: Words) -> list[Json]:
    entry = sealed.entry
    text = str(entry.after.get("text") or entry.why or "")
    its = f" {entry.subject}" if entry.kind.startswith("change.") else ""  # which of those that were made for it
    actor = entry.actor.removeprefix("person:")
    head = [
        pieces.when(entry.at),
        pieces.say(" "),
        pieces.loud(f"{entry.kind.replace('.', ' ').replace('_', ' ')}{its}", 100),
        pieces.say(f" {w.form.by} {actor}", 100),
    ]
    return [*head, pieces.say(f": {text}", TEXT)] if text else head
