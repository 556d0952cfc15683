"""Whether a model can be rolled back: to what it could go, and of all that may stand in the way, which is told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import words
from bot.model.change import Lever, Serving
from bot.model.served import Moved, Served, Version, WayBack
from bot.rules import reversibility
from bot.rules.reversibility import Asked, Look
from bot.rules.target import Kept, Known

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = Asked("churn", DAY, NOW, words.ENGLISH.way_back)


def served(version: str, start: float, end: float | None, **more: Any) -> Moved:
    """It served from so many days ago until so many days ago."""
    until = NOW - end * DAY if end is not None else None
    return Moved("churn", NOW - start * DAY, Serving({version: 100.0}, **more), "seen", until=until)


LEDGER = (served("7", 1, None), served("6", 10, 1), served("5", 10.1, 10))
VERSIONS = (Version("7"), Version("6"), Version("5"))
KNOWN = Known(Serving({"7": 100.0}), VERSIONS, LEDGER)
LOOK = Look(frozenset(Lever), KNOWN)


def way(known: Known = KNOWN, **more: Any) -> WayBack:
    """The answer where the platform shows `known`."""
    return reversibility.way_back(ASKED, replace(LOOK, known=known, **more))


def test_it_goes_back_to_the_last_known_good_and_says_how_that_is_known() -> None:
    rehearsed = NOW - 30 * DAY
    assert way(rehearsed_at=rehearsed) == WayBack(
        "churn",
        possible=True,
        to="6",
        why="By Tocsin's own ledger, 6 served 9 d without an incident, until 2026-11-22 03:00 UTC.",
        looked_at=NOW,
        rehearsed_at=rehearsed,
    )


def test_what_served_before_a_watched_promotion_is_a_way_back_and_says_why() -> None:
    kept = Kept(Serving({"5": 100.0}), "CHG-8", "7", NOW + DAY)
    found = way(replace(KNOWN, kept=kept, troubles=((NOW - 40 * DAY, None),)))
    assert (found.possible, found.to) == (True, "5")
    assert found.why == "5 served before CHG-8 promoted 7, which is watched until 2026-11-24 03:00 UTC."
    assert (
        way(replace(KNOWN, kept=replace(kept, until=None))).why == "5 served before CHG-8 promoted 7, which went wrong."
    )


def test_what_was_watched_and_did_well_is_a_way_back_and_says_so() -> None:
    ledger = (LEDGER[0], replace(LEDGER[1], change="CHG-3"))
    troubles = ((NOW - 40 * DAY, None),)
    found = way(replace(KNOWN, ledger=ledger, troubles=troubles, well=frozenset({"CHG-3"})))
    assert (found.to, found.why.partition(";")[0]) == ("6", "6 was watched after it was promoted and did well")


def test_what_serves_no_more_is_not_said_to_serve_until_now() -> None:
    """Somebody moved it, and nobody has seen when: the ledger's last line is open."""
    known = Known(Serving({"8": 100.0}), (Version("8"), Version("7")), (served("7", 9, None),))
    assert way(known).why.endswith("until it was replaced.")


def test_the_platforms_memory_serves_where_the_ledger_knows_nothing() -> None:
    history = (Served(Serving({"7": 100.0}), NOW - DAY), Served(Serving({"4": 100.0}), NOW - 3 * DAY))
    found = way(replace(KNOWN, ledger=(), history=history, versions=(*VERSIONS, Version("4"))))
    assert (found.possible, found.to) == (True, "4")
    assert found.why.startswith("By its platform's memory, 4 served 2 d ")


def test_a_share_of_the_traffic_is_taken_back_to_what_served_whole() -> None:
    split = Serving({"6": 90.0, "7": 10.0})
    found = way(replace(KNOWN, before=split, ledger=(served("7", 0, None), *LEDGER[1:])))
    assert (found.possible, found.to) == (True, "6")


def test_it_may_go_back_to_shares() -> None:
    shares = replace(LEDGER[1], serving=Serving({"5": 50.0, "6": 50.0}))
    found = way(replace(KNOWN, ledger=(LEDGER[0], shares)))
    assert (found.possible, found.to) == (True, "5 and 6")


TROUBLED = replace(KNOWN, troubles=((NOW - 12 * DAY, NOW),))
ONLY = Known(KNOWN.before, VERSIONS[:1], LEDGER[:1])


@pytest.mark.parametrize(
    ("look", "to", "why"),
    [
        (Look(), None, "No platform runs it: give it a `platform`"),
        (Look(trouble="mlflow could not say: no answer."), None, "mlflow could not say: no answer."),
        (replace(LOOK, levers=frozenset({Lever.PAUSE})), None, "Its platform does not offer rollbacks."),
        (replace(LOOK, refusal="6 is of another flavour."), "6", "The platform would refuse it: 6 is of another"),
        (replace(LOOK, known=ONLY), None, "There is no other version than 7."),
        (
            replace(LOOK, known=replace(KNOWN, versions=(Version("7"), Version("6", usable=False, why_not="torn")))),
            "6",
            "The last known good version was 6, and it cannot serve: torn",
        ),
        (
            replace(LOOK, known=replace(KNOWN, versions=(Version("7"), Version("5")))),
            "6",
            "The last known good version was 6, and the platform does not have it any more. "
            "A person would have to choose: 5.",
        ),
        (
            replace(LOOK, known=replace(ONLY, versions=(Version("7"), Version("3", usable=False)))),
            None,
            "The only other version is 3, and it cannot serve: the platform does not say why.",
        ),
        (
            replace(LOOK, known=TROUBLED),
            None,
            "Nothing else is known to be good: no version served 24 h without an incident. "
            "A person would have to choose: 6, 5.",
        ),
        (
            replace(LOOK, known=replace(TROUBLED, before=Serving({"6": 50.0, "7": 50.0}))),
            None,
            "6 and 7 share the traffic, and nothing else served 24 h without an incident.",
        ),
        (
            replace(LOOK, known=replace(TROUBLED, before=Serving({"7": 100.0}, paused=True))),
            None,
            "It is paused: resume it first. A person would have to choose: 6, 5.",
        ),
        (
            replace(LOOK, known=replace(KNOWN, before=Serving({"6": 100.0}, paused=True), ledger=LEDGER[1:])),
            None,
            "It is paused: resume it first. A person would have to choose: 7, 5.",
        ),
        (replace(LOOK, known=Known(Serving({}), ())), None, "There is no other version than nothing."),
    ],
)
def test_what_stands_in_the_way_is_told(look: Look, to: str | None, why: str) -> None:
    found = reversibility.way_back(ASKED, look)
    assert (found.possible, found.to, found.looked_at) == (False, to, NOW)
    assert found.why.startswith(why)


def test_a_list_that_has_no_end_is_no_proof_that_a_version_is_gone() -> None:
    assert way(replace(KNOWN, versions=VERSIONS[:1], whole=False)).possible


def test_what_a_platform_says_is_one_line_and_short() -> None:
    hostile = Version("6", usable=False, why_not="<!channel>\n" * 1000)
    why = way(replace(KNOWN, versions=(Version("7"), hostile))).why
    assert len(why) < 500
    assert "\n" not in why


def test_it_speaks_the_language_of_the_house() -> None:
    turkish = replace(ASKED, say=words.TURKISH.way_back)
    assert "9 d boyunca olaysız" in reversibility.way_back(turkish, LOOK).why
