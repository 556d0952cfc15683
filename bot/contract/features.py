"""What a feature store promises: which columns it serves to a model now, and of which types."""

from collections.abc import Mapping
from typing import Protocol

from bot.contract.plugin import Check


class FeatureStore(Protocol):
    """Built as `Part(settings, context)`; every call runs under the guard's deadline, and writes nothing.

    Raises NotFound (it serves nothing to this model), Refused (it will not say), NotDelivered.
    """

    async def columns(self, ref: Mapping[str, str]) -> Mapping[str, str]:
        """The columns that are served to the model now, each with its type as the store calls it."""
        ...

    async def check(self) -> list[Check]:
        """The state of what this part needs, one row for each scope."""
        ...
