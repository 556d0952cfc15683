"""What people are told of a change that needs their eyes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """English."""

    told: str = "{change} on {model}: {why}"


TURKISH = Outcome(told="{model} üzerindeki {change}: {why}")
