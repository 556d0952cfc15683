"""How words become orders: forgiving with numbers, names and times; never a trace, whatever is typed."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.settings import Settings, Slack
from bot.slack import commands, menus, orders, payloads, spoken, validate
from bot.slack.commands import Order
from bot.slack.identity import Caller
from bot.slack.pieces import Message
from bot.words import ENGLISH, TURKISH
from tests.slack import room as rooms

OURS = Settings(Path(), "", Slack(), people=rooms.people(), estate=rooms.estate(), rotas={"first-line": rooms.rota()})


@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("", Order("menu")),
        ("  \u2003 ", Order("menu")),
        ("list", Order("list")),
        ("LS", Order("list")),
        ("ack 7", Order("ack", "INC-7")),
        ("ack inc-7", Order("ack", "INC-7")),
        ("Ack #7.", Order("ack", "INC-7")),
        ("ack INC-007", Order("ack", "INC-7")),
        ("ack", Order("ack")),
        ("snooze 30", Order("snooze", None, "30")),
        ("snooze 7 30m", Order("snooze", "INC-7", "30m")),
        ("snooze 2 h", Order("snooze", None, "2h")),
        ("snooze INC-7", Order("snooze", "INC-7")),
        ("snooze INC-7 45 min", Order("snooze", "INC-7", "45min")),
        ("severity sev1", Order("severity", None, "sev1")),
        ("severity 7 sev1", Order("severity", "INC-7", "sev1")),
        ("severity 1", Order("severity", None, "1")),
        ("merge 7 3", Order("merge", "INC-7", "3")),
        ("merge INC-3", Order("merge", None, "INC-3")),
        ("note it was the deploy", Order("note", None, "", "it was the deploy")),
        ("note INC-7 it was 3 people", Order("note", "INC-7", "", "it was 3 people")),
        ("note 7 people wrote", Order("note", "INC-7", "", "people wrote", loose=True)),
        ("handover <@U01BO|bo>", Order("handover", None, "@U01BO")),
        ("hand over INC-7 bo I must sleep", Order("handover", "INC-7", "bo", "I must sleep")),
        ("page churn-ml 7 please help", Order("page", "INC-7", "churn-ml", "please help")),
        ("page INC-7 bo", Order("page", "INC-7", "bo")),
        ("page bo the gateway is down", Order("page", None, "bo", "the gateway is down")),
        ("declare a &lt;b&gt; &amp; c", Order("declare", None, "", "a <b> & c")),
        ("who is on call for churn?", Order("oncall", words="churn")),
        ("who\u2019s on call", Order("oncall")),
        ("churn için nöbetçi kim?", Order("oncall", words="churn")),
        ("what is open?", Order("list")),
        ("help!", Order("help")),
        ("?", Order("help")),
        ("üstlen 7", Order("ack", "INC-7")),
        ("false alarm INC-7 the monitor lied", Order("falsealarm", "INC-7", "", "the monitor lied")),
    ],
)
def test_words_become_orders(said: str, order: Order) -> None:
    assert orders.understand(said, ENGLISH) == order


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("resolv INC-7", "Did you mean resolve?"),
        ("frobnicate", "/tocsin help"),
        ("ack INC-7 and INC-8", "/incident ack INC-7"),
        ("list everything there is", "/incident list"),
    ],
)
def test_what_is_not_understood_gets_a_hint(said: str, hint: str) -> None:
    told = orders.understand(said, ENGLISH)
    assert isinstance(told, Message)
    assert hint in told.text


@given(st.text(max_size=300))
def test_no_words_whatever_end_in_a_trace(said: str) -> None:
    for text in (said, f"ack {said}", f"page {said}", f"note {said}", f"who is on call for {said}"):
        told = orders.understand(text, TURKISH)
        if isinstance(told, Message):
            assert validate.validate(told.payload(), "message") == []
        else:
            assert told.act in commands.COMMANDS


@pytest.mark.parametrize(
    ("markup", "meant"),
    [
        ("<@U01ADA|ada> and <@U01BO>", "@U01ADA and @U01BO"),
        ("<#C01X|general>", "#general"),
        ("<!here> <!subteam^S1|@oncall> <!date^1^{date}|noon>", "@here @oncall noon"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("<http://a.example|a.example>", "a.example"),
        ("<https://evil.example|https://good.example>", "https://good.example (https://evil.example)"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("&lt;@U01ADA&gt; &amp;lt;", "<@U01ADA> &lt;"),
        ("a\x00b\u202ec\n\nd", "a bc d"),
    ],
)
def test_markup_is_undone_once(markup: str, meant: str) -> None:
    assert spoken.plain(markup) == meant


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("30", 30), ("30m", 30), ("2h", 120), ("1d", 1440), ("7d", 10_080), ("0", None), ("8d", None), ("soon", None)],
)
def test_lengths_of_time(typed: str, minutes: int | None) -> None:
    assert spoken.minutes(typed) == minutes


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("ada", "person:ada"),
        ("@ADA", "person:ada"),
        ("@U01BO", "person:bo"),
        ("churn-ml", "team:churn-ml"),
        ("lead:churn-ml", "lead:churn-ml"),
        ("first-line", "rota:first-line"),
        ("rota:First-Line", "rota:first-line"),
        ("@U01NOBODY", None),
        ("team:ada", None),
        ("rota:", None),
    ],
)
def test_names_become_targets(typed: str, target: str | None) -> None:
    assert spoken.target(typed, OURS) == target


def caller(person: str | None = "ada", *, admin: bool = False) -> Caller:
    """Somebody who asks."""
    asked = payloads.Asked("U01ADA", "T1", "T1", "command/1", "command")
    return Caller(asked, OURS.people.persons[person] if person else None, ENGLISH, admin)


def test_help_is_filtered_by_rights() -> None:
    whole = menus.help_(caller())
    shown = str(whole.blocks)
    assert "/incident merge" in shown
    assert "/tocsin link" not in shown
    stranger = str(menus.help_(caller(None)).blocks)
    assert "/incident merge" not in stranger
    assert "/tocsin link" in stranger
    nothing = str(menus.help_(caller(), frozenset()).blocks)
    assert "/incident merge" not in nothing
    assert "/incident declare" in nothing
    assert "tocsin doctor" in str(menus.help_(caller(admin=True)).blocks)
    for message in (whole, menus.anywhere(caller()), menus.anywhere(caller(None))):
        assert validate.validate(message.payload(), "message") == []
