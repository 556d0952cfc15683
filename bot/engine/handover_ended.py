"""What was resolved in the shift, and the risk that is left: what came back, ended by itself, or was never mended."""

from collections.abc import Mapping

from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.incident import ENDED, FALSE_ALARM, MERGED
from bot.store import Tx, shifts
from bot.store.shifts import Brief

_RISKS = ("risk_back", "risk_ended", "risk_alone", "risk_changed", "risk_false")  # the riskiest first


def section(tx: Tx, shift: Shift) -> Section:
    """What goes on as part of another incident is not over, so it is not among them."""
    found = [one for one in shift.resolved if one.resolution != MERGED]
    mended = shifts.changed(tx, {one.id for one in found})
    again = _again(shift)
    told = [(one, _risk(one, mended.get(one.id), again.get(one.id))) for one in found]
    told.sort(key=lambda each: (_RISKS.index(each[1]["say"]), each[0].severity, each[0].id))
    return lines.section("ended", told, lambda each: _line(*each))


def _again(shift: Shift) -> Mapping[str, str]:
    """For an incident that was resolved, the next one about the same that opened after it."""
    by_key: dict[str, list[Brief]] = {}
    for one in reversed(shift.opened):
        by_key.setdefault(_key(one), []).append(one)
    found = {}
    for one in shift.resolved:
        over = one.resolved_at or shift.until
        later = [other.id for other in by_key.get(_key(one), ()) if other.opened_at >= over and other.id != one.id]
        if later:
            found[one.id] = later[0]
    return found


def _key(one: Brief) -> str:
    return one.key.partition("#")[0]  # what gave up its key has its own id behind that


def _risk(one: Brief, change: str | None, again: str | None) -> Line:
    who = lines.name(one.ended_by) if one.ended_by else lines.line("the_bot")
    if again:
        return lines.line("risk_back", again=again)
    if one.resolution == FALSE_ALARM:
        return lines.line("risk_false", who=who)
    if change:
        return lines.line("risk_changed", who=who, change=change)
    return lines.line("risk_ended") if one.resolution == ENDED else lines.line("risk_alone", who=who)


def _line(one: Brief, risk: Line) -> Line:
    about = {"incident": one.id, "severity": one.severity.upper(), "about": lines.name(one.model or one.entity)}
    return lines.line("ended_line", **about, title=lines.title(one.title), risk=risk)
