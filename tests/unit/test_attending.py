"""Who an event puts on call, and that what was is never rewritten by what a calendar says today."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.people import Person
from bot.model.rota import Every, Fixed, Layer, Unit
from bot.rules import attending, clocks
from bot.rules.turns import Spans

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PEOPLE = (
    Person("ada", email="Ada@Example.com"),
    Person("bo", email="bo@example.com"),
    Person("cy"),
    Person("ada-lee", email="lee@example.com"),
)


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def span(start: float, end: float, person: str = "ada") -> Fixed:
    return Fixed(at(start), at(end), person)


@pytest.mark.parametrize(
    ("attendees", "organizer", "summary", "found"),
    [
        (("ada@example.com",), "", "On call", ("ada",)),
        (("bo@example.com", "ada@example.com", "x@example.com"), "", "cy", ("bo", "ada")),
        ((), "", "On Call - ADA - Primary", ("ada",)),
        ((), "", "ada/bo: churn (cy).", ("ada", "bo", "cy")),
        ((), "", "Bo's week", ("bo",)),
        ((), "", "primary: bo@example.com", ("bo",)),
        ((), "", "ada-lee", ("ada-lee",)),
        ((), "", "adamant bobsled cyan ada.b ada_x", ()),
        (("x@example.com",), "bo@example.com", "somebody", ("bo",)),
        ((), "bo@example.com", "cy holds it, bo wrote it", ("cy", "bo")),
        ((), "bo@example.com", "cy holds it", ("cy",)),
        ((), "", "", ()),
    ],
)
def test_an_event_puts_on_call_whom_it_names(
    attendees: tuple[str, ...], organizer: str, summary: str, found: tuple[str, ...]
) -> None:
    assert attending.Directory(PEOPLE).of(attendees, organizer, summary) == found


def test_the_first_reading_is_believed_about_the_past() -> None:
    assert attending.lived(None, [span(-5, -1), span(-1, 2), span(3, 4, "bo")], NOW) == (span(-5, 2), span(3, 4, "bo"))


@pytest.mark.parametrize(
    ("kept", "read", "found"),
    [
        ([span(-5, -1)], [], [span(-5, -1)]),  # an old event is gone: it was all the same
        ([span(-5, -1)], [span(-5, -1, "bo")], [span(-5, -1)]),
        ([span(-2, 2)], [], [span(-2, 0)]),  # taken out while it was going on
        ([span(-2, 2)], [span(-2, 2)], [span(-2, 2)]),
        ([span(-2, 2)], [span(-2, 5)], [span(-2, 5)]),
        ([span(-2, 2)], [span(-2, 2, "bo")], [span(-2, 0), span(0, 2, "bo")]),
        ([span(1, 2)], [span(1, 2, "bo")], [span(1, 2, "bo")]),
        ([span(1, 2)], [], []),
        ([], [span(-9, 1)], [span(0, 1)]),  # written in afterwards
        ([span(-2, 2), span(-2, 2, "bo")], [span(-2, 2)], [span(-2, 0, "bo"), span(-2, 2)]),
    ],
)
def test_what_was_stays_and_what_will_be_is_as_it_says(
    kept: list[Fixed], read: list[Fixed], found: list[Fixed]
) -> None:
    assert attending.lived(kept, read, NOW) == tuple(found)


SPANS = st.lists(
    st.tuples(st.integers(-30, 30), st.integers(1, 20), st.sampled_from(("ada", "bo", "cy"))).map(
        lambda drawn: span(drawn[0], drawn[0] + drawn[1], drawn[2])
    ),
    max_size=12,
)


def holding(spans: tuple[Fixed, ...] | list[Fixed], moment: datetime) -> set[str]:
    return {one.person for one in spans if one.start <= moment < one.end}


@given(SPANS, SPANS)
def test_before_now_the_old_counts_and_from_now_on_the_new(kept: list[Fixed], read: list[Fixed]) -> None:
    found = attending.lived(kept, read, NOW)
    for hour in range(-40, 60):
        moment = at(hour + 0.5)
        assert holding(found, moment) == holding(kept if hour < 0 else read, moment)
    assert attending.lived(found, read, NOW) == found  # to read it again changes nothing


@given(SPANS)
def test_a_layer_of_spans_answers_as_its_spans_say(spans: list[Fixed]) -> None:
    layer = Layer("cal", datetime(2000, 1, 1), Every(1, Unit.DAY), (), calendar="a.ics", fixed=tuple(spans))
    ready = Spans(layer)
    edges = sorted({clocks.instant(edge) for one in spans for edge in (one.start, one.end)})
    assert list(ready.edges(clocks.instant(at(-99)), clocks.instant(at(99)))) == edges
    for hour in range(-35, 55):
        for moment in (at(hour), at(hour + 0.5)):
            seat = ready.seat(clocks.instant(moment))
            held = [one for one in spans if one.start <= moment < one.end]
            assert set(seat[0] if seat else ()) == holding(spans, moment)
            assert (seat[1] if seat else None) == min((clocks.instant(one.end) for one in held), default=None)
            start, end = ready.cell(clocks.instant(moment))
            assert start <= clocks.instant(moment) < end
            assert not [edge for edge in edges if start < edge < end]
