"""Nothing a plugin does reaches further than the caller of its guard."""

import asyncio
import io
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot import telemetry
from bot.contract import NotAuthentic, NotDelivered, Unreadable
from bot.contract.guard import Guard
from bot.errors import PluginFault, PluginOpen, PluginSilent
from bot.testing.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))


@pytest.fixture
async def guard(clock: FakeClock) -> AsyncIterator[Guard]:
    guard = Guard("prom", clock, failures=3, rest=30.0)
    yield guard
    guard.close()


def fails(error: BaseException) -> Callable[[], Awaitable[None]]:
    async def act() -> None:
        raise error

    return act


async def works() -> str:
    return "done"


async def never() -> None:
    await asyncio.Event().wait()


async def break_it(guard: Guard, times: int = 3) -> None:
    for _ in range(times):
        with pytest.raises(PluginFault):
            await guard.call("send", fails(KeyError("x")))


async def test_an_answer_passes_through(guard: Guard) -> None:
    assert await guard.call("send", works) == "done"
    assert await guard.run("parse", divmod, 7, 2) == (3, 1)


PACED = NotDelivered("slower", retry=True, after=60.0)


@pytest.mark.parametrize("error", [Unreadable("u"), NotAuthentic("n"), NotDelivered("d"), PACED])
async def test_what_a_plugin_says_in_our_words_is_no_fault_of_it(guard: Guard, error: Exception) -> None:
    for _ in range(10):
        with pytest.raises(type(error)) as caught:
            await guard.call("send", fails(error))
        assert caught.value is error
    assert not guard.open


@pytest.mark.parametrize("error", [KeyError("token=abc"), RecursionError(), SystemExit(3), AssertionError(), OSError()])
async def test_anything_else_becomes_a_fault_with_its_cause_and_without_its_words(
    guard: Guard, error: BaseException
) -> None:
    with pytest.raises(PluginFault) as caught:
        await guard.call("send", fails(error))
    assert caught.value.__cause__ is error
    assert str(caught.value) == f"prom failed in send: {type(error).__name__}. The log has the rest; tell its author."


async def test_a_plugin_that_does_not_answer_is_silent(guard: Guard) -> None:
    with pytest.raises(PluginSilent, match=r"within 0\.01 s") as caught:
        await guard.call("send", never, deadline=0.01)
    assert caught.value.retry


async def test_a_timeout_of_the_plugins_own_is_silence_too(guard: Guard) -> None:
    with pytest.raises(PluginSilent, match="in its own time"):
        await guard.call("send", fails(TimeoutError()))


async def test_a_cancelled_caller_is_cancelled_and_no_fault_is_counted(guard: Guard) -> None:
    for _ in range(5):
        task = asyncio.create_task(guard.call("send", never))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await guard.call("send", works) == "done"


async def test_faults_in_a_row_open_the_breaker_and_rest_closes_it(guard: Guard, clock: FakeClock) -> None:
    await break_it(guard)
    assert guard.open
    called = []

    async def act() -> None:
        called.append(1)

    with pytest.raises(PluginOpen):
        await guard.call("send", act)
    assert called == []
    await clock.advance(29.9)
    assert guard.open
    await clock.advance(0.1)
    assert await guard.call("send", works) == "done"
    await break_it(guard, times=2)
    assert not guard.open


async def test_a_success_between_faults_starts_the_count_anew(guard: Guard) -> None:
    for _ in range(4):
        await break_it(guard, times=2)
        await guard.call("send", works)
    assert not guard.open


async def test_after_the_rest_one_call_tries_and_its_failure_rests_again(guard: Guard, clock: FakeClock) -> None:
    await break_it(guard)
    await clock.advance(30)
    gate = asyncio.Event()

    async def slow() -> None:
        await gate.wait()
        raise KeyError

    trial = asyncio.create_task(guard.call("send", slow))
    await asyncio.sleep(0)
    with pytest.raises(PluginOpen):
        await guard.call("send", works)
    gate.set()
    with pytest.raises(PluginFault, match="KeyError"):
        await trial
    assert guard.open
    await clock.advance(30)
    assert await guard.call("send", works) == "done"


async def test_a_cancelled_trial_lets_the_next_one_try(guard: Guard, clock: FakeClock) -> None:
    await break_it(guard)
    await clock.advance(30)
    trial = asyncio.create_task(guard.call("send", never))
    await asyncio.sleep(0)
    trial.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trial
    assert await guard.call("send", works) == "done"


async def test_an_unreachable_destination_counts_and_a_refusing_one_does_not(guard: Guard) -> None:
    for _ in range(3):
        with pytest.raises(NotDelivered):
            await guard.call("send", fails(NotDelivered("down", retry=True)))
    assert guard.open


async def test_an_idempotent_act_is_tried_three_times(guard: Guard, clock: FakeClock) -> None:
    tries: list[datetime] = []

    async def act() -> None:
        tries.append(clock.now())
        raise NotDelivered("busy", retry=True)

    task = asyncio.create_task(guard.call("send", act, idempotent=True))
    await clock.advance(10)
    with pytest.raises(NotDelivered):
        await task
    assert len(tries) == 3
    assert sorted(set(tries)) == tries


async def test_a_second_attempt_may_succeed(guard: Guard, clock: FakeClock) -> None:
    answers = iter([NotDelivered("busy", retry=True, after=2.0)])

    async def act() -> str:
        for error in answers:
            raise error
        return "sent"

    task = asyncio.create_task(guard.call("send", act, idempotent=True))
    await clock.advance(1.9)
    assert not task.done()
    await clock.advance(1.2)
    assert await task == "sent"


@pytest.mark.parametrize(
    ("error", "idempotent"),
    [
        (NotDelivered("busy", retry=True), False),
        (NotDelivered("no such user"), True),
        (NotDelivered("limited", retry=True, after=60.0), True),
        (KeyError(), True),
        (Unreadable("u"), True),
    ],
)
async def test_nothing_else_is_tried_again(guard: Guard, error: Exception, idempotent: bool) -> None:
    tries = []

    async def act() -> None:
        tries.append(1)
        raise error

    with pytest.raises((NotDelivered, PluginFault, Unreadable)):
        await guard.call("send", act, idempotent=idempotent)
    assert tries == [1]


async def test_a_cancelled_caller_leaves_its_thread_and_the_next_has_another(guard: Guard) -> None:
    gate, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang() -> None:
        loop.call_soon_threadsafe(begun.set)
        gate.wait()

    task = asyncio.create_task(guard.run("parse", hang))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await guard.run("parse", int, "7") == 7
    gate.set()


async def test_a_synchronous_part_runs_beside_the_loop(guard: Guard) -> None:
    here = threading.get_ident()
    assert await guard.run("parse", threading.get_ident) != here


async def test_faults_in_the_thread_are_faults(guard: Guard) -> None:
    def leave() -> None:
        raise SystemExit

    with pytest.raises(PluginFault, match="SystemExit"):
        await guard.run("parse", leave)
    with pytest.raises(PluginFault, match="ValueError"):
        await guard.run("parse", int, "x")
    assert await guard.run("parse", int, "7") == 7


async def test_one_hanging_thread_is_left_behind_and_two_stop_the_work(clock: FakeClock) -> None:
    guard = Guard("prom", clock, deadline=0.05, failures=100)
    gates = [threading.Event(), threading.Event()]
    try:
        with pytest.raises(PluginSilent):
            await guard.run("parse", gates[0].wait)
        assert await guard.run("parse", int, "7") == 7
        with pytest.raises(PluginSilent):
            await guard.run("parse", gates[1].wait)
        assert guard.open
        await clock.advance(3600)
        with pytest.raises(PluginOpen, match="restart Tocsin"):
            await guard.run("parse", int, "7")
    finally:
        for gate in gates:
            gate.set()
        guard.close()


async def test_a_thread_that_comes_back_is_trusted_again(clock: FakeClock) -> None:
    guard = Guard("prom", clock, deadline=0.05, failures=100)
    gate, back = threading.Event(), threading.Barrier(3, timeout=10)

    def hang() -> None:
        gate.wait()
        back.wait()

    for _ in range(2):
        with pytest.raises(PluginSilent):
            await guard.run("parse", hang)
    assert guard.open
    gate.set()
    back.wait()
    while guard.open:
        await asyncio.sleep(0)
    assert await guard.run("parse", int, "7") == 7
    guard.close()


async def test_who_waited_behind_a_hanging_call_is_served_and_not_to_blame(clock: FakeClock) -> None:
    guard = Guard("prom", clock, deadline=0.05, failures=2)
    gate = threading.Event()
    try:
        calls = [guard.run("parse", gate.wait), *(guard.run("parse", int, str(n)) for n in range(5))]
        first, *others = await asyncio.gather(*calls, return_exceptions=True)
        assert isinstance(first, PluginSilent)
        assert others == [0, 1, 2, 3, 4]
        assert not guard.open
    finally:
        gate.set()
        guard.close()


async def test_who_waits_behind_two_hanging_calls_is_told(clock: FakeClock) -> None:
    guard = Guard("prom", clock, deadline=0.05, failures=3)
    gate = threading.Event()
    ran: list[int] = []
    try:
        calls = [guard.run("parse", gate.wait), guard.run("parse", gate.wait), guard.run("parse", ran.append, 1)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert all(isinstance(answer, PluginSilent) for answer in answers)
        assert "other calls hang" in str(answers[2])
    finally:
        gate.set()
        guard.close()
    assert ran == []


async def test_every_call_is_counted_by_its_outcome(guard: Guard) -> None:
    def count(outcome: str) -> float:
        labels = {"plugin": "prom", "part": "counted", "outcome": outcome}
        return telemetry.REGISTRY.get_sample_value("tocsin_plugin_calls_total", labels) or 0.0

    await guard.call("counted", works)
    with pytest.raises(Unreadable):
        await guard.call("counted", fails(Unreadable("u")))
    with pytest.raises(PluginSilent):
        await guard.call("counted", never, deadline=0.01)
    for _ in range(2):
        with pytest.raises(PluginFault):
            await guard.call("counted", fails(KeyError()))
    with pytest.raises(PluginOpen):
        await guard.call("counted", works)
    outcomes = ("ok", "refused", "silent", "fault", "open")
    assert [count(outcome) for outcome in outcomes] == [1, 1, 1, 2, 1]


async def test_a_fault_is_logged_without_the_secret_in_it(guard: Guard) -> None:
    out = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    telemetry.configure(json=True, stream=out)
    try:
        with pytest.raises(PluginFault):
            await guard.call("send", fails(KeyError("password=hunter2 for xoxb-1-secret")))
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
    assert "plugin.fault" in out.getvalue()
    assert "KeyError" in out.getvalue()
    assert "hunter2" not in out.getvalue()
    assert "xoxb-1" not in out.getvalue()
