"""Who is on call: 1,000 rotas with 20 overrides each at random instants of a year, beside two libraries people use."""

import argparse
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.parts import rosters
from bench.parts.rosters import Cached, Dateutil, Ical, Ours, Schedule

Side = Ours | Dateutil | Ical
PEERS: tuple[type[Side], ...] = (Ours, Dateutil, Cached, Ical)
MICRO, MILLI = 1e6, 1e3


@dataclass(frozen=True)
class Size:
    """How much is asked of each: rotas, instants of each rota, and rotas of which the year is rendered."""

    rotas: int
    instants: int
    years: int


#: A peer that takes a thousand times as long is asked less often; each answer is still timed alone.
SIZES = {Ours: Size(1_000, 100, 200), Dateutil: Size(1_000, 5, 50), Cached: Size(1_000, 20, 50), Ical: Size(200, 5, 20)}


@dataclass(frozen=True)
class Told:
    """What one side took: seconds for each answer, and for each year, both in order."""

    answers: list[float]
    years: list[float]
    wrong: int  #: answers that are not Tocsin's
    shifts: int  #: of the years, all together
    asked: int  #: years


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.oncall", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rotas")
    return parser.parse_args()


def measured(side: type[Side], schedules: Sequence[Schedule], size: Size) -> Told:
    """Each answer timed alone, the rotas in turn, so that no side lives off the cache of one of them."""
    ready = [side(one) for one in schedules[: size.rotas]]
    known = [Ours(one) for one in schedules[: size.rotas]]
    asked = [rosters.moments(number, size.instants) for number in range(len(ready))]
    answers, wrong = [], 0
    for place in range(size.instants):
        for one, ours, moments in zip(ready, known, asked, strict=True):
            seconds, person = timed(lambda one=one, at=moments[place]: one.at(at))  # type: ignore[misc]
            answers.append(seconds)
            wrong += person != ours.at(moments[place])
    years, shifts = [], 0
    for one in ready[: size.years]:
        seconds, count = timed(one.year)
        years.append(seconds)
        shifts += count
    return Told(sorted(answers), sorted(years), wrong, shifts, len(years))


def timed(act: Callable[[], object]) -> tuple[float, object]:
    """How many seconds it took, and what came of it."""
    begun = time.perf_counter()
    found = act()
    return time.perf_counter() - begun, found


def at(share: float, ordered: Sequence[float]) -> float:
    """The value below which so much of them lies."""
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def main() -> None:
    """Measure each side on both kinds of rota and print the table."""
    chosen = options()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}; load {os.getloadavg()[0]:.1f}")
    for layered in (False, True):
        print(f"\n{'weekly, and the nights of weekdays above it' if layered else 'weekly'}, 20 overrides")
        print(f"{'':24}{'answer p50':>12}{'p99':>12}{'ratio':>8}{'year p50':>12}{'ratio':>8}{'shifts':>8}{'unlike':>8}")
        base: Told | None = None
        for side in PEERS:
            size = SIZES[side]
            if chosen.quick:
                size = Size(size.rotas // 10, size.instants, max(size.years // 5, 5))
            told = measured(side, [rosters.made(number, layered) for number in range(size.rotas)], size)
            base = base or told
            print(_row(side.name, told, base))


def _row(name: str, told: Told, base: Told) -> str:
    half, most, year = at(0.5, told.answers), at(0.99, told.answers), at(0.5, told.years)
    ratios = half / at(0.5, base.answers), year / at(0.5, base.years)
    answer = f"{half * MICRO:>9.1f} us{most * MICRO:>9.1f} us{ratios[0]:>8.0f}"
    return f"{name:24}{answer}{year * MILLI:>9.3f} ms{ratios[1]:>8.0f}{told.shifts / told.asked:>8.0f}{told.wrong:>8}"


if __name__ == "__main__":
    main()
