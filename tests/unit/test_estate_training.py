"""What the estate learns anew: it passes the demo's own gate on rows that nobody learnt from, whatever the dice say."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import runbooks
from bot.contract import Asked, Context, Going, Order, Refused
from bot.errors import BadInput
from bot.model.trial import Finding, Scorecard, Terms
from bot.rules import gate as gates
from bot.rules import matching, scoring
from bot.sandbox.estate import delivery, past, serving, train
from bot.sandbox.estate.estate import Estate
from bot.testing.clock import FakeClock
from plugins.local.evaluator import Shelf
from plugins.local.settings import LocalSettings
from plugins.local.trainer import Bench

BOOKS = Path(__file__).resolve().parents[2] / "bot" / "sandbox" / "demo" / "runbooks"
AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
REF = {"name": delivery.NAME}
TERMS = Terms(metric="mape", slices=("distance", "weight"), least=100)
HELD_OUT = timedelta(hours=6)  #: as the demo's policy has it
REPORTED = 13  #: windows of a minute until the carrier has reported


class World:
    """An estate that is lived in, and what can be asked of it."""

    def __init__(self, root: Path, seed: int = 7) -> None:
        self.root, self.folder = root, root / delivery.NAME
        self.clock = FakeClock(AT)
        self.estate = Estate(root, self.clock, seed, least=0)
        self.estate.furnish()
        self.said: list[tuple[str, str]] = []

    async def lives(self, windows: int, seconds: float = 60) -> None:
        """So many windows, that long each."""
        for _ in range(windows):
            await self.estate.turn(self._post)
            await self.clock.advance(seconds)

    async def _post(self, bodies: list[dict[str, Any]]) -> None:
        self.said += [(one["kind"], one["status"]) for one in bodies if one["model"] == delivery.NAME]

    def ordered(
        self, window: timedelta = timedelta(days=2), excluded: Sequence[tuple[datetime, datetime]] = ()
    ) -> Order:
        """What a retrain would ask for now: as the engine has it, to the hour, without the newest data."""
        until = self.clock.now().replace(minute=0, second=0) - HELD_OUT
        return Order(delivery.NAME, until - window, until, tuple(excluded), {})

    def learns(self, order: Order, token: str = "CHG-1") -> str:
        """What that makes of it, here and now."""
        out = self.folder / "runs" / token
        out.mkdir(parents=True)
        spans = tuple(order.excluded)
        given = train.Order(token, self.clock.now(), order.since, order.until, spans, ("2", "3"), 0)
        return train.Training(self.folder, out, given).run()

    async def judged(self, version: str) -> tuple[Scorecard, gates.Verdict]:
        """The comparison with what serves on the newest data, by the demo's own gate."""
        until = self.clock.now() + timedelta(seconds=1)
        since = until - HELD_OUT
        asked = Asked(("3", version), since, until, TERMS.slices)
        rows = await Shelf(LocalSettings(root=str(self.root)), Context("disk")).scored(REF, asked)
        wanted = scoring.Wanted("3", since, until, challenger=version, seed=1)
        card = scoring.card(scoring.Rows(rows.at, rows.truth, rows.said, rows.columns), wanted, TERMS)
        return card, gates.judge(card, gates.of(gate()))


def gate() -> dict[str, Any]:
    """As the demo's runbook has it."""
    (book,) = runbooks.load(BOOKS, matching.parse).runbooks
    (action,) = [one for one in book.actions if one.name == "retrain"]
    found = action.options["gate"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("more", [0, 3])
@pytest.mark.parametrize("seed", [1, 2, 3, 7, 42])
async def test_what_is_learnt_passes_the_gate(tmp_path: Path, seed: int, more: int) -> None:
    world = World(tmp_path, seed)
    await world.lives(REPORTED + more)
    assert world.learns(world.ordered()) == "4"
    card, verdict = await world.judged("4")
    assert verdict.passed, [one for one in verdict.reasons if not one.ok]
    assert card.finding is Finding.BETTER
    (score,) = card.scores
    assert score.champion is not None
    assert score.champion.value > 0.35
    assert score.challenger is not None
    assert score.challenger.value < 0.12


async def test_once_it_serves_its_error_falls_and_the_monitor_says_that_it_is_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED - 1)
    assert world.said == []
    assert delivery.NAME not in world.estate.errors(), "nobody can tell before the carrier has reported"
    await world.lives(2)
    assert world.said[0] == ("performance", "firing")
    before = world.estate.errors()[delivery.NAME]
    world.learns(world.ordered())
    serving.switch(world.folder, "4", world.clock.now(), "a person")
    await world.lives(2)
    assert world.estate.errors()[delivery.NAME][1] < before[1] / 3
    assert world.said[-1] == ("performance", "resolved")


async def test_who_learns_from_the_time_before_the_change_alone_does_not_pass(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    now = world.clock.now()
    changed = now - delivery.HOUR * (delivery.SINCE + 1)
    assert world.learns(world.ordered(excluded=[(changed, now)])) == "4"
    await world.lives(2)
    _, verdict = await world.judged("4")
    assert not verdict.passed, "it never saw the new world"


async def test_rows_of_other_days_and_of_spans_that_are_left_out_are_not_read(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    now = world.clock.now()
    whole = past.read(world.folder, now - timedelta(days=3), now)
    assert len(whole) == delivery.REPORTED * delivery.AN_HOUR
    assert list(whole.at) == sorted(whole.at)
    spans = [(now - timedelta(hours=20), now - timedelta(hours=10)), (now - timedelta(hours=5), now)]
    some = past.read(world.folder, now - timedelta(hours=30), now - timedelta(hours=1), spans)
    assert len(some) == pytest.approx(15 * delivery.AN_HOUR, abs=2)
    for start, end in spans:
        assert not [at for at in some.at if start.timestamp() <= at < end.timestamp()]


async def test_later_reports_are_added_every_ten_minutes_and_after_a_restart(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED + 10)

    def rows() -> int:
        now = world.clock.now()
        return len(past.read(world.folder, now - timedelta(days=3), now + timedelta(days=1)))

    first = delivery.REPORTED * delivery.AN_HOUR
    assert rows() == first + past.KEPT
    await world.lives(9)
    assert rows() == first + past.KEPT
    again = World.__new__(World)
    again.__dict__ |= world.__dict__ | {"estate": Estate(tmp_path, world.clock, 7, least=0)}
    again.estate.furnish()
    await again.lives(1)
    assert rows() == first + 2 * past.KEPT, "the first report is not read again"


async def test_what_is_being_written_at_this_moment_is_passed_over(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    with (world.folder / past.FILE).open("a") as file:
        file.write("1795400000.000,3.1,20")
    now = world.clock.now()
    assert len(past.read(world.folder, now - timedelta(days=3), now)) == delivery.REPORTED * delivery.AN_HOUR


async def test_the_file_stays_small_and_holds_the_newest(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    await world.lives(50, seconds=600)
    assert (world.folder / past.FILE).stat().st_size <= serving.LARGEST
    now = world.clock.now()
    found = past.read(world.folder, now - timedelta(days=3), now)
    assert len(found) > 20 * past.KEPT
    assert found.at[-1] > (now - timedelta(minutes=11)).timestamp()
    assert set(found.columns) == {"km", "weight_kg", "waiting"}


async def test_too_few_rows_and_no_file_are_said(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(BadInput, match=r"past\.csv of delivery-days cannot be read"):
        world.learns(world.ordered())
    await world.lives(REPORTED)
    with pytest.raises(BadInput, match="There are 0 rows in these days; 500 are needed"):
        world.learns(world.ordered(window=timedelta(seconds=1)), "CHG-2")


async def test_who_takes_the_folder_of_a_run_away_ends_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    order = train.Order("CHG-1", AT, AT - timedelta(hours=1), AT + timedelta(hours=1), (), (), 0)
    with pytest.raises(BadInput, match="The folder of the run is gone"):
        train.Training(world.folder, world.folder / "runs" / "CHG-1", order).run()


async def test_a_version_that_is_half_written_is_asked_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    world.learns(world.ordered())
    (world.folder / "versions" / "4").rename(world.folder / "versions" / ".4.new")
    await world.lives(1)
    newest = (world.folder / "rows" / "served.jsonl").read_text().splitlines()[-1]
    assert sorted(json.loads(newest)["said"]) == ["2", "3"]


@pytest.mark.parametrize("given", ["{", "[]", '{"token": "CHG-1"}', '{"since": 3}'])
def test_what_is_no_order_is_said(tmp_path: Path, given: str) -> None:
    (tmp_path / "order.json").write_text(given)
    with pytest.raises(BadInput, match=r"order\.json is no order"):
        train.Order.read(tmp_path / "order.json")


@pytest.mark.parametrize(("rows", "found"), [(500, [500]), (501, [500, 501]), (2100, [500, 1000, 2000, 2100])])
def test_each_stretch_is_twice_as_long_as_the_one_before(rows: int, found: list[int]) -> None:
    assert list(train.stretches(rows)) == found


async def test_the_platform_runs_it_tells_how_far_it_is_and_can_stop_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.lives(REPORTED)
    bench = Bench(LocalSettings(root=str(tmp_path), run_train=True), Context("disk", clock=world.clock))
    order = world.ordered()
    run = await bench.start(REF, order, "CHG-1")
    while not run.over:
        run = await bench.poll(REF, "CHG-1")
    assert (run.going, run.version) == (Going.DONE, "4"), run
    assert run.metrics["mape"] < 0.12
    assert run.cost is not None
    assert "stretch 2 of" in run.log
    slow = Order(order.model, order.since, order.until, (), {"pause": 9})
    run = await bench.start(REF, slow, "CHG-2")
    while not run.stage.startswith("stretch 1 of"):
        run = await bench.poll(REF, "CHG-2")
        assert not run.over, run
    assert run.share is not None
    assert 0 < run.share < 1
    assert (await bench.cancel(REF, "CHG-2")).going is Going.CANCELLED
    assert not (world.folder / "versions" / "5").exists()


async def test_who_forbids_to_run_it_is_obeyed(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(Refused, match="is not run"):
        await Bench(LocalSettings(root=str(tmp_path)), Context("disk")).start(REF, world.ordered(), "CHG-1")
