"""The forms that change production: which model, which version, why; they say first what would come of it."""

from collections.abc import Awaitable, Callable

from bot import words
from bot.engine import propose
from bot.model.change import Lever, Plan
from bot.model.verdict import Verdict
from bot.slack import pieces, retrain_terms, served
from bot.slack.forms import choices, fields, foreseen, lines, outlook
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.forms.outlook import Outlook
from bot.slack.pieces import Json
from bot.words import Words

WHY, WINDOW = 1_000, 40  # characters
#: Which field is to be mended; the rest is said on top.
BLAMES = {
    Verdict.NO_WHY: "why",
    Verdict.NO_GLASS: "glass",
    Verdict.NO_REASON: "glass",
    Verdict.NOT_YOUR_MODEL: "model",
    Verdict.LOCKED: "model",
    Verdict.NO_APPROVERS: "model",
    Verdict.FORBIDDEN: "model",
}


def _drawer(lever: Lever) -> Callable[[Scene], list[Json]]:
    def draw(scene: Scene) -> list[Json]:
        """Its blocks."""
        w, filled = scene.w.form, scene.filled
        found = scene.known.outlook if scene.known and scene.known.outlook else Outlook()
        model = found.model or filled.get("model", "") or scene.seed.model
        why = Field("why", w.change_why, w.change_why_placeholder, w.change_why_hint)
        return [
            *_about(scene),
            *_model(scene, model),
            *_what(scene, lever, found),
            fields.text(why, filled.get("why", ""), most=WHY, lines=True),
            *_glass(scene, found),
            _preview(scene, lever, found),
        ]

    return draw


def _model(scene: Scene, model: str) -> list[Json]:
    """Not before it is known which one the incident is about: Slack keeps a field empty that was shown empty."""
    if not model and scene.known is None and not scene.unread:
        return []
    w = scene.w.form
    return [fields.search(Field("model", w.model, w.model_placeholder, lively=True), choices.chosen(model))]


def _about(scene: Scene) -> list[Json]:
    """The incident it is for."""
    known = scene.known
    if known is None or known.incident is None:
        return []
    said = {"incident": pieces.loud(known.incident.id), "title": pieces.say(known.headline, 250)}
    return [pieces.lines(pieces.line(scene.w.change.for_incident, **said)) | {"block_id": "about"}]


def _what(scene: Scene, lever: Lever, found: Outlook) -> list[Json]:
    """The field that says what shall serve; what is taken back says it by itself."""
    w = scene.w.form
    if scene.seed.undoes:
        return []
    if lever is Lever.RETRAIN:
        asked = Field(
            "window", w.change_window, w.change_window_placeholder, w.change_window_hint, optional=True, lively=True
        )
        return [fields.text(asked, scene.filled.get("window", ""), most=WINDOW)]
    if lever is Lever.SHIFT:
        asked = Field("split", w.change_split, w.change_split_placeholder, w.change_split_hint, lively=True)
        return [fields.text(asked, scene.filled.get("split", ""), lines=True)]
    version = _standing(scene, found)
    if lever not in outlook.VERSIONED or not (found.choices or version) or (version and not outlook.fits(version)):
        return []  # a name that no select can hold was typed, and is carried by the form
    options = [
        fields.option(one.id, _label(one.id, found, scene.w), served.about(one, found.metrics, scene.now, scene.w))
        for one in found.choices
    ]
    field = Field(outlook.version_field(found.model), w.change_version, w.change_version_placeholder, lively=True)
    return [fields.choose(field, options, version)]


def _standing(scene: Scene, found: Outlook) -> str:
    """The version that stands in the form; none while no model is chosen."""
    if not found.model:
        return ""
    typed = scene.seed.version if scene.seed.of == found.model else ""
    return scene.filled.get(outlook.version_field(found.model), "") or typed or found.good


def _label(version: str, found: Outlook, w: Words) -> str:
    named = served.name(version)
    return words.fill(w.change.good, version=named) if version == found.good else named


def _glass(scene: Scene, found: Outlook) -> list[Json]:
    """Where policy lets one person do it alone: what that costs, and the reason it takes."""
    if not found.glass:
        return []
    w = scene.w.form
    field = Field("glass", w.change_glass, w.change_glass_placeholder, w.change_glass_hint, optional=True)
    return [fields.text(field, scene.filled.get("glass", ""), most=WHY, lines=True)]


def _preview(scene: Scene, lever: Lever, found: Outlook) -> Json:
    """What serves now, what would, why that, who must agree, what to mind."""
    say = scene.w.change
    if not found.model:
        return lines.preview(scene, [pieces.say(say.choose_model)])
    told: list[list[Json]] = []
    if found.now is not None:
        told.append([pieces.say(words.fill(say.serves_now, serving=served.state(found.now, scene.w)))])
    if found.forbidden:
        told.append([pieces.loud(found.forbidden, 500)])
    if found.trouble:
        told.append([pieces.loud(found.trouble, 500)])
    return lines.preview(scene, *told, *_plan(scene, lever, found), *_hidden(found, scene.w))


def _plan(scene: Scene, lever: Lever, found: Outlook) -> list[list[Json]]:
    say, plan = scene.w.change, found.plan
    if plan is None and lever is Lever.RETRAIN:
        return [] if found.trouble else [[pieces.say(scene.w.retrain.bad_window)]]
    if plan is None:
        if found.trouble or found.now is None:
            return []
        if lever is Lever.SHIFT:
            return [[pieces.say(say.bad_split)]]
        return [[pieces.say(say.choose_version if found.choices else say.no_versions)]]
    return [
        *_differs(plan, scene.w),
        *(pieces.line(say.warning, warning=pieces.loud(one, 250)) for one in plan.warnings[:6]),
        _agree(found, scene.w),
    ]


def _differs(plan: Plan, w: Words) -> list[list[Json]]:
    """What would be, and why that."""
    if plan.lever is Lever.RETRAIN:
        return retrain_terms.head(plan, w)
    return [
        [pieces.loud(served.becomes(plan, w))],
        [pieces.say(words.fill(w.change.why_version, why=plan.why_after), 400)] if plan.why_after else [],
        [pieces.say(plan.effect)] if plan.lever not in outlook.VERSIONED else [],
    ]


def _agree(found: Outlook, w: Words) -> list[Json]:
    if found.needs == 0:
        return [pieces.say(w.change.agree_none)]
    if len(found.approvers) < found.needs:
        return [pieces.loud(w.change.agree_nobody)]
    template = w.change.agree_one if found.needs == 1 else w.change.agree_more
    return pieces.line(template, count=found.needs, who=pieces.named(found.approvers, w.card.and_more))


def _hidden(found: Outlook, w: Words) -> list[list[Json]]:
    return [[pieces.say(words.fill(w.change.too_long, count=found.hidden))]] if found.hidden else []


def _checker(lever: Lever) -> Callable[[Filled, Words], dict[str, str]]:
    def check(filled: Filled, w: Words) -> dict[str, str]:
        """What can be said of it without asking anybody."""
        wrong = {name: w.form.needed for name in ("model", "why") if not filled.get(name)}
        if len(filled.get("why", "")) > WHY:
            wrong["why"] = w.form.too_long
        field = outlook.version_field(filled.get("model", ""))
        if lever in outlook.VERSIONED and not filled.get(field):
            wrong[field] = w.form.needed
        if lever is Lever.SHIFT and outlook.shares(filled.get("split", "")) is None:
            wrong["split"] = w.change.bad_split
        if lever is Lever.RETRAIN and filled.get("window") and outlook.window(filled["window"]) is None:
            wrong["window"] = w.retrain.bad_window
        return wrong

    return check


def _loader(lever: Lever) -> Callable[[Errand], Awaitable[Known]]:
    async def load(errand: Errand) -> Known:
        """What the platform, the ledger and the rules say. NotFound."""
        return await foreseen.read(errand, lever)

    return load


def _sender(lever: Lever) -> Callable[[Errand], Awaitable[Done | Again]]:
    async def send(errand: Errand) -> Done | Again:
        """Propose it. NotFound."""
        errand = await foreseen.placed(errand)
        wish = foreseen.wish(errand, lever, errand.filled.get("model", ""))
        made = await propose.propose(errand.desk, wish, errand.caller.by, errand.now, "form")
        if made.verdict is Verdict.GO:
            return Done(([pieces.say(made.sentence, 2_000)],))
        return Again(Problem(made.sentence, _blamed(errand, lever, made.verdict)))

    return send


def _blamed(errand: Errand, lever: Lever, verdict: Verdict) -> str:
    """The field that is to be mended."""
    model = errand.filled.get("model", "")
    if verdict is not Verdict.NOT_POSSIBLE:
        return BLAMES.get(verdict, "")
    if lever is Lever.RETRAIN:
        return ""  # a run that goes on, a pause, data that is broken: no field mends that
    if errand.desk.settings.estate.find(model) is None or lever in (Lever.PAUSE, Lever.RESUME) or errand.seed.undoes:
        return "model"
    return "split" if lever is Lever.SHIFT else outlook.version_field(model)


def _form(lever: Lever, title: str, typed: str) -> Form:
    return Form(
        lever.value,
        title,
        _drawer(lever),
        submit="change_submit",
        load=_loader(lever),
        check=_checker(lever),
        send=_sender(lever),
        words_in="why",
        typed=typed,
        asks=("model", "split", "window"),
    )


FORMS = (
    _form(Lever.ROLLBACK, "rollback_title", "/rollback MODEL"),
    _form(Lever.PROMOTE, "promote_title", "/promote MODEL VERSION"),
    _form(Lever.SHIFT, "shift_title", "/tocsin shift MODEL"),
    _form(Lever.PAUSE, "pause_title", "/pause MODEL"),
    _form(Lever.RESUME, "resume_title", "/resume MODEL"),
    _form(Lever.RETRAIN, "retrain_title", "/retrain MODEL"),
)
