"""What every version of a model says of rows that were served, beside what became true: for whoever compares them.

The files are those that plugin `local` evaluates; its README has their form. Everything here blocks.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from bot.errors import BadInput
from bot.sandbox.estate import linear, serving
from bot.sandbox.estate.linear import Array, Columns, Model
from bot.sandbox.estate.streams import Window

FOLDER, FILE = "rows", "served.jsonl"
KEPT = 500  #: rows of a window that are kept: about ten windows stand in the file then

Apart = Callable[[Columns], Mapping[str, list[str]]]  #: what tells rows apart, as texts


class Ledger:
    """Keeps some rows of each window of one model, with what all of its versions say of them."""

    def __init__(self, folder: Path, apart: Apart) -> None:
        """`folder` is the model's; `apart` gives the columns by which people slice."""
        self._folder, self._apart = folder, apart
        self._loaded: dict[str, Model] = {}

    def keep(self, window: Window, at: datetime, every: timedelta) -> None:
        """The first rows of a window that ended at `at`, evenly over the time `every` that it took.

        The world is drawn in no order, so the first are as good as any.
        """
        n = min(len(window), KEPT)
        columns = {name: values[:n] for name, values in window.columns.items()}
        said = self.said(columns)
        moments = [at - every * ((n - row) / n) for row in range(n)]
        if n and said:
            (self._folder / FOLDER).mkdir(exist_ok=True)
            serving.added(self._folder / FOLDER / FILE, lines(moments, window.truth, said, self._apart(columns)))

    def said(self, columns: Columns) -> dict[str, Array]:
        """What every version that is there, and can be asked, says of each row."""
        return {version: model.predict(columns) for version, model in self._versions().items() if _fits(model, columns)}

    def _versions(self) -> Mapping[str, Model]:
        """Every version that is there and can be loaded, those too that came since."""
        there = sorted((self._folder / serving.VERSIONS).iterdir())
        found = {each.name: each for each in there if not each.name.startswith(".")}  # or it is half written
        for name in found.keys() - self._loaded.keys():
            with suppress(BadInput):  # its server says so where people look
                self._loaded[name] = linear.load(found[name])
        return {name: self._loaded[name] for name in found if name in self._loaded}


def told(edges: tuple[float, ...], names: tuple[str, ...], values: Array) -> list[str]:
    """A word for each value: `names[i]` below `edges[i]`, the last above them all."""
    return [names[place] for place in np.searchsorted(edges, values, side="right")]


def lines(
    moments: Sequence[datetime], truth: Array, said: Mapping[str, Array], apart: Mapping[str, list[str]]
) -> bytes:
    """A line for each moment: what became true then, what the versions said, and what tells the row apart."""
    spelled = (orjson.dumps(_row(at, truth[row], said, apart, row)) + b"\n" for row, at in enumerate(moments))
    return b"".join(spelled)


def _fits(model: Model, columns: Columns) -> bool:
    return set(model.reads) <= set(columns)


def _row(
    at: datetime, truth: float, said: Mapping[str, Array], apart: Mapping[str, list[str]], row: int
) -> dict[str, Any]:
    return {
        "at": at.isoformat(),
        "truth": float(truth),
        "said": {version: round(float(values[row]), 6) for version, values in said.items()},
        "columns": {name: words[row] for name, words in apart.items()},
    }
