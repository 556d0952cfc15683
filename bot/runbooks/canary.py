"""The canary of a lever: which shares of the traffic a new version gets before all of it, and for how long each."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Annotated

from pydantic import Field, field_serializer

from bot.documents import Duration, Form

STEPS = 10  #: of one canary

Share = Annotated[int, Field(ge=1, le=99)]
Fault = tuple[str, str, tuple[str, ...]]  #: what is wrong, what to do, and the keys that lead to it


class CanaryForm(Form):
    """Rising shares in percent, and how long each must serve well before the next one."""

    steps: Annotated[list[Share], Field(min_length=1, max_length=STEPS)]
    wait: Duration

    @field_serializer("wait")
    def _seconds(self, wait: timedelta) -> float:
        """As a plan keeps it."""
        return wait.total_seconds()


def faults(canary: CanaryForm) -> Iterator[Fault]:
    """Steps that do not rise: a smaller share after a larger one would be a way back."""
    if any(one >= other for one, other in pairwise(canary.steps)):
        yield "The steps of a canary rise.", "Write them like [10, 50]; all of the traffic comes last.", ("steps",)
