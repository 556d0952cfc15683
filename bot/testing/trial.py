"""One run of a suite over one plugin: what was found, the guard around its calls, its parts as in production."""

from typing import Any

from bot.clock import SystemClock
from bot.contract import Context, Pager, Plugin, Source
from bot.contract.guard import Guard
from bot.testing.promises import CONNECTION

ENOUGH = 25  # complaints; more tell nothing new


class TooMany(Exception):
    """Enough has been found."""


class Trial:
    """Collects complaints; `guard` is the real one: what it makes of a plugin is what will happen in production."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], deadline: float) -> None:
        """`options` are a connection's; `deadline` in seconds for one call."""
        self.found: list[str] = []
        self.guard = Guard(plugin.name, SystemClock(), deadline=deadline, failures=1_000_000)
        self.plugin = plugin
        self.options = options

    def say(self, complaint: str) -> None:
        """Note it once; raises TooMany when there is enough."""
        if complaint not in self.found:
            self.found.append(complaint)
        if len(self.found) >= ENOUGH:
            raise TooMany

    def settings(self, **more: Any) -> Any:
        """The settings of a connection, with some options beside the trial's own."""
        return self.plugin.settings.model_validate({**self.options, **more})

    def source(self, connection: str = CONNECTION, **more: Any) -> Source:
        """The plugin's source, as a connection of that name would have it."""
        source: Source = self.plugin.sources[0](self.settings(**more), Context(connection))
        return source

    def pager(self, **more: Any) -> Pager:
        """The plugin's pager, the same way."""
        pager: Pager = self.plugin.pagers[0](self.settings(**more), Context(CONNECTION))
        return pager


def short(body: bytes) -> str:
    """A body as a complaint shows it."""
    return f"{body[:120]!r}{'…' if len(body) > 120 else ''}"
