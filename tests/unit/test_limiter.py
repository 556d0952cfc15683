"""The outbound limiter: windows, lanes, turns, and Retry-After."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.model.job import Lane
from bot.slack.limiter import GRACE, MANY, Limiter, Pace, Rate
from bot.testing.clock import FakeClock

START = datetime(2026, 11, 23, tzinfo=UTC)
POST, EDIT = "chat.postMessage", "chat.update"


async def test_a_channel_takes_a_burst_and_then_one_a_second() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock)
    waits = [limiter.ask(POST, "C1", Lane.CARD, f"k{n}") for n in range(5)]
    assert waits == [0, 0, 0, 3, 3]
    assert limiter.ask(POST, "C2", Lane.CARD, "k9") == 0
    await clock.advance(3)
    assert [limiter.ask(POST, "C1", Lane.CARD, f"k{n}") for n in (3, 4)] == [0, 0]


async def test_edits_are_counted_for_the_whole_workspace() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock)
    assert all(limiter.ask(EDIT, f"C{n}", Lane.CARD, f"k{n}") == 0 for n in range(50))
    assert limiter.ask(EDIT, "C99", Lane.CARD, "k99") == 60


async def test_threads_leave_edits_to_the_cards() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock, Pace({EDIT: Rate(5, 60.0, kept=3)}))
    assert [limiter.ask(EDIT, "C1", Lane.DIGEST, f"thread{n}") for n in range(3)] == [0, 0, 60]
    await clock.advance(10)
    assert [limiter.ask(EDIT, "C1", Lane.CARD, f"card{n}") for n in range(3)] == [0, 0, 0]
    await clock.advance(50)  # the first two are past, the cards' three are not
    assert limiter.ask(EDIT, "C1", Lane.DIGEST, "thread2") == 10
    assert limiter.ask(EDIT, "C1", Lane.CARD, "card3") == 0
    await clock.advance(10)
    assert limiter.ask(EDIT, "C1", Lane.DIGEST, "thread2") == 0


async def test_a_storm_gets_its_turns_one_after_the_other() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock, Pace({POST: Rate(1, 1.0, each_channel=True)}))
    waits = [limiter.ask(POST, "C1", Lane.CARD, f"k{n}") for n in range(6)]
    assert waits == [0, 1, 2, 3, 4, 5]
    assert limiter.ask(POST, "C1", Lane.CARD, "k3") == 3  # asked again, its turn stands


async def test_a_page_goes_before_the_cards_that_wait() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock, Pace({POST: Rate(1, 1.0, each_channel=True)}))
    for n in range(4):
        limiter.ask(POST, "C1", Lane.CARD, f"card{n}")
    assert limiter.ask(POST, "C1", Lane.PAGE, "page") == 1
    await clock.advance(1)
    assert limiter.ask(POST, "C1", Lane.CARD, "card1") > 0
    assert limiter.ask(POST, "C1", Lane.PAGE, "page") == 0
    await clock.advance(1)
    assert limiter.ask(POST, "C1", Lane.CARD, "card1") == 0


async def test_who_does_not_come_back_loses_the_place() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock, Pace({POST: Rate(1, 1.0, each_channel=True)}))
    limiter.ask(POST, "C1", Lane.PAGE, "first")
    limiter.ask(POST, "C1", Lane.PAGE, "vanished")
    await clock.advance(1 + GRACE - 0.1)
    assert limiter.ask(POST, "C1", Lane.CARD, "card") > 0
    await clock.advance(GRACE)
    assert limiter.ask(POST, "C1", Lane.CARD, "card") == 0


async def test_retry_after_holds_one_channel_only() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock)
    limiter.hold(POST, "C1", 7)
    assert limiter.ask(POST, "C1", Lane.PAGE, "a") == 7
    assert limiter.ask(POST, "C2", Lane.PAGE, "b") == 0
    limiter.hold("views.open", "", 2)
    assert limiter.ask("views.open", "", Lane.PAGE, "c") == 2
    await clock.advance(7)
    assert limiter.ask(POST, "C1", Lane.PAGE, "a") == 0
    assert limiter.ask("views.open", "", Lane.PAGE, "c") == 0


def test_no_pace_holds_nobody_back() -> None:
    limiter = Limiter(FakeClock(START), Pace.read({"TOCSIN_SLACK_PACE": "off"}))
    assert all(limiter.ask(POST, "C1", Lane.CARD, f"k{n}") == 0 for n in range(1000))
    assert Pace.read({}) == Pace()


async def test_channels_at_rest_are_forgotten() -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock)
    for n in range(MANY):
        limiter.ask(POST, f"C{n}", Lane.CARD, "k")
    await clock.advance(60)
    limiter.ask(POST, "D1", Lane.CARD, "k")
    limiter.ask(POST, "D2", Lane.CARD, "k")
    assert len(limiter._windows) <= 3


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(Lane)), st.integers(0, 400)), max_size=120))
async def test_no_window_is_ever_overfull(asked: list[tuple[int, Lane, int]]) -> None:
    clock = FakeClock(START)
    limiter = Limiter(clock, Pace({POST: Rate(3, 3.0, each_channel=True)}))
    sent: list[float] = []
    for key, lane, pause in asked:
        await clock.advance(pause / 100)
        if limiter.ask(POST, "C1", lane, f"{lane}{key}") == 0:
            sent.append(clock.monotonic())
    assert all(later - earlier >= 3 - 1e-5 for earlier, later in zip(sent, sent[3:], strict=False))
