"""What the calendars of layers said when they could be read last."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select

from bot.model.calendar import Kept
from bot.model.rota import Fixed, Layer, Rota
from bot.store.database import Tx
from bot.store.tables import CalendarRow, table

_TABLE = table(CalendarRow)
_NEWEST = select(func.count(), func.max(_TABLE.c.changed_at))


def every(tx: Tx) -> dict[tuple[str, str], Kept]:
    """By rota and layer, those that are in no configuration any more, too: the past asks for them."""
    return {(row.rota, row.layer): _read(row) for row in tx.sql.execute(select(_TABLE))}


def find(tx: Tx, rota: str, layer: str) -> Kept | None:
    """That of one layer; None where its calendar was never read."""
    row = tx.sql.execute(select(_TABLE).where(_TABLE.c.rota == rota, _TABLE.c.layer == layer)).first()
    return _read(row) if row else None


def keep(tx: Tx, kept: Kept) -> None:
    """Write it in the place of what was kept of that layer."""
    spans = [[one.start.isoformat(), one.end.isoformat(), one.person] for one in kept.spans]
    row = {"rota": kept.rota, "layer": kept.layer, "spans": spans, "changed_at": kept.changed_at}
    tx.sql.execute(delete(_TABLE).where(_TABLE.c.rota == kept.rota, _TABLE.c.layer == kept.layer))
    tx.sql.execute(insert(_TABLE), [{**row, "read_at": kept.read_at, "fault": kept.fault}])


def newest(tx: Tx) -> tuple[int, datetime | None]:
    """Another answer than before means that some calendar says something else."""
    count, at = tx.sql.execute(_NEWEST).one()
    return int(count), at


def filled(tx: Tx, rotas: Mapping[str, Rota]) -> dict[str, Rota]:
    """The rotas, and what they were, with what their calendars said; those without any are the same objects."""
    if not any(layer.calendar for rota in rotas.values() for layer in _layers(rota)):
        return dict(rotas)
    kept = every(tx)
    return {name: _filled(rota, kept) for name, rota in rotas.items()}


def _layers(rota: Rota) -> tuple[Layer, ...]:
    return (*rota.layers, *(layer for past in rota.past for layer in past.rota.layers))


def _filled(rota: Rota, kept: Mapping[tuple[str, str], Kept]) -> Rota:
    if not any(layer.calendar for layer in _layers(rota)):
        return rota
    layers = tuple(_layer(rota.name, layer, kept) for layer in rota.layers)
    past = tuple(replace(one, rota=_filled(one.rota, kept)) for one in rota.past)
    return replace(rota, layers=layers, past=past)


def _layer(rota: str, layer: Layer, kept: Mapping[tuple[str, str], Kept]) -> Layer:
    found = kept.get((rota, layer.name)) if layer.calendar else None
    return replace(layer, fixed=found.spans) if found else layer


def _read(row: Any) -> Kept:
    spans = (Fixed(datetime.fromisoformat(start), datetime.fromisoformat(end), who) for start, end, who in row.spans)
    return Kept(row.rota, row.layer, tuple(spans), row.changed_at, row.read_at, row.fault)
