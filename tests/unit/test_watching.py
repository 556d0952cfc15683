"""A promoted version under watch: wrong, well, or nobody can say; by its metric, and by what opened since."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import incident as incidents
from bot.model.alert import Measure
from bot.model.incident import FALSE_ALARM, MERGED, RESOLVED, Incident, Phase
from bot.model.runbook import Policy
from bot.rules import watching
from bot.rules.recovery import ENOUGH, Sample
from bot.rules.watching import Baseline, Finding, Heard, Watched

SINCE = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=2)
USUAL = (0.86, 0.85, 0.87, 0.84, 0.86, 0.85, 0.86, 0.85)  # of the champion


def heard(*values: float, end: datetime = UNTIL, limit: float | None = 0.8, op: str = "<", **of: Any) -> list[Sample]:
    """Samples of auc ten minutes apart, the last ten minutes before `end`."""
    measure = Measure("auc", 0.0, limit, None if limit is None else op, **of)
    return [
        Sample(end - timedelta(minutes=10 * (len(values) - n)), "hook:auc", replace(measure, value=value))
        for n, value in enumerate(values)
    ]


def baseline(*values: float, **facts: Any) -> Baseline:
    """Of version 7, whose champion had these."""
    return Baseline("7", "auc", tuple(heard(*values, end=SINCE)), **facts)


def opened(kind: str = "performance", minutes: int = 11, **facts: Any) -> Incident:
    """An incident that opened so long after 7 began to serve."""
    at = SINCE + timedelta(minutes=minutes)
    return incidents.imagined(Policy((), "L1"), at, id="INC-12", kind=kind, severity="sev1", **facts)


def judge(before: Baseline, samples: list[Sample], *own: Incident, now: datetime = UNTIL) -> Watched:
    return watching.judge(before, Heard(samples, own), now, SINCE, UNTIL)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ((0.86, 0.85, 0.87), Finding.WELL),
        ((0.79, 0.86, 0.85, 0.87), Finding.WELL),  # it stumbled at first
        ((0.84, 0.84, 0.84), Finding.WELL),  # as bad as the worst from before is not worse
        ((0.83, 0.82, 0.81), Finding.WRONG),  # within its limit, and worse than ever before
        ((0.79, 0.75, 0.7), Finding.WRONG),
        ((0.83, 0.82), Finding.INCONCLUSIVE),  # two are not enough
        ((), Finding.INCONCLUSIVE),
        ((0.86, 0.85, 0.79), Finding.INCONCLUSIVE),
        ((0.83, 0.83, 0.86, 0.83, 0.83), Finding.INCONCLUSIVE),  # mostly worse, never three in a row
    ],
)
def test_a_version_is_held_against_what_served_before(after: tuple[float, ...], found: Finding) -> None:
    assert judge(baseline(*USUAL), heard(*after)).finding is found
    # Its mirror: where more is worse, it is judged the same.
    up = [heard(*(-one for one in part), end=end, limit=-0.8, op=">") for part, end in ((USUAL, SINCE), (after, UNTIL))]
    assert judge(Baseline("7", "auc", tuple(up[0])), up[1]).finding is found
    # Where the sender names no limit, the metric's own direction counts; then only the comparison can tell.
    plain = [heard(*part, end=end, limit=None) for part, end in ((USUAL, SINCE), (after, UNTIL))]
    only_limit = found is Finding.INCONCLUSIVE and after == (0.86, 0.85, 0.79)
    want = Finding.WELL if only_limit else found
    assert judge(Baseline("7", "auc", tuple(plain[0])), plain[1]).finding is want


def test_before_its_end_only_what_is_wrong_is_said() -> None:
    early = SINCE + timedelta(minutes=50)
    good = judge(baseline(*USUAL), heard(0.86, 0.85, 0.87, end=early), now=early)
    assert good == Watched(
        None, "Nothing went wrong so far, by 3 samples of auc; watched until 2026-11-24 04:00 UTC.", 3
    )
    bad = judge(baseline(*USUAL), heard(0.83, 0.82, 0.81, end=early), now=early)
    assert bad == Watched(
        Finding.WRONG,
        "auc is worse since 7 serves: 0.83, 0.82, 0.81 for hook:auc, 2026-11-24 02:20 UTC to 2026-11-24 02:40 UTC, and"
        " never below 0.84 in 8 samples from before.",
        3,
    )


def test_a_limit_counts_without_anything_from_before() -> None:
    over = judge(baseline(), heard(0.79, 0.75, 0.7))
    assert (over.finding, over.samples) == (Finding.WRONG, 3)
    assert "0.79, 0.75, 0.7 for hook:auc" in over.why
    assert over.why.endswith(" are over the limit (limit < 0.8).")
    assert judge(baseline(), heard(0.81, 0.82, 0.81)).finding is Finding.WELL


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ((0.62, 0.61, 0.63), Finding.INCONCLUSIVE),  # no worse than before, and not good either
        ((0.58, 0.57, 0.56), Finding.WRONG),
        ((0.58, 0.57, 0.6), Finding.INCONCLUSIVE),
        ((0.9, 0.91, 0.9), Finding.WELL),
    ],
)
def test_what_was_over_its_limit_before_is_not_held_against_it(after: tuple[float, ...], found: Finding) -> None:
    assert judge(baseline(0.7, 0.65, 0.6), heard(*after)).finding is found


@pytest.mark.parametrize(
    ("allowed", "after", "found"),
    [
        (0.02, (0.835, 0.836, 0.835), Finding.WELL),  # the median from before is 0.855
        (0.02, (0.834, 0.833, 0.834), Finding.WRONG),
        (0.0, (0.85, 0.85, 0.85), Finding.WRONG),  # which the worst from before would let pass
        (0.0, (0.86, 0.86, 0.86), Finding.WELL),
    ],
)
def test_what_the_gate_allowed_is_allowed_here_too(allowed: float, after: tuple[float, ...], found: Finding) -> None:
    watched = judge(baseline(*USUAL, allowed=allowed), heard(*after))
    assert watched.finding is found
    if found is Finding.WRONG:
        assert watched.why.endswith(f"0.855 was the median in 8 samples from before, {allowed:g} worse allowed.")


def test_too_little_from_before_bounds_nothing() -> None:
    few = baseline(*USUAL[: watching.SPREAD - 1])
    assert judge(few, heard(0.83, 0.82, 0.81)).finding is Finding.WELL
    bare = Baseline("7", "auc", tuple(heard(*USUAL[:2], end=SINCE, limit=None)))
    watched = judge(bare, heard(0.1, 0.1, 0.1, limit=None))
    assert watched.finding is Finding.INCONCLUSIVE
    assert watched.why == "auc has no limit, and too little is known from before to compare it with."


def test_where_nobody_says_which_way_is_worse_nothing_is_called_worse() -> None:
    before, after = (
        [replace(one, measure=Measure("churners", one.measure.value)) for one in part]
        for part in (heard(*USUAL, end=SINCE), heard(0.1, 0.1, 0.1))
    )
    watched = judge(Baseline("7", "churners", tuple(before)), after)
    assert (watched.finding, watched.samples) == (Finding.INCONCLUSIVE, 3)


def test_the_senders_own_word_counts_without_numbers() -> None:
    def said(breached: bool) -> list[Sample]:
        return heard(0.86, 0.86, 0.86, limit=None, breached=breached)

    assert judge(baseline(), said(True)).finding is Finding.WRONG
    assert judge(baseline(), said(False)).finding is Finding.WELL


def test_every_series_from_before_must_be_heard_again() -> None:
    both = [*heard(*USUAL, end=SINCE, segment="TR"), *heard(*USUAL, end=SINCE, segment="DE")]
    before = Baseline("7", "auc", tuple(both))
    good = heard(0.86, 0.86, 0.86, segment="DE")
    watched = judge(before, good)
    assert (watched.finding, watched.why) == (
        Finding.INCONCLUSIVE,
        "0 samples of auc for TR were heard; 3 are needed.",
    )
    assert judge(before, [*good, *heard(0.86, 0.86, 0.86, segment="TR")]).finding is Finding.WELL
    bad = judge(before, [*good, *heard(0.83, 0.82, 0.81, segment="TR")])
    assert bad.finding is Finding.WRONG
    assert "for TR" in bad.why
    assert "DE" not in bad.why


def test_a_monitor_that_fell_silent_says_nothing_of_the_rest() -> None:
    watched = judge(baseline(*USUAL), heard(0.86, 0.86, 0.86, end=SINCE + timedelta(minutes=40)))
    assert (watched.finding, watched.why) == (
        Finding.INCONCLUSIVE,
        "auc for hook:auc was last heard at 2026-11-24 02:30 UTC, far from the end.",
    )


def test_what_was_heard_of_another_time_or_metric_or_is_no_number_is_left_out() -> None:
    other = [replace(one, measure=replace(one.measure, metric="f1")) for one in heard(0.1, 0.1, 0.1)]
    odd = heard(float("nan"), float("-inf"), float("inf"))
    early, late = heard(0.1, 0.1, 0.1, end=SINCE), heard(0.1, 0.1, 0.1, end=UNTIL + timedelta(hours=1))
    good = heard(0.86, 0.86, 0.86)
    watched = judge(baseline(*USUAL), [*late, *other, *odd, *good, *early])
    assert watched == judge(baseline(*USUAL), good)
    assert watched.finding is Finding.WELL
    # And what was frozen is of before, whatever is handed in.
    assert judge(replace(baseline(*USUAL), samples=tuple(heard(*USUAL))), good) == judge(baseline(), good)


def test_it_says_how_it_held() -> None:
    assert judge(baseline(*USUAL), heard(0.88, 0.87, 0.89)).why == (
        "7 held until 2026-11-24 04:00 UTC: auc at 0.88 (median of 3, 0.855 before) for hook:auc."
    )


# --- incidents ---

GOOD = heard(0.86, 0.86, 0.86)


@pytest.mark.parametrize("kind", sorted(watching.BLAMED))
def test_an_incident_that_the_version_can_have_caused_is_wrong_at_once(kind: str) -> None:
    watched = judge(baseline(*USUAL), [], opened(kind), now=SINCE + timedelta(minutes=12))
    assert watched == Watched(
        Finding.WRONG, f"Since 7 serves, INC-12 (sev1, {kind}) opened at 2026-11-24 02:11 UTC.", 0
    )


@pytest.mark.parametrize("kind", ["drift", "data-quality", "freshness"])
def test_what_its_data_does_is_told_and_not_held_against_it(kind: str) -> None:
    watched = judge(baseline(*USUAL), GOOD, opened(kind))
    assert watched.finding is Finding.WELL
    assert watched.why.endswith(f" Of its data, INC-12 (sev1, {kind}) opened at 2026-11-24 02:11 UTC.")


@pytest.mark.parametrize(
    ("own", "found"),
    [
        (opened(minutes=-1), Finding.WELL),  # it was there before
        (opened(minutes=120), Finding.WELL),  # the watch was over
        (opened(minutes=0), Finding.WRONG),
        (opened(model_version="6"), Finding.WELL),  # of the one that served before
        (opened(model_version="7"), Finding.WRONG),
        (incidents.close(opened(), FALSE_ALARM, UNTIL), Finding.WELL),
        (incidents.close(opened(), MERGED, UNTIL), Finding.WELL),
        (incidents.close(opened(), RESOLVED, UNTIL), Finding.INCONCLUSIVE),
        (opened(phase=Phase.MITIGATED), Finding.WRONG),
        (opened(waits="It is not confirmed yet."), Finding.INCONCLUSIVE),
        (incidents.close(opened(waits="It was over at once."), RESOLVED, UNTIL), Finding.WELL),
    ],
)
def test_which_incidents_count(own: Incident, found: Finding) -> None:
    assert judge(baseline(*USUAL), GOOD, own).finding is found


def test_many_incidents_are_counted_and_five_spelled_out() -> None:
    many = [replace(opened(), id=f"INC-{n}") for n in range(7)]
    why = judge(baseline(*USUAL), GOOD, *many).why
    assert why.endswith("INC-4 (sev1, performance) opened at 2026-11-24 02:11 UTC and 2 more.")


def test_without_a_metric_incidents_alone_tell_and_their_absence_proves_nothing() -> None:
    none = Baseline("7", None)
    going = judge(none, [], now=SINCE)
    assert going.why == "Nothing went wrong so far, by incidents alone; watched until 2026-11-24 04:00 UTC."
    ended = judge(none, [])
    assert ended.finding is Finding.INCONCLUSIVE
    assert ended.why.startswith("No metric of it is watched")
    assert judge(none, [], opened()).finding is Finding.WRONG


# --- whatever is heard ---

VALUES = st.lists(st.floats(0, 1), max_size=12)


@given(VALUES, VALUES, st.none() | st.floats(0, 0.2), st.sampled_from([0.8, None]), st.integers(0, 240))
def test_nothing_is_claimed_on_too_little(
    before: list[float], after: list[float], allowed: float | None, limit: float | None, minutes: int
) -> None:
    base = Baseline("7", "auc", tuple(heard(*before, end=SINCE, limit=limit)), allowed)
    now = SINCE + timedelta(minutes=minutes)
    watched = judge(base, heard(*after, limit=limit), now=now)
    assert watched.why.endswith(".")
    assert watched.samples == len(after)
    if watched.finding in (Finding.WRONG, Finding.WELL):
        assert len(after) >= ENOUGH
    if watched.finding is Finding.WELL:
        assert limit is None or all(value >= limit for value in after[-ENOUGH:])
    if watched.finding is not Finding.WRONG:
        assert (watched.finding is None) == (now < UNTIL)


@given(VALUES, VALUES, st.randoms())
def test_the_order_of_what_was_heard_says_nothing(before: list[float], after: list[float], chance: Any) -> None:
    base, samples = baseline(*before), heard(*after)
    mixed = replace(base, samples=tuple(chance.sample(base.samples, len(base.samples))))
    assert judge(mixed, chance.sample(samples, len(samples))) == judge(base, samples)


@given(st.lists(st.floats(0, 1), min_size=watching.SPREAD, max_size=12), st.lists(st.floats(0, 1), min_size=ENOUGH))
def test_what_is_no_worse_than_ever_before_and_within_its_limit_is_never_called_wrong(
    before: list[float], after: list[float]
) -> None:
    floor = max(min(before), 0.8)
    watched = judge(baseline(*before), heard(*(max(value, floor) for value in after[:12])))
    assert watched.finding is not Finding.WRONG
