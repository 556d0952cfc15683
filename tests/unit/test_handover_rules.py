"""When a shift changes hands, between whom and since when; which moves a handover may make."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadMove
from bot.model.handover import BY, NEXT, Handover, Standing, move
from bot.model.rota import Amendment, Every, Layer, Override, Rota, Unit
from bot.rules import handover as rule
from bot.rules import rota as rota_rule

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
NAMES = ("ada", "bo", "gus")


def rota(*members: str | tuple[str, ...] | None) -> Rota:
    layer = Layer("daily", datetime(2026, 11, 2, 9), Every(1, Unit.DAY), members)
    return Rota("first-line", "UTC", (layer,))


def by_hand(kind: Amendment, start: datetime, end: datetime, person: str, by: str = "cy") -> Override:
    return Override(f"{kind}-{person}-{start}", "first-line", kind, start, end, person, by=by)


SIDES = {
    "one after the other": (("ada", "bo"), [(("ada",), ("bo",))]),
    "the same person again": (("ada", "ada"), []),
    "nobody after": (("ada", None), [(("ada",), ())]),
    "nobody before": ((None, "bo"), []),
    "one of two stays": ((("ada", "bo"), "bo"), [(("ada",), ("bo",))]),
    "one joins": (("ada", ("ada", "bo")), []),
    "one of two is changed": ((("ada", "bo"), ("bo", "gus")), [(("ada",), ("gus",))]),
    "two for two": ((("ada", "bo"), ("gus", "eli")), [(("ada", "bo"), ("gus", "eli"))]),
    "the same two the other way round": ((("ada", "bo"), ("bo", "ada")), []),
}


@pytest.mark.parametrize("case", SIDES)
def test_it_is_between_those_who_go_and_those_who_come(case: str) -> None:
    members, sides = SIDES[case]
    found = rule.changes(rota(*members), START + DAY - HOUR, START + DAY + HOUR)
    assert [(one.outgoing, one.incoming) for one in found] == sides
    assert [one.at for one in found] == [START + DAY] * len(sides)


def test_the_span_is_half_open() -> None:
    one, at = rota("ada", "bo"), START + DAY
    assert [each.at for each in rule.changes(one, at, at + DAY)] == [at]
    assert rule.changes(one, at - DAY + HOUR, at) == []
    assert rule.change(one, at) == rule.changes(one, at, at + HOUR)[0]
    assert rule.change(one, at + HOUR) is None


def test_a_shift_began_when_whoever_goes_came_and_not_when_somebody_joined() -> None:
    joined = by_hand(Amendment.COVER, START + 20 * HOUR, START + 22 * HOUR, "gus")
    found = rule.changes(rota("ada", "bo"), START + 19 * HOUR, START + DAY + HOUR, [joined])
    assert [(one.outgoing, one.incoming, one.length) for one in found] == [
        (("gus",), ("ada",), 2 * HOUR),
        (("ada",), ("bo",), DAY),
    ]


def test_a_shift_of_weeks_began_weeks_ago() -> None:
    monthly = Layer("monthly", datetime(2026, 11, 2, 9), Every(1, Unit.MONTH), ("ada", "bo"))
    (found,) = rule.changes(Rota("first-line", "UTC", (monthly,)), START + 29 * DAY, START + 31 * DAY)
    assert (found.at, found.since) == (datetime(2026, 12, 2, 9, tzinfo=UTC), START)


@given(st.data())
def test_who_is_kept_on_call_makes_no_shift(data: st.DataObject) -> None:
    hours = data.draw(st.tuples(st.integers(0, 72), st.integers(1, 24)))
    who = data.draw(st.sampled_from(NAMES))
    kept = by_hand(Amendment.COVER, START + hours[0] * HOUR, START + sum(hours) * HOUR, who, BY)
    one, span = rota(*NAMES), (START, START + 4 * DAY)
    assert rule.changes(one, *span, [kept]) == rule.changes(one, *span)
    assert rule.holding(one, kept.start, [kept]) == rule.holding(one, kept.start)
    assert who in {each.person for each in rota_rule.on_call(one, kept.start, [kept])}


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20), st.sampled_from(NAMES)), max_size=4))
def test_every_change_answers_to_the_resolver(given_: list[tuple[int, int, str]]) -> None:
    covers = [
        by_hand(Amendment.COVER, START + begin * HOUR, START + (begin + length) * HOUR, who)
        for begin, length, who in given_
    ]
    one = rota("ada", "bo", None, "gus")
    for turn in rule.changes(one, START, START + 5 * DAY, covers):
        before, after = (
            {each.person for each in rota_rule.on_call(one, at, covers)}
            for at in (turn.at - timedelta.resolution, turn.at)
        )
        assert set(turn.outgoing) == before - after
        assert set(turn.incoming) == (after - before or after)
        assert turn.since < turn.at


def test_both_are_paged_until_the_shift_is_handed_over_itself() -> None:
    one, least = rota("ada", "bo"), HOUR
    assert rule.over(one, START, START, least) == START + rule.LONGEST
    assert rule.over(one, START, START + 20 * HOUR, least) == START + DAY
    assert rule.over(one, START, START + 30 * HOUR, least) == START + DAY  # it was over by then
    short = by_hand(Amendment.COVER, START + HOUR, START + 90 * timedelta(minutes=1), "gus")
    assert rule.over(one, START, START, least, [short]) == START + rule.LONGEST


def handover(standing: Standing) -> Handover:
    return Handover("HND-1", "first-line", START, START - DAY, ("ada",), ("bo",), standing, START)


@pytest.mark.parametrize("before", Standing)
@pytest.mark.parametrize("to", Standing)
def test_only_the_moves_of_the_table_exist(before: Standing, to: Standing) -> None:
    if to in NEXT[before]:
        assert move(handover(before), to, START).standing is to
    else:
        with pytest.raises(BadMove):
            move(handover(before), to, START)


def test_late_is_more_than_what_a_minute_explains() -> None:
    posted = move(handover(Standing.DRAFT), Standing.POSTED, START, posted_at=START + timedelta(seconds=60))
    assert posted.late is None
    late = move(handover(Standing.DRAFT), Standing.POSTED, START, posted_at=START + HOUR, cover="OVR-1,OVR-2")
    assert (late.late, late.covers, handover(Standing.DRAFT).covers) == (HOUR, ("OVR-1", "OVR-2"), ())
