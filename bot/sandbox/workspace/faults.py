"""Switches that make the workspace fail on purpose."""

import asyncio
from dataclasses import dataclass


@dataclass
class Fault:
    """What goes wrong with a method, how many more times, and whether the act is done all the same."""

    method: str
    kind: str
    times: int = 1
    retry_after: int = 1
    after_effect: bool = False


class Faults:
    """The faults that are armed, and the calls they hold."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self._release = asyncio.Event()

    def arm(self, fault: Fault) -> None:
        """Makes the next `times` calls of its method fail; faults of one method are used up in order."""
        self.armed.append(fault)

    def take(self, method: str) -> Fault | None:
        """The fault this call meets, used up by one."""
        if not self.armed:
            return None
        found = next((fault for fault in self.armed if fault.method in (method, "*")), None)
        if found is not None:
            found.times -= 1
            if found.times <= 0:
                self.armed.remove(found)
        return found

    def clear(self) -> None:
        """Disarms everything and lets go of the calls that hang."""
        self.armed.clear()
        self.release()

    def release(self) -> None:
        """Lets go of the calls that hang; what is armed stays armed."""
        self._release.set()
        self._release = asyncio.Event()

    async def hang(self) -> None:
        """Returns at the next release."""
        await self._release.wait()
