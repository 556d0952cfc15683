"""A mapping from a sender's JSON to the parts of an alert, checked word by word when it is loaded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bot.contract import path, reading
from bot.contract.pick import Pick
from bot.model.alert import Kind, Measure, Status

_STATUS = {
    **dict.fromkeys(
        ("firing", "alarm", "alert", "alerting", "triggered", "trigger", "open", "opened", "active", "critical",
         "warning", "error", "failed", "failure", "bad", "breached", "true", "1"),
        Status.FIRING,
    ),
    **dict.fromkeys(
        ("resolved", "resolve", "ok", "closed", "close", "normal", "recovered", "cleared", "passed", "success", "good",
         "false", "0"),
        Status.RESOLVED,
    ),
    **dict.fromkeys(("no_data", "nodata", "no data", "insufficient_data", "unknown"), Status.NO_DATA),
}  # fmt: skip
_OPS = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "==", "=": "==", "!=": "!=", "gt": ">", "gte": ">=",
        "ge": ">=", "lt": "<", "lte": "<=", "le": "<=", "eq": "==", "ne": "!="}  # fmt: skip
_MEASURES, _LINKS = 200, 20  # of one alert


class Strict(BaseModel):
    """A part of a plugin's settings in which an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _pick(given: Any) -> Any:
    return given if isinstance(given, Pick) else Pick.of(given)


def _path(given: Any) -> Any:
    if isinstance(given, path.Path):
        return given
    if not isinstance(given, str):
        raise ValueError("a path is a text such as $.events")
    return path.parse(given)


def _words(given: Any) -> Any:
    # YAML reads `on` and `1` as no text; a sender's word is compared in lower case.
    return {str(word).strip().lower(): meaning for word, meaning in given.items()} if isinstance(given, dict) else given


AnyPick = Annotated[Pick, BeforeValidator(_pick)]
AnyPath = Annotated[path.Path, BeforeValidator(_path)]
StatusMap = Annotated[dict[str, Status], BeforeValidator(_words)]
KindMap = Annotated[dict[str, Kind], BeforeValidator(_words)]


class MeasureFields(Strict):
    """Where the parts of a measure stand; with `each`, in every element of that list (`$` is the element then)."""

    metric: AnyPick
    each: AnyPath | None = None
    value: AnyPick | None = None
    threshold: AnyPick | None = None
    op: AnyPick | None = None
    baseline: AnyPick | None = None
    sample_size: AnyPick | None = None
    window: AnyPick | None = None
    feature: AnyPick | None = None
    segment: AnyPick | None = None


class AlertFields(Strict):
    """Where the parts of an alert stand."""

    title: AnyPick | None = None
    status: AnyPick | None = None
    kind: AnyPick | None = None
    model: AnyPick | None = None
    version: AnyPick | None = None
    environment: AnyPick | None = None
    entity: AnyPick | None = None
    severity: AnyPick | None = None
    started_at: AnyPick | None = None
    ended_at: AnyPick | None = None
    evaluated_at: AnyPick | None = None
    summary: AnyPick | None = None
    labels: AnyPick | None = None
    links: tuple[AnyPick, ...] = ()
    measures: tuple[MeasureFields, ...] = ()


def status(said: str, own: Mapping[str, Status]) -> Status | None:
    """What a sender's word says, by its own map or by custom; None when neither knows it."""
    word = said.strip().lower()
    return own.get(word) or _STATUS.get(word)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the parts of one alert: `$` of a path is `one`, `$$` is `body`."""

    one: Any
    body: Any

    def words(self, pick: Pick | None, limit: int = reading.NAME) -> str | None:
        """The text at a place, at most `limit` characters."""
        return reading.text(pick.find(self.one, self.body), limit) if pick else None

    def number(self, pick: Pick | None) -> float | None:
        """The number at a place."""
        return reading.number(pick.find(self.one, self.body)) if pick else None

    def instant(self, pick: Pick | None) -> datetime | None:
        """The time at a place, aware and in UTC."""
        return reading.instant(pick.find(self.one, self.body)) if pick else None

    def labels(self, pick: Pick | None) -> tuple[dict[str, str], str | None]:
        """The object at a place as labels, and a sentence about what was left out of them."""
        return reading.labels(pick.find(self.one, self.body) if pick else None)

    def links(self, picks: tuple[Pick, ...]) -> tuple[str, ...]:
        """The plain links at some places, each once."""
        return tuple(dict.fromkeys(self._links(picks)))[:_LINKS]

    def measures(self, places: tuple[MeasureFields, ...]) -> tuple[Measure, ...]:
        """The measures at some places; one that names no metric is none."""
        return tuple(self._measures(places))[:_MEASURES]

    def _links(self, picks: tuple[Pick, ...]) -> Iterator[str]:
        for pick in picks:
            found = pick.find(self.one, self.body)
            for link in found if isinstance(found, list) else [found]:
                if plain := reading.link(link):
                    yield plain

    def _measures(self, places: tuple[MeasureFields, ...]) -> Iterator[Measure]:
        for place in places:
            listed = place.each.find(self.one, self.body) if place.each else [self.one]
            for element in listed if isinstance(listed, list) else []:
                measure = Reader(element, self.body)._measure(place)
                if measure is not None:
                    yield measure

    def _measure(self, place: MeasureFields) -> Measure | None:
        metric = self.words(place.metric)
        if metric is None:
            return None
        sample = self.number(place.sample_size)
        return Measure(
            metric=metric,
            value=self.number(place.value),
            threshold=self.number(place.threshold),
            op=_OPS.get((self.words(place.op) or "").strip().lower()),
            baseline=self.number(place.baseline),
            sample_size=int(sample) if sample is not None and 0 <= sample < 2**53 else None,
            window=self.words(place.window),
            feature=self.words(place.feature),
            segment=self.words(place.segment),
        )
