"""What is asked side by side is answered together, and what fails there fails for whoever asked it alone."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.engine.gathered import MOST, Gathered


class Oracle:
    """Doubles numbers, refuses negative ones, and keeps how many it was asked at once."""

    def __init__(self) -> None:
        self.lots: list[int] = []

    async def __call__(self, asked: Sequence[int]) -> list[int]:
        self.lots.append(len(asked))
        if min(asked) < 0:
            raise ValueError(min(asked))
        return [2 * each for each in asked]


async def test_each_gets_its_own_answer_from_few_questions() -> None:
    oracle = Oracle()
    gathered = Gathered(oracle)
    answers = await asyncio.gather(*(gathered.ask(n) for n in range(MOST + 1)))
    assert answers == [2 * n for n in range(MOST + 1)]
    assert oracle.lots == [MOST, 1]


async def test_one_that_fails_takes_nothing_with_it() -> None:
    oracle = Oracle()
    gathered = Gathered(oracle)
    one, bad, two = await asyncio.gather(*(gathered.ask(n) for n in (1, -1, 2)), return_exceptions=True)
    assert (one, two, oracle.lots) == (2, 4, [3, 1, 1, 1])
    assert isinstance(bad, ValueError)
    with pytest.raises(ValueError, match="-3"):
        await gathered.ask(-3)


async def test_what_nobody_waits_for_any_more_is_not_asked() -> None:
    oracle = Oracle()
    gathered = Gathered(oracle)
    gone, stays = asyncio.create_task(gathered.ask(1)), asyncio.create_task(gathered.ask(2))
    asyncio.get_running_loop().call_soon(gone.cancel)
    assert await stays == 4
    assert gone.cancelled()
    assert sum(oracle.lots) <= 2
