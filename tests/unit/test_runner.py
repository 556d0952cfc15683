"""The runner of what comes after an ack."""

import asyncio
import logging

import pytest

from bot.errors import BadInput, NotDelivered
from bot.slack.runner import SORRY, Runner


class Told:
    """Somebody who listens."""

    def __init__(self) -> None:
        """Nothing heard yet."""
        self.heard: list[str] = []

    async def __call__(self, sentence: str) -> None:
        """Hear it."""
        self.heard.append(sentence)


async def fail(error: Exception) -> None:
    """Fails."""
    raise error


async def test_a_failure_is_told_in_a_sentence_and_logged_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    runner, told = Runner(), Told()
    runner.start("press", fail(BadInput("That is wrong.", "Do this.")), told)
    runner.start("press", fail(RuntimeError("secret inner detail")), told)
    await runner.idle()
    assert sorted(told.heard) == sorted(["That is wrong. Do this.", SORRY])
    assert [record for record in caplog.records if record.levelno == logging.ERROR]


async def test_a_teller_that_fails_does_no_harm() -> None:
    async def mute(sentence: str) -> None:
        raise NotDelivered("Slack is down.", retry=True)

    runner = Runner()
    runner.start("press", fail(BadInput("x")), mute)
    await runner.idle()
    assert runner.busy == 0


async def test_draining_waits_and_then_cuts_off() -> None:
    runner = Runner()
    gate = asyncio.Event()
    done: list[str] = []

    async def quick() -> None:
        done.append("quick")

    async def stuck() -> None:
        await gate.wait()

    runner.start("quick", quick())
    runner.start("stuck", stuck())
    assert await runner.drain(0.05) == 1
    assert done == ["quick"]
    assert runner.busy == 0


async def test_idle_waits_for_what_is_started_meanwhile() -> None:
    runner = Runner()
    seen: list[int] = []

    async def chain(n: int) -> None:
        seen.append(n)
        if n:
            runner.start("chain", chain(n - 1))

    runner.start("chain", chain(3))
    await runner.idle()
    assert seen == [3, 2, 1, 0]
