"""How fast the demo's time runs: asked and set by whoever looks at its page."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.clock import FastClock

Json = dict[str, Any]


def act(clock: FastClock) -> Callable[[Json], Awaitable[Json]]:
    """An act for the page: tells the speed and the present, after setting the speed where one is given.

    ValueError, in one sentence, for what is no speed.
    """

    async def speed(args: Mapping[str, Any]) -> Json:
        if "speed" in args:
            clock.speed = _number(args["speed"])
        return {"speed": clock.speed, "now": clock.now().isoformat()}

    return speed


def _number(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError(f"A speed is a number, such as 1 or 60, not {given!r}.")
    return float(given)
