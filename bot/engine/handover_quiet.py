"""What is held back beyond the shift: silences and windows, freezes, legal holds, and alerts that are held now."""

from collections.abc import Iterator

from bot.engine import handover_lines as lines
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.freeze import Freeze
from bot.model.silence import Silence
from bot.rules import routing
from bot.store import Tx, freezes, held, legal_holds, silences

HELD = 1_000  #: held alerts that are looked at, the longest first


def section(tx: Tx, shift: Shift) -> Section:
    """What of it outlives the shift: begun, or to begin within as long as the shift was."""
    return lines.filled("quiet", _lines(tx, shift))


def _lines(tx: Tx, shift: Shift) -> Iterator[Line]:
    soon = shift.until + (shift.until - shift.since)
    for hold in legal_holds.in_force(tx):
        if any(one.id == hold.incident for one in shift.open):
            yield lines.line("hold_line", incident=hold.incident, when=lines.at(hold.at), why=lines.why(hold.why))
    for one in (*shift.desk.settings.changes.freezes, *freezes.standing(tx, shift.until)):
        if shift.until < one.ends_at and one.starts_at < soon and _freezes(one, shift):
            yield _freeze(one)
    for silence in silences.standing(tx, shift.until):
        if silence.starts_at < soon and not silence.shadow and _hushes(silence, shift):
            yield _silence(silence)
    if count := _held(tx, shift):
        yield lines.line("held_line", count=count)


def _freeze(one: Freeze) -> Line:
    what = lines.name(one.entity) if one.entity else lines.line("everything")
    return lines.line("freeze_line", freeze=one.id, until=lines.at(one.ends_at), what=what, why=lines.why(one.why))


def _silence(one: Silence) -> Line:
    what = lines.why(routing.said(one.matchers)) if one.matchers else lines.line("everything")
    who = lines.name(one.by.partition(":")[2] or one.by)
    told = {"what": what, "who": who, "why": lines.why(one.why)}
    return lines.line("silence_line", silence=one.id, until=lines.at(one.until), **told)


def _entities(shift: Shift) -> set[str]:
    names = shift.desk.settings.estate.names
    return {names[name].entity for name in shift.scope.models} | {one.entity for one in shift.open}


def _freezes(one: Freeze, shift: Shift) -> bool:
    return one.entity is None or one.entity == shift.scope.entity or one.entity in _entities(shift)


def _hushes(one: Silence, shift: Shift) -> bool:
    """Whether it may hold what is this scope's: one that names a model or an entity of others does not."""
    for matcher in one.matchers:
        if matcher.op == "=" and matcher.field == "model" and matcher.value not in shift.scope.models:
            return False
        if matcher.op == "=" and matcher.field == "entity" and matcher.value not in _entities(shift):
            return False
    return True


def _held(tx: Tx, shift: Shift) -> int:
    found = (one.alert for one in held.listing(tx, limit=HELD))
    return sum(
        shift.scope.holds(one.model or "") or (bool(shift.scope.entity) and one.entity == shift.scope.entity)
        for one in found
    )
