"""What the doctor finds in the database, in the roster, in the runbooks and in the clocks, with what to do."""

import asyncio
import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor import clocks
from bot.clock import SystemClock
from bot.model.alert import Alert, Kind, Status
from bot.model.held import Cause, Held, Hold
from bot.model.job import Lane, NewJob
from bot.model.matcher import Matcher
from bot.model.rota import Amendment, Override
from bot.model.silence import Silence
from bot.sandbox.workspace import Workspace
from bot.slack import examine
from bot.store import Store, Tx, held, jobs, letters, overrides, silences
from bot.store.letters import Letter
from bot.testing.clock import FakeClock
from tests.cli import conftest
from tests.cli.conftest import Type

NOW = SystemClock().now()  # the doctor asks the world as it is
SEATS = """\
rotas:
  - {{name: first-line, timezone: UTC, start: "{start:%Y-%m-%d %H:%M}", every: 1 week, members: {members}}}
"""

pytestmark = pytest.mark.usefixtures("slack")


@pytest.fixture(autouse=True)
def nobody_there(monkeypatch: pytest.MonkeyPatch, typed: Type) -> None:
    """Slack does not answer: these stories are about the rest."""
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/api/")
    typed("migrate")


@pytest.fixture
def found(typed: Type) -> Callable[[str], dict[str, dict[str, Any]]]:
    """The rows of one part of the page, by what they are about."""

    def look(part: str) -> dict[str, dict[str, Any]]:
        told = json.loads(typed("doctor", "--json", code=1).stdout)["checks"]
        return {row["what"]: row for row in told if row["part"] == part}

    return look


def write(folder: Path, act: Callable[[Tx], Any]) -> None:
    async def run() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        await store.write(act)
        await store.close()

    asyncio.run(run())


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), "utf-8")


# --- the database ---


def test_a_database_that_is_behind_says_so_and_nothing_is_made_of_it(folder: Path, found) -> None:
    with sqlite3.connect(folder / "tocsin.db") as sql:
        sql.execute("UPDATE alembic_version SET version_num = '0001'")
    rows = found("Database")
    assert rows["database"]["health"] == "ok"
    assert rows["migrations"]["found"].startswith("It is at 0001, this version needs 0")
    assert rows["migrations"]["do"] == "Take a backup, then run `tocsin migrate`."
    assert found("On call")["tiers"]["health"] == "ok"  # the configuration is known all the same


def test_a_database_of_a_newer_version_says_so(folder: Path, found) -> None:
    with sqlite3.connect(folder / "tocsin.db") as sql:
        sql.execute("UPDATE alembic_version SET version_num = '9999'")
    row = found("Database")["migrations"]
    assert (row["health"], "newer than this version" in row["found"], "older copy" in row["do"]) == (
        "missing",
        True,
        True,
    )


def test_a_database_that_fails_half_way_is_a_row_and_the_rest_is_looked_at(folder: Path, found) -> None:
    with sqlite3.connect(folder / "tocsin.db") as sql:
        sql.execute("DROP TABLE overrides")
    assert found("Database")["what waits in it"]["health"] == "unknown"
    assert found("On call")["tiers"]["health"] == "ok"


def test_what_waits_is_to_be_looked_at(folder: Path, found) -> None:
    late = NOW - timedelta(minutes=5)
    write(folder, lambda tx: jobs.put(tx, NewJob("step/INC-1/1", "step", Lane.STATE, late)))
    write(folder, lambda tx: letters.add(tx, Letter("dl-1", "prom", NOW, "no alerts", {}, b"{}")))
    edit(folder, "config/tocsin.yaml", "escalation:", "heartbeats: [{name: nightly, every: 1d}]\nescalation:")
    rows = found("Database")
    assert "role worker" in rows["jobs"]["do"]
    assert rows["dead letters"]["found"] == "1 messages could not be read."
    assert rows["heartbeats never heard"]["found"] == "nightly"
    assert all(not rows[name]["required"] for name in ("jobs", "dead letters", "heartbeats never heard"))


def silence(id_: str, ends: timedelta, **more: Any) -> Silence:
    matchers = (Matcher("model", "=", "churn"),)
    return Silence(id_, matchers, NOW - timedelta(hours=1), NOW + ends, "person:ada", "noisy", NOW, **more)


def hold(number: int, by: str) -> Held:
    alert = Alert("webhook", "prom", f"{by}/{number}", "t", Status.FIRING, Kind.DRIFT, NOW)
    return Held(alert, Hold(Cause.SILENCE, by, "silenced"), 0, NOW, NOW)


def test_a_silence_that_holds_much_or_ends_within_the_day_is_to_be_looked_at(folder: Path, found) -> None:
    day = timedelta(days=1)
    write(
        folder,
        lambda tx: [
            silences.add(tx, silence(f"SIL-{n}", ends)) for n, ends in enumerate((day * 9, day / 2, day * 9, day / 2))
        ],
    )
    write(
        folder,
        lambda tx: held.add(
            tx, [*(hold(n, "SIL-0") for n in range(21)), *(hold(n, "SIL-1") for n in range(2)), hold(0, "SIL-2")]
        ),
    )
    rows = found("Database")
    assert "more than 20 alerts: noisy" in rows["silence SIL-0"]["found"]
    assert "it holds 2 alerts" in rows["silence SIL-1"]["found"]
    assert rows["silence SIL-1"]["do"].startswith("They page when it ends")
    assert "silence SIL-2" not in rows  # it holds little, and for long
    assert "silence SIL-3" not in rows  # it ends soon, and holds nothing


# --- who is paged ---


def test_a_tier_that_reaches_nobody_now_is_red(folder: Path, found) -> None:
    start = NOW - timedelta(days=1)
    (folder / "config/rotas.yaml").write_text(SEATS.format(start=start, members="[null, ada]"), "utf-8")
    edit(folder, "runbooks/drift.md", "person:ada", "rota:first-line")
    row = found("On call")["rota:first-line"]
    assert row["required"]
    assert row["found"].startswith("Nobody, now. Nobody is on call for first-line")
    assert row["found"].endswith("It is L1 of drift.")


def test_a_tier_that_will_reach_nobody_is_told_with_the_first_moment(folder: Path, found) -> None:
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    (folder / "config/rotas.yaml").write_text(SEATS.format(start=start, members="[ada, null, bo]"), "utf-8")
    edit(folder, "runbooks/drift.md", "person:ada", "rota:first-line")
    row = found("On call")["rota:first-line"]
    gap = start + timedelta(weeks=1)
    assert not row["required"]
    assert row["found"].startswith(f"Nobody from {gap:%Y-%m-%d %H:%M}:00Z.")
    # what was done by hand counts, as it does when somebody is paged
    stand_in = Override("1", "first-line", Amendment.OVERRIDE, gap, gap + timedelta(weeks=1), "cy")
    write(folder, lambda tx: overrides.add(tx, stand_in))
    assert found("On call")["tiers"]["health"] == "ok"


def test_a_gap_behind_the_fortnight_is_no_matter_yet(folder: Path, found) -> None:
    start = NOW.replace(minute=0, second=0, microsecond=0) - timedelta(hours=1)
    (folder / "config/rotas.yaml").write_text(SEATS.format(start=start, members="[ada, bo, cy, null]"), "utf-8")
    edit(folder, "runbooks/drift.md", "person:ada", "rota:first-line")
    assert found("On call")["tiers"]["health"] == "ok"


def test_people_whom_nothing_reaches_are_red_where_a_tier_names_them(folder: Path, typed: Type, found) -> None:
    edit(
        folder,
        "config/people.yaml",
        "{name: ada, slack: U01ADA}",
        '{name: ada, phone: "+905550000001", notify: {high: [call]}}',
    )
    edit(
        folder,
        "config/people.yaml",
        "{name: bo, slack: U01BO}",
        '{name: bo, phone: "+905550000002", notify: {high: [call]}}',
    )
    rows = found("On call")
    assert rows["person:ada"]["found"].startswith("Nobody, now. ada is named directly. No channel that works reaches")
    checks = json.loads(typed("doctor", "--json", code=1).stdout)["checks"]
    told = [row for row in checks if row["what"] == "people nothing reaches"]
    assert [(row["found"], row["required"]) for row in told] == [
        ("ada", True), ("bo (no tier names them)", False),
    ]  # fmt: skip


# --- the runbooks ---


def test_stale_and_idle_runbooks_are_named(folder: Path, found) -> None:
    book = conftest.RUNBOOK.replace("2099-06-01", "2020-01-01")
    (folder / "runbooks/drift.md").write_text(book, "utf-8")
    (folder / "runbooks/agents.md").write_text(
        conftest.RUNBOOK.replace("{kind: drift}", "{kind: cost, model.kind: agent}"), "utf-8"
    )
    rows = found("Configuration")
    assert rows["stale runbooks"]["found"] == "drift (2020-01-01)"
    assert rows["runbooks that match nothing"]["found"] == "agents"


# --- the clocks ---


@pytest.mark.parametrize(
    ("seconds", "health", "said"),
    [
        (0.01, "ok", "The same as ours."),
        (-4.9, "ok", "4.9 s behind ours."),
        (5.1, "missing", "5.1 s ahead of ours."),
        (-900, "missing", "900.0 s behind ours."),
    ],
)
def test_a_clock_that_is_far_from_ours_is_red(seconds: float, health: str, said: str) -> None:
    row = clocks.apart("Slack", seconds)
    assert (row.health, row.found, row.required) == (health, said, True)


async def test_slack_s_clock_is_read_from_its_answers() -> None:
    theirs = FakeClock(datetime(2026, 11, 23, 2, 10, 0, 600_000, tzinfo=UTC))
    async with Workspace(clock=theirs) as ws:
        assert await examine.ahead(ws.url, theirs) == 0.0  # a Date has no fractions
        assert round(await examine.ahead(ws.url, FakeClock(theirs.now() - timedelta(seconds=90)))) == 90
        assert round(await examine.ahead(ws.url, FakeClock(theirs.now() + timedelta(seconds=6)))) == -6


def test_the_database_s_clock_is_ours_on_one_machine(found) -> None:
    assert found("Clocks")["clock of the database"]["health"] == "ok"
