"""What the estate keeps of the rows it served: both versions on the same customers, and no more than fits."""

import asyncio
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.contract import Asked, Context, Scored
from bot.model.trial import Finding, Terms
from bot.rules import scoring, sifting
from bot.sandbox.estate import churn, rows, serving
from bot.sandbox.estate.estate import Estate
from bot.testing.clock import FakeClock
from plugins.local.evaluator import Shelf
from plugins.local.settings import LocalSettings

AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
FILE = Path(churn.NAME, rows.FOLDER, rows.FILE)
TERMS = Terms(metric="auc", also=("log_loss",), slices=("tenure", "orders"))


async def post(bodies: list[dict[str, Any]]) -> None:
    """Nobody listens."""


async def lived(root: Path, windows: int) -> Estate:
    """An estate that served so many windows, five seconds each."""
    clock = FakeClock(AT)
    estate = Estate(root, clock, least=0)
    estate.furnish()
    for _ in range(windows):
        await estate.turn(post)
        await clock.advance(5)
    return estate


async def evaluated(root: Path, *versions: str) -> Scored:
    asked = Asked(versions, AT - timedelta(hours=1), AT + timedelta(hours=1), ("tenure", "orders"))
    return await Shelf(LocalSettings(root=str(root)), Context("disk")).scored({"name": churn.NAME}, asked)


async def test_version_6_is_found_to_be_better_by_the_rows_that_were_served(tmp_path: Path) -> None:
    await lived(tmp_path, 4)
    found = await evaluated(tmp_path, "7", "6")
    table = sifting.Rows(found.at, found.truth, found.said, found.columns)
    wanted = sifting.Wanted("7", AT - timedelta(hours=1), AT + timedelta(hours=1), challenger="6")
    card = scoring.card(table, wanted, TERMS)
    assert (card.finding, card.samples) == (Finding.BETTER, 4 * rows.KEPT)
    assert all(check.ok for check in card.checks), card.checks
    auc = card.scores[0]
    assert auc.champion is not None
    assert auc.champion.value < 0.6
    assert auc.challenger is not None
    assert auc.challenger.value > 0.75
    assert {(one.column, one.value) for one in card.slices} == {
        *(("tenure", value) for value in ("first year", "one to three years", "longer")),
        *(("orders", value) for value in ("few", "some", "many")),
    }
    found_of = [one.finding for one in card.slices]
    assert found_of.count(Finding.BETTER) > len(found_of) / 2
    assert Finding.WORSE not in found_of


async def test_the_rows_lie_within_the_windows_they_are_of(tmp_path: Path) -> None:
    await lived(tmp_path, 2)
    at = list((await evaluated(tmp_path, "6")).at)
    assert at == sorted(set(at))
    assert AT.timestamp() - 5 <= at[0]
    assert at[-1] < AT.timestamp() + 5


async def test_what_is_paused_serves_nobody(tmp_path: Path) -> None:
    estate = await lived(tmp_path, 1)
    before = (tmp_path / FILE).read_bytes()
    pointer = tmp_path / churn.NAME / serving.POINTER
    pointer.write_text(json.dumps({"split": {"7": 100}, "paused": True, "seq": 9}))
    await estate.turn(post)
    assert (tmp_path / FILE).read_bytes() == before


async def test_the_file_stays_small_and_holds_the_newest_rows(tmp_path: Path) -> None:
    await lived(tmp_path, 40)
    assert (tmp_path / FILE).stat().st_size <= serving.LARGEST
    found = await evaluated(tmp_path, "6", "7")
    assert len(found.at) >= 5 * rows.KEPT
    assert max(found.at) > AT.timestamp() + 39 * 5 - 5
    assert "make no sense" not in found.how


async def test_a_version_that_came_or_went_or_is_broken_is_told_of_as_it_is(tmp_path: Path) -> None:
    estate = await lived(tmp_path, 1)
    versions = tmp_path / churn.NAME / serving.VERSIONS
    shutil.copytree(versions / "6", versions / "8")
    (versions / "9").mkdir()
    await estate.turn(post)
    shutil.rmtree(versions / "6")
    await asyncio.to_thread((tmp_path / FILE).unlink)
    await estate.turn(post)
    said = json.loads((tmp_path / FILE).read_text().splitlines()[-1])["said"]
    assert sorted(said) == ["7", "8"]
