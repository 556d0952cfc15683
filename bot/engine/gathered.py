"""Answers at once what is asked side by side: a question to the database costs as much for one as for twenty."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")

MOST = 64  # questions in one go: all of them wait for the last


class Gathered(Generic[Q, A]):
    """While one lot is being answered the next gathers; whoever asks alone does not wait for anybody."""

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        """`answer` answers many in their order, or raises; then each is asked by itself, so that one fails alone."""
        self._answer = answer
        self._asked: list[tuple[Q, asyncio.Future[A]]] = []
        self._going: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer, or what `answer` raises for it."""
        future: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._asked.append((question, future))
        if self._going is None:
            self._going = asyncio.create_task(self._go())
        return await future

    async def _go(self) -> None:
        try:
            while self._asked:
                lot, self._asked = self._asked[:MOST], self._asked[MOST:]
                await self._answered([(question, future) for question, future in lot if not future.done()])
        finally:
            self._going = None

    async def _answered(self, lot: Sequence[tuple[Q, "asyncio.Future[A]"]]) -> None:
        if not lot:
            return
        try:
            answers = await self._answer([question for question, _ in lot])
        except Exception as error:  # it belongs to whoever asked
            if len(lot) > 1:
                for each in lot:
                    await self._answered([each])
            elif not lot[0][1].done():
                lot[0][1].set_exception(error)
            return
        for (_, future), answer in zip(lot, answers, strict=True):
            if not future.done():
                future.set_result(answer)
