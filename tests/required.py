"""Turns the skip of a marked test into a failure where the environment says that its tool must be there.

`TOCSIN_REQUIRE=postgres,alertmanager` names markers. On a newcomer's machine a test without its tool is skipped with a
word on how to get it; where everything was installed on purpose, the same skip would hide that the tests did not run.
"""

import os
from collections.abc import Generator

import pytest


def named(environment: str) -> frozenset[str]:
    """The markers whose tests may not be skipped, from a comma-separated list."""
    return frozenset(name.strip() for name in environment.split(",") if name.strip())


def refusal(markers: set[str], required: frozenset[str]) -> str | None:
    """The sentence that makes a skip a failure, or None where the skip may stand."""
    wanted = sorted(markers & required)
    if not wanted:
        return None
    return f"TOCSIN_REQUIRE says that {', '.join(wanted)} must be here, so this test may not be skipped."


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a skipped test whose tool is required; leaves every other report as it is."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        sentence = refusal({mark.name for mark in item.iter_markers()}, named(os.environ.get("TOCSIN_REQUIRE", "")))
        if sentence:
            report.outcome = "failed"
            report.longrepr = f"{sentence}\n{report.longrepr}"
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Refuses a name in TOCSIN_REQUIRE that no marker has: a typing error there would let everything be skipped."""
    known = {line.split(":")[0].strip() for line in config.getini("markers")}
    unknown = named(os.environ.get("TOCSIN_REQUIRE", "")) - known
    if unknown:
        raise pytest.UsageError(f"TOCSIN_REQUIRE names {', '.join(sorted(unknown))}, which is no marker.")
