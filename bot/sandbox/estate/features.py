"""The feature table `listings`: its versions are schemas, and following the pointer means migrating its rows.

The world knows square metres alone; what unit a reader finds in the table is the schema's matter.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from bot.errors import BadInput
from bot.sandbox.estate import linear, serving, streams
from bot.sandbox.estate.linear import Columns

NAME, ENTITY = "listings", "lending"
SCHEMA, STORED = "schema.json", "rows.npz"
KEPT = 2_000  #: rows that the table holds, the newest
_METRIC = {"m2": 1.0, "ft2": 0.09290304, "years": 1.0, "km": 1.0, "rooms": 1.0}  # what one of the unit is in ours


class Schema(BaseModel):
    """The columns of the table and the unit of each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    units: dict[str, str]

    def factor(self, column: str) -> float:
        """What a value of this column is multiplied by to be in metric units."""
        return _METRIC[self.units[column]]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as a reader finds them, and the schema they are in."""

    version: str
    columns: Columns


_FIRST = {"area": "m2", "rooms": "rooms", "age_years": "years", "km_to_centre": "km"}
_SCHEMAS = (
    (Schema(version="1", units=_FIRST), 300, "fay", "Area in square metres."),
    (Schema(version="2", units={**_FIRST, "area": "ft2"}), 1, "upstream", "Area in square feet, for the London desk."),
)


def furnish(folder: Path, seed: int, at: datetime) -> None:
    """Schemas 1 and 2 and a table of rows are there, and what serves stays; at first 1 does."""
    for schema, days, by, note in _SCHEMAS:
        about = {"created_at": (at - timedelta(days=days)).isoformat(), "by": by, "note": note}
        spelled = orjson.dumps(schema.model_dump(), option=orjson.OPT_INDENT_2)
        serving.furnish(folder, schema.version, {SCHEMA: spelled}, about)
    first, days, *_ = _SCHEMAS[0]
    if not (folder / STORED).exists():
        rows = streams.listings(streams.rng(seed, NAME, 2**32), KEPT).columns
        serving.written(folder / STORED, _packed(Rows(first.version, rows)))
    serving.began(folder, [(first.version, at - timedelta(days=days))], "deploy")


def load(folder: Path) -> Schema:
    """The schema of a version's folder; BadInput when it is missing or names a unit that nobody knows."""
    try:
        schema = Schema.model_validate_json((folder / SCHEMA).read_bytes())
    except (OSError, ValidationError):
        raise BadInput(f"Schema {folder.name} of {NAME} cannot be read.", "Serve another.") from None
    strange = set(schema.units.values()) - set(_METRIC)
    if strange:
        raise BadInput(f"Schema {folder.name} of {NAME} has units that nobody knows.", f"Use {', '.join(_METRIC)}.")
    return schema


class Table:
    """The table on the disk, in the schema that its pointer names."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read before the first rows come."""
        self.served = serving.Served(folder, load, then=self._migrate)
        self._folder = folder

    def through(self, columns: Columns, at: datetime) -> Rows | None:
        """New rows (in metric units) go into the table and are read from it again; None while it is paused."""
        share = self.served.serving(at).first
        if share is None:
            return None
        schema, n = share.loaded, len(next(iter(columns.values()), ()))
        new = {name: columns[name] / schema.factor(name) for name in schema.units}
        held = self._stored()
        if held is not None and held.columns.keys() == new.keys():
            new = {name: np.concatenate([held.columns[name], values])[-max(KEPT, n) :] for name, values in new.items()}
        serving.written(self._folder / STORED, _packed(Rows(schema.version, new)))
        self.served.count(n, at)
        return Rows(schema.version, {name: values[len(values) - n :] for name, values in new.items()})

    def _migrate(self, schema: Schema) -> None:
        """Bring every row that is stored into the schema; a reader finds the old rows or the new, never a mixture."""
        held = self._stored()
        if held is None or held.version == schema.version or not held.columns.keys() >= schema.units.keys():
            return
        before = load(self._folder / serving.VERSIONS / held.version)
        moved = {name: held.columns[name] * before.factor(name) / schema.factor(name) for name in schema.units}
        serving.written(self._folder / STORED, _packed(Rows(schema.version, moved)))

    def _stored(self) -> Rows | None:
        """What the table holds; None when it holds nothing that can be read: it fills again by itself."""
        try:
            columns = linear.unpacked((self._folder / STORED).read_bytes())
            return Rows(str(columns.pop("schema")), columns)
        except (OSError, KeyError, BadInput):
            return None


def _packed(rows: Rows) -> bytes:
    return linear.packed({**rows.columns, "schema": np.array(rows.version)})
