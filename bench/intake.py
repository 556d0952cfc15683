"""Intake under load: what is accepted, how soon it stands in Slack, what a storm does, beside the real Alertmanager."""

import argparse
import os
import platform
import statistics
from collections.abc import Mapping

import uvloop

from bench.parts import figures, load, peer, table, tocsin
from tests.parts import Missing, alertmanager


def options() -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--runs", type=int, default=3, help="each figure is the median of so many")
    parser.add_argument("--quick", action="store_true", help="one run, a fifth of the load")
    parser.add_argument("--causes", action="store_true", help="also a storm in which every alert has its own cause")
    parser.add_argument("--only", choices=["tocsin", "alertmanager"], help="leave the other out")
    return parser.parse_args()


async def run(asked: argparse.Namespace) -> None:
    """Measure both, in turns, and print the table."""
    plan = figures.QUICK if asked.quick else figures.Plan()
    ours: list[Mapping[str, float]] = []
    theirs: list[Mapping[str, float]] = []
    with tocsin.databases(asked.database) as kept:
        for _ in range(1 if asked.quick else asked.runs):
            if asked.only != "alertmanager":
                found = await tocsin.measure(plan, kept)
                ours.append({**found, **(await tocsin.causes(plan, kept) if asked.causes else {})})
            if asked.only != "tocsin" and has_peer():
                theirs.append(await peer.measure(plan))
    print("\n".join([*introduction(plan, asked, len(ours or theirs)), *table.lines(middle(ours), middle(theirs))]))


def middle(runs: list[Mapping[str, float]]) -> dict[str, float]:
    """The median of each figure; nothing of no runs."""
    return {key: statistics.median([run[key] for run in runs]) for key in runs[0]} if runs else {}


def has_peer() -> bool:
    """True where the real Alertmanager can be started; otherwise says how to get it."""
    try:
        alertmanager.program()
    except Missing as missing:
        print(missing)
        return False
    return True


def introduction(plan: figures.Plan, asked: argparse.Namespace, runs: int) -> list[str]:
    """Under which circumstances the figures came about."""
    batches = ", ".join(f"{count:,} in batches of {size}" for size, count in plan.intake.items())
    return [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"{asked.database}, every commit on disk; median of {runs} run(s)",
        f"flat out: {load.CONNECTIONS} connections, distinct alerts ({batches}) over {plan.causes} incidents, "
        "which Tocsin also posts and pages meanwhile, at Slack's pace",
        f"at a rate: every alert an incident of its own; storm: {plan.storm:,} distinct alerts of one cause, "
        f"in batches of {plan.storm_size}",
        "the load and Slack's stand-in share the machine with what is measured",
        "",
    ]


if __name__ == "__main__":
    uvloop.run(run(options()))
