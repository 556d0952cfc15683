"""Lines that several forms share: which incident it is about, and who would be paged. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from bot import words
from bot.engine.ladder import Rung
from bot.model.people import Person
from bot.slack import pieces
from bot.slack.forms import choices, fields
from bot.slack.forms.form import Reached, Scene
from bot.slack.pieces import Json

MOST = 12  # people a form names with their ways; the rest are counted


def about(scene: Scene) -> list[Json]:
    """The blocks that say which incident is meant, as it stands; where none is meant yet, they ask which."""
    w, known = scene.w.form, scene.known
    ask = [] if scene.seed.incident else _which(scene)
    incident = known.incident if known else None
    if known is None or incident is None:
        waits = [pieces.loud(scene.incident), pieces.say(f" {scene.unread or w.reading}")]
        return [*ask, _named(pieces.lines(waits), "about")] if scene.incident else ask
    state = [pieces.say(w.unheld if incident.open else w.over)]
    if known.holder is not None and incident.open:
        state = pieces.line(w.held_by, who=pieces.who(known.holder))
    head = [pieces.loud(incident.id), pieces.say(f" {known.headline}", 250)]
    return [*ask, _named(pieces.lines(head, state), "about")]


def _which(scene: Scene) -> list[Json]:
    w, chosen = scene.w.form, scene.incident
    options = choices.incidents(scene.known.open if scene.known else ())
    if not options and not chosen:
        return [pieces.lines([pieces.say(w.none_open if scene.known else scene.unread or w.reading)])]
    return [fields.choose(fields.Field("incident", w.incident, w.incident_placeholder, lively=True), options, chosen)]


def preview(scene: Scene, *each: list[Json]) -> Json:
    """The block that says what sending will do."""
    w = scene.w.form
    if scene.known is None:
        each = ([pieces.say(scene.unread or w.reading)],)
    return _named(pieces.lines([pieces.loud(w.will_happen)], *each), "preview")


def crew(reached: Sequence[Reached], why: str, scene: Scene) -> list[list[Json]]:
    """A line for each person with their ways, and why it is them; or that it would be nobody."""
    w = scene.w.form
    if not reached:
        return [[pieces.loud(w.nobody), pieces.say(f" {why}")]]
    named = [_reached(one, w) for one in reached[:MOST]]
    more = [pieces.line(w.and_more, count=len(reached) - MOST)] if len(reached) > MOST else []
    return [*named, *more, [pieces.say(why)]] if why else [*named, *more]


def ladder(rungs: Sequence[Rung], scene: Scene) -> list[list[Json]]:
    """A line for each tier of a climb: when, who, and why them."""
    w = scene.w.form
    return [
        pieces.line(
            w.step_later if rung.after else w.step_now,
            minutes=minutes(rung.after),
            tier=pieces.loud(rung.tier),
            who=", ".join(rung.persons) or w.nobody,
            why=rung.why,
        )
        for rung in rungs[:MOST]
    ]


def minutes(span: timedelta) -> str:
    """A span in minutes, without needless digits."""
    return f"{round(span.total_seconds() / 60, 1):g}"


def people(persons: Sequence[Person], scene: Scene) -> list[Json]:
    """Several people in one line."""
    return pieces.named(persons) if persons else [pieces.loud(scene.w.form.nobody)]


def _reached(one: Reached, w: words.form.Form) -> list[Json]:
    if not one.ways:
        return pieces.line(w.no_way, who=pieces.who(one.person))
    ways = (
        words.fill(w.way_later, way=way.channel, minutes=minutes(way.after)) if way.after else way.channel
        for way in one.ways
    )
    return pieces.line(w.paged_by, who=pieces.who(one.person), ways=", ".join(ways))


def _named(block: Json, name: str) -> Json:
    return block | {"block_id": name}
