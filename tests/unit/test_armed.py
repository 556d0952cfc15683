"""A span that is called silent has nobody at every instant of it, and no instant outside of one has nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.armed import Flaw
from bot.model.incident import imagined
from bot.model.people import NotifyStep, People, Person, Team
from bot.model.rota import Amendment, Every, Fixed, Layer, Override, Rota, Temporary, Unit, Window
from bot.model.runbook import Policy, Tier
from bot.rules import armed, escalation
from bot.rules.escalation import Roster
from tests.unit.drawn_rotas import ZONES

START = datetime(2026, 10, 24, 21, 17, tzinfo=UTC)  # clocks go back in Europe within hours
END = START + timedelta(days=14)
TICK = timedelta(microseconds=1)
ADA = Person("ada", slack="U01ADA")
BO = Person("bo", notify={"high": (NotifyStep("sms"),), "low": (NotifyStep("email"),)}, email="bo@example.com")
CY = Person("cy", phone="+905550000001", notify={"high": (NotifyStep("call"),)})
KNOWN = {person.name: person for person in (ADA, BO, CY)}
PEOPLE = People(KNOWN, {"ml": Team("ml", "retail", ("bo",), "bo"), "bare": Team("bare", "retail", ("cy",))})
WAYS = frozenset({"slack", "email"})  # so nothing reaches cy, and bo only what can wait
NAMES = ("ada", "bo", "cy", "gone")
WEEK = Every(1, Unit.WEEK)

minutes = st.integers(-3 * 24 * 60, 17 * 24 * 60).map(lambda n: START + timedelta(minutes=n))
windows = st.builds(
    Window,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, 23).map(time),
    st.integers(0, 23).map(lambda hour: time(hour, 30)),
)
layers = st.builds(
    Layer,
    name=st.sampled_from(("days", "nights")),
    start=st.just(datetime(2026, 10, 1, 9)),
    every=st.builds(Every, st.integers(1, 30), st.sampled_from((Unit.HOUR, Unit.DAY))),
    members=st.lists(st.sampled_from((*NAMES, None)), min_size=1, max_size=4).map(tuple),
    only=st.lists(windows, max_size=2).map(tuple),
)
spans = st.tuples(minutes, st.integers(1, 6_000)).map(lambda at: (at[0], at[0] + timedelta(minutes=at[1])))
temporary = spans.map(lambda span: Temporary("fair", *span, (Fixed(span[0], span[0] + timedelta(hours=1), "ada"),)))
rotas = st.builds(
    Rota,
    st.sampled_from(("one", "two")),
    st.sampled_from(ZONES),
    st.lists(layers, min_size=1, max_size=2).map(tuple),
    temporary=st.lists(temporary, max_size=1).map(tuple),
)
overrides = st.builds(
    lambda id_, rota, kind, span, person, replaces: Override(f"{id_}", rota, kind, span[0], span[1], person, replaces),
    st.integers(0, 10**6),
    st.sampled_from(("one", "two")),
    st.sampled_from(Amendment),
    spans,
    st.sampled_from(NAMES),
    st.sampled_from((*NAMES, None)),
)
targets = st.lists(
    st.sampled_from(("rota:one", "rota:two", "rota:none", "person:cy", "team:bare", "lead:ml")), min_size=1, max_size=3
)


def nobody(asked: Sequence[str], urgency: str, roster: Roster, at: datetime) -> bool:
    """What the step itself would find at this moment."""
    tier = Tier("L1", tuple(asked), timedelta(minutes=1))
    return not escalation.fire(imagined(Policy((tier,), "L1", repeats=0, urgency=urgency), at), roster, at).pages


@settings(max_examples=120, deadline=None)
@given(
    rotas,
    rotas,
    st.lists(overrides, max_size=4),
    targets,
    st.sampled_from(armed.URGENCIES),
    st.lists(minutes, max_size=40),
)
def test_what_is_called_silent_is_silent_at_every_instant_and_nothing_else_is(
    one: Rota, other: Rota, changes: list[Override], asked: list[str], urgency: str, moments: list[datetime]
) -> None:
    roster = Roster({"one": replace(one, name="one"), "two": replace(other, name="two")}, PEOPLE, changes, WAYS)
    found = armed.Sight(roster, START, END).silent(asked, urgency)
    assert all(START <= span.start < span.end <= END for span in found)
    assert all(before.end < after.start for before, after in pairwise(found))  # what touches is one span
    edges = [at for span in found for at in (span.start - TICK, span.start, span.end - TICK, span.end)]
    changed = [at for change in changes for at in (change.start, change.end, change.end - TICK)]
    for at in (START, END - TICK, *edges, *changed, *moments):
        if START <= at < END:
            said = any(span.start <= at < span.end for span in found)
            assert said is nobody(asked, urgency, roster, at), at
    assert all(span.why for span in found)


def always(name: str, *members: str | tuple[str, ...] | None) -> Rota:
    """A rota of weeks."""
    return Rota(name, "Europe/Istanbul", (Layer("weekly", datetime(2026, 10, 5, 9), WEEK, members),))


def test_an_hour_at_three_in_the_morning_is_found_to_the_minute() -> None:
    night = datetime(2026, 11, 3, 0, tzinfo=UTC)  # three o'clock in Istanbul
    away = Override("o-1", "one", Amendment.ABSENCE, night, night + timedelta(hours=1), "ada")
    roster = Roster({"one": always("one", "ada")}, PEOPLE, (away,), WAYS)
    sight = armed.Sight(roster, START, END)
    (span,) = sight.silent(["rota:one"], "high")
    assert (span.start, span.end) == (night, night + timedelta(hours=1))
    assert "ada is away from layer weekly" in span.why
    assert sight.silent(["rota:one", "person:ada"], "high") == []  # another target of the tier holds it


def test_two_rotas_are_silent_together_only_where_each_is() -> None:
    eight = START + timedelta(hours=8)
    away = [
        Override("o-1", "one", Amendment.ABSENCE, START, START + timedelta(hours=10), "ada"),
        Override("o-2", "two", Amendment.ABSENCE, eight, eight + timedelta(hours=5), "ada"),
    ]
    roster = Roster({"one": always("one", "ada"), "two": always("two", "ada")}, PEOPLE, away, WAYS)
    found = armed.Sight(roster, START, END).silent(["rota:one", "rota:two"], "high")
    assert [(span.start, span.end) for span in found] == [(eight, START + timedelta(hours=10))]


def test_no_targets_reach_nobody_and_an_empty_span_has_no_gap() -> None:
    roster = Roster({}, PEOPLE, (), WAYS)
    assert [span[:2] for span in armed.Sight(roster, START, END).silent([], "high")] == [(START, END)]
    assert armed.Sight(roster, START, START).silent(["rota:none"], "high") == []


def test_people_who_cannot_be_paged_are_named_with_the_moment_and_the_reason() -> None:
    turns = {"one": always("one", ("ada", "bo", "cy")), "two": always("two", "ada", "gone")}
    roster = Roster(turns, PEOPLE, (), WAYS)
    asked = [(("rota:one",), "high"), (("rota:one", "lead:ml"), "low")]
    found = armed.Sight(roster, START, END).lacks(asked)
    handover = datetime(2026, 10, 26, 6, tzinfo=UTC)
    assert [(one.person, one.flaw, one.targets, one.at) for one in found] == [
        ("bo", Flaw.UNURGENT, ("rota:one",), START),
        ("cy", Flaw.UNREACHED, ("rota:one",), START),
        ("gone", Flaw.STRANGER, ("rota:two",), handover),
    ]
    assert armed.unreached(roster, START) == ["cy"]
