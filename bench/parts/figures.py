"""From what happened to figures: rates, percentiles, memory; and how much of it makes a run."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.parts import bodies
from bench.parts.load import Outcome


@dataclass(frozen=True)
class Plan:
    """How much of everything one run measures."""

    intake: Mapping[int, int] = field(default_factory=lambda: {1: 20_000, 50: 100_000})  #: batch size -> alerts
    causes: int = 100  #: over so many models, hence incidents
    latency: Mapping[int, int] = field(default_factory=lambda: {10: 100, 100: 1_000})  #: a second -> alerts
    storm: int = 10_000
    storm_size: int = 50


QUICK = Plan(intake={1: 4_000, 50: 20_000}, latency={10: 30, 100: 300})


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed; nan of none."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * int(share * 100) // 100) - 1)] if ordered else float("nan")


def intake(size: int, count: int, outcome: Outcome) -> dict[str, float]:
    """Alerts a second and the reply times of a load flat out, in batches of `size`."""
    return {
        f"alerts{size}": count / outcome.seconds,
        f"reply{size}_p50": percentile(outcome.replies, 0.50) * 1000,
        f"reply{size}_p99": percentile(outcome.replies, 0.99) * 1000,
        f"refused{size}": len(outcome.refused),
    }


def seen(rate: int, outcome: Outcome, when: Mapping[str, float], what: str = "seen") -> dict[str, float]:
    """Milliseconds from POST until each alert was seen at the other end."""
    waits = [(when[name] - at) * 1000 for n, at in outcome.posted.items() if (name := bodies.name(n)) in when]
    return {
        f"{what}{rate}_p50": percentile(waits, 0.50),
        f"{what}{rate}_p99": percentile(waits, 0.99),
        f"{what}{rate}_lost": len(outcome.posted) - len(waits),
    }


def storm(outcome: Outcome, pages: Sequence[float]) -> dict[str, float]:
    """Seconds until the last alert was accepted and until the first page, and how many pages there were."""
    return {
        "storm_durable": outcome.seconds,
        "storm_page": min(pages, default=float("nan")) - outcome.began,
        "storm_pages": len(pages),
        "storm_refused": len(outcome.refused),
    }


def resident(pid: int) -> float:
    """Megabytes of memory a process holds."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


async def settled(count: Callable[[], int], wanted: int, *, quiet: float = 3.0) -> None:
    """Returns when `wanted` is reached, or when nothing has moved for `quiet` seconds."""
    last, moved = count(), time.monotonic()
    while last < wanted and time.monotonic() - moved < quiet:
        await asyncio.sleep(0.05)
        if (now := count()) != last:
            last, moved = now, time.monotonic()
