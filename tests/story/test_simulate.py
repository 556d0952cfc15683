"""Yesterday once more: the same alerts by two configurations, and the difference in pages."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import app
from bot.engine import simulate
from bot.engine.difference import Cause, Difference
from bot.engine.playing import Rules
from bot.errors import BadInput
from bot.model.alert import Kind, Status
from bot.store import Tx
from tests.parts import migrated
from tests.story import engine_room, noisy
from tests.story.engine_room import Room

FIVE = timedelta(minutes=5)


@pytest.fixture
async def lived(tmp_path: Path) -> AsyncIterator[Room]:
    """A room in which a night has passed: three problems of churn, one of price; one of them ended."""
    async with engine_room.opened(tmp_path, migrated.sqlite(tmp_path)) as room:
        down = noisy.alert(room, "down")
        await noisy.deliver(room, down)
        await room.pass_time(minutes=3)
        await noisy.deliver(room, noisy.alert(room, "slow", Kind.LATENCY))
        await room.pass_time(minutes=3)
        for _ in range(4):
            await noisy.deliver(room, down)
            await room.pass_time(minutes=1)
        await noisy.deliver(room, noisy.alert(room, "off", Kind.PERFORMANCE, "price"))
        await room.pass_time(minutes=30)
        over = noisy.alert(room, "down", status=Status.RESOLVED, started_at=down.started_at, ended_at=room.now)
        await noisy.deliver(room, over)
        await room.pass_time(minutes=1)
        yield room


def rules(room: Room, changes: dict[str, str] | None = None) -> Rules:
    """The room's configuration, or the same with some files changed."""
    home = room.home
    if changes:
        home = room.home / "changed"
        for file in (*room.home.glob("config/*"), *room.home.glob("runbooks/*")):
            copy = home / file.relative_to(room.home)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(changes.get(f"{copy.parent.name}/{copy.name}", file.read_text("utf-8")), "utf-8")
        for name, text in changes.items():
            (home / name).write_text(text, "utf-8")
    loaded = app.load(app.Folder.of(home / "config"), room.env)
    return Rules(loaded.settings, loaded.library)


async def compared(
    room: Room, changes: dict[str, str], since: timedelta = timedelta(hours=24), answer: timedelta | None = FIVE
) -> Difference:
    heard = await simulate.kept(room.desk.store, room.now - since, room.now, answer)
    return await simulate.compare(heard, rules(room), rules(room, changes), app.duties, lambda *_: None)


def by_name(found: Difference) -> dict[str, Cause]:
    return {one.row.name: one for one in found.causes}


INHIBIT = """\
inhibit:
  - {name: outage, source: ["kind = failure"], target: ["kind = latency"], equal: [model]}
"""


async def test_the_same_configuration_makes_no_difference(lived: Room) -> None:
    found = await compared(lived, {"config/noise.yaml": ""})
    assert (found.causes, found.unchanged) == ((), 3)
    assert found.before == found.after
    assert (found.before.pages, found.before.incidents, found.before.held) == (3, 3, 0)


async def test_an_inhibition_takes_a_page_away_and_says_so(lived: Room) -> None:
    rule = '  - {name: slow-first, source: ["kind = latency"], target: ["kind = performance"]}'
    found = await compared(lived, {"config/noise.yaml": f"inhibit:\n{rule}\n"}, answer=None)
    (one,) = found.causes
    assert (one.row.name, one.row.after, one.row.first_after) == ("price: off", 0, None)
    assert one.row.before > 0
    assert one.why == ("now held by slow-first: Held by slow-first while INC-2 is open (slow).",)
    assert (found.after.held, found.unchanged) == (1, 2)


async def test_what_it_held_is_paged_once_the_cause_is_over(lived: Room) -> None:
    """The latency still fires when the failure resolves."""
    found = await compared(lived, {"config/noise.yaml": INHIBIT})
    one = by_name(found)["churn: slow"]
    assert (one.row.before, one.row.after) == (1, 1)
    assert one.row.first_before
    assert one.row.first_after == lived.now - timedelta(minutes=1)


async def test_quiet_hours_move_the_first_page(lived: Room) -> None:
    quiet = 'quiet:\n  - {name: nights, severities: [sev2], from: "22:00", to: "08:00", entity: market}\n'
    found = await compared(lived, {"config/noise.yaml": quiet})
    one = by_name(found)["price: off"]
    assert one.row.first_after == datetime.combine(lived.now.date(), datetime.min.time(), lived.now.tzinfo).replace(
        hour=8
    )
    assert one.why[0].startswith("now waits: Quiet hours (nights) for sev2")


async def test_another_runbook_pages_another_person(lived: Room) -> None:
    dee = noisy.runbook("kind = latency", "[{is: sev2}]").replace('page: "rota:first-line"', 'page: "person:dee"')
    found = await compared(lived, {"runbooks/slow.md": dee})
    assert {row.name: (row.before, row.after) for row in found.people} == {"ada": (3, 2), "dee": (0, 1)}
    (one,) = found.causes
    assert (one.people_before, one.people_after) == (("ada",), ("dee",))
    assert "runbook anything -> slow" in one.why


async def test_grouping_puts_alerts_into_one_cause(lived: Room) -> None:
    text = (lived.home / "runbooks/anything.md").read_text("utf-8")
    found = await compared(
        lived, {"runbooks/anything.md": text.replace("repeats: 1", "group_by: [entity]\nrepeats: 1")}
    )
    (one,) = found.causes
    assert (one.alerts, one.incidents_before, one.incidents_after) == (2, 2, 1)
    assert (one.row.before, one.row.after) == (2, 1)


async def test_nobody_answers_and_somebody_does_at_once(lived: Room) -> None:
    never = await compared(lived, {"config/noise.yaml": ""}, answer=None)
    at_once = await compared(lived, {"config/noise.yaml": ""}, answer=timedelta(0))
    assert never.before.pages > at_once.before.pages == 3


async def test_what_fired_before_counts_as_taken(lived: Room) -> None:
    found = await compared(lived, {"config/noise.yaml": INHIBIT}, since=timedelta(minutes=36))
    heard = await simulate.kept(lived.desk.store, lived.now - timedelta(minutes=36), lived.now, FIVE)
    assert heard.alerts == 1  # price
    assert any(line.startswith("Before: 2 alerts fired already") for line in heard.unknown)
    assert (found.before.pages, found.causes) == (1, ())


async def test_the_running_database_is_left_as_it_is(lived: Room) -> None:
    def rows(tx: Tx) -> list[int]:
        names = ("alerts", "incidents", "jobs", "log", "pages", "held")
        return [tx.sql.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one() for name in names]

    before = await lived.desk.store.read(rows)
    one, two = [await compared(lived, {"config/noise.yaml": INHIBIT}) for _ in range(2)]
    assert one == two
    assert await lived.desk.store.read(rows) == before


async def test_nothing_and_too_much_are_refused(lived: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="No alert came in that span"):
        await simulate.kept(lived.desk.store, lived.now - timedelta(seconds=1), lived.now, FIVE)
    with pytest.raises(BadInput, match="Nothing in these files"):
        simulate.given([], FIVE)


async def test_silences_and_what_was_held_are_played_too(lived: Room) -> None:
    await noisy.silenced(lived, "kind", "safety", 30)
    await noisy.deliver(lived, noisy.alert(lived, "unsafe", Kind.SAFETY))
    await lived.pass_time(minutes=1)
    heard = await simulate.kept(lived.desk.store, lived.now - timedelta(minutes=2), lived.now, FIVE)
    found = await simulate.compare(
        heard, rules(lived), rules(lived, {"config/noise.yaml": ""}), app.duties, lambda *_: None
    )
    assert (heard.alerts, found.before.held, found.before.pages) == (1, 1, 1)  # paged when the silence is over
    assert found.before.first == lived.now + timedelta(minutes=29)


async def test_progress_is_told(lived: Room) -> None:
    told: list[tuple[str, int, int]] = []
    heard = await simulate.kept(lived.desk.store, lived.now - timedelta(hours=1), lived.now, FIVE)
    await simulate.compare(heard, rules(lived), rules(lived), app.duties, lambda *each: told.append(each))
    assert [run for run, _, _ in told] == ["before", "after"]
    assert all(done == total == len(heard.score.words) for _, done, total in told)


async def test_somebody_of_another_team_who_is_paged_by_name_answers(lived: Room) -> None:
    dee = noisy.runbook("kind = failure", "[{is: sev2}]").replace('page: "rota:first-line"', 'page: "person:dee"')
    found = await compared(lived, {"runbooks/down.md": dee})
    assert by_name(found)["churn: down"].people_after == ("dee",)
