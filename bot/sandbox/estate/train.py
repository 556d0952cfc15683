"""A training, as plugin `local` starts it in a model's folder: `train --order FILE --out FOLDER`.

The world may have changed somewhere within the days of the order, and nobody says where. So it learns from stretches of
the newest rows, each twice as long as the one before, and keeps what foretells today best. Every fourth row is learnt
from by nobody: what all versions say of those is written beside the rows that were served, to be compared.
"""

import argparse
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from bot.clock import SystemClock
from bot.errors import BadInput
from bot.sandbox.estate import delivery, linear, past, rows, serving
from bot.sandbox.estate.linear import Model
from bot.sandbox.estate.past import Past, Span

Json = dict[str, Any]
ROOMS = {delivery.NAME: delivery}  #: the models that keep what can be learnt from
LEAST = 500  #: rows of the shortest stretch: one window; by those of them that are set aside the stretch is chosen
RATE = 0.02  #: what a second costs, in the currency of whoever pays
NEARLY = 1.02  #: times the least error: within it the longer stretch is taken, for it has seen more
LONGEST = 10.0  #: seconds that may be waited between two stretches
_EACH = 4  # of so many rows one is held out, one chooses the stretch, and the others are learnt from
_HELD_OUT, _CHOOSES = 0, 2


@dataclass(frozen=True, slots=True)
class Order:
    """What `order.json` asks for."""

    token: str
    at: datetime
    since: datetime
    until: datetime
    excluded: tuple[Span, ...]
    versions: tuple[str, ...]  #: names that are taken
    pause: float  #: seconds to wait after each stretch, so that people see it go on

    @classmethod
    def read(cls, file: Path) -> "Order":
        """BadInput when it is no order."""
        try:
            said = orjson.loads(file.read_bytes())
            moments = {name: datetime.fromisoformat(said[name]) for name in ("at", "since", "until")}
            spans = tuple((datetime.fromisoformat(one), datetime.fromisoformat(end)) for one, end in said["excluded"])
            pause = min(max(float(said["parameters"].get("pause", 0)), 0.0), LONGEST)
            return cls(said["token"], **moments, excluded=spans, versions=tuple(said["versions"]), pause=pause)
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{file.name} is no order: {type(error).__name__}.", "Start it by its trainer.") from None


@dataclass(frozen=True, slots=True)
class Fit:
    """A model learnt from the newest `size` rows, and its score on what is newest of all."""

    size: int
    model: Model
    scores: Mapping[str, float]


class Training:
    """One run of it."""

    def __init__(self, folder: Path, out: Path, order: Order) -> None:
        """`folder` is the model's, `out` that of the run. BadInput where nothing can be learnt for that model."""
        if folder.name not in ROOMS:
            raise BadInput(f"Nothing is kept that {folder.name} could learn from.", f"There is {', '.join(ROOMS)}.")
        self._room = ROOMS[folder.name]
        self._folder, self._out, self._order = folder, out, order
        self._clock = SystemClock()
        self._began = self._clock.monotonic()

    def run(self) -> str:
        """Make a version and say so; its name. BadInput when there is too little to learn from."""
        self._tell("reading the rows", 0.02)
        known = past.read(self._folder, self._order.since, self._order.until, self._order.excluded)
        if len(known) < LEAST:
            raise BadInput(f"There are {len(known)} rows in these days; {LEAST} are needed.", "Widen the window.")
        best = self._best(known)
        version = self._next()
        self._tell(f"writing version {version}", 0.95, best.scores)
        model, apart = self._named(best, version, known)
        serving.furnish(self._folder, version, model.files(), self._about(best, model))
        self._shadow(known.take(apart), self._later())
        cost, metrics = self._cost, dict(model.metrics)
        self._say("result.json", {"version": version, "metrics": metrics, "cost": cost})
        print(f"Version {version} is there, learnt from the newest {best.size:,} rows: {_told(metrics)}.", flush=True)
        return version

    def _best(self, known: Past) -> Fit:
        """The longest stretch that foretells the newest rows nearly as well as any; each is told of as it comes."""
        found: list[Fit] = []
        sizes = stretches(len(known))
        for number, size in enumerate(sizes, 1):
            found.append(self._fit(known, size))
            told = f"stretch {number} of {len(sizes)}: newest {size:,} rows, {_told(found[-1].scores)}"
            print(told, flush=True)
            self._tell(told, 0.05 + 0.9 * number / len(sizes), found[-1].scores)
            self._wait()
        least = min(_error(one) for one in found)
        return next(one for one in reversed(found) if _error(one) <= least * NEARLY)

    def _fit(self, known: Past, size: int) -> Fit:
        newest = _newest(known, size)
        learnt = known.take(newest[~np.isin(newest % _EACH, (_HELD_OUT, _CHOOSES))])
        today = _newest(known, LEAST)
        judged = known.take(today[today % _EACH == _CHOOSES])
        plan = replace(self._room.RELEASES[-1].plan, version="new")
        model = linear.trained(plan, learnt.columns, learnt.truth)
        return Fit(size, model, _rounded(self._room.score(judged.truth, model.predict(judged.columns))))

    def _named(self, best: Fit, version: str, known: Past) -> tuple[Model, NDArray[np.int64]]:
        """The model under its name with its score on rows that nobody learnt from, and the numbers of those rows."""
        newest = _newest(known, best.size)
        apart = newest[newest % _EACH == _HELD_OUT]
        unseen = known.take(apart)
        metrics = _rounded(self._room.score(unseen.truth, best.model.predict(unseen.columns)))
        named = best.model.parameters.model_copy(update={"version": version, "metrics": metrics})
        return replace(best.model, parameters=named), apart

    def _about(self, best: Fit, model: Model) -> Json:
        note = f"Learnt from the newest {best.size:,} rows; asked for by {self._order.token}."
        return {"created_at": self._order.at.isoformat(), "by": "train", "note": note, "metrics": dict(model.metrics)}

    def _next(self) -> str:
        """One more than the highest number there is."""
        there = [each.name for each in (self._folder / serving.VERSIONS).iterdir()]
        return str(max((int(name) for name in (*there, *self._order.versions) if name.isdecimal()), default=0) + 1)

    def _later(self) -> Past:
        """What came after the days of the order."""
        return past.read(self._folder, self._order.until, max(self._order.at, self._order.until))

    def _shadow(self, *unseen: Past) -> None:
        """What every version says of rows that the new one has not learnt from: to be compared at once."""
        ledger, lines = rows.Ledger(self._folder, self._room.apart), b""
        for some in unseen:
            moments = [datetime.fromtimestamp(at, self._order.at.tzinfo) for at in some.at]
            lines += rows.lines(moments, some.truth, ledger.said(some.columns), self._room.apart(some.columns))
        (self._folder / rows.FOLDER).mkdir(exist_ok=True)
        serving.written(self._folder / rows.FOLDER / f"{self._order.token}.jsonl", lines)

    @property
    def _cost(self) -> float:
        return round((self._clock.monotonic() - self._began) * RATE, 4)

    def _tell(self, stage: str, share: float, metrics: Mapping[str, float] | None = None) -> None:
        said = {"stage": stage, "share": round(share, 3), "cost": self._cost, "metrics": dict(metrics or {})}
        self._say("progress.json", said)

    def _say(self, name: str, said: Json) -> None:
        """BadInput when the folder of the run was taken away: nobody waits for it any more."""
        try:
            serving.written(self._out / name, orjson.dumps(said))
        except FileNotFoundError:
            raise BadInput("The folder of the run is gone.", "Ask for another.") from None

    def _wait(self) -> None:
        if self._order.pause:
            time.sleep(self._order.pause)


def stretches(n: int) -> Sequence[int]:
    """How many of the newest of `n` rows are learnt from: LEAST, twice that, and so on, and all of them."""
    found = []
    size = LEAST
    while size < n:
        found.append(size)
        size *= 2
    return [*found, n]


def main() -> None:
    """Do what the order asks; what stands in the way is the last line of the log."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--order", type=Path, required=True)
    asked.add_argument("--out", type=Path, required=True)
    given = asked.parse_args()
    try:
        Training(Path.cwd(), given.out, Order.read(given.order)).run()
    except BadInput as error:
        raise SystemExit(str(error)) from None


def _newest(known: Past, size: int) -> NDArray[np.int64]:
    """The numbers of the newest rows."""
    return np.arange(max(0, len(known) - size), len(known))


def _error(fit: Fit) -> float:
    return fit.scores["mape"]


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in found.items()}


def _told(found: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3f}" for name, value in found.items())


if __name__ == "__main__":
    main()
