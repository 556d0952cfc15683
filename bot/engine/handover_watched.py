"""What the incoming must keep an eye on: versions that are watched with their numbers, and ways back that were lost."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bot.engine import handover_lines as lines
from bot.engine import headline, measured, watch
from bot.engine.handover_gather import Shift
from bot.engine.handover_lines import Line, Section
from bot.model.watch import Watch
from bot.rules.recovery import Sample
from bot.store import Tx, shifts, ways_back

LOST = "model.way_lost"


def sections(tx: Tx, shift: Shift) -> Iterable[Section]:
    """Both of them."""
    going = [one for one in shifts.watched(tx) if shift.scope.holds(one.model) or one.entity == shift.scope.entity]
    newest = _newest(tx, going)
    yield lines.section("watches", going, lambda one: _watch(one, newest.get(one.id)))
    yield lines.section("ways", _lost(tx, shift), lambda one: one)


def _newest(tx: Tx, going: Sequence[Watch]) -> Mapping[str, Sample]:
    """What was measured last under each watch: over its limit before within it, since that is what matters."""
    if not going:
        return {}
    found: dict[str, dict[tuple[str, str, str], Sample]] = {}
    ids, since = {one.id for one in going}, min(one.since for one in going)
    for said in shifts.said(tx, ids, {watch.HEARD, measured.HEARD}, since):
        for one in map(measured.read, said.after.get("samples", ())):
            if one.measure.value is not None:
                found.setdefault(said.subject, {})[one.series] = one
    return {id_: max(own.values(), key=lambda one: (bool(one.breaches), one.at)) for id_, own in found.items()}


def _watch(one: Watch, newest: Sample | None) -> Line:
    named: dict[str, object] = {"model": lines.name(one.model), "version": lines.name(one.version)}
    named["until"] = lines.at(one.until)
    if one.metric is None:
        return lines.line("watch_alone", **named)
    named = {**named, "metric": lines.name(one.metric), "baseline": _before(one.baseline)}
    if newest is None or newest.measure.value is None:
        return lines.line("watch_unheard", **named)
    limit = _limit(one, newest)
    return lines.line(
        "watch_over" if newest.breaches else "watch_line",
        **named,
        now=headline.number(newest.measure.value),
        limit=limit,
    )


def _before(baseline: Iterable[Mapping[str, Any]]) -> object:
    """The median of what was measured before it served."""
    values = [one.measure.value for one in map(measured.read, baseline) if one.measure.value is not None]
    return headline.number(statistics.median(values)) if values else lines.line("unknown")


def _limit(one: Watch, newest: Sample) -> object:
    own = newest.measure
    if own.threshold is not None:
        return f"{own.op or ''} {headline.number(own.threshold)}".strip()
    return lines.line("limit_worse", allowed=headline.number(one.allowed)) if one.allowed else lines.line("unknown")


def _lost(tx: Tx, shift: Shift) -> list[Line]:
    """The models that could be rolled back when the shift began, and cannot now."""
    lack = {name: way for name, way in ways_back.every(tx).items() if not way.possible and shift.scope.holds(name)}
    lost = {one.subject: one.at for one in shifts.said(tx, lack, {LOST}, shift.since)} if lack else {}
    return [
        lines.line("way_line", model=lines.name(name), when=lines.at(at), why=lines.why(lack[name].why))
        for name, at in sorted(lost.items(), key=lambda each: (each[1], each[0]))
    ]
