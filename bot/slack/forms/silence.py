"""The form that silences alerts: prefilled by an incident, and it says what it hits before it is sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import words
from bot.engine import silence
from bot.errors import BadInput
from bot.model.verdict import Verdict
from bot.rules import window
from bot.slack import pieces, silenced
from bot.slack.forms import fields, lines, reading
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.pieces import Json
from bot.words import Words

SPANS = {"30m": "m30", "1h": "h1", "2h": "h2", "4h": "h4", "8h": "h8", "1d": "d1", "7d": "d7"}  # -> their words
USUAL = "2h"
MOMENT, WHY = 40, 3_000  # characters
SHADOW, MAINTENANCE, SURE = "shadow", "maintenance", "sure"
_THEN = datetime(2000, 1, 1, tzinfo=UTC)  # for telling whether words are a moment at all


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled, known = scene.w.form, scene.filled, scene.known
    head = lines.about(scene) if scene.seed.incident else []
    if known is None and not scene.unread and not filled.get("matchers"):
        return head or [pieces.lines([pieces.say(w.reading)])]  # what stands in its fields is still being read
    standing = filled.get("matchers") or "\n".join(map(window.written, known.matchers if known else ()))
    spans = [fields.option(span, str(getattr(w, word))) for span, word in SPANS.items()]
    zone = words.fill(scene.w.silence.zone, zone=known.zone if known else "UTC")
    ends = Field("ends", w.silence_ends, w.silence_ends_placeholder, w.silence_ends_hint, optional=True, lively=True)
    starts = Field("starts", w.silence_starts, w.silence_starts_placeholder, zone, optional=True, lively=True)
    return [
        *head,
        fields.text(
            Field("matchers", w.matchers, w.matchers_placeholder, w.matchers_hint, lively=True), standing, lines=True
        ),
        fields.choose(Field("span", w.how_long, lively=True), spans, filled.get("span", USUAL)),
        fields.text(ends, filled.get("ends", ""), most=MOMENT),
        fields.text(starts, filled.get("starts", ""), most=MOMENT),
        fields.text(Field("why", w.why, w.silence_why_placeholder), filled.get("why", ""), most=WHY, lines=True),
        fields.boxes(Field("boxes", w.boxes, optional=True, lively=True), _boxes(scene), filled.get("boxes", "")),
        _preview(scene),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    found = {} if filled.get("why") else {"why": w.form.needed}
    for name, read in (("matchers", window.read), ("starts", _some_moment), ("ends", _some_end)):
        try:
            read(filled.get(name, ""))
        except BadInput as error:
            found[name] = str(error)
    if not filled.get("matchers"):
        found["matchers"] = w.form.needed
    return found


async def load(errand: Errand) -> Known:
    """What it would hit if it were sent as it stands, and the incident it was opened from. NotFound."""
    person = errand.caller.person
    known = await reading.incident(errand) if errand.seed.incident else Known()
    matchers = await silence.fitting(errand.desk, known.incident.id) if known.incident else ()
    known = replace(known, matchers=matchers, zone=person.timezone if person else "UTC")
    try:
        draft = _draft(errand)
        draft = draft if draft.matchers else replace(draft, matchers=matchers)
        if not draft.matchers:
            return known
        found = await silence.preview(errand.desk, draft, errand.now)
    except BadInput as error:
        return replace(known, why=str(error))
    return replace(known, hits=found, starts_at=draft.starts_at, ends_at=draft.ends_at)


async def send(errand: Errand) -> Done | Again:
    """Make it."""
    caller, now = errand.caller, errand.now
    try:
        draft = _draft(errand)
        outcome = await silence.make(errand.desk, draft, caller.by, now, "form", caller.words.language)
    except BadInput as error:
        return Again(Problem(str(error), _blamed(errand)))
    if outcome.verdict is Verdict.GO:
        return Done(([pieces.say(outcome.sentence, 2_000)],))
    return Again(Problem(outcome.sentence, "boxes" if outcome.verdict is Verdict.UNSURE else "matchers"))


FORM = Form(
    "silence",
    "silence_title",
    draw,
    submit="silence_submit",
    load=load,
    check=check,
    send=send,
    words_in="why",
    typed="/incident silence INC-7 for 2h because WHY",
    asks=("matchers", "starts", "ends", "boxes"),
)


def _draft(errand: Errand) -> silence.Draft:
    """What the fields ask for; an end of one's own counts before the chosen length. BadInput."""
    filled, now = errand.filled, errand.now
    starts_at, ends_at = _times(errand)
    boxes = filled.get("boxes", "").split(",")
    return silence.Draft(
        window.read(filled.get("matchers", "")),
        ends_at or (starts_at or now) + window.span(filled.get("span", USUAL)),
        filled.get("why", ""),
        starts_at,
        MAINTENANCE in boxes,
        SHADOW in boxes,
        errand.seed.incident or None,
        sure=SURE in boxes,
    )


def _times(errand: Errand) -> tuple[datetime | None, datetime | None]:
    person, now = errand.caller.person, errand.now
    zone = ZoneInfo(person.timezone if person else "UTC")
    starts, ends = errand.filled.get("starts", ""), errand.filled.get("ends", "")
    starts_at = window.moment(starts, zone, now) if starts else None
    if not ends:
        return starts_at, None
    length = _length(ends)
    return starts_at, (starts_at or now) + length if length else window.moment(ends, zone, now)


def _blamed(errand: Errand) -> str:
    """The field that is to be mended."""
    try:
        window.fit(window.read(errand.filled.get("matchers", "")), errand.desk.settings.estate)
    except BadInput:
        return "matchers"
    try:
        starts_at, _ = _times(errand)
    except BadInput:
        return "ends"
    return "starts" if starts_at is not None and window.past(starts_at, errand.now) else "ends"


def _length(typed: str) -> timedelta | None:
    try:
        return window.span(typed)
    except BadInput:
        return None


def _some_moment(typed: str) -> None:
    if typed:
        window.moment(typed, UTC, _THEN)


def _some_end(typed: str) -> None:
    if not _length(typed):
        _some_moment(typed)


def _boxes(scene: Scene) -> list[Json]:
    """What may be ticked; that everything is meant is asked only where everything is hit."""
    w, hits = scene.w.form, scene.known.hits if scene.known else None
    ticked = scene.filled.get("boxes", "").split(",")
    found = [fields.option(SHADOW, w.box_shadow), fields.option(MAINTENANCE, w.box_maintenance)]
    sure = (hits is not None and hits.everything) or SURE in ticked
    return [*found, fields.option(SURE, w.box_sure)] if sure else found


def _preview(scene: Scene) -> Json:
    known, w = scene.known, scene.w
    if known is None:
        return lines.preview(scene)
    if known.hits is None or known.ends_at is None:
        return lines.preview(scene, [pieces.say(known.why or w.form.matchers_first, 500)])
    return lines.preview(scene, silenced.span(known.starts_at, known.ends_at, w), *silenced.hits(known.hits, w))
