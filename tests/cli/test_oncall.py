"""`tocsin oncall`: who holds the pager and who will, changes by hand included."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from bot.clock import SystemClock
from bot.model.rota import Amendment, Override
from bot.store import Store, overrides
from tests.cli.conftest import Type

#: A Tuesday evening in Chicago, in ada's first week.
AT = "2026-11-03 20:00"


def stand_in(folder: Path) -> None:
    """As if somebody had said in Slack that cy stands in for ada on that evening."""

    async def write() -> None:
        store = await Store.open(f"sqlite:///{folder}/tocsin.db", clock=SystemClock())
        span = (datetime(2026, 11, 4, 1, tzinfo=UTC), datetime(2026, 11, 4, 6, tzinfo=UTC))
        override = Override("7", "first-line", Amendment.OVERRIDE, *span, "cy", "ada", "person:ada", "opera")
        await store.write(lambda tx: overrides.add(tx, override))
        await store.close()

    asyncio.run(write())


def test_who_is_on_call_at_a_moment_of_the_rotas_own_clock(typed: Type) -> None:
    typed("migrate")
    shown = typed("oncall", "who", "first-line", "--at", AT)
    assert shown.stderr == ""
    assert shown.stdout.splitlines()[1] == (
        "first-line  ada      2026-11-09 09:00 -0600  "
        "It is ada's turn in layer weekly of first-line until Mon 9 Nov 2026 09:00 America/Chicago."
    )


def test_every_rota_as_json(typed: Type) -> None:
    typed("migrate")
    found = json.loads(typed("oncall", "who", "--at", "2026-11-10T15:00+00:00", "--json").stdout)
    assert [(one["rota"], [h["person"] for h in one["holders"]]) for one in found] == [
        ("first-line", []), ("second-line", ["cy"]),
    ]  # fmt: skip
    assert found[0]["start"] == "2026-11-09T15:00:00+00:00"
    assert found[0]["why"].startswith("Nobody is on call for first-line")


def test_a_change_made_by_hand_is_who_gets_paged(typed: Type, folder: Path) -> None:
    stand_in(folder)
    (found,) = json.loads(typed("oncall", "who", "first-line", "--at", AT, "--json").stdout)
    assert [h["person"] for h in found["holders"]] == ["cy"]
    assert (found["start"], found["end"]) == ("2026-11-04T01:00:00+00:00", "2026-11-04T06:00:00+00:00")
    after = json.loads(typed("oncall", "who", "first-line", "--at", "2026-11-04T12:00Z", "--json").stdout)
    assert after[0]["start"] == "2026-11-04T06:00:00+00:00"


def test_the_coming_shifts_with_their_gaps(typed: Type, folder: Path) -> None:
    stand_in(folder)
    shown = typed("oncall", "show", "first-line", "--at", AT, "--days", "20").stdout.splitlines()
    columns = [(line[0:22], line[24:46], line[48:54]) for line in shown[1:]]
    assert columns == [
        ("2026-11-03 20:00 -0600", "2026-11-04 00:00 -0600", "cy    "),
        ("2026-11-04 00:00 -0600", "2026-11-09 09:00 -0600", "ada   "),
        ("2026-11-09 09:00 -0600", "2026-11-16 09:00 -0600", "nobody"),
        ("2026-11-16 09:00 -0600", "2026-11-23 09:00 -0600", "bo    "),
        ("2026-11-23 09:00 -0600", "2026-11-23 20:00 -0600", "ada   "),
    ]
    found = json.loads(typed("oncall", "show", "first-line", "--at", AT, "--days", "20", "--json").stdout)
    assert [len(one["holders"]) for one in found] == [1, 1, 0, 1, 1]


def test_without_a_database_the_configured_roster_is_shown_with_a_warning(typed: Type, folder: Path) -> None:
    shown = typed("oncall", "who", "first-line", "--at", AT)
    assert "ada" in shown.stdout
    assert shown.stderr.startswith("warning: Overrides made in Slack are not shown. There is no database")
    assert not (folder / "tocsin.db").exists()


def test_a_rota_or_moment_that_is_none_is_refused(typed: Type) -> None:
    assert "Did you mean 'first-line'?" in typed("oncall", "show", "frst-line", code=1).stderr
    assert "There are: first-line, second-line." in typed("oncall", "who", "x", code=1).stderr
    assert "is no moment" in typed("oncall", "who", "--at", "tomorrow", code=2).stderr
