"""What people type to have production changed, as it is understood."""

from pathlib import Path

import pytest

from bot import words
from bot.model.estate import Estate, Model
from bot.settings import Settings
from bot.slack import change_wishes, commands
from bot.slack.change_wishes import Wish
from bot.slack.commands import Order

CHURN = Model("churn", "retail", "churn-ml", aliases=("churn-v2",))
AGENT, SPACED = Model("model", "retail", "churn-ml", kind="agent"), Model("price eu", "market", "price-ml")
NAMES = {"churn": CHURN, "churn-v2": CHURN, "model": AGENT, "price eu": SPACED}
SETTINGS = Settings(Path(), "", estate=Estate({}, {one.name: one for one in NAMES.values()}, NAMES))


@pytest.mark.parametrize(
    ("typed", "wish"),
    [
        ("", Wish()),
        ("churn", Wish("churn")),
        ("CHURN", Wish("churn")),
        ("churn-v2 6", Wish("churn", "6")),
        ("churn to 6 because accuracy fell", Wish("churn", "6", "accuracy fell")),
        ("churn to version 6 because: it fell to 6", Wish("churn", "6", "it fell to 6")),
        ("back churn to 6", Wish("churn", "6")),
        ("the model churn", Wish("model", "churn")),
        ("churn 6 çünkü doğruluk düştü", Wish("churn", "6", "doğruluk düştü")),
        ('"price eu" "v 6"', Wish("price eu", "v 6")),
        ("“price eu” 6", Wish("price eu", "6")),
        ("because nobody knows", Wish(why="nobody knows")),
        ("chrun 6", Wish(unknown="chrun", near=("churn", "churn-v2"))),
        ("churn 6 7", Wish("churn", "6", beyond="7")),
    ],
)
def test_it_is_understood(typed: str, wish: Wish) -> None:
    assert change_wishes.read(typed, SETTINGS) == wish


@pytest.mark.parametrize(
    ("typed", "act", "said"),
    [
        ("rollback churn to 6 because it fell", "rollback", "churn to 6 because it fell"),
        ("roll back churn to 6", "rollback", "churn to 6"),
        ("roll churn back to 6 because it fell", "rollback", "churn to 6 because it fell"),
        ("please roll churn back", "rollback", "churn"),
        ("promote churn 8", "promote", "churn 8"),
        ("pause churn because it answers nonsense", "pause", "churn because it answers nonsense"),
        ("resume churn", "resume", "churn"),
        ("shift churn", "shift", "churn"),
        ("duraklat churn", "pause", "churn"),
        ("models", "models", ""),
        ("approvals", "approvals", ""),
        ("what needs my approval?", "approvals", ""),
        ("approve CHG-3", "change", "CHG-3"),
    ],
)
def test_an_order_is_heard(typed: str, act: str, said: str) -> None:
    order = commands.understand(typed, words.ENGLISH)
    assert isinstance(order, Order)
    assert (order.act, order.words) == (act, said)
