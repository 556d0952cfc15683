"""The forms of a postmortem: what people write in it, a field for each passage; and its state."""

from collections.abc import Iterator
from dataclasses import replace

from bot import words
from bot.engine import postmortem, postmortem_sheet
from bot.engine.roster import Asking
from bot.errors import Conflict
from bot.model.postmortem import NEXT, Standing
from bot.model.verdict import Verdict
from bot.rules import prose
from bot.slack import pieces
from bot.slack.forms import fields, passages
from bot.slack.forms.fields import Field
from bot.slack.forms.form import Again, Done, Errand, Filled, Form, Known, Problem, Scene
from bot.slack.forms.passages import Passage
from bot.slack.pieces import Json
from bot.store import Tx
from bot.words import Words

TRIES = 3  # times what was typed is put over what somebody else writes at the same moment
THEIRS, HARD, WHY = 2_000, 200, 1_000  # characters of another's words, of a finding; of a reason


async def load(errand: Errand) -> Known:
    """The postmortem as it is. NotFound."""

    def read(tx: Tx) -> Known:
        found = postmortem.find_in(tx, errand.seed.postmortem)
        sheet = postmortem_sheet.of(tx, errand.desk, found)
        return Known(sheet=sheet, seen=passages.remembered(found.text))

    return await errand.desk.store.read(read)


# --- what people write ---


def draw(scene: Scene) -> list[Json]:
    """Its blocks; what was typed before stands in its field, with what somebody else wrote meanwhile below it."""
    say = scene.w.reviewing
    if scene.known is None or scene.known.sheet is None:
        unread = pieces.lines([pieces.say(scene.unread or scene.w.form.reading)])
        return [unread, *(_field(name, say.edit, body, scene.w) for name, body in _kept(scene).items())]
    its = scene.known.sheet.postmortem
    every, shown = passages.of(its.text), passages.shown(its.text)
    head = words.fill(say.edit_of, postmortem=its.id, incident=its.incident, version=its.version)
    typed = passages.typed(scene.seed.seen, scene.filled) if scene.problem else {}
    blocks = [pieces.lines([pieces.say(head)])]
    for one in shown:
        blocks += _passage(one, typed, scene)
    for one in every:
        if not one.fits:
            blocks.append(_told(words.fill(say.edit_long, title=one.title, postmortem=its.id)))
    if more := sum(one.fits for one in every) - len(shown):
        blocks.append(_told(words.fill(say.edit_more, count=more, postmortem=its.id)))
    here = {one.name for one in shown}
    blocks += [_told(body, fields.WORDS) for name, body in typed.items() if name not in here and body]
    return blocks if shown else [*blocks, _told(say.edit_none)]


def _passage(one: Passage, typed: dict[str, str], scene: Scene) -> Iterator[Json]:
    yield _field(one.name, one.title, typed.get(one.name, one.body), scene.w)
    if one.name in typed and one.name in passages.merged(_text(scene), scene.seed.seen, scene.filled).clashes:
        yield _told(words.fill(scene.w.reviewing.edit_theirs, text=one.body or "-"), THEIRS)


def _field(name: str, title: str, body: str, w: Words) -> Json:
    asked = Field(name, title, hint=w.reviewing.edit_hint, optional=True)
    return fields.text(asked, body, lines=True)


def _kept(scene: Scene) -> Filled:
    """What was typed, where the document cannot be read just now."""
    return {name: body for name, body in scene.filled.items() if name.startswith("p")}


def _text(scene: Scene) -> str:
    sheet = scene.known.sheet if scene.known else None
    return sheet.postmortem.text if sheet else ""


def _told(text: str, most: int = 300) -> Json:
    return pieces.lines([pieces.say(text, most)])


async def send(errand: Errand) -> Done | Again:
    """Put what was typed into the document as it is now; where somebody else wrote in the same place, ask again."""
    say = errand.caller.words.reviewing
    if not passages.typed(errand.seed.seen, errand.filled):
        return Done(([pieces.say(say.edit_same)],))
    for _ in range(TRIES):
        now = await postmortem.find(errand.desk, errand.seed.postmortem)
        new = passages.merged(now.text, errand.seed.seen, errand.filled)
        if new.gone:
            return Again(Problem(words.fill(say.edit_gone, title=_first(errand, new.gone))))
        if new.clashes:
            titles = {one.name: one.title for one in passages.of(now.text)}
            named = ", ".join(f"“{titles[name]}”" for name in new.clashes)
            return Again(Problem(words.fill(say.edit_clash, titles=named), new.clashes[0]))
        try:
            answer = await postmortem.edit(errand.desk, now.id, new.text, now.version, _asking(errand))
        except Conflict:
            continue  # somebody was quicker by a moment; what they wrote may well stand elsewhere
        if answer.verdict in (Verdict.GO, Verdict.ALREADY):
            return Done(([pieces.say(answer.sentence, 500)],))
        return Again(Problem(answer.sentence))
    raise Conflict("Others keep writing in it.", "Your words stand in the form: send it again.")


def _first(errand: Errand, gone: tuple[str, ...]) -> str:
    """The beginning of what was typed where there is no place for it any more."""
    return pieces.shorten(errand.filled.get(gone[0], "…"), 60)


def _asking(errand: Errand) -> Asking:
    return Asking(errand.caller.by, errand.now, "form", errand.caller.words.language)


# --- its state ---


def draw_move(scene: Scene) -> list[Json]:
    """Its blocks: where it can go from where it is, and what would keep it from being published."""
    say = scene.w.reviewing
    if scene.known is None or scene.known.sheet is None:
        return [pieces.lines([pieces.say(scene.unread or scene.w.form.reading)])]
    sheet, filled = scene.known.sheet, scene.filled
    its = sheet.postmortem
    named = {Standing.DRAFT: say.standing_draft, Standing.REVIEW: say.standing_review}
    options = [
        fields.option(to.value, named.get(to, say.standing_published)) for to in Standing if to in NEXT[its.standing]
    ]
    head = [pieces.loud(its.id), pieces.say(f" {its.title}", 150)]
    hard = [[pieces.say(words.fill(say.move_hard, sentence=prose.said(one, scene.w)), HARD)] for one in sheet.hard[:10]]
    why = Field("why", say.move_why, hint=say.move_why_hint, optional=True)
    return [
        pieces.lines(head, *hard),
        fields.choose(Field("standing", say.move_to), options, filled.get("standing", "")),
        fields.text(why, filled.get("why", ""), lines=True, most=WHY),
    ]


def check_move(filled: Filled, w: Words) -> dict[str, str]:
    """What can be said of it without asking anybody."""
    return {} if filled.get("standing") in list(Standing) else {"standing": w.form.needed}


async def send_move(errand: Errand) -> Done | Again:
    """Move it, or say why not. NotFound."""
    to, why = Standing(errand.filled["standing"]), errand.filled.get("why", "")
    answer = await postmortem.stand(errand.desk, errand.seed.postmortem, to, _asking(errand), why)
    if answer.verdict in (Verdict.GO, Verdict.ALREADY):
        return Done(([pieces.say(answer.sentence, 1_000)],))
    return Again(Problem(answer.sentence, "why" if answer.verdict is Verdict.NOT_POSSIBLE else ""))


EDIT = Form(
    "postmortem-edit",
    "postmortem_edit_title",
    draw,
    submit="postmortem_edit_submit",
    load=load,
    send=send,
    typed="/postmortem INC-7",
)
FORMS = (
    EDIT,
    replace(
        EDIT,
        name="postmortem-move",
        title="postmortem_move_title",
        draw=draw_move,
        submit="postmortem_move_submit",
        check=check_move,
        send=send_move,
    ),
)
