"""The form that quiets an incident for a while; it says until when, and who is called after that."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.verb import Verb
from bot.slack import pieces
from bot.slack.forms import fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Scene
from bot.slack.pieces import Json
from bot.words import Words

SPANS = {"15": "m15", "30": "m30", "60": "h1", "120": "h2", "240": "h4"}  # minutes -> the words for them
MORNING, AT = "morning", time(8)
USUAL = "30"
MOST = 10_080  # minutes: a week


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled = scene.w.form, scene.filled
    spans = [fields.option(minutes, str(getattr(w, words))) for minutes, words in SPANS.items()]
    spans.append(fields.option(MORNING, w.morning))
    minutes = fields.text(
        Field("minutes", w.minutes, w.minutes_placeholder, w.minutes_hint, optional=True, lively=True),
        filled.get("minutes", ""),
        most=5,
    )
    return [
        *lines.about(scene),
        fields.choose(Field("span", w.how_long, lively=True), spans, filled.get("span", USUAL)),
        minutes,
        _preview(scene),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    if minutes := filled.get("minutes", ""):
        return {} if _good(minutes) else {"minutes": w.form.bad_minutes}
    return {} if filled.get("span", "") in (*SPANS, MORNING) else {"span": w.form.needed}


async def load(errand: Errand) -> Known:
    """The incident, whom it climbs to afterwards, and where the caller's mornings are."""
    known, person = await reading.silence(errand), errand.caller.person
    return replace(known, zone=person.timezone) if person else known


async def send(errand: Errand) -> Done | Again:
    """Snooze it."""
    zone = errand.caller.person.timezone if errand.caller.person else "UTC"
    span = asked(errand.filled, zone, errand.now)
    return await sending.press(errand, Verb.SNOOZE, detail=str(span), field="minutes")


def asked(filled: Filled, zone: str, now: datetime) -> int:
    """For how many minutes; typed ones count before the chosen span."""
    if _good(minutes := filled.get("minutes", "")):
        return int(minutes)
    span = filled.get("span", USUAL)
    return until_morning(zone, now) if span == MORNING else int(span) if _good(span) else int(USUAL)


def until_morning(zone: str, now: datetime) -> int:
    """Minutes until it is next 08:00 on the clocks of `zone`, one at least."""
    here = now.astimezone(ZoneInfo(zone))
    day = here.date() + timedelta(days=here.time() >= AT)
    rings = datetime.combine(day, AT, ZoneInfo(zone))
    return max(1, -(-int((rings - now).total_seconds()) // 60))


FORM = Form(
    "snooze",
    "snooze_title",
    draw,
    submit="snooze_submit",
    load=load,
    check=check,
    send=send,
    typed="/incident snooze INC-7 30m",
)


def _good(minutes: str) -> bool:
    return minutes.isascii() and minutes.isdigit() and len(minutes) <= 5 and 1 <= int(minutes) <= MOST


def _preview(scene: Scene) -> Json:
    known, w = scene.known, scene.w.form
    if known is None:
        return lines.preview(scene)
    if scene.filled.get("minutes") and not _good(scene.filled["minutes"]):
        return lines.preview(scene, [pieces.say(w.bad_minutes)])
    until = scene.now + timedelta(minutes=asked(scene.filled, known.zone, scene.now))
    held = pieces.line(w.snooze_means, until=pieces.when(until))
    if not known.reached:
        return lines.preview(scene, held, [pieces.say(w.snooze_ends)])
    names = lines.people([one.person for one in known.reached], scene)
    return lines.preview(scene, held, [pieces.say(w.snooze_ends)], pieces.line(w.then_tier, tier=known.tier, who=names))
