"""What people type to have alerts silenced, read as they mean it; never a trace, whatever is typed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.model.connection import Connection
from bot.model.estate import Entity, Estate, Model
from bot.model.matcher import Matcher
from bot.settings import Settings, Slack
from bot.slack import pieces, spoken, wishes
from bot.slack.wishes import Wish

NOW = datetime(2026, 11, 23, 3, 38, tzinfo=UTC)
CHURN = Model("churn", "retail", "churn-ml", aliases=("churn-v2",))
OURS = Settings(
    Path(),
    "",
    Slack(),
    estate=Estate({"retail": Entity("retail")}, {"churn": CHURN}, {"churn": CHURN, "churn-v2": CHURN}),
    connections=(Connection("prom", "alertmanager", {}, "", 0),),
)
MODEL = Matcher("model", "=", "churn")
AT = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)


def read(typed: str) -> Wish:
    """As somebody in Istanbul means it."""
    return wishes.read(typed, OURS, "Europe/Istanbul", NOW)


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("", Wish()),
        ("model = churn for 2h because deploy", Wish((MODEL,), "2h", why="deploy")),
        ("churn 2 hours because: a deploy for 3h", Wish((MODEL,), "2 hours", why="a deploy for 3h")),
        ("churn-v2", Wish((MODEL,))),
        ("entity:retail shadow", Wish((Matcher("entity", "=", "retail"),), shadow=True)),
        ("prom and churn", Wish((Matcher("connection", "=", "prom"), MODEL))),
        ("model=churn, kind=~“drift|cost”", Wish((MODEL, Matcher("kind", "=~", "drift|cost")))),
        ("churn from 2026-12-01 02:00 until 2026-12-01 03:00", Wish((MODEL,), "", AT, AT + timedelta(hours=1))),
        ("churn until 18:00", Wish((MODEL,), ends_at=datetime(2026, 11, 23, 15, tzinfo=UTC))),
        ("bakım churn 2 saat boyunca çünkü taşınıyor", Wish((MODEL,), "2 saat", why="taşınıyor", maintenance=True)),
        ("value > 3 value<5", Wish((Matcher("value", ">", "3"), Matcher("value", "<", "5")))),
        ('title = "because of churn" 1d', Wish((Matcher("title", "=", "because of churn"),), "1d")),
    ],
)
def test_a_wish_is_read(typed: str, wish: Wish) -> None:
    assert read(typed) == wish


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("chrun 2h", "Did you mean 'churn'?"),
        ("model:prom", "is called 'prom'"),
        ("churn until tomorrow", "is called 'until'"),
        ("churn until 31:00", "no moment"),
        ("wrong = 1", "There is no field 'wrong'"),
        ("title=~(a+)+b", "could run away"),
        ('title = "open', "is called"),
    ],
)
def test_what_is_not_understood_is_named(typed: str, complaint: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(typed)
    assert complaint in str(refused.value)


def test_the_end_counts_from_the_start() -> None:
    assert read("churn 2h").end(NOW) == NOW + timedelta(hours=2)
    assert read("churn 2h from 2026-12-01 02:00").end(NOW) == AT + timedelta(hours=2)
    assert read("churn").end(NOW) is None


VALUES = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs", "Cf")), min_size=1, max_size=20)


@given(
    VALUES.filter(lambda value: not set(value) & set("“”„’") and value[0] != '"'),
    st.sampled_from(["", "2h", "90 m"]),
    st.booleans(),
    st.sampled_from([None, AT]),
    st.sampled_from(["", "a > b & <c>", "x because y"]),
)
def test_what_a_button_carries_is_what_was_shown(
    value: str, span: str, shadow: bool, starts: datetime | None, why: str
) -> None:
    wish = Wish((MODEL, Matcher("title", "!=", value)), span, starts, None, why, shadow, sure=True)
    carried = pieces.escape(wishes.write(wish, ""))
    assert read(spoken.plain(carried)) == wish


@given(st.text(max_size=200))
def test_whatever_is_typed_is_read_or_refused(typed: str) -> None:
    for said in (typed, f"churn for {typed}", f"churn from {typed} until {typed}", f"model =~ {typed} because {typed}"):
        try:
            read(said).end(NOW)
        except BadInput as refused:
            assert str(refused)  # noqa: PT017
