"""A clock for those who serve people in a hurry: the shared time of day, with waits on the wire as long as ever."""

from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock, SystemClock

MACHINE = SystemClock()


@dataclass(frozen=True, slots=True)
class Hurried:
    """`shared` tells the time, however fast it runs; `measured` says how long things took.

    It waits by the machine: what the bot waits for by itself (an answer of the chat, a form that loads, a socket's
    pong) takes its time on the wire, and would be given up sixty times too early otherwise. Whatever is due is due by
    `now`, so every promise to people runs as fast as the shared clock.
    """

    shared: Clock
    measured: Clock

    @classmethod
    def of_bot(cls, shared: Clock) -> "Hurried":
        """The bot paces its messages by what it measures, so that its pace keeps up with what is due."""
        return cls(shared, shared)

    @classmethod
    def of_workspace(cls, shared: Clock) -> "Hurried":
        """The workspace gives an ack and a form three seconds of the machine's; its limits go by the time of day."""
        return cls(shared, MACHINE)

    @property
    def name(self) -> str:
        """The shared clock's."""
        return self.shared.name

    def now(self) -> datetime:
        """The shared present, aware, in UTC."""
        return self.shared.now()

    def monotonic(self) -> float:
        """Seconds that never go backwards, by what measures."""
        return self.measured.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many of the machine's seconds (none if negative)."""
        await MACHINE.sleep(seconds)
