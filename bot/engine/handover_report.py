"""What a handover says: everything since the shift began that the incoming must know, in the order of what to do first.

A report is data, and any door says it in the language and zone of its reader (`handover_lines`):
`{about, kind, zone, since, until, drafted, notable, sections: [{kind, total, lines}], counts, load}`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bot import documents, words
from bot.engine import (
    handover_debts,
    handover_ended,
    handover_figures,
    handover_gather,
    handover_noise,
    handover_quiet,
    handover_scope,
    handover_watched,
    handover_work,
    roster,
    windows,
)
from bot.engine import handover_lines as lines
from bot.engine.desk import Desk
from bot.engine.handover_gather import Shift, Span
from bot.engine.handover_scope import Scope
from bot.model import handover as noun
from bot.model.handover import Handover, Remark, Standing
from bot.model.rota import Override, Rota
from bot.model.rota import Shift as Turn
from bot.rules import rota as rota_rule
from bot.store import Tx
from bot.words import Words

BEFORE = 4  #: shifts beside which it is seen
LOOKED = 40  #: spans that are looked through for them, those with nobody among them
INSTANT, MINUTE = timedelta(microseconds=1), timedelta(minutes=1)
Report = dict[str, Any]
#: Where to see all of a section that is cut.
WHERE = {
    "open": "/incident list",
    "approvals": "/approvals",
    "changes": "/approvals",
    "watches": "/models",
    "ways": "/models",
    "quiet": "/incident silences",
    "ended": "tocsin incident list",
    "noise": "tocsin incident list",
    "debts": "tocsin doctor",
    "figures": "tocsin oncall burden",
    "remarks": "/handover",
}


def draft(tx: Tx, desk: Desk, rota: str, since: datetime, until: datetime, now: datetime) -> Report:
    """The report of one shift of a rota as it stands at `now`; JSON-able, and whole for a rota that is gone."""
    known = roster.known(desk, rota)
    byhand = roster.changes(tx, desk, since - (until - since) * LOOKED, until + INSTANT)
    changes = [one for one in byhand if not noun.own(one)]  # who is kept until it is accepted makes no shift
    past = _before(known, since, changes)
    first = min((since, *(start for start, _ in past)))
    turns = rota_rule.shifts(known, first, until, changes) if first < until else []
    stays = {one.person for one in rota_rule.on_call(known, until, changes)}
    leaves = {one.person for one in rota_rule.on_call(known, until - INSTANT, changes)} - stays
    scope = handover_scope.of_rota(desk, known)
    return _report(tx, Shift(desk, scope, since, until, now, known.timezone, frozenset(leaves), past), turns)


def of_scope(tx: Tx, desk: Desk, scope: Scope, zone: str, span: Span) -> Report:
    """The same for a team, an entity or a rota over a span that has just ended, beside the spans before it."""
    since, until = span
    length = until - since
    past = [(since - length * number, since - length * (number - 1)) for number in range(BEFORE, 0, -1)]
    return _report(tx, Shift(desk, scope, since, until, until, zone, frozenset(), past), ())


def _report(tx: Tx, bare: Shift, turns: Sequence[Turn]) -> Report:
    shift = handover_gather.gather(tx, bare)
    told = [
        *handover_work.sections(shift),
        *handover_watched.sections(tx, shift),
        handover_quiet.section(tx, shift),
        handover_ended.section(tx, shift),
        handover_noise.section(shift),
        handover_debts.section(tx, shift),
    ]
    figures = handover_figures.section(shift, turns)
    counts = {one["kind"]: one["total"] for one in told}
    return {
        "about": shift.scope.name,
        "zone": shift.zone,
        "since": shift.since.isoformat(),
        "until": shift.until.isoformat(),
        "drafted": shift.now.isoformat(),
        "notable": any(counts.values()),
        "sections": [one for one in (*told, figures) if one["lines"]],
        "counts": counts | {"incidents": len(shift.opened), "pages": len(shift.paged)},
        "load": handover_figures.load(shift),
    }


def _before(rota: Rota, since: datetime, changes: Sequence[Override]) -> list[Span]:
    """The last shifts of the rota in which there was anybody, the oldest first."""
    found: list[Span] = []
    end = since
    for _ in range(LOOKED):
        if len(found) == BEFORE or not rota.layers:
            break
        turn = rota_rule.shift(rota, end - INSTANT, changes)
        if turn.start >= end or turn.start.year < 2000:  # it goes back for ever
            break
        if turn.holders:
            found.append((turn.start, end))
        end = turn.start
    return found[::-1]


# In plain words


def plain(report: Report, handover: Handover | None, language: str = "en") -> str:
    """The report as lines for a terminal, on the clocks of its zone; `handover` None for a shift that goes on."""
    w, zone = words.of(language), str(report.get("zone") or "UTC")
    body = [line for one in report.get("sections", ()) for line in _section(one, w, zone)]
    remarks = _remarks(handover, w, zone) if handover else []
    none = [] if report.get("notable") else ["", w.handover.nothing]
    return "\n".join([*_head(report, handover, w, zone), *remarks, *none, *body])


def standing(handover: Handover, w: Words, zone: str) -> str:
    """How far it has come, in a sentence."""
    say = w.handover
    at = windows.clock(handover.at, zone)
    if handover.standing is Standing.MOVED:
        return words.fill(say.moved, handover=handover.id)
    if handover.standing is Standing.DRAFT:
        told = say.draft if handover.incoming else say.draft_vacant
        return words.fill(told, handover=handover.id, at=at, incoming=names(handover.incoming, w))
    text = words.fill(say.posted, handover=handover.id, at=at)
    if handover.posted_at and (late := lateness(handover)):
        posted = windows.clock(handover.posted_at, zone)
        text = words.fill(say.late, handover=handover.id, at=at, late=late, posted=posted)
    return f"{text}. {outcome(handover, w, zone)}"


def outcome(handover: Handover, w: Words, zone: str) -> str:
    """Who has accepted it, or who is paged until somebody does."""
    say = w.handover
    if handover.standing is Standing.ACCEPTED and handover.accepted_at:
        when = windows.clock(handover.accepted_at, zone)
        return words.fill(say.accepted, who=handover.accepted_by or say.nobody, when=when)
    if handover.standing is Standing.LAPSED:
        return lapsed(handover, w)
    return paged(handover, w)


def lapsed(handover: Handover, w: Words) -> str:
    """Why nobody has accepted it: nobody came, or it went back, or nobody cared."""
    if not handover.incoming:
        return w.handover.lapsed_vacant
    back = words.fill(w.handover.lapsed_back, outgoing=names(handover.outgoing, w))
    return back if handover.went_back else w.handover.lapsed


def paged(handover: Handover, w: Words) -> str:
    """Who is paged until somebody accepts: both sides, unless whoever went could not be kept on call."""
    template = w.handover.both if handover.kept else w.handover.alone
    everybody = names((*handover.kept, *handover.incoming), w)
    return words.fill(template, everybody=everybody, outgoing=names(handover.outgoing, w))


def lateness(handover: Handover) -> str:
    """How late it was posted, as 25m; empty where that is not worth a word."""
    late = handover.late
    return documents.written(max(late - late % MINUTE, MINUTE)) if late else ""


def names(people: Sequence[str], w: Words) -> str:
    """Who they are, each once; nobody where there is none."""
    return ", ".join(dict.fromkeys(people)) or w.handover.nobody


def _head(report: Report, handover: Handover | None, w: Words, zone: str) -> list[str]:
    say = w.handover
    span = {key: windows.clock(datetime.fromisoformat(report[key]), zone) for key in ("since", "until", "drafted")}
    whole = words.fill(say.span, **span)
    if handover is None:
        return [words.fill(say.header_now, rota=report["about"]), whole]
    both = {"outgoing": names(handover.outgoing, w), "incoming": names(handover.incoming, w)}
    return [words.fill(say.header, rota=handover.rota, **both), standing(handover, w, zone), whole]


def _remarks(handover: Handover, w: Words, zone: str) -> list[str]:
    if not handover.remarks:
        return []
    said = (
        words.fill(w.handover.remark, who=one.by, when=windows.clock(one.at, zone), text="\n    ".join(written(one)))
        for one in handover.remarks
    )
    return ["", f"{w.handover.title_remarks}:", *(f"  {one}" for one in said)]


def written(remark: Remark) -> list[str]:
    """The lines of a note as somebody wrote them, without empty ones."""
    return [kept for one in remark.text.splitlines() if (kept := " ".join(one.split()))]


def _section(one: lines.Section, w: Words, zone: str) -> list[str]:
    title = str(getattr(w.handover, f"title_{one['kind']}"))
    rows = [f"  {lines.text(each, w, zone)}" for each in one["lines"]]
    rest = one["total"] - len(rows)
    more = words.fill(w.handover.more, count=rest, where=WHERE[one["kind"]])
    return ["", f"{title}:", *rows, *([f"  {more}"] if rest > 0 else [])]
