"""The gate of a lever: what a new version must show before it may serve, and bounds that would ask nothing or all."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bot import documents
from bot.documents import Form
from bot.model.trial import METRICS

#: What lies between 0 and 1, so that 0.01 is meant where somebody writes 1.
SHARES = frozenset({"auc", "average_precision", "accuracy", "precision", "recall", "f1", "brier"})
SLICES = 50  #: floors of one gate

Fault = tuple[str, str, tuple[str, ...]]  #: what is wrong, what to do, and the keys that lead to it


def _metric(name: str) -> str:
    if name not in METRICS:
        raise documents.Wrong("is no metric.", documents.closest(name, METRICS) or f"Known: {', '.join(METRICS)}.")
    return name


def _place(place: str) -> str:
    column, named, value = place.partition("=")
    if not column or column != column.strip() or (named and (not value or value != value.strip())):
        raise documents.Wrong("is no slice.", "Write `column` or `column=value`, as in country=TR.")
    return place


Doubt = Literal["labels", "no copies", "scores from 0 to 1"]  #: a check of the data, as `bot.rules.gate` heeds it
Number = Annotated[float, Field(allow_inf_nan=False)]
Size = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Place = Annotated[str, Field(max_length=200), AfterValidator(_place)]


class GateForm(Form):
    """What a new version must show before it may serve."""

    metric: Annotated[str, AfterValidator(_metric)]
    not_below_champion_by: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    at_least: Number | None = None
    slices_at_least: Annotated[dict[Place, Number], Field(min_length=1, max_length=SLICES)] | None = None
    latency_ms: Size | None = None
    size_mb: Size | None = None
    schema_: Annotated[bool | None, Field(alias="schema")] = None  # pydantic has a `schema` of its own
    despite: Annotated[list[Doubt], Field(min_length=1)] | None = None


def faults(gate: GateForm) -> Iterator[Fault]:
    """Bounds that no version could meet, and one that every version meets."""
    floors = {("slices_at_least", place): floor for place, floor in (gate.slices_at_least or {}).items()}
    if gate.at_least is not None:
        yield from _unattainable(gate.metric, gate.at_least, ("at_least",))
    for keys, floor in floors.items():
        yield from _unattainable(gate.metric, floor, keys)
    if gate.metric in SHARES and (gate.not_below_champion_by or 0) >= 1:
        what = f"It would pass every version: {gate.metric} lies between 0 and 1."
        yield what, "Write 0.01 for one point.", ("not_below_champion_by",)


def _unattainable(metric: str, floor: float, keys: tuple[str, ...]) -> Iterator[Fault]:
    """Whatever more of is better ends at 1, and an error at 0: `bot.model.trial.METRICS` has no other kind."""
    if METRICS[metric] > 0 and floor > 1:
        yield f"No version can pass it: {metric} is never above 1.", "Write 0.85 for 85 %.", keys
    if METRICS[metric] < 0 and floor < 0:
        do = "Write the most it may be: less of it is better."
        yield f"No version can pass it: {metric} is never below 0.", do, keys
