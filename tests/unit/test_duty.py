"""The roster as people read it: whole spans by person, gaps included, and nothing else than who is paged."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.rules import duty, rota
from tests.unit.drawn_rotas import LAYERS, MOMENTS, ZONES

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAILY = Every(1, Unit.DAY)


def first_line(*members: str | None) -> Rota:
    return Rota("first-line", "UTC", (Layer("weekly", datetime(2026, 11, 2, 9), DAILY, members),))


def told(found: list[duty.Duty]) -> list[tuple[str | None, float, float]]:
    return [(one.person, (one.start - MONDAY) / DAY, (one.end - MONDAY) / DAY) for one in found]


def test_turns_of_one_person_that_touch_are_one_from_wherever_it_is_seen() -> None:
    one = first_line("ada", "ada", "bo")
    whole = [("ada", 0, 2), ("bo", 2, 3)]
    for hours in (0, 1, 24, 47):
        assert told(duty.listed(one, MONDAY + hours * HOUR, MONDAY + 2 * DAY + HOUR)) == whole
    (shown, _) = duty.listed(one, MONDAY + HOUR, MONDAY + 2 * DAY + HOUR)
    assert "until Wed 4 Nov 2026 09:00" in shown.why


def test_whoever_never_changes_is_looked_for_a_year_and_no_further() -> None:
    (only,) = duty.listed(first_line("ada"), MONDAY, MONDAY + DAY)
    assert MONDAY - only.start == duty.REACH
    assert only.end - (MONDAY + DAY) == duty.REACH


def test_a_gap_is_one_and_says_why() -> None:
    found = duty.listed(first_line("ada", None, None), MONDAY, MONDAY + 2 * DAY)
    assert told(found) == [("ada", 0, 1), (None, 1, 3)]
    assert (found[1].source, found[1].layer) == ("gap", None)
    assert "vacant" in found[1].why


def test_somebody_goes_on_while_another_comes_and_goes() -> None:
    cover = Override("1", "first-line", Amendment.COVER, MONDAY + 6 * HOUR, MONDAY + 12 * HOUR, "cy")
    one = first_line("ada", "bo")
    assert told(duty.listed(one, MONDAY, MONDAY + DAY, [cover])) == [("ada", 0, 1), ("cy", 0.25, 0.5)]
    span = duty.steady(one, MONDAY + 7 * HOUR, [cover])
    assert (span.start, span.end) == (cover.start, cover.end)
    after = duty.steady(one, MONDAY + 13 * HOUR, [cover])
    assert (after.start, after.end) == (cover.end, MONDAY + DAY)


def test_a_span_that_is_none_has_nobody() -> None:
    assert duty.listed(first_line("ada"), MONDAY, MONDAY) == []


@settings(max_examples=40)
@given(
    layers=st.lists(LAYERS, min_size=1, max_size=2),
    zone=st.sampled_from(ZONES),
    when=MOMENTS,
    hours=st.lists(st.integers(-20, 120), min_size=2, max_size=6),
    kind=st.sampled_from(Amendment),
    step=st.integers(97, 900),
)
def test_what_is_listed_is_who_is_paged(
    layers: list[Layer], zone: str, when: datetime, hours: list[int], kind: Amendment, step: int
) -> None:
    one, end = Rota("r", zone, tuple(layers)), when + 3 * DAY
    spans = [sorted((when + a * HOUR, when + b * HOUR + HOUR)) for a, b in pairwise(hours)]
    byhand = [
        Override(str(n), "r", kind, *span, ("ada", "zed")[n % 2]) for n, span in enumerate(spans) if span[0] < span[1]
    ]
    found = duty.listed(one, when, end, byhand)
    assert found[0].start <= when < found[0].end
    assert [one.start for one in found] == sorted(one.start for one in found)
    for before, after in ((a, b) for a in found for b in found if a is not b and a.way == b.way):
        assert before.end < after.start or after.end < before.start
    moment = when
    while moment < end:
        now = [duty_.person for duty_ in found if duty_.start <= moment < duty_.end]
        assert sorted(filter(None, now)) == sorted(holder.person for holder in rota.on_call(one, moment, byhand))
        assert now
        moment += timedelta(minutes=step)
