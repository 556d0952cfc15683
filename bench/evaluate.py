"""Two versions on a million rows, twenty slices, 200 resamples: time and memory beside a plain scikit-learn loop."""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bot.model.trial import Finding, Terms
from bot.rules import scoring
from tests.parts import Missing
from tests.parts.process import ROOT

PYTHON = ROOT / ".venv" / ".sklearn" / "bin" / "python"
GET = "Get it with: make .venv/.sklearn"
START = datetime(2026, 11, 1, tzinfo=UTC)
SLICES = 20
SEED = 7


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--draws", type=int, default=200, help="resamples")
    parser.add_argument("--sampled", type=int, default=4, help="resamples of the loop that are timed (0: all)")
    parser.add_argument("--also", nargs="*", default=[], help="further metrics, as log_loss")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def made(rows: int) -> scoring.Rows:
    """Scores of two versions, the second a little better, of which 10 % come true; a country of twenty for each row."""
    chance = np.random.default_rng(SEED)
    known = chance.normal(size=rows)
    truth = (chance.random(rows) < 1 / (1 + np.exp(3 - 2 * known))).astype(np.float64)
    said = {
        version: 1 / (1 + np.exp(3 - 2 * (known + noise * chance.normal(size=rows))))
        for version, noise in (("6", 0.60), ("7", 0.55))
    }
    country = np.char.add("c", chance.integers(0, SLICES, rows).astype(str))
    at = START.timestamp() + chance.random(rows) * timedelta(days=28).total_seconds()
    return scoring.Rows(at, truth, said, {"country": country})


def peak() -> float:
    """The most memory this process ever held, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def ours(rows: int, draws: int, also: list[str]) -> dict[str, Any]:
    """One card, in this process."""
    given = made(rows)
    before = peak()
    wanted = scoring.Wanted("6", START, START + timedelta(days=28), challenger="7", seed=SEED, draws=draws)
    begun, busy = time.perf_counter(), time.process_time()
    card = scoring.card(given, wanted, Terms("auc", tuple(also), slices=("country",)))
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    first = card.scores[0]
    estimates = [first.champion, first.challenger, first.difference]
    assert card.finding is Finding.BETTER, card.why
    assert len(card.slices) == SLICES
    told = [[one.value, one.low, one.high] for one in estimates if one]
    return {"seconds": seconds, "busy": busy, "before": before, "peak": peak(), "told": told}


def alone(module: str, python: Path, *arguments: str) -> dict[str, Any]:
    """What a process of its own says, so that its memory is its own; on one thread, as the bot scores."""
    env = os.environ | {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
    command = [str(python), "-m", module, *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def plain(rows: int, draws: int, sampled: int, also: list[str]) -> dict[str, Any]:
    """The loop, in the corner that has scikit-learn; Missing says how to get one."""
    if not PYTHON.exists():
        raise Missing(f"scikit-learn is not on this machine. {GET}")
    file = ROOT / ".venv" / ".sklearn" / "rows.npz"
    given = made(rows)
    country = np.unique(given.columns["country"], return_inverse=True)[1]
    np.savez(file, truth=given.truth, six=given.said["6"], seven=given.said["7"], country=country)
    try:
        return alone("bench.parts.loop", PYTHON, str(file), str(draws), str(sampled or draws), *also)
    finally:
        file.unlink()


def main() -> None:
    """Measure both and print the table."""
    chosen = options()
    rows = chosen.rows // 10 if chosen.quick else chosen.rows
    if chosen.one:
        print(json.dumps(ours(rows, chosen.draws, chosen.also)))
        return
    metrics = ", ".join(["auc", *chosen.also])
    print(f"{rows:,} rows, {SLICES} slices, {chosen.draws} resamples of two versions; {metrics}")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    also = ["--also", *chosen.also] if chosen.also else []
    own = alone("bench.evaluate", Path(sys.executable), "--one", f"--rows={rows}", f"--draws={chosen.draws}", *also)
    print(f"{'':28}{'on the clock':>14}{'of a core':>14}{'at most held':>14}")
    print(f"{'Tocsin':28}{_figures(own)}  (the rows alone: {own['before']:.0f} MB)")
    print(f"{'':28}difference {_interval(own['told'][2])}")
    try:
        loop = plain(rows, chosen.draws, chosen.sampled, chosen.also)
    except Missing as missing:
        print(missing)
        return
    told = f"{loop['timed']} resamples timed" if loop["timed"] < chosen.draws else "all timed"
    name = f"scikit-learn {loop['version']} loop"
    print(f"{name:28}{_figures(loop)}  ({told})")
    print(f"{'':28}difference {loop['difference']:+.5f}; {loop['busy'] / own['busy']:.0f} times the work")


def _figures(found: dict[str, Any]) -> str:
    return f"{found['seconds']:>12.1f} s{found['busy']:>12.1f} s{found['peak']:>11.0f} MB"


def _interval(told: list[float]) -> str:
    value, low, high = told
    return f"{value:+.5f} ({low:+.5f} to {high:+.5f})"


if __name__ == "__main__":
    main()
