"""What a platform's own tests can do to its far end, so that the suite can see how the plugin takes it."""

from collections.abc import Mapping
from typing import Protocol


class Stage(Protocol):
    """What a test can do to the far end behind the plugin's back; all of it is about one model."""

    ref: Mapping[str, str]  #: how the catalogue names the model; read after each `prepare`
    versions: tuple[str, str, str]  #: a, b and c, the oldest first; read after each `prepare`

    async def prepare(self) -> None:
        """Begin afresh: a, b and c were made in this order, b serves, nothing is paused, and nothing goes wrong."""
        ...

    async def serve(self, version: str) -> None:
        """Let `version` serve, as somebody does who never heard of Tocsin."""
        ...

    async def delete(self, version: str) -> None:
        """Let `version` be gone."""
        ...

    async def lose_answer(self) -> None:
        """The next write is made, and its answer never comes."""
        ...

    async def lose_write(self) -> None:
        """The next write never arrives, and no answer comes."""
        ...

    async def lie(self, version: str) -> None:
        """From now on `version` answers, whatever the pointer says; nothing is to be done where `probe` is None."""
        ...

    async def writes(self) -> int:
        """How many writes that move what serves the far end has taken since it was prepared."""
        ...
