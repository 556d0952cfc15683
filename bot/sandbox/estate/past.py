"""The newest rows that a model was asked about, with what became true of them: what a new version is learnt from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.errors import BadInput
from bot.sandbox.estate import serving
from bot.sandbox.estate.linear import Array, Columns
from bot.sandbox.estate.streams import Window

FILE = "past.csv"  #: in the model's folder: at (seconds since 1970), truth, and each column by its name
KEPT = 500  #: rows of a window that are kept

Span = tuple[datetime, datetime]  #: half-open


@dataclass(frozen=True, slots=True)
class Past:
    """Rows in the order in which they came; each array has a value for each."""

    at: Array  #: seconds since 1970
    columns: Columns
    truth: Array

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, which: NDArray[np.int64]) -> "Past":
        """The rows with these numbers."""
        return Past(self.at[which], {name: values[which] for name, values in self.columns.items()}, self.truth[which])


def keep(folder: Path, window: Window, at: datetime, every: timedelta) -> None:
    """Add rows of a window that ended at `at`, evenly over the time `every` that it took; the oldest go in time."""
    file, n = folder / FILE, min(len(window), KEPT)
    names = list(window.columns)
    if not n:
        return
    if not file.exists():
        serving.written(file, (",".join(["at", "truth", *names]) + "\n").encode())
    moments = at.timestamp() - every.total_seconds() * (n - np.arange(n)) / n
    table = np.column_stack([window.truth[:n], *(window.columns[name][:n] for name in names)])
    lines = [
        f"{moment:.3f}," + ",".join(f"{value:.6g}" for value in row) for moment, row in zip(moments, table, strict=True)
    ]
    serving.added(file, ("\n".join(lines) + "\n").encode(), headed=True)


def read(folder: Path, since: datetime, until: datetime, excluded: Sequence[Span] = ()) -> Past:
    """The rows from `since` on and before `until`, in none of the spans `excluded`; BadInput when there is no file.

    What is being added at this moment, and has no end yet, is passed over.
    """
    try:
        header, *lines = (folder / FILE).read_text("ascii").split("\n")[:-1]
        names = header.split(",")
        table = np.array([line.split(",") for line in lines], dtype=np.float64).reshape(len(lines), len(names))
    except (OSError, ValueError) as error:
        raise BadInput(f"{FILE} of {folder.name} cannot be read: {type(error).__name__}.", "Wait for it.") from None
    inside = _within(table[:, 0], (since, until))
    for span in excluded:
        inside &= ~_within(table[:, 0], span)
    found = table[inside]
    found = found[np.argsort(found[:, 0], kind="stable")]
    columns = {name: found[:, place] for place, name in enumerate(names) if place > 1}
    return Past(found[:, 0], columns, found[:, 1])


def _within(at: Array, span: Span) -> NDArray[np.bool_]:
    start, end = span
    return np.asarray((at >= start.timestamp()) & (at < end.timestamp()))
