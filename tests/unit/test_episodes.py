"""What an alert means beside what is known of its problem."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.model.alert import Alert, Kind, Status
from bot.rules import episodes
from bot.rules.episodes import Known, Meaning

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def alert(status: Status, minute: int, *, inferred: bool = False) -> Alert:
    return Alert("test", "prom", "p", "t", status, Kind.DRIFT, at(minute), started_inferred=inferred)


FIRES, FIRED = Known(at(0), True), Known(at(0), False)
FIRING, RESOLVED, NO_DATA = Status

CASES = [
    # status, start, inferred, known -> meaning, a word of the reason
    (FIRING, 0, False, None, Meaning.NEW, "first"),
    (FIRING, 0, False, FIRES, Meaning.REPEAT, "already"),
    (FIRING, -5, False, FIRES, Meaning.REPEAT, "already"),  # Alertmanager corrects a start backwards
    (FIRING, 5, False, FIRES, Meaning.NEW, "before the last one was resolved"),
    (FIRING, 5, True, FIRES, Meaning.REPEAT, "already"),  # our own guess of a start begins nothing
    (FIRING, 0, False, FIRED, Meaning.NEW, "again"),
    (FIRING, 5, False, FIRED, Meaning.NEW, "again"),
    (FIRING, 5, True, FIRED, Meaning.NEW, "again"),
    (FIRING, -5, False, FIRED, Meaning.DROP, "older"),
    (RESOLVED, 0, False, None, Meaning.DROP, "unknown"),
    (RESOLVED, 0, False, FIRES, Meaning.RESOLVE, "over"),
    (RESOLVED, 5, False, FIRES, Meaning.RESOLVE, "over"),
    (RESOLVED, -5, False, FIRES, Meaning.DROP, "earlier episode"),
    (RESOLVED, -5, True, FIRES, Meaning.RESOLVE, "over"),
    (RESOLVED, 0, False, FIRED, Meaning.DROP, "already"),
    (RESOLVED, 5, True, FIRED, Meaning.DROP, "already"),
    (NO_DATA, 0, False, None, Meaning.DROP, "nothing fires"),
    (NO_DATA, 5, False, FIRES, Meaning.REPEAT, "not a resolve"),
    (NO_DATA, 5, True, FIRES, Meaning.REPEAT, "not a resolve"),
    (NO_DATA, 0, False, FIRED, Meaning.DROP, "nothing fires"),
]


@pytest.mark.parametrize(("status", "minute", "inferred", "known", "meaning", "reason"), CASES)
def test_the_meaning_and_its_reason(
    status: Status, minute: int, inferred: bool, known: Known | None, meaning: Meaning, reason: str
) -> None:
    found, why = episodes.judge(alert(status, minute, inferred=inferred), known)
    assert (found, reason in why) == (meaning, True), why


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("minute", [-5, 0, 5])
@pytest.mark.parametrize("inferred", [False, True])
def test_saying_it_twice_changes_nothing_the_second_time(status: Status, minute: int, inferred: bool) -> None:
    said = alert(status, minute, inferred=inferred)
    for known in (None, FIRES, FIRED):
        meaning, _ = episodes.judge(said, known)
        if meaning is Meaning.NEW:
            again, _ = episodes.judge(said, Known(said.started_at, True))
            assert again is Meaning.REPEAT
        if meaning is Meaning.RESOLVE and known:
            again, _ = episodes.judge(said, Known(known.started_at, False))
            assert again is Meaning.DROP


@pytest.mark.parametrize(
    ("looked", "ended", "meaning"),
    [
        (6, None, Meaning.RESOLVE),
        (5, None, Meaning.DROP),  # the look that breached cannot have been clean
        (4, 9, Meaning.DROP),
        (None, 6, Meaning.RESOLVE),
        (None, 5, Meaning.DROP),
        (None, None, Meaning.RESOLVE),  # it does not say when, so it counts
    ],
)
def test_a_resolve_rests_on_a_newer_evaluation_than_the_last_breach(
    looked: int | None, ended: int | None, meaning: Meaning
) -> None:
    times = {"evaluated_at": looked, "ended_at": ended}
    said = replace(alert(RESOLVED, 0), **{name: None if m is None else at(m) for name, m in times.items()})  # type: ignore[arg-type]
    found, why = episodes.judge(said, Known(at(0), True, at(5)))
    assert found is meaning
    assert ("no newer" in why) == (meaning is Meaning.DROP)
