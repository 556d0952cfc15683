"""`tocsin oncall override|cover|absence|remove`: seen before it is done, done once it is agreed to, taken back."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock
from tests.cli.conftest import Type

NOW = SystemClock().now().replace(minute=0, second=0, microsecond=0)
SPAN = ("--from", (NOW + timedelta(days=2)).isoformat(), "--to", (NOW + timedelta(days=2, hours=6)).isoformat())


@pytest.fixture(autouse=True)
def ready(typed: Type, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database, ada at the keyboard, and nobody missing in the rota."""
    rotas = folder / "config/rotas.yaml"
    rotas.write_text(rotas.read_text().replace("[ada, null, bo]", "[ada]"), "utf-8")
    typed("migrate")
    monkeypatch.setenv("TOCSIN_PERSON", "ada")


def on_call(typed: Type, *words: str) -> list[str]:
    return json.loads(typed("oncall", "who", "first-line", "--at", SPAN[1], "--json", *words).stdout)["persons"]


def test_an_override_is_shown_asked_about_and_done(typed: Type) -> None:
    words = ("oncall", "override", "first-line", "bo", *SPAN, "--why", "opera")
    refused = typed(*words, given="n\n", code=1)
    assert "Nothing was changed." in refused.stdout
    assert on_call(typed) == ["ada"]
    done = typed(*words, given="y\n")
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["FROM", "UNTIL", "NOW", "THEN"]
    assert [row.split()[6:8] for row in rows[:3]] == [["ada", "the"], ["ada", "bo"], ["ada", "the"]]
    assert on_call(typed) == ["bo"]


def test_a_program_sees_first_and_does_it_with_yes(typed: Type) -> None:
    words = ("oncall", "cover", "first-line", "bo", *SPAN, "--json")
    shown = json.loads(typed(*words).stdout)
    assert (shown["verdict"], [one["persons"] for one in shown["after"]]) == ("GO", [["ada"], ["ada", "bo"], ["ada"]])
    assert on_call(typed) == ["ada"]
    done = json.loads(typed(*words, "--yes").stdout)
    assert (done["verdict"], done["override"]["person"]) == ("GO", "bo")
    assert on_call(typed) == ["ada", "bo"]
    back = json.loads(typed("oncall", "remove", done["override"]["id"], "--json").stdout)
    assert back["verdict"] == "GO"
    assert on_call(typed) == ["ada"]


def test_an_absence_of_ones_own_leaves_a_gap_that_is_shown(typed: Type) -> None:
    done = typed("oncall", "absence", "first-line", *SPAN, "--yes").stdout
    assert "nobody" in done
    assert on_call(typed) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("override", "first-line", "bb", *SPAN), "bo"),
        (("override", "frst-line", "bo", *SPAN), "first-line"),
        (("override", "first-line", "bo", "--from", "2020-01-01", "--to", "2020-01-02"), "202"),
        (("override", "first-line", "bo", "--replaces", "cy", *SPAN), "ada"),
        (("override", "first-line", "bo", SPAN[0], SPAN[3], SPAN[2], SPAN[1]), "end"),
        (("remove", "99"), "99"),
    ],
)
def test_what_cannot_be_is_refused_with_the_nearest_that_can(typed: Type, words: tuple[str, ...], said: str) -> None:
    answer = typed("oncall", *words, *(() if words[0] == "remove" else ("--yes",)), code=1)
    assert said in answer.output
    assert on_call(typed) == ["ada"]


def test_a_span_needs_one_end_and_a_moment(typed: Type) -> None:
    assert "It needs one end" in typed("oncall", "cover", "first-line", "bo", code=2).stderr
    words = ("oncall", "cover", "first-line", "bo", *SPAN, "--for", "2h")
    assert "It needs one end" in typed(*words, code=2).stderr
    assert "is no moment" in typed("oncall", "cover", "first-line", "bo", "--to", "soon", code=2).stderr
