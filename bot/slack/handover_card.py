"""A handover as it is drawn: the draft for the outgoing, the post for the team, the answer to who asks; pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot import words
from bot.engine import handover_lines, handover_report
from bot.engine.handover_report import Report
from bot.model.handover import Handover, Remark, Standing
from bot.slack import buttons, forms, lists, oncall_card, pieces
from bot.slack.buttons import Meant
from bot.slack.pieces import Json, Message
from bot.words import Words

HANDOVER = "handover"  #: what its buttons mean; their detail says what of which: `accept HND-7`
NOTE = "handover-note"  #: the form
SHOWN: Mapping[str, int] = {"open": 12, "approvals": 8, "changes": 8}  #: lines of a section, of others FEW
FEW = 6
BUDGET = 8_500  #: characters of all sections together; Slack refuses a message of 12,000
REMARKS, WORDS, LINES = 6, 600, 8  # of the newest remarks; characters and lines of one
PART = 160  # characters of one part of a line
_LOUD = frozenset({"incident", "change", "model", "silence", "freeze"})


def post(handover: Handover, report: Report, w: Words) -> Message:
    """The living message for the team, from the change of shift on."""
    if handover.standing is Standing.MOVED:
        return moved(handover, w)
    head = [pieces.header(_header(handover, w)), pieces.lines(*_standing(handover, report, w))]
    return Message(pieces.push(_push(handover, report, w)), (*head, *_body(handover, report, w), *_acts(handover, w)))


def draft(handover: Handover, report: Report, channel: str, w: Words) -> Message:
    """What each outgoing person has among their direct messages; once it is posted, in which `channel`, if any."""
    say = w.handover
    if handover.standing is Standing.MOVED:
        return moved(handover, w)
    if handover.standing is not Standing.DRAFT:
        text = words.fill(say.push_over, handover=handover.id, rota=handover.rota, standing=_stands(handover, w))
        where = say.draft_over if channel else say.draft_nowhere
        over = pieces.line(where, channel=pieces.channel(channel), rota=pieces.say(handover.rota, 80))
        waits = handover.standing is Standing.POSTED
        paged = [pieces.say(handover_report.paged(handover, w))] if waits else []
        row = [pieces.row(_note(handover, w, 0))] if waits else []
        return Message(pieces.push(text), (pieces.lines([pieces.loud(text)], paged, over), *row))
    told = pieces.line(
        say.draft if handover.incoming else say.draft_vacant,
        handover=pieces.loud(handover.id),
        at=pieces.when(handover.at),
        incoming=pieces.say(handover_report.names(handover.incoming, w), 200),
    )
    text = words.fill(say.push_draft, handover=handover.id, rota=handover.rota, at=pieces.utc(handover.at))
    head = [pieces.header(_header(handover, w)), pieces.lines(told, _span(report, w))]
    act = pieces.row(_note(handover, w, 0))
    return Message(pieces.push(text), (*head, *_body(handover, report, w), act))


def moved(handover: Handover, w: Words) -> Message:
    """There is no such change of shift any more."""
    text = words.fill(w.handover.moved, handover=handover.id)
    return Message(pieces.push(text), (pieces.lines([pieces.say(text)]),))


def now(handover: Handover | None, report: Report, person: str, w: Words, *, acceptable: bool = False) -> Message:
    """The answer to who asks, with the buttons that fit them; None: a shift that goes on, of which nothing is owed.

    `acceptable`: they may accept it.
    """
    if handover is None:
        head = words.fill(w.handover.header_now, rota=pieces.shorten(report["about"], 80))
        blocks = (pieces.header(head), pieces.lines(_span(report, w)), *_body(None, report, w))
        return Message(pieces.push(head), blocks)
    drawn = draft(handover, report, "", w) if handover.standing is Standing.DRAFT else post(handover, report, w)
    mine = [
        each
        for each, may in (
            (_accept(handover, w, 0), handover.standing is Standing.POSTED and acceptable),
            (_note(handover, w, 1), _open(handover) and person in handover.outgoing),
        )
        if may
    ]
    kept = [block for block in drawn.blocks if block["type"] != "actions"]
    return Message(drawn.text, (*kept, *([pieces.row(*mine)] if mine else [])))


def which(rotas: Sequence[str], w: Words) -> Message:
    """Asks of which rota, a button for each."""
    text = words.fill(w.handover.which, names=", ".join(rotas))
    shown = rotas[: lists.ASKED]
    row = pieces.row(*(lists.order(name, f"handovers {name}", place) for place, name in enumerate(shown)))
    return Message(pieces.push(text), (pieces.lines([pieces.say(text, 1_000)]), row))


def digest(report: Report, w: Words) -> Message:
    """The same summary for a channel, by the calendar; nobody has to do anything with it."""
    head = words.fill(w.handover.header_digest, about=pieces.shorten(report["about"], 80))
    counts = report["counts"]
    said = {"open": counts["open"], "resolved": counts["ended"], "pages": counts["pages"]}
    text = words.fill(w.handover.push_digest, about=report["about"], **said)
    return Message(pieces.push(text), (pieces.header(head), pieces.lines(_span(report, w)), *_body(None, report, w)))


def row(handover: Handover, person: str, place: int, w: Words) -> list[Json]:
    """One that waits for a person, as their own page has it."""
    draft_ = handover.standing is Standing.DRAFT
    template = w.handover.home_draft if draft_ else w.handover.home_accept
    parts = {"handover": pieces.loud(handover.id), "rota": pieces.loud(handover.rota, 80)}
    line = pieces.line(template, **parts, at=pieces.when(handover.at))
    act = _accept(handover, w, place) if person in handover.incoming and not draft_ else _note(handover, w, place)
    show = lists.order(w.handover.show, f"handovers {handover.rota}", place)
    return [pieces.lines(line), pieces.row(act, show)]


# --- its head ---


def _header(handover: Handover, w: Words) -> str:
    both = {"outgoing": _names(handover.outgoing, w), "incoming": _names(handover.incoming, w)}
    return words.fill(w.handover.header, rota=pieces.shorten(handover.rota, 50), **both)


def _names(names: Sequence[str], w: Words) -> str:
    return pieces.shorten(handover_report.names(names, w), 40)


def _standing(handover: Handover, report: Report, w: Words) -> list[list[Json]]:
    """When it was handed over, how late, and who is paged now."""
    say, parts = w.handover, {"handover": pieces.loud(handover.id), "at": pieces.when(handover.at)}
    if handover.posted_at and (late := handover_report.lateness(handover)):
        told = pieces.line(say.late, **parts, late=pieces.loud(late), posted=pieces.when(handover.posted_at))
    else:
        told = pieces.line(say.posted, **parts)
    first = _must(handover, w) if handover.standing is Standing.POSTED else _outcome(handover, w)
    return [first, told, _span(report, w)]


def _must(handover: Handover, w: Words) -> list[Json]:
    must = words.fill(w.handover.must, incoming=handover_report.names(handover.incoming, w))
    return [pieces.loud(must), pieces.say(f" {handover_report.paged(handover, w)}")]


def _outcome(handover: Handover, w: Words) -> list[Json]:
    if handover.standing is Standing.ACCEPTED and handover.accepted_at:
        who = pieces.loud(handover.accepted_by or w.handover.nobody, 80)
        return pieces.line(w.handover.accepted, who=who, when=pieces.when(handover.accepted_at))
    return [pieces.loud(handover_report.lapsed(handover, w))]


def _stands(handover: Handover, w: Words) -> str:
    say = w.handover
    if handover.standing is not Standing.LAPSED:
        return say.standing_posted if handover.standing is Standing.POSTED else say.standing_accepted
    if not handover.incoming:
        return say.standing_vacant
    return say.standing_back if handover.went_back else say.standing_lapsed


def _span(report: Report, w: Words) -> list[Json]:
    moments = {key: pieces.when(datetime.fromisoformat(report[key])) for key in ("since", "until", "drafted")}
    return pieces.line(w.handover.span, **moments)


def _push(handover: Handover, report: Report, w: Words) -> str:
    said = {"handover": handover.id, "rota": handover.rota}
    if handover.standing is Standing.ACCEPTED:
        return words.fill(w.handover.push_accepted, who=handover.accepted_by or w.handover.nobody, **said)
    if handover.standing is not Standing.POSTED:
        return words.fill(w.handover.push_over, standing=_stands(handover, w), **said)
    both = {"outgoing": _names(handover.outgoing, w), "incoming": _names(handover.incoming, w)}
    counts = report.get("counts", {})
    figures = {"open": counts.get("open", 0), "approvals": counts.get("approvals", 0)}
    return words.fill(w.handover.push_posted, **said, **both, **figures)


# --- what it says ---


def _body(handover: Handover | None, report: Report, w: Words) -> list[Json]:
    """The remarks, then a block for each section, as far as a message can hold them."""
    blocks = [_remarks(handover, w)] if handover and handover.remarks else []
    if not report.get("notable"):
        blocks.append(pieces.lines([pieces.loud(w.handover.nothing)]))
    left = BUDGET
    for one in report.get("sections", ()):
        drawn, size = _section(one, left, w)
        left -= size
        blocks.append(drawn)
    return blocks


def _section(section: Mapping[str, Any], left: int, w: Words) -> tuple[Json, int]:
    """Its title, its first lines, and how many more there are and where; with how much of the room that takes."""
    kind, rows, size = str(section["kind"]), list[list[Json]](), 0
    for one in section["lines"][: SHOWN.get(kind, FEW)]:
        spans = _line(one, w)
        taken = pieces.size(spans)
        if rows and size + taken > left:
            break
        rows.append(spans)
        size += taken
    rest = int(section["total"]) - len(rows)
    more = words.fill(w.handover.more, count=rest, where=handover_report.WHERE[kind])
    title = [pieces.loud(str(getattr(w.handover, f"title_{kind}")))]
    return pieces.told([title], rows, [[pieces.say(more)]] if rest > 0 else []), size


def _line(one: Mapping[str, Any], w: Words) -> list[Json]:
    parts = {key: _part(key, part, w) for key, part in one["parts"].items()}
    return pieces.line(handover_lines.template(one, w), **parts)


def _part(key: str, part: Any, w: Words) -> Json | list[Json]:
    """A part as spans: whatever somebody called something is shown literally."""
    if isinstance(part, Mapping):
        if "at" in part:
            return pieces.when(datetime.fromisoformat(part["at"]))
        if "say" in part:
            return _line(part, w)
        return pieces.say(handover_lines.of_change(part, w), PART)
    return (pieces.loud if key in _LOUD else pieces.say)(str(part), PART)


def _remarks(handover: Handover, w: Words) -> Json:
    """The newest, in the order in which they were written."""
    shown = handover.remarks[-REMARKS:]
    rows = [
        pieces.line(
            w.handover.remark,
            who=pieces.loud(one.by, 80),
            when=pieces.when(one.at),
            text=_written(one),
        )
        for one in shown
    ]
    rest = len(handover.remarks) - len(shown)
    where = f"{handover_report.WHERE['remarks']} {handover.rota}"
    more = [pieces.say(words.fill(w.handover.more, count=rest, where=f"tocsin {where[1:]}"))] if rest else []
    return pieces.told([[pieces.loud(w.handover.title_remarks)]], rows, [more])


def _written(remark: Remark) -> list[Json]:
    """Its first LINES lines as they were written, WORDS characters of them; the rest of the lines as one."""
    every, left, spans = handover_report.written(remark), WORDS, list[Json]()
    for text in (*every[: LINES - 1], " ".join(every[LINES - 1 :])):
        if text and left > 0:
            spans += [{"type": "text", "text": "\n"}] * bool(spans) + [pieces.say(text, left)]
            left -= len(text)
    return spans or [pieces.say(remark.text)]


# --- what can be done ---


def _open(handover: Handover) -> bool:
    return handover.standing in (Standing.DRAFT, Standing.POSTED)


def _acts(handover: Handover, w: Words) -> Iterable[Json]:
    """Accept and a note; nothing once it is over."""
    if handover.standing is not Standing.POSTED:
        return ()
    return (pieces.row(_accept(handover, w, 0), _note(handover, w, 1)),)


def _accept(handover: Handover, w: Words, place: int) -> Json:
    say = w.handover
    sure = words.fill(say.accept_sure, rota=handover.rota)
    asked = pieces.confirm(say.accept_title, sure, say.accept, w.card.not_yet)
    aloud = words.fill(say.accept_aloud, handover=handover.id, rota=handover.rota)
    value = buttons.encode(Meant(HANDOVER, "", handover.version, f"accept {handover.id}"))
    name = f"handover.accept.{place}"
    return pieces.button(say.accept, name, value, style="primary", confirm=asked, aloud=aloud)


def _note(handover: Handover, w: Words, place: int) -> Json:
    seed = forms.Seed(handover=handover.id, rota=handover.rota)
    return oncall_card.opens(NOTE, w.handover.note, seed, place)
