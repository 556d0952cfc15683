"""The form that makes an incident graver or lighter, and says who is paged by that."""

from dataclasses import replace

from bot import runbooks
from bot.model.incident import SEVERITIES, Incident
from bot.model.verb import Verb
from bot.rules import escalation
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, reading, sending
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Scene
from bot.slack.pieces import Json
from bot.store import Tx
from bot.words import Words

WHY = 1_000  # characters


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled = scene.w.form, scene.filled
    severity = Field("severity", w.severity, w.severity_placeholder, lively=True)
    return [
        *lines.about(scene),
        fields.choose(severity, choices.severities(), filled.get("severity", "")),
        fields.text(Field("why", w.why, w.why_placeholder, optional=True), filled.get("why", ""), most=WHY, lines=True),
        _preview(scene),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    found = {} if filled.get("severity") in SEVERITIES else {"severity": w.form.needed}
    return found | ({"why": w.form.too_long} if len(filled.get("why", "")) > WHY else {})


async def load(errand: Errand) -> Known:
    """The incident, and who would be paged at the chosen severity. NotFound."""
    wanted, desk, now = errand.filled.get("severity", ""), errand.desk, errand.now

    def read(tx: Tx) -> Known:
        known = reading.about(tx, errand)
        incident = known.incident
        if incident is None or not incident.open or not _graver(wanted, incident):
            return known
        book = desk.runbooks.get(incident.runbook)
        if book is None:
            return known
        model = desk.settings.estate.find(incident.model)
        policy = runbooks.policy(book, wanted, model, desk.settings.escalation)
        after, due = escalation.worse(incident, wanted, policy)
        return replace(reading.fired(known, after, desk.roster(tx, now), now), due=True) if due else known

    return await desk.store.read(read)


async def send(errand: Errand) -> Done | Again:
    """Regrade it."""
    filled = errand.filled
    return await sending.press(
        errand, Verb.REGRADE, detail=filled["severity"], why=filled.get("why", ""), field="severity"
    )


FORM = Form(
    "regrade",
    "regrade_title",
    draw,
    submit="regrade_submit",
    load=load,
    check=check,
    send=send,
    words_in="why",
    typed="/incident severity INC-7 sev1",
    asks=("severity",),
)


def _graver(wanted: str, incident: Incident) -> bool:
    return wanted in SEVERITIES and SEVERITIES.index(wanted) < SEVERITIES.index(incident.severity)


def _preview(scene: Scene) -> Json:
    w, known, wanted = scene.w.form, scene.known, scene.filled.get("severity", "")
    if known is None or known.incident is None or not wanted:
        return lines.preview(scene, [pieces.say(w.choose_severity)])
    was = known.incident.severity.upper()
    if known.due:
        graver = pieces.line(w.graver_pages, was=was, tier=pieces.loud(known.tier))
        return lines.preview(scene, graver, *lines.crew(known.reached, known.why, scene))
    if _graver(wanted, known.incident):
        return lines.preview(scene, pieces.line(w.graver, was=was))
    same = wanted == known.incident.severity
    return lines.preview(scene, pieces.line(w.same_severity if same else w.lighter, was=was))
