"""The form that declares an incident and says beforehand who will be paged; prefilled, it quotes a message."""

from dataclasses import replace

from bot.engine import declare, report
from bot.errors import BadInput, StoreDown
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, timeline_add
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.pieces import Json
from bot.words import Words

TITLE, PLACE = 200, 60  # characters
RUNBOOK = "runbook"  # the severity is left to it
HOME = "production"


def draw(scene: Scene) -> list[Json]:
    """Its blocks."""
    w, filled = scene.w.form, scene.filled
    severities = choices.severities(undecided=w.let_runbook)
    model = Field("model", w.model, w.model_placeholder, optional=True, lively=True)
    target = Field("target", w.page_first, w.target_placeholder, w.page_first_hint, optional=True, lively=True)
    return [
        fields.text(Field("title", w.what, w.what_placeholder), filled.get("title", ""), most=TITLE),
        fields.search(model, choices.chosen(filled.get("model", ""))),
        fields.choose(Field("severity", w.severity, lively=True), severities, filled.get("severity", RUNBOOK)),
        fields.text(
            Field("environment", w.environment, w.environment_placeholder, lively=True),
            filled.get("environment", HOME),
            most=PLACE,
        ),
        fields.text(
            Field("details", w.details, w.details_placeholder, optional=True), filled.get("details", ""), lines=True
        ),
        fields.search(target, choices.target(filled.get("target", ""), scene.w)),
        _preview(scene),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    found = {} if filled.get("title") else {"title": w.form.needed}
    sizes = (("title", TITLE), ("environment", PLACE), ("details", fields.WORDS))
    return found | {name: w.form.too_long for name, most in sizes if len(filled.get(name, "")) > most}


async def load(errand: Errand) -> Known:
    """Who will be paged if it is sent as it stands."""
    try:
        found = await declare.preview(errand.desk, _draft(errand), errand.now)
    except BadInput as error:
        return Known(why=str(error))
    return Known(preview=found)


async def send(errand: Errand) -> Done | Again:
    """Open it, once for each form however often that is sent."""
    draft = replace(_draft(errand), source_link=await timeline_add.permalink(errand))
    try:
        answer = await declare.open_(errand.desk, draft, errand.caller.by, errand.now, "form", errand.key)
    except BadInput as error:
        return Again(Problem(str(error)))
    if answer.incident is None:
        return Again(Problem(answer.sentence))
    return Done(([pieces.say(answer.sentence, 2_000)], *await _paged(errand, answer.incident.id)))


FORM = Form(
    "declare",
    "declare_title",
    draw,
    submit="declare_submit",
    load=load,
    check=check,
    send=send,
    words_in="title",
    typed="/incident declare",
    asks=("details", "target", "model", "severity"),
)
FROM_MESSAGE = replace(FORM, name="open-from", title="open_from_title")


def _draft(errand: Errand) -> declare.Draft:
    filled = errand.filled
    severity = filled.get("severity", RUNBOOK)
    return declare.Draft(
        filled.get("title", ""),
        model=filled.get("model"),
        environment=filled.get("environment", HOME),
        severity=None if severity == RUNBOOK else severity,
        details=filled.get("details", ""),
        target=filled.get("target"),
        language=errand.caller.words.language,
    )


def _preview(scene: Scene) -> Json:
    known, w = scene.known, scene.w.form
    if known is None or known.preview is None:
        return lines.preview(scene, [pieces.say(known.why, 500) if known else pieces.say(w.reading)])
    found = known.preview
    head = pieces.line(
        w.by_runbook, runbook=pieces.loud(found.title), severity=pieces.loud(found.severity.upper()), why=found.why
    )
    return lines.preview(
        scene, head, *lines.ladder(found.steps, scene), *([pieces.loud(gap, 500)] for gap in found.gaps)
    )


async def _paged(errand: Errand, incident: str) -> list[list[Json]]:
    """Who is being paged now; nothing when that cannot be read at the moment, since the incident is open."""
    try:
        view = await report.view(errand.desk, incident)
    except StoreDown:
        return []
    who = pieces.named(view.waiting_for)
    return [pieces.line(errand.caller.words.form.being_paged, who=who)] if who else []
