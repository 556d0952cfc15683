"""The forms by which somebody offers a shift of theirs to others: for nothing, or for one that they take in return."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import words
from bot.engine import cover
from bot.engine.cover import CoverWish
from bot.errors import BadInput, NotFound
from bot.model.rota import Shift
from bot.model.verdict import Verdict
from bot.rules import rota, standin
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, prospect, rostering
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.forms.prospect import Prospect
from bot.slack.pieces import Json
from bot.store import Tx, overrides
from bot.words import Words

ASK, SWAP = "ask-cover", "swap"
BACK = "return_"  #: how the names of the fields begin that are about what is taken in return
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class _Kind:
    """One of the two forms."""

    swap: bool

    def draw(self, scene: Scene) -> list[Json]:
        """Its blocks."""
        filled, say = scene.filled, scene.w.oncall
        why = Field("why", scene.w.form.why, scene.w.form.why_placeholder, optional=True)
        return [
            fields.search(Field("rota", say.rota, lively=True), choices.chosen(filled.get("rota", ""))),
            *rostering.moments(scene),
            *(_returned(scene) if self.swap else ()),
            fields.text(why, filled.get("why", ""), most=rostering.WHY, lines=True),
            _preview(scene),
        ]

    def check(self, filled: Filled, w: Words) -> dict[str, str]:
        """What can be said of it without asking anybody."""
        back = (f"{BACK}starts", f"{BACK}ends") if self.swap else ()
        return {name: w.form.needed for name in ("rota", "ends", *back) if not filled.get(name)}

    async def load(self, errand: Errand) -> Known:
        """Who is on call in the spans that stand in it, and whom it would be offered to."""
        zone, now = rostering.zone_of(errand), errand.now
        known = Prospect(zone)
        one = errand.desk.settings.rotas.get(errand.filled.get("rota", ""))
        try:
            span, back = self._spans(errand)
        except BadInput as error:
            return Known(prospect=replace(known, trouble=str(error)), zone=zone)
        if one is None or span is None:
            return Known(prospect=known, zone=zone)
        if wrong := next((each for each in (span, back) if each and standin.span(*each, now)), None):
            trouble = errand.caller.words.oncall.end_first if wrong[1] <= wrong[0] else ""
            return Known(prospect=replace(known, trouble=trouble), zone=zone)

        def read(tx: Tx) -> tuple[list[Shift], list[Shift]]:
            found = []
            for start, end in filter(None, (span, back)):
                changes = (*errand.desk.settings.overrides, *overrides.active(tx, start, end, one.name))
                found.append(rota.shifts(one, start, end, changes))
            return found[0], found[1] if len(found) > 1 else []

        shifts, returned = await errand.desk.store.read(read)
        crew = tuple(name for name in standin.crew(one, errand.desk.settings.people) if name != _asker(errand))
        return Known(prospect=replace(known, members=crew, shifts=tuple(shifts), returned=tuple(returned)), zone=zone)

    async def send(self, errand: Errand) -> Done | Again:
        """Offer it; what is wrong is said under the field that is to be mended."""
        caller = errand.caller
        try:
            span, back = self._spans(errand)
        except BadInput as error:
            return Again(Problem(str(error), self._misread(errand)))
        if span is None or (self.swap and back is None):
            return Again(Problem(caller.words.form.needed, f"{BACK}ends" if span else "ends"))
        why, language = errand.filled.get("why", ""), caller.words.language
        wish = CoverWish(errand.filled["rota"], _asker(errand), *span, back, why, language)
        try:
            answer = await cover.ask(errand.desk, wish, caller.by, errand.now, "form")
        except NotFound as error:
            return Again(Problem(str(error), "rota"))
        if answer.verdict is Verdict.GO:
            return Done(([pieces.say(answer.sentence, 2_000)],))
        blamed = await self._blamed(errand, wish) if answer.verdict is Verdict.NOT_POSSIBLE else "rota"
        return Again(Problem(answer.sentence, blamed))

    def _spans(self, errand: Errand) -> tuple[Span | None, Span | None]:
        """What is offered, and what is wanted for it; None where it does not stand there yet. BadInput."""
        filled, zone = errand.filled, rostering.zone_of(errand)
        start = prospect.starts(filled, zone, errand.now)
        end = prospect.ends(filled, zone, start)
        if not self.swap or not filled.get(f"{BACK}starts"):
            return (start, end) if end else None, None
        back = prospect.starts(filled, zone, errand.now, f"{BACK}starts")
        until = prospect.ends(filled, zone, back, f"{BACK}ends")
        return (start, end) if end else None, (back, until) if until else None

    def _misread(self, errand: Errand) -> str:
        """Which of the fields for spans is no moment."""
        filled, zone, now = errand.filled, rostering.zone_of(errand), errand.now
        for name in ("starts", "ends", f"{BACK}starts", f"{BACK}ends"):
            read = prospect.starts if name.endswith("starts") else prospect.ends
            try:
                read(filled, zone, now, name)
            except BadInput:
                return name
        return "ends"

    async def _blamed(self, errand: Errand, wish: CoverWish) -> str:
        """The field that is to be mended."""
        if wrong := standin.span(wish.start, wish.end, errand.now):
            return rostering.blamed(wrong, errand.filled)
        if wish.in_return and (wrong := standin.span(*wish.in_return, errand.now)):
            return rostering.blamed(wrong, errand.filled, BACK)
        known = (await self.load(errand)).prospect
        if known is not None and wish.person not in rostering.persons(known.shifts, wish.start, wish.end):
            return "starts" if wish.person in errand.desk.settings.rotas[wish.rota].persons else "rota"
        return f"{BACK}starts" if wish.in_return else "rota"


def _asker(errand: Errand) -> str:
    return errand.caller.person.name if errand.caller.person else ""


def _returned(scene: Scene) -> list[Json]:
    say, filled = scene.w.oncall, scene.filled
    zone = scene.known.zone if scene.known else "UTC"
    hint, until = words.fill(say.zone_return, zone=zone), words.fill(say.zone_end, zone=zone)
    return [
        fields.text(field, filled.get(field.name, ""), most=rostering.MOMENT)
        for field in (
            Field(f"{BACK}starts", say.return_starts, say.moment, hint, lively=True),
            Field(f"{BACK}ends", say.return_ends, say.ends_moment, until, lively=True),
        )
    ]


def _preview(scene: Scene) -> Json:
    known, w = scene.known.prospect if scene.known else None, scene.w
    if known is None:
        return lines.preview(scene)
    if not known.shifts:
        return lines.preview(scene, [pieces.say(known.trouble or w.oncall.fill_in, 500)])
    names = ", ".join(known.members[: lines.MOST])
    offered = words.fill(w.oncall.offered, who=names) if names else w.oncall.offered_nobody
    back = []
    if known.returned:
        first, last = known.returned[0], known.returned[-1]
        back = [[pieces.loud(w.oncall.back)], *rostering.shifts(known.returned, first.start, last.end, w)]
    return lines.preview(
        scene,
        [pieces.loud(w.oncall.before)],
        *rostering.shifts(known.shifts, known.shifts[0].start, known.shifts[-1].end, w),
        *back,
        [pieces.say(offered, 500)],
        [pieces.say(w.oncall.stays)],
    )


def _form(name: str, title: str, submit: str, *, swap: bool) -> Form:
    kind = _Kind(swap)
    back = (f"{BACK}starts", f"{BACK}ends") if swap else ()
    return Form(
        name,
        title,
        kind.draw,
        submit=submit,
        load=kind.load,
        check=kind.check,
        send=kind.send,
        words_in="why",
        typed=f"/oncall {'swap' if swap else 'ask'}",
        asks=("rota", "starts", "ends", *back),
    )


FORMS = (
    _form(ASK, "ask_cover_title", "ask_cover_submit", swap=False),
    _form(SWAP, "swap_title", "swap_submit", swap=True),
)
