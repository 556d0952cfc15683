"""The forms that mark an incident as serious under a law's regime, and that say a report was made; no legal advice."""

from collections.abc import Iterator
from dataclasses import replace

from bot.engine import serious, serious_say
from bot.engine.serious import Outcome, Wish
from bot.errors import BadInput, NotFound
from bot.model.serious import Regime
from bot.model.verdict import Verdict
from bot.rules import serious as clocks
from bot.slack import pieces
from bot.slack.forms import fields, lines, reading
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.pieces import Json
from bot.store import Tx
from bot.store import clocks as rows
from bot.words import Words

WHY, REFERENCE, MOMENT = 1_000, 300, 40  # characters
GROUP = 10  #: boxes Slack takes in a field
BOXES = "boxes"  #: how the names of the fields with boxes begin


async def load(errand: Errand) -> Known:
    """The incident, the laws there are, and what it owes already. NotFound."""
    desk, person = errand.desk, errand.caller.person

    def read(tx: Tx) -> Known:
        known = reading.about(tx, errand)
        found = rows.of(tx, known.incident.id) if known.incident else []
        return replace(known, regimes=desk.settings.audit.regimes, owed=serious_say.owed(desk, found))

    return replace(await desk.store.read(read), zone=person.timezone if person else "UTC")


def draw(scene: Scene) -> list[Json]:
    """The blocks of the form that marks it."""
    w, filled, say = scene.w.form, scene.filled, scene.w.serious
    known = scene.known.regimes if scene.known else ()
    return [
        *lines.about(scene),
        *_boxes(known, filled, scene.w),
        fields.text(_moment("starts", say.aware, say.aware_hint), filled.get("starts", ""), most=MOMENT),
        fields.text(Field("why", w.why, w.why_placeholder), filled.get("why", ""), most=WHY, lines=True),
        lines.preview(scene, *_preview(scene)),
    ]


def draw_report(scene: Scene) -> list[Json]:
    """The blocks of the form that says a report was made."""
    filled, say = scene.filled, scene.w.serious
    owed = scene.known.owed if scene.known else ()
    if scene.known and not owed:
        return [*lines.about(scene), pieces.lines([pieces.say(say.none_runs)])]
    options = [
        fields.option(f"{clock.regime}/{clock.step}", serious_say.named(duty, scene.w), f"{clock.regime}/{clock.step}")
        for clock, duty in owed
    ]
    typed = filled.get("step", "")
    step = next((one["value"] for one in options if typed and typed in (one["value"], *one["value"].split("/"))), "")
    step = step or (options[0]["value"] if len(options) == 1 else "")
    choice = [fields.choose(Field("step", say.clock), options, step)] if options else []
    reference = Field("reference", say.reference, hint=say.reference_hint)
    return [
        *lines.about(scene),
        *choice,
        fields.text(reference, filled.get("reference", ""), most=REFERENCE),
        fields.text(_moment("starts", say.made, say.made_hint), filled.get("starts", ""), most=MOMENT),
    ]


def check(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    wrong = {} if _chosen(filled) else {BOXES: w.serious.no_regime}
    return wrong | ({} if filled.get("why") else {"why": w.form.needed})


def check_report(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    return {name: w.form.needed for name in ("step", "reference") if not filled.get(name)}


async def send(errand: Errand) -> Done | Again:
    """Mark it."""
    try:
        wish = replace(_wish(errand), why=errand.filled.get("why", ""), regimes=_chosen(errand.filled))
    except BadInput as error:
        return Again(Problem(str(error), "starts"))
    try:
        return _ended(await serious.mark(errand.desk, wish))
    except (BadInput, NotFound) as error:
        return Again(Problem(str(error), "starts" if wish.moment and wish.moment > errand.now else ""))


async def send_report(errand: Errand) -> Done | Again:
    """Say that it was made."""
    filled = errand.filled
    try:
        wish = replace(_wish(errand), step=filled.get("step", ""), reference=filled.get("reference", ""))
        return _ended(await serious.meet(errand.desk, wish))
    except (BadInput, NotFound) as error:
        return Again(Problem(str(error), "starts" if filled.get("starts") else ""))


def _wish(errand: Errand) -> Wish:
    typed, person = errand.filled.get("starts", ""), errand.caller.person
    moment = clocks.moment(typed, person.timezone if person else "UTC", errand.now) if typed else None
    language = errand.caller.words.language
    return Wish(errand.incident, errand.caller.by, errand.now, "form", moment=moment, language=language)


def _ended(outcome: Outcome) -> Done | Again:
    if outcome.verdict not in (Verdict.GO, Verdict.ALREADY):
        return Again(Problem(outcome.sentence))
    said = [outcome.sentence, *([outcome.flag] if outcome.flag else [])]
    return Done(tuple([pieces.say(one, 2_000)] for one in said))


def _moment(name: str, label: str, hint: str) -> Field:
    return Field(name, label, hint=hint, optional=True)


def _boxes(known: tuple[Regime, ...], filled: Filled, w: Words) -> Iterator[Json]:
    """All the laws, as many boxes a field as Slack takes."""
    standing = ",".join(_chosen(filled))
    for at in range(0, len(known), GROUP):
        options = [fields.option(one.name, one.title, one.name) for one in known[at : at + GROUP]]
        several = len(known) > GROUP
        field = Field(f"{BOXES}{at or ''}", w.serious.regime, optional=several, lively=True)
        yield fields.boxes(field, options, standing)


def _chosen(filled: Filled) -> tuple[str, ...]:
    ticked = ",".join(said for name, said in sorted(filled.items()) if name.startswith(BOXES))
    return tuple(dict.fromkeys(name for name in ticked.split(",") if name))


def _preview(scene: Scene) -> list[list[Json]]:
    """By when each report would be due."""
    known, say = scene.known, scene.w.serious
    if known is None:
        return []
    typed = scene.filled.get("starts", "")
    try:
        aware = clocks.moment(typed, known.zone, scene.now) if typed else scene.now
    except BadInput as error:
        return [[pieces.say(str(error))]]
    chosen = [one for one in known.regimes if one.name in _chosen(scene.filled)]
    found = [(duty, clocks.ends(aware, duty)) for one in chosen for duty in one.duties]
    return [
        pieces.line(
            say.mark_over if due < scene.now else say.mark_means,
            duty=pieces.say(serious_say.named(duty, scene.w), 300),
            when=pieces.when(due),
        )
        for duty, due in found
    ]


MARK = Form(
    "serious",
    "serious_title",
    draw,
    submit="serious_submit",
    load=load,
    check=check,
    send=send,
    words_in="why",
    typed="/incident serious INC-7",
    asks=("boxes", "starts"),
)
REPORTED = Form(
    "reported",
    "reported_title",
    draw_report,
    submit="reported_submit",
    load=load,
    check=check_report,
    send=send_report,
    words_in="step",
    typed="/incident reported INC-7",
)
FORMS = (MARK, REPORTED)
