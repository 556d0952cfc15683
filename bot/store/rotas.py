"""What rotas were: a row for each form of each, from when on it was in force."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import insert, select

from bot.model import rota_form
from bot.model.rota import Past, Rota
from bot.model.seal import canonical
from bot.store.database import Tx
from bot.store.tables import RotaRow, table

_TABLE = table(RotaRow)
_ALL = select(_TABLE.c.name, _TABLE.c.since, _TABLE.c.digest, _TABLE.c.form).order_by(
    _TABLE.c.name, _TABLE.c.since, _TABLE.c.id
)


def keep(tx: Tx, rotas: Mapping[str, Rota], at: datetime) -> list[str]:
    """Write down each that differs from its newest row, or has none; the names of those that differ.

    What was never written down is taken to have been so always: nobody knows otherwise.
    """
    newest = {row.name: row.digest for row in tx.sql.execute(_ALL)}
    forms = {name: rota_form.spelled(rota) for name, rota in rotas.items()}
    rows: list[dict[str, Any]] = []
    for name, form in forms.items():
        digest = hashlib.sha256(canonical(form)).hexdigest()
        if newest.get(name) != digest:
            rows.append({"name": name, "since": at, "digest": digest, "form": form})
    if rows:
        tx.sql.execute(insert(_TABLE), rows)
    return [row["name"] for row in rows if row["name"] in newest]


def past(tx: Tx) -> dict[str, tuple[Past, ...]]:
    """By name, what each was until it was edited, the oldest first; the newest form of each is left out."""
    found: defaultdict[str, list[tuple[datetime, Any]]] = defaultdict(list)
    for row in tx.sql.execute(_ALL):
        found[row.name].append((row.since, row.form))
    return {
        name: tuple(Past(until, rota_form.read(form)) for (_, form), (until, _) in pairwise(rows))
        for name, rows in found.items()
        if len(rows) > 1
    }
