"""The forms that change a rota by hand: override, cover and absence, each with who is on call before and after it."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot import words
from bot.engine import roster
from bot.engine.roster import Wish
from bot.errors import BadInput, NotFound
from bot.model.rota import Amendment, Shift
from bot.model.verdict import Verdict
from bot.rules import standin
from bot.rules.standin import Clash
from bot.slack import pieces
from bot.slack.forms import choices, fields, lines, prospect
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.forms.prospect import Prospect
from bot.slack.pieces import Json
from bot.words import Words

EVERYBODY = "*"  #: in the place of a name: whoever it would be
MOMENT, WHY = 40, 1_000  # characters
MOST = 8  # shifts of each half of a preview
_LATE = frozenset({"in_the_past", "too_far"})  # clashes that blame the start of a span


@dataclass(frozen=True)
class _Kind:
    """One of the three forms."""

    amendment: Amendment

    def draw(self, scene: Scene) -> list[Json]:
        """Its blocks."""
        filled, say = scene.filled, scene.w.oncall
        label = {
            Amendment.OVERRIDE: say.person_override,
            Amendment.COVER: say.person_cover,
            Amendment.ABSENCE: say.person_absence,
        }[self.amendment]
        whom = [_replaces(scene)] if self.amendment is Amendment.OVERRIDE else []
        return [
            fields.search(Field("rota", say.rota, lively=True), choices.chosen(filled.get("rota", ""))),
            fields.search(Field("person", label, lively=True), choices.chosen(filled.get("person", ""))),
            *whom,
            *moments(scene),
            fields.text(
                Field("why", scene.w.form.why, scene.w.form.why_placeholder, optional=True),
                filled.get("why", ""),
                most=WHY,
                lines=True,
            ),
            _preview(scene),
        ]

    def check(self, filled: Filled, w: Words) -> dict[str, str]:
        """What can be said of it without asking anybody."""
        return {name: w.form.needed for name in ("rota", "person", "ends") if not filled.get(name)}

    async def load(self, errand: Errand) -> Known:
        """Who is on call before and after, if it were sent as it stands."""
        zone, filled = zone_of(errand), errand.filled
        one = errand.desk.settings.rotas.get(filled.get("rota", ""))
        members = standin.crew(one, errand.desk.settings.people) if one else ()
        known = Prospect(zone, members)
        try:
            wish = self._wish(errand)
            if wish is None:
                return Known(prospect=known, zone=zone)
            found = await roster.preview(errand.desk, wish, errand.caller.by, errand.now)
        except (BadInput, NotFound) as error:
            return Known(prospect=Prospect(zone, members, trouble=str(error)), zone=zone)
        seen = f"{_mark(filled)}/{found.seen}" if filled.get("starts") else ""
        return Known(prospect=Prospect(zone, members, found), zone=zone, plan=seen)

    async def send(self, errand: Errand) -> Done | Again:
        """Do it; what is wrong is said under the field that is to be mended."""
        try:
            wish = self._wish(errand)
        except BadInput as error:
            return Again(Problem(str(error), misread(errand)))
        if wish is None:
            return Again(Problem(errand.caller.words.form.needed, "ends"))
        mark, _, seen = errand.seed.plan.partition("/")
        shown = seen if mark == _mark(errand.filled) else None  # what was typed since has not been shown to them
        try:
            done = await roster.amend(errand.desk, wish, errand.caller.by, errand.now, "form", shown or None)
        except NotFound as error:
            return Again(Problem(str(error), "rota"))
        if done.verdict is Verdict.GO:
            return Done(([pieces.say(done.sentence, 2_000)],))
        return Again(Problem(done.sentence, await self._blamed(errand, wish, done.verdict)))

    def _wish(self, errand: Errand) -> Wish | None:
        """What the fields ask for; None while some of them are empty. BadInput."""
        filled, zone = errand.filled, zone_of(errand)
        start = prospect.starts(filled, zone, errand.now)
        end = prospect.ends(filled, zone, start)
        if end is None or not filled.get("rota") or not filled.get("person"):
            return None
        replaces = filled.get(whom(filled.get("rota", "")), EVERYBODY)
        return Wish(
            filled["rota"],
            self.amendment,
            start,
            end,
            filled["person"],
            None if replaces == EVERYBODY or self.amendment is not Amendment.OVERRIDE else replaces,
            filled.get("why", ""),
            errand.caller.words.language,
        )

    async def _blamed(self, errand: Errand, wish: Wish, verdict: Verdict) -> str:
        """The field that is to be mended; on top where it is none."""
        if verdict is Verdict.NOT_YOUR_ROTA:
            return "rota"
        if verdict is not Verdict.NOT_POSSIBLE:
            return ""
        if wrong := standin.span(wish.start, wish.end, errand.now):
            return blamed(wrong, errand.filled)
        found = await roster.preview(errand.desk, wish, errand.caller.by, errand.now)
        if wish.replaces and wish.replaces not in persons(found.before, wish.start, wish.end):
            return whom(wish.rota)
        return "person"


def blamed(wrong: Clash, filled: Filled, prefix: str = "") -> str:
    """The field of a span that cannot be."""
    starts = f"{prefix}starts"
    return starts if wrong.what in _LATE and filled.get(starts) else f"{prefix}ends"


def persons(found: Sequence[Shift], start: datetime, end: datetime) -> frozenset[str]:
    """Everybody on call at some moment of `[start, end)`."""
    return frozenset(holder.person for one in found if one.start < end and start < one.end for holder in one.holders)


def whom(rota_name: str) -> str:
    """The field for who is replaced: another for each rota, so that a choice is not carried over to the next one."""
    return f"replaces {rota_name}"[:255]


def zone_of(errand: Errand) -> str:
    """The clocks on which the caller reads and types."""
    return errand.caller.person.timezone if errand.caller.person else "UTC"


def moments(scene: Scene) -> list[Json]:
    """The two fields for a span."""
    say, filled = scene.w.oncall, scene.filled
    zone = scene.known.zone if scene.known else "UTC"
    start = Field("starts", say.starts, say.moment, words.fill(say.zone, zone=zone), optional=True, lively=True)
    end = Field("ends", say.ends, say.ends_moment, words.fill(say.zone_end, zone=zone), lively=True)
    return [
        fields.text(start, filled.get("starts", ""), most=MOMENT),
        fields.text(end, filled.get("ends", ""), most=MOMENT),
    ]


def misread(errand: Errand) -> str:
    """Which of the two fields for a span is no moment."""
    try:
        prospect.starts(errand.filled, zone_of(errand), errand.now)
    except BadInput:
        return "starts"
    return "ends"


def shifts(found: Sequence[Shift], start: datetime, end: datetime, w: Words) -> list[list[Json]]:
    """Who is on call in `[start, end)`, a line for each shift."""
    cut = [(max(one.start, start), min(one.end, end), one.holders) for one in found if one.start < end]
    shown = [(begun, ended, holders) for begun, ended, holders in cut if begun < ended]
    lined = [
        pieces.line(
            w.oncall.turn,
            start=pieces.when(begun),
            until=pieces.when(ended),
            who=pieces.loud(", ".join(holder.person for holder in holders) or w.talk.nobody, 200),
        )
        for begun, ended, holders in shown[:MOST]
    ]
    more = len(shown) - MOST
    return [*lined, [pieces.say(words.fill(w.talk.more, count=more))]] if more > 0 else lined


def _replaces(scene: Scene) -> Json:
    filled, say, known = scene.filled, scene.w.oncall, scene.known
    name = whom(filled.get("rota", ""))
    members = known.prospect.members if known and known.prospect else ()
    options = [fields.option(EVERYBODY, say.everybody)]
    options += [fields.option(one, one) for one in members if len(one) <= choices.LONGEST]
    field = Field(name, say.replaces, lively=True)
    standing = filled.get(name, EVERYBODY)
    offered = {option["value"] for option in options[: fields.CHOICES]}
    extra = [] if standing in offered else [fields.option(standing, standing)]
    return fields.choose(field, [*extra, *options], standing)


def _preview(scene: Scene) -> Json:
    known, w = scene.known.prospect if scene.known else None, scene.w
    if known is None:
        return lines.preview(scene)
    if known.preview is None:
        return lines.preview(scene, [pieces.say(known.trouble or w.oncall.fill_in, 500)])
    found = known.preview
    if found.verdict is not Verdict.GO:
        return lines.preview(scene, [pieces.loud(found.sentence, 1_000)])
    start, end = _around(found.before, found.after)
    same = [_who(one) for one in found.before] == [_who(one) for one in found.after]
    told = words.fill(w.oncall.moves, who=", ".join(found.moved)) if found.moved else w.oncall.moves_nobody
    return lines.preview(
        scene,
        [pieces.say(found.sentence, 1_000)],
        [pieces.loud(w.oncall.before)],
        *shifts(found.before, start, end, w),
        [pieces.loud(w.oncall.after)],
        *([[pieces.say(w.oncall.unchanged)]] if same else shifts(found.after, start, end, w)),
        [pieces.say(told, 500)],
    )


def _around(before: Sequence[Shift], after: Sequence[Shift]) -> tuple[datetime, datetime]:
    each = [*before, *after]
    return min(one.start for one in each), max(one.end for one in each)


def _who(shift: Shift) -> tuple[datetime, datetime, tuple[str, ...]]:
    return shift.start, shift.end, tuple(holder.person for holder in shift.holders)


def _mark(filled: Filled) -> str:
    """What a preview was of: the same as long as nothing that matters is typed anew."""
    name = whom(filled.get("rota", ""))
    said = [filled.get(one, "") for one in ("rota", "person", "starts", "ends", name)]
    return f"{zlib.crc32(repr(said).encode()):08x}"


def _form(amendment: Amendment, title: str, submit: str) -> Form:
    kind, name = _Kind(amendment), amendment.value
    return Form(
        f"rota-{name}",
        title,
        kind.draw,
        submit=submit,
        load=kind.load,
        check=kind.check,
        send=kind.send,
        words_in="why",
        typed=f"/oncall {name}",
        asks=("rota", "person", "starts", "ends"),
    )


FORMS = (
    _form(Amendment.OVERRIDE, "override_title", "override_submit"),
    _form(Amendment.COVER, "cover_title", "cover_submit"),
    _form(Amendment.ABSENCE, "absence_title", "absence_submit"),
)
