"""Where a rollback leads: the newest known good that is still there, and how that is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.change import Serving
from bot.model.served import Moved, Served, Version
from bot.rules import target
from bot.rules.target import Known

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LISTED = tuple(Version(str(number)) for number in (7, 6, 5, 4))


def served(split: str | dict[str, float], start: int, end: int | None, *, paused: bool = False) -> Moved:
    """It served from `start` hours ago until `end` hours ago."""
    shares = {split: 100.0} if isinstance(split, str) else split
    until = None if end is None else NOW - end * HOUR
    return Moved("churn", NOW - start * HOUR, Serving(shares, paused, raw={"was": "so"}), "seen", until=until)


def trouble(start: int, end: int | None) -> target.Trouble:
    """An incident was open so many hours ago."""
    return NOW - start * HOUR, None if end is None else NOW - end * HOUR


SEVEN = Serving({"7": 100.0})
LEDGER = (served("7", 5, None), served("6", 10, 5), served("5", 100, 10), served("4", 200, 100))


@pytest.mark.parametrize(
    ("moved", "troubles", "good"),
    [
        (served("6", 24, 0), (), True),
        (served("6", 24, None), (), True),
        (served("6", 23, 0), (), False),
        (served("6", 48, 0), (trouble(47, 25),), True),  # the last day was quiet
        (served("6", 48, 0), (trouble(24, 23),), True),  # the first day was
        (served("6", 48, 0), (trouble(30, 20),), False),
        (served("6", 48, 0), (trouble(40, None),), False),
        (served("6", 48, 0), (trouble(90, 47), trouble(10, 5)), True),
        (served("6", 48, 0), (trouble(90, 40), trouble(60, 20)), False),
        (served("6", 480, 0, paused=True), (), False),
        (served({}, 480, 0), (), False),
    ],
)
def test_good_is_a_day_at_a_stretch_without_an_incident(
    moved: Moved, troubles: tuple[target.Trouble, ...], good: bool
) -> None:
    assert target.good(moved, troubles, DAY, NOW) is good


def test_what_lies_ahead_proves_nothing() -> None:
    later = Moved("churn", NOW - HOUR, SEVEN, "seen", until=NOW + 9 * DAY)
    assert not target.good(later, (), DAY, NOW)


def test_the_newest_good_one_goes_before_the_one_just_before() -> None:
    found = target.last_good(Known(SEVEN, LISTED, LEDGER), DAY, NOW)
    assert found is not None
    assert (found.version, found.source, found.good, found.raw) == ("5", target.LEDGER, True, {"was": "so"})
    assert (found.since, found.until) == (NOW - 100 * HOUR, NOW - 10 * HOUR)


def test_one_that_is_gone_or_broken_is_passed_over() -> None:
    without = tuple(one for one in LISTED if one.id != "5")
    for versions in (without, (*without, Version("5", usable=False))):
        found = target.last_good(Known(SEVEN, versions, LEDGER), DAY, NOW)
        assert found is not None
        assert found.version == "4"
    far = target.last_good(Known(SEVEN, without, LEDGER, whole=False), DAY, NOW)  # it may be further down the list
    assert far is not None
    assert far.version == "5"


def test_a_split_that_holds_the_bad_one_is_no_way_back() -> None:
    canary = (served("7", 5, None), served({"6": 90.0, "7": 10.0}, 90, 5), served("6", 900, 90))
    found = target.last_good(Known(SEVEN, LISTED, canary), DAY, NOW)
    assert found is not None
    assert found.version == "6"
    halfway = Serving({"6": 50.0, "7": 50.0})
    found = target.last_good(Known(halfway, LISTED, canary), DAY, NOW)
    assert found is not None
    assert dict(found.split) == {"6": 90.0, "7": 10.0}
    assert found.version is None


def test_what_was_paused_because_it_was_bad_is_no_way_back() -> None:
    ledger = (served("7", 5, None, paused=True), served("7", 200, 5), served("6", 400, 200))
    found = target.last_good(Known(Serving({"7": 100.0}, paused=True), LISTED, ledger), DAY, NOW)
    assert found is not None
    assert found.version == "6"


def test_the_platform_remembers_where_the_ledger_does_not() -> None:
    history = (Served(SEVEN, NOW - HOUR), Served(Serving({"6": 100.0}), NOW - 3 * DAY))
    found = target.last_good(Known(SEVEN, LISTED, (), history), DAY, NOW)
    assert found is not None
    assert (found.version, found.source, found.until) == ("6", target.HISTORY, NOW - HOUR)
    ours = target.last_good(Known(SEVEN, LISTED, LEDGER, history), DAY, NOW)
    assert ours is not None
    assert ours.source == target.LEDGER


def test_nobody_knows_so_a_human_must_pick() -> None:
    assert target.last_good(Known(SEVEN, LISTED), DAY, NOW) is None
    known = Known(SEVEN, (*LISTED, Version("3", usable=False)))
    assert [one.id for one in target.choices(known)] == ["6", "5", "4"]


def test_what_is_asked_for_comes_with_what_is_known_of_it() -> None:
    known = Known(SEVEN, LISTED, (*LEDGER, served("6", 900, 800)))
    good = target.asked(known, {"6": 100.0}, DAY, NOW)
    assert (good.source, good.good, good.until) == (target.ASKED, True, NOW - 800 * HOUR)
    briefly = target.asked(Known(SEVEN, LISTED, LEDGER), {"6": 100.0}, DAY, NOW)
    assert (briefly.good, briefly.since, briefly.raw) == (False, NOW - 10 * HOUR, {"was": "so"})
    never = target.asked(known, {"3": 100.0}, DAY, NOW)
    assert (never.good, never.since, never.raw) == (False, None, {})


# What is watched


def kept(split: dict[str, float] | None = None, *, paused: bool = False) -> target.Kept:
    """What served before CHG-9 promoted 7."""
    return target.Kept(
        Serving({"6": 100.0} if split is None else split, paused, raw={"was": "kept"}), "CHG-9", "7", NOW
    )


def test_what_served_before_a_watched_promotion_is_good_whatever_age_and_troubles_say() -> None:
    known = Known(SEVEN, LISTED, LEDGER, troubles=(trouble(400, None),), kept=kept())
    for good_after in (DAY, 900 * DAY):
        found = target.last_good(known, good_after, NOW)
        assert found is not None
        assert (found.version, found.source, found.good, found.kept) == ("6", target.KEPT, True, kept())
        assert found.raw == {"was": "kept"}


@pytest.mark.parametrize(
    ("before", "promise"),
    [
        (SEVEN, kept({"7": 100.0})),  # it serves already
        (SEVEN, kept({"7": 50.0, "6": 50.0})),  # half a way back
        (SEVEN, kept({})),
        (SEVEN, kept(paused=True)),
        (SEVEN, kept({"3": 100.0})),  # which is gone
    ],
)
def test_where_it_leads_nowhere_the_ledger_is_asked(before: Serving, promise: target.Kept) -> None:
    found = target.last_good(Known(before, LISTED, LEDGER, kept=promise), DAY, NOW)
    assert found is not None
    assert (found.version, found.source) == ("5", target.LEDGER)


def test_asked_for_by_name_it_is_good_too() -> None:
    known = Known(SEVEN, LISTED, LEDGER, kept=kept())
    assert target.asked(known, {"6": 100.0}, DAY, NOW) == target.Target(
        {"6": 100.0}, target.ASKED, True, raw={"was": "kept"}, kept=kept()
    )
    assert not target.asked(known, {"4": 100.0}, 900 * DAY, NOW).good


def test_what_was_watched_and_did_well_needs_no_age() -> None:
    ours = replace(served("6", 10, 5), change="CHG-3")
    ledger = (LEDGER[0], ours, *LEDGER[2:])
    known = Known(SEVEN, LISTED, ledger, troubles=(trouble(9, 8),), well=frozenset({"CHG-3"}))
    found = target.last_good(known, DAY, NOW)
    assert found is not None
    assert (found.version, found.well) == ("6", True)
    named = target.asked(known, {"6": 100.0}, DAY, NOW)
    assert (named.good, named.well) == (True, True)
    step = replace(served({"5": 90.0, "4": 10.0}, 10, 5), change="CHG-3")  # of a canary
    none = target.last_good(replace(known, ledger=(LEDGER[0], step)), DAY, NOW)
    assert none is None
    other = target.last_good(replace(known, well=frozenset({"CHG-4"})), DAY, NOW)
    assert other is not None
    assert (other.version, other.well) == ("5", False)
