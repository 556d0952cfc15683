"""The workspace, listening: start it, or enter it with `async with`."""

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from bot.sandbox.workspace.control import Control
from bot.sandbox.workspace.desk import Act, Desk
from bot.sandbox.workspace.nouns import Channel, Person
from bot.sandbox.workspace.wire import HOST


class Workspace(Desk):
    """A Slack-compatible workspace on the loopback address, for one bot."""

    async def start(self, port: int = 0) -> Self:
        """Listens on 127.0.0.1, on a free port when 0 is asked for."""
        self.open(f"http://{HOST}:{await self._wire.start(port)}")
        return self

    def open(self, origin: str) -> None:
        """Says where it is reached, and lets other processes control it there."""
        self.closing = False
        self.door.control = Control(self)
        self.state.origin = origin

    def offer(self, name: str, act: Act) -> None:
        """Puts an act of another room behind /control/NAME; ValueError when the name is taken."""
        if name in self.offers or name in Control(self).acts:
            raise ValueError(f"/control/{name} is there already; give the act another name.")
        self.offers[name] = act

    async def stop(self) -> None:
        """Closes everything; calls that hang are dropped."""
        self.closing = True
        self.state.wake()
        self._faults.clear()
        self._api.silent = False
        await self.courier.stop()
        await self._wire.stop()

    async def __aenter__(self) -> Self:
        """Starts on a free port."""
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stops."""
        await self.stop()


def seeded(seed: Mapping[str, Any]) -> tuple[list[Person], list[Channel]]:
    """The people and channels of a seed file: names, or objects with the fields of Person and Channel."""
    people = [Person(**one) if isinstance(one, dict) else Person(str(one)) for one in seed.get("people", [])]
    channels = [Channel(**one) if isinstance(one, dict) else Channel(str(one)) for one in seed.get("channels", [])]
    return people, channels
