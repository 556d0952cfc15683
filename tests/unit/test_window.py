"""What makes a silence: its matchers, its span; and what would hit everything."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.estate import Entity, Estate, Model
from bot.model.matcher import Matcher
from bot.rules import matching, window

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
CHURN = Model("churn", "retail", "churn-ml", aliases=("churn-v2",))
ESTATE = Estate(
    {"retail": Entity("retail"), "market": Entity("market")},
    {"churn": CHURN},
    {"churn": CHURN, "churn-v2": CHURN},
)
HOUR = timedelta(hours=1)


def made(starts: datetime | None = None, ends: datetime | None = NOW + HOUR, *typed: str) -> window.Window:
    """The window of these times and matchers."""
    return window.window(window.read("\n".join(typed or ("model = churn",))), starts, ends, NOW, ESTATE)


def test_it_begins_now_where_no_start_is_said() -> None:
    assert made() == window.Window((Matcher("model", "=", "churn"),), NOW, NOW + HOUR)
    assert made(NOW - timedelta(seconds=40)).starts_at == NOW  # typed a moment ago
    assert made(NOW + HOUR, NOW + 2 * HOUR).starts_at == NOW + HOUR


@pytest.mark.parametrize(
    ("starts", "ends", "complaint"),
    [
        (None, None, "needs an end"),
        (None, NOW, "end lies in the past"),
        (None, NOW - HOUR, "end lies in the past"),
        (NOW - HOUR, NOW + HOUR, "start lies in the past"),
        (NOW + 2 * HOUR, NOW + HOUR, "end before it starts"),
        (NOW + HOUR, NOW + HOUR, "end before it starts"),
        (None, NOW + timedelta(days=30, seconds=1), "30 days at most"),
        (NOW + timedelta(days=90), NOW + timedelta(days=121), "30 days at most"),
    ],
)
def test_a_span_that_is_none_is_refused(starts: datetime | None, ends: datetime | None, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        made(starts, ends)


def test_thirty_days_are_allowed_however_far_ahead() -> None:
    ahead = NOW + timedelta(days=90)
    assert made(ahead, ahead + window.LONGEST).ends_at == ahead + window.LONGEST


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        (("model = churn", "model = price"), "can never hold"),
        (("model = churn", "entity = market"), "can never hold"),
        (("model = churn", "entity != retail"), "can never hold"),
        (("kind = drift", "kind =~ cost|safety"), "can never hold"),
        (("model = churn", "criticality = critical"), "can never hold"),
        (("nonsense = 1",), "There is no field 'nonsense'"),
        (("kind = drfit",), "kind is never 'drfit'"),
        (("title =~ (a+)+b",), "could run away"),
        (("title =~ (",), "is wrong"),
        (("value > much",), "no number"),
        (("model churn",), "is no condition"),
    ],
)
def test_matchers_that_are_none_or_never_hold_are_refused(typed: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint.replace("(", r"\(")):
        made(None, NOW + HOUR, *typed)


@pytest.mark.parametrize(
    "matcher",
    [
        Matcher("nonsense", "=", "x"),
        Matcher("model", "~", "x"),
        Matcher("title", "=~", "(a+)+b"),
        Matcher("value", ">", "nan"),
        Matcher("kind", "=", "x"),
        Matcher("title", "=", "x" * 2_000),
    ],
)
def test_a_matcher_that_nobody_typed_is_looked_at_as_well(matcher: Matcher) -> None:
    with pytest.raises(BadInput):
        window.fit([matcher], ESTATE)


def test_too_many_matchers_are_refused() -> None:
    many = [Matcher(f"label.n{number}", "=", "x") for number in range(window.MOST + 1)]
    with pytest.raises(BadInput, match="50 matchers at most"):
        window.fit(many, ESTATE)


def test_a_monitors_own_name_for_a_model_becomes_the_catalogued_one() -> None:
    assert made(None, NOW + HOUR, "model = churn-v2").matchers == (Matcher("model", "=", "churn"),)


@pytest.mark.parametrize(
    ("typed", "everything"),
    [
        ("", True),
        ("kind =~ .*", True),
        ("title =~ .+", True),  # no alert is without a title
        ("model != no-such-model", True),
        ("model !~ no-.*", True),
        ("kind =~ drift|performance|data-quality|failure|latency|cost|safety|freshness", True),
        ("title =~ .+, model =~ .*", True),
        ("model = churn", False),
        ("model != churn", False),
        ("kind =~ drift|cost", False),
        ("title =~ .+, kind = drift", False),
        ("environment =~ prod.*", False),
        ("value < 1000000", False),  # many alerts have no value
        ('environment = ""', False),
    ],
)
def test_what_no_alert_could_escape_is_seen(typed: str, everything: bool) -> None:
    assert window.everything(window.read(typed), ESTATE) is everything


@pytest.mark.parametrize(
    ("typed", "matchers"),
    [
        ("model=churn kind = drift", ["model = churn", "kind = drift"]),
        ('{alertname="x"}', None),
        ('{label.alertname="Feature Drift", environment=~"prod|stage"}', None),
        ("model = churn,\nkind = drift\n\n", ["model = churn", "kind = drift"]),
    ],
)
def test_matchers_are_read_as_people_write_them(typed: str, matchers: list[str] | None) -> None:
    if matchers is not None:
        assert [window.written(matcher) for matcher in window.read(typed)] == matchers
    elif "alertname=" in typed and "label." not in typed:
        with pytest.raises(BadInput, match="alertname"):
            window.read(typed)
    else:
        assert window.read(typed) == (
            Matcher("label.alertname", "=", "Feature Drift"),
            Matcher("environment", "=~", "prod|stage"),
        )


@given(st.text(max_size=60))
def test_what_can_be_written_is_read_back_and_the_rest_is_known(value: str) -> None:
    matcher = Matcher("title", "=", value)
    if window.readable(matcher):
        assert window.read(f"{window.written(matcher)}\nkind = drift") == (matcher, matching.parse("kind = drift"))
    else:
        assert len(value.splitlines()) > 1 or value != value.strip() or value.startswith('"') or value[-1:] in "\r\x0b"


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    try:
        window.read(typed)
    except BadInput as error:
        assert error.do  # noqa: PT017


@pytest.mark.parametrize(
    ("typed", "minutes"), [("90m", 90), ("2h", 120), ("1 d", 1440), ("1w", 10080), ("2 hours", 120), ("3 gün", 4320)]
)
def test_a_length_of_time_is_read(typed: str, minutes: int) -> None:
    assert window.span(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["", "0m", "h", "2", "-2h", "2 fortnights", "9999999h"])
def test_what_is_no_length_of_time_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="no length of time"):
        window.span(typed)


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("2026-12-01 02:00", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("2026-12-01T02:00Z", datetime(2026, 12, 1, 2, tzinfo=UTC)),
        ("18:00", datetime(2026, 11, 23, 15, tzinfo=UTC)),
        ("06:30", datetime(2026, 11, 24, 3, 30, tzinfo=UTC)),  # it is 06:38 there, so tomorrow
    ],
)
def test_a_moment_is_that_of_the_persons_clock(typed: str, at: datetime) -> None:
    assert window.moment(typed, ZoneInfo("Europe/Istanbul"), NOW) == at


@pytest.mark.parametrize("typed", ["", "tomorrow", "25:00", "2026-13-01", "0001-01-01 00:00", "9999-12-31 23:59-23:00"])
def test_what_is_no_moment_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="no moment"):
        window.moment(typed, ZoneInfo("Europe/Istanbul"), NOW)
