"""Whether so many incidents of an entity open that one page says more than many."""

from collections.abc import Iterable
from datetime import datetime

from bot import documents
from bot.model.incident import SEVERITIES
from bot.model.noise import Storm


def alone(rule: Storm, before: int, fresh: int, *, blowing: bool) -> int:
    """How many of `fresh` incidents, in their order, still page by themselves; the others come under a storm.

    `before` counts those that opened within the window before them. While a storm stands and something opened within
    its window it gathers everything; after such a pause it breaks anew, like any storm, by more than `incidents`.
    """
    return 0 if blowing and before else min(fresh, max(0, rule.incidents - before))


def why(rule: Storm, entity: str) -> str:
    """The reason in one sentence."""
    return f"More than {rule.incidents} incidents of {entity} opened within {documents.written(rule.within)}."


def worst(severities: Iterable[str]) -> str:
    """The gravest of them."""
    return min(severities, key=SEVERITIES.index)


def calm_at(rule: Storm | None, last: datetime | None, now: datetime) -> datetime:
    """From when on nothing has opened for the whole window; `now` where nothing ever did or no rule stands."""
    return last + rule.within if rule and last else now
