"""Which silence or maintenance window holds an alert back, and from when until when."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.model.alert import Alert, Kind, Status
from bot.model.held import Cause
from bot.model.matcher import Matcher
from bot.model.silence import Silence
from bot.rules import matching, silencing

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MOMENTS = st.integers(-100, 100).map(lambda minutes: NOON + timedelta(minutes=minutes))


def silence(id_: str = "SIL-1", **more: Any) -> Silence:
    facts: dict[str, Any] = {
        "id": id_,
        "matchers": (Matcher("model", "=", "churn"),),
        "starts_at": NOON,
        "ends_at": NOON + timedelta(hours=1),
        "by": "person:ada",
        "why": "backfill",
        "made_at": NOON,
    }
    return Silence(**(facts | more))


def facts(model: str = "churn") -> matching.Facts:
    return matching.Facts(Alert("test", "prom", "p", "t", Status.FIRING, Kind.DRIFT, NOON, model=model), None)


def test_all_its_matchers_must_hold() -> None:
    both = silence(matchers=(Matcher("model", "=", "churn"), Matcher("kind", "=", "latency")))
    assert silencing.hits([silence(), both], facts(), NOON) == [silence()]
    assert silencing.hits([silence()], facts("price"), NOON) == []
    assert silencing.hits([silence(matchers=())], facts("price"), NOON) == [silence(matchers=())]


def test_it_hits_from_its_start_on_and_at_its_end_no_more() -> None:
    end = NOON + timedelta(hours=1)
    moment = timedelta(microseconds=1)
    hit = {at: bool(silencing.hits([silence()], facts(), at)) for at in (NOON - moment, NOON, end - moment, end)}
    assert list(hit.values()) == [False, True, True, False]


@given(MOMENTS, MOMENTS, st.none() | MOMENTS, MOMENTS, st.booleans())
def test_no_silence_outlives_its_end(
    start: datetime, end: datetime, ended: datetime | None, at: datetime, shadow: bool
) -> None:
    one = silence(starts_at=start, ends_at=end, ended_at=ended, shadow=shadow)
    hit = silencing.hits([one], facts(), at)
    over = min(end, ended or end)
    assert bool(hit) == (start <= at < over)
    if hold := silencing.hold(hit):
        assert hold.until == over
        assert hold.until > at


def test_the_one_that_ends_last_is_named_with_who_made_it_and_why() -> None:
    longer = silence("SIL-2", ends_at=NOON + timedelta(hours=2), by="api:grafana:bo", why="", maintenance=True)
    hold = silencing.hold([longer, silence()])
    assert hold
    assert (hold.cause, hold.by, hold.until) == (Cause.MAINTENANCE, "SIL-2", NOON + timedelta(hours=2))
    assert hold.why == "Held by maintenance SIL-2 (bo)."
    assert silencing.by(silence()).why == "Held by SIL-1 (ada: backfill)."
    assert silencing.hold([]) is None
