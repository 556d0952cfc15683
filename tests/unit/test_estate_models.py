"""The estate's models in numbers: good while the world is as it was, bad when it changes, good again once back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from bot.drift import population
from bot.errors import BadInput
from bot.sandbox.estate import (
    churn,
    delivery,
    demand,
    features,
    linear,
    measures,
    price,
    scores,
    serving,
    streams,
    training,
)
from bot.sandbox.estate.linear import Model
from bot.sandbox.estate.streams import Window

AT = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
SEEDS = [1, 7, 42]
WINDOWS = 200
ROOMS = (churn, price, demand, delivery)


@cache
def trained(seed: int) -> dict[str, dict[str, Model]]:
    """Every version of every model, as it comes back from the disk."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for room in ROOMS:
            room.furnish(root / room.NAME, seed, AT)
        return {
            room.NAME: {each.name: linear.load(each) for each in (root / room.NAME / serving.VERSIONS).iterdir()}
            for room in ROOMS
        }


def moved(model: Model, window: Window) -> dict[str, float]:
    """The stability index of each column that the model reads."""
    return {name: population.index(model.reference[name], window.columns[name]) for name in model.reads}


def customers(seed: int, *, promo: bool, windows: int = 60) -> Iterator[Window]:
    for number in range(windows):
        yield streams.customers(streams.rng(seed, churn.NAME, number), promo=promo)


def crosses(metric: str, value: float) -> bool:
    """Whether the monitor would speak of it."""
    op, limit = measures.LIMITS[metric]
    return value < limit if op == "<" else value > limit


# --- churn ---


@pytest.mark.parametrize("seed", SEEDS)
def test_version_7_was_worth_its_deploy(seed: int) -> None:
    six, seven = trained(seed)["churn"]["6"], trained(seed)["churn"]["7"]
    assert seven.metrics["auc"] > six.metrics["auc"] + 0.04
    assert seven.metrics["log_loss"] < six.metrics["log_loss"] - 0.05
    assert set(seven.reads) - set(six.reads) == {"days_since_promo"}


@pytest.mark.parametrize("seed", SEEDS)
def test_on_usual_days_nothing_is_said_of_either(seed: int) -> None:
    for window in customers(seed, promo=False, windows=WINDOWS):
        for model in trained(seed)["churn"].values():
            found = churn.score(window.truth, model.predict(window.columns))
            assert not any(crosses(metric, value) for metric, value in found.items()), found
            assert max(moved(model, window).values()) < population.STABLE
            assert max(scores.unusual(window.columns, model.expects).values()) < measures.UNUSUAL


@pytest.mark.parametrize("seed", SEEDS)
def test_the_promotion_breaks_7_and_leaves_6_as_it_was(seed: int) -> None:
    six, seven = trained(seed)["churn"]["6"], trained(seed)["churn"]["7"]
    for usual, after in zip(customers(seed, promo=False), customers(seed, promo=True), strict=True):
        bad = churn.score(after.truth, seven.predict(after.columns))
        assert bad["auc"] < 0.65
        assert bad["log_loss"] > 1.5
        assert all(crosses(metric, value) for metric, value in bad.items())
        drift = moved(seven, after)
        assert drift.pop("days_since_promo") > population.SHIFTED
        assert max(drift.values()) < population.STABLE  # that column alone is to blame
        assert np.array_equal(six.predict(after.columns), six.predict(usual.columns))
        assert "days_since_promo" not in moved(six, after)


# --- collateral prices, and the table they are made from ---


@pytest.mark.parametrize("seed", SEEDS)
def test_square_feet_break_the_prices_and_the_first_schema_mends_them(tmp_path: Path, seed: int) -> None:
    for room in (price, features):
        room.furnish(tmp_path / room.NAME, seed, AT)
    table, server = features.Table(tmp_path / features.NAME), serving.Served(tmp_path / price.NAME, linear.load)

    def window(number: int) -> tuple[str, float, float]:
        """The schema, the error of the prices, and the share of odd areas of a window."""
        came = streams.listings(streams.rng(seed, price.NAME, number))
        rows = table.through(came.columns, AT)
        assert rows is not None
        (answer,) = serving.answers(server, rows.columns, AT)
        odd = scores.unusual(rows.columns, answer.model.expects)["area"]
        return rows.version, scores.mape(came.truth[answer.rows], answer.predictions), odd

    for number in range(20):
        schema, error, odd = window(number)
        assert (schema, crosses("mape", error), odd > measures.UNUSUAL) == ("1", False, False)
    serving.switch(tmp_path / features.NAME, "2", AT, "upstream")
    for number in range(20, 40):
        schema, error, odd = window(number)
        assert schema == "2"
        assert error > 5
        assert odd > 0.9
    serving.switch(tmp_path / features.NAME, "1", AT, "fay")
    for number in range(40, 60):
        schema, error, odd = window(number)
        assert (schema, crosses("mape", error), odd > measures.UNUSUAL) == ("1", False, False)


def test_another_version_of_the_prices_does_not_help_against_square_feet() -> None:
    came = streams.listings(streams.rng(1, price.NAME, 0))
    in_feet = {**came.columns, "area": came.columns["area"] / 0.09290304}
    for model in trained(1)[price.NAME].values():
        assert scores.mape(came.truth, model.predict(in_feet)) > 5


def test_the_rows_of_the_table_are_migrated_there_and_back(tmp_path: Path) -> None:
    folder = tmp_path / features.NAME
    features.furnish(folder, 7, AT)

    def stored() -> tuple[str, np.ndarray]:
        with np.load(folder / features.STORED) as rows:
            return str(rows["schema"]), rows["area"]

    _, metres = stored()
    table = features.Table(folder)
    for version, factor in (("2", 1 / 0.09290304), ("1", 1.0)):
        serving.switch(folder, version, AT, "upstream")
        table.served.serving(AT)
        schema, areas = stored()
        assert schema == version
        assert areas == pytest.approx(metres * factor)
        assert f'"version":"{version}"' in (folder / serving.PROBE).read_text()


def test_the_table_keeps_the_newest_rows_and_survives_its_file(tmp_path: Path) -> None:
    folder = tmp_path / features.NAME
    features.furnish(folder, 7, AT)
    (folder / features.STORED).write_bytes(b"PK\x03\x04 torn")
    table = features.Table(folder)
    for number in range(4):
        came = streams.listings(streams.rng(7, features.NAME, number))
        rows = table.through(came.columns, AT)
        assert rows is not None
        assert np.array_equal(rows.columns["area"], came.columns["area"])
    with np.load(folder / features.STORED) as kept:
        assert len(kept["area"]) == features.KEPT


def test_a_paused_table_gives_no_rows(tmp_path: Path) -> None:
    folder = tmp_path / features.NAME
    features.furnish(folder, 7, AT)
    (folder / serving.POINTER).write_text('{"split": {"1": 100}, "paused": true, "seq": 2}')
    assert features.Table(folder).through(streams.listings(streams.rng(7, "x", 0)).columns, AT) is None


# --- delivery days ---


@pytest.mark.parametrize("seed", SEEDS)
def test_a_new_hub_makes_both_versions_wrong_and_no_column_looks_different(seed: int) -> None:
    for number in range(60):
        chance = (seed, delivery.NAME, number)
        before, after = (streams.parcels(streams.rng(*chance), hub=hub) for hub in (False, True))
        assert all(np.array_equal(before.columns[name], after.columns[name]) for name in after.columns)
        for model in trained(seed)[delivery.NAME].values():
            assert not crosses("mape", scores.mape(before.truth, model.predict(before.columns)))
            assert crosses("mape", scores.mape(after.truth, model.predict(after.columns)))
            assert max(moved(model, after).values()) < measures.PSI / 2


# --- what is healthy ---


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "world"),
    [
        (demand.NAME, streams.orders),
        (price.NAME, streams.listings),
        (delivery.NAME, streams.parcels),
    ],
)
def test_what_nothing_happens_to_never_crosses_a_threshold(name: str, world: training.World, seed: int) -> None:
    for number in range(WINDOWS):
        window = world(streams.rng(seed, name, number), streams.ROWS)
        for model in trained(seed)[name].values():
            assert not crosses("mape", scores.mape(window.truth, model.predict(window.columns)))
            assert max(moved(model, window).values()) < measures.PSI / 2
            assert max(scores.unusual(window.columns, model.expects).values()) < measures.UNUSUAL


def test_a_window_is_the_same_whatever_was_drawn_before() -> None:
    first, again, other = (streams.customers(streams.rng(7, "churn", number)) for number in (3, 3, 4))
    assert np.array_equal(first.truth, again.truth)
    assert not np.array_equal(first.columns["tenure_months"], other.columns["tenure_months"])
    assert len(first) == streams.ROWS


def test_about_three_in_ten_refunds_find_no_order() -> None:
    asked = streams.tasks(streams.rng(7, "refund-agent", 0), 2_000)
    assert 0.27 < np.mean([not task.orders for task in asked]) < 0.33
    assert all(task.amount > 5 for task in asked)


# --- training ---


def test_furnishing_again_changes_nothing_and_one_seed_gives_one_model(tmp_path: Path) -> None:
    for room in (*ROOMS, features):
        room.furnish(tmp_path / "one" / room.NAME, 7, AT)
        room.furnish(tmp_path / "two" / room.NAME, 7, AT)
    files = {file: file.read_bytes() for file in (tmp_path / "one").rglob("*") if file.is_file()}
    assert {file.relative_to(tmp_path / "one"): body for file, body in files.items() if file.suffix != ".npz"} == {
        file.relative_to(tmp_path / "two"): file.read_bytes()
        for file in (tmp_path / "two").rglob("*")
        if file.is_file() and file.suffix != ".npz"
    }
    for room in (*ROOMS, features):
        serving.switch(
            tmp_path / "one" / room.NAME, "1" if room is features else room.RELEASES[0].plan.version, AT, "x"
        )
        room.furnish(tmp_path / "one" / room.NAME, 8, AT + timedelta(days=1))
    after = {file: file.read_bytes() for file in files}
    assert {file.name for file in files if after[file] != files[file]} == {serving.POINTER}
    assert serving.pointed(tmp_path / "one" / "churn").split == {"6": 100}


@pytest.mark.parametrize("file", [linear.PARAMETERS, linear.REFERENCE])
@pytest.mark.parametrize("body", [None, b"", b"{}", b"PK\x03\x04 torn"])
def test_a_version_with_a_broken_file_is_not_loaded(tmp_path: Path, file: str, body: bytes | None) -> None:
    demand.furnish(tmp_path / "demand", 7, AT)
    broken = tmp_path / "demand" / "versions" / "5" / file
    broken.unlink()
    if body is not None:
        broken.write_bytes(body)
    with pytest.raises(BadInput, match="Version 5 of demand cannot be loaded"):
        linear.load(broken.parent)


def test_a_missing_column_is_refused_and_a_null_stays_a_null() -> None:
    model = trained(7)["churn"]["6"]
    window = streams.customers(streams.rng(7, "churn", 0), 10)
    with pytest.raises(BadInput, match="reads tickets_90d, which is not there"):
        model.predict({name: values for name, values in window.columns.items() if name != "tickets_90d"})
    holey = {**window.columns, "tenure_months": np.full(10, np.nan)}
    assert np.all(np.isnan(model.predict(holey)))
    assert scores.unusual(holey, model.expects)["tenure_months"] == 1.0
    assert scores.unusual({}, model.expects)["tenure_months"] == 1.0


# --- scores ---


def test_scores_worked_by_hand() -> None:
    truth = np.array([0.0, 0.0, 1.0, 1.0])
    assert scores.auc(truth, np.array([0.1, 0.4, 0.35, 0.8])) == 0.75
    assert scores.auc(truth, np.full(4, 0.3)) == 0.5
    assert scores.auc(truth, 1 - truth) == 0.0
    assert scores.auc(np.ones(4), truth) is None
    assert scores.log_loss(truth, np.full(4, 0.5)) == pytest.approx(np.log(2))
    assert scores.log_loss(truth, 1 - truth) == pytest.approx(-np.log(1e-6))  # certain and wrong, yet finite
    assert scores.mape(np.array([100.0, 200.0]), np.array([110.0, 160.0])) == pytest.approx(0.15)
