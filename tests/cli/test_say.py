"""What is printed: text from outside cannot steer the terminal, and JSON is plain."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.cli import say
from bot.errors import BadConfig, Conflict
from bot.model.incident import Phase


def test_text_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say.line("\x1b]0;owned\x07 \x1b[31mred\x9b2J \u202egnp.exe")
    say.table(("TITLE",), [("two\nlines\r",)])
    say.complaint(BadConfig("bad \x1b[2J", "mend \x07", file="a.yaml", line=3))
    out, err = capsys.readouterr()
    assert out == "�]0;owned� �[31mred�2J �gnp.exe\nTITLE\ntwo lines\n"
    assert err == "error: a.yaml:3: bad �[2J\ndo:    mend �\n"


def test_a_table_is_as_wide_as_it_needs_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    say.table(("ID", "PHASE", "HOLDER"), [("INC-1", Phase.TRIGGERED, None), ("INC-22", Phase.RESOLVED, "ada")])
    assert capsys.readouterr().out == (
        "ID      PHASE      HOLDER\n"
        "INC-1   triggered  -\n"
        "INC-22  resolved   ada\n"
    )  # fmt: skip


def test_json_is_plain_and_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    @dataclass
    class Noun:
        at: datetime
        lasts: timedelta
        phase: Phase
        names: frozenset[str]
        by: dict[str, tuple[int, ...]]
        token: str = field(repr=False, default="xoxb-secret")

    noun = Noun(
        datetime(2026, 11, 2, tzinfo=UTC), timedelta(minutes=1), Phase.TRIGGERED, frozenset({"ad\x9ba"}), {"a": (1,)}
    )
    say.data([noun])
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == [
        {"at": "2026-11-02T00:00:00+00:00", "lasts": 60.0, "phase": "triggered", "names": ["ad\x9ba"], "by": {"a": [1]}}
    ]


def test_an_error_that_may_pass_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    say.complaint(Conflict("Somebody else was faster."))
    assert capsys.readouterr().err == (
        "error: Somebody else was faster.\ndo:    It may pass by itself: try again.\n"
    )  # fmt: skip


def test_people_read_instants_to_the_second_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    say.table(("AT",), [(datetime(2026, 11, 2, 12, 0, 1, 5, tzinfo=timezone(timedelta(hours=3))),)])
    assert capsys.readouterr().out == "AT\n2026-11-02 09:00:01Z\n"
