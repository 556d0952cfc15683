"""Which rows are compared: the same for both, none that is spoiled, too young or unknown; and the checks."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.trial import Check, Terms
from bot.rules import sifting
from bot.rules.sifting import Rows, Wanted

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)
WANTED = Wanted("6", START, START + 10 * DAY, challenger="7")
TERMS = Terms("auc", least=10)
NAN = math.nan


def on(*days: float) -> list[float]:
    """Moments of those days of the window."""
    return [(START + day * DAY).timestamp() for day in days]


def rows(at: list[float], **given: list[float]) -> Rows:
    """Alternating labels and scores that vary, unless given."""
    truth = given.get("truth", [float(place % 2) for place in range(len(at))])
    said = [place / len(at) for place in range(len(at))]
    return Rows(at, truth, {"6": given.get("six", said), "7": given.get("seven", said)})


def check(kept: sifting.Kept, what: str) -> Check:
    """The one of that name."""
    (found,) = (one for one in kept.checks if one.what == what)
    return found


def test_the_window_is_half_open() -> None:
    kept = sifting.sift(rows(on(-0.001, 0, 5, 9.999, 10)), WANTED, TERMS)
    assert (len(kept.truth), kept.left_out) == (3, {sifting.OUTSIDE: 2})


def test_a_spoiled_span_is_left_out_and_so_is_what_overlaps_it() -> None:
    spoiled = ((START + 2 * DAY, START + 4 * DAY), (START + 3 * DAY, START + 5 * DAY))
    kept = sifting.sift(rows(on(1, 2, 3.5, 4.999, 5, 6)), replace(WANTED, excluded=spoiled), TERMS)
    assert (len(kept.truth), kept.left_out) == (3, {sifting.EXCLUDED: 3})


def test_what_is_too_young_for_its_label_is_left_out_though_it_has_one() -> None:
    """Labels that come early are of one kind: who leaves at once is known at once."""
    kept = sifting.sift(rows(on(1, 6.999, 7, 9)), WANTED, replace(TERMS, label_delay=3 * DAY))
    assert (len(kept.truth), kept.left_out) == (2, {sifting.YOUNG: 2})
    assert check(kept, sifting.LABELS).ok  # the young ones should have none yet


def test_what_one_version_did_not_say_counts_for_neither() -> None:
    some = rows(on(1, 2, 3, 4), six=[0.1, NAN, 0.3, 0.4], seven=[0.5, 0.6, math.inf, 0.8])
    kept = sifting.sift(some, WANTED, TERMS)
    assert kept.left_out == {sifting.UNSAID: 2}
    assert [sorted(one) for one in kept.said] == [[0.1, 0.4], [0.5, 0.8]]
    assert check(kept, sifting.LABELS).ok


def test_nobody_needs_what_a_third_version_said() -> None:
    some = rows(on(1, 2))
    other = replace(some, said={**some.said, "5": [NAN, NAN]})
    assert len(sifting.sift(other, WANTED, TERMS).truth) == 2


def test_each_row_is_counted_once_by_the_first_that_holds() -> None:
    at = [NAN, *on(11, 3, 8, 1, 1, 1)]
    some = rows(at, truth=[1, NAN, NAN, NAN, NAN, 1, 0], six=[NAN, NAN, NAN, NAN, NAN, NAN, 0.1])
    wanted = replace(WANTED, excluded=((START + 3 * DAY, START + 4 * DAY),))
    kept = sifting.sift(some, wanted, replace(TERMS, label_delay=3 * DAY))
    assert kept.left_out == {
        sifting.OUTSIDE: 2,
        sifting.EXCLUDED: 1,
        sifting.YOUNG: 1,
        sifting.UNKNOWN: 1,
        sifting.UNSAID: 1,
    }
    assert len(kept.truth) == 1


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 12), st.sampled_from([0.0, 1.0, NAN]), st.sampled_from([0.2, NAN]))))
def test_no_row_is_lost(some: list[tuple[float, float, float]]) -> None:
    given_ = rows(on(*(day for day, _, _ in some)), truth=[t for _, t, _ in some], six=[s for _, _, s in some])
    kept = sifting.sift(given_, replace(WANTED, excluded=((START, START + DAY),)), TERMS)
    assert len(kept.truth) + sum(kept.left_out.values()) == len(some)
    assert not np.isnan(kept.truth).any()
    assert not any(np.isnan(one).any() for one in kept.said)


def test_few_rows_say_where_most_of_the_others_went() -> None:
    some = rows(on(*range(9), 0.5, 0.6), truth=[NAN] * 6 + [1.0, 0.0, 1.0, 0.0, 1.0])
    assert check(sifting.sift(some, WANTED, TERMS), sifting.ROWS) == Check(
        sifting.ROWS, False, "5 rows are left, 10 are needed; 6 more are without a label."
    )


@pytest.mark.parametrize(
    ("metric", "truth", "ok", "why"),
    [
        ("auc", [0, 1, 1], True, "2 of 3 labels are 1."),
        ("auc", [1, 1, 1], False, "Every label is 1."),
        ("auc", [0, 0, 0], False, "Every label is 0."),
        ("auc", [0, 1, 2], False, "1 labels are neither 0 nor 1: of numbers, mae, rmse, mape, r2 can be told."),
        ("mae", [3, 3, 3], False, "Every label is 3."),
        ("mae", [3, 4, 5.5], True, "From 3 to 5.5."),
    ],
)
def test_the_truth_must_vary(metric: str, truth: list[float], ok: bool, why: str) -> None:
    kept = sifting.sift(rows(on(1, 2, 3), truth=truth), WANTED, replace(TERMS, metric=metric))
    assert check(kept, sifting.TRUTH) == Check(sifting.TRUTH, ok, why)


def test_a_version_that_always_says_the_same_is_named() -> None:
    found = check(sifting.sift(rows(on(1, 2, 3), seven=[0.5] * 3), WANTED, TERMS), sifting.VARIED)
    assert (found.ok, found.why) == (False, "Version 7 said the same of every row.")


def test_a_score_beyond_0_and_1_is_named_where_the_truth_is_a_class() -> None:
    odd = rows(on(1, 2, 3), six=[-0.1, 0.5, 0.6], seven=[0.5, 1.0, 0.0])
    found = check(sifting.sift(odd, WANTED, TERMS), sifting.SCALE)
    assert (found.ok, found.why) == (False, "Version 6 said less than 0 or more than 1, which is no probability.")
    numbers = sifting.sift(odd, WANTED, replace(TERMS, metric="mae"))
    assert sifting.SCALE not in {one.what for one in numbers.checks}


def test_missing_labels_are_a_doubt() -> None:
    enough = sifting.sift(rows(on(1, 2, 3, 4, 5), truth=[0, 1, 0, 1, NAN]), WANTED, TERMS)
    few = sifting.sift(rows(on(1, 2, 3, 4, 5), truth=[0, 1, 0, NAN, NAN]), WANTED, TERMS)
    assert check(enough, sifting.LABELS).ok
    assert check(few, sifting.LABELS) == Check(
        sifting.LABELS, False, "60% of the rows that should have one have a label."
    )


def test_rows_that_came_twice_are_a_doubt() -> None:
    once = rows(on(*(day / 10 for day in range(50))))
    twice = Rows([*once.at, *once.at], [*once.truth, *once.truth], {v: [*s, *s] for v, s in once.said.items()})
    assert check(sifting.sift(once, WANTED, TERMS), sifting.COPIES).ok
    found = check(sifting.sift(twice, WANTED, TERMS), sifting.COPIES)
    assert (found.ok, found.why) == (False, "50% of the rows are copies of another.")


def test_equal_rows_of_one_batch_are_no_copies() -> None:
    batch = rows(on(*[3] * 50), six=[0.2, 0.8] * 25, seven=[0.3, 0.7] * 25)
    assert check(sifting.sift(batch, WANTED, TERMS), sifting.COPIES).ok


def test_rows_that_differ_in_a_column_alone_are_no_copies() -> None:
    at = [moment for day in range(9) for moment in on(day, day)]
    some = replace(rows(at, six=[0.5] * 18, seven=[0.5] * 18, truth=[1.0] * 18), columns={"who": ["a", "b"] * 9})
    assert not check(sifting.sift(some, WANTED, TERMS), sifting.COPIES).ok
    assert check(sifting.sift(some, WANTED, replace(TERMS, slices=("who",))), sifting.COPIES).ok


def test_twenty_values_are_told_apart_and_the_rest_is_other() -> None:
    values = [name for place in range(25) for name in [f"v{place:02}"] * (30 - place)]
    some = replace(rows(on(*[1] * len(values))), columns={"v": values})
    kept = sifting.sift(some, WANTED, replace(TERMS, slices=("v",)))
    assert kept.values["v"] == (*(f"v{place:02}" for place in range(20)), sifting.OTHER)
    assert len(kept.part("v", "v03").truth) == 27
    assert len(kept.part("v", sifting.OTHER).truth) == 10 + 9 + 8 + 7 + 6


def test_a_value_of_the_data_is_one_short_line() -> None:
    odd = ["a\nb\x00c", "x" * 300, "", " ", "\ud800", "a b c"]
    kept = sifting.sift(replace(rows(on(*[1] * 6)), columns={"v": odd}), WANTED, replace(TERMS, slices=("v",)))
    assert set(kept.values["v"]) == {"a b c", "x" * 100, "(empty)"}
    assert len(kept.part("v", "(empty)").truth) == 3


def test_numbers_and_nothing_are_values_too() -> None:
    some = replace(rows(on(1, 2, 3)), columns={"v": [None, 3, [1, 2]]})  # type: ignore[list-item]
    kept = sifting.sift(some, WANTED, replace(TERMS, slices=("v",)))
    assert set(kept.values["v"]) == {"None", "3", "[1, 2]"}
