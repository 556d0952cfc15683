"""What holds for every delivery whoever sent it, and how a sample's delivery is compared with its expectation."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.contract import Alert, Delivery, Kind, Status, Unreadable, reading

CONNECTION = "prom"  #: what the suite calls the connection
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  #: when everything of the suite arrives
_LONGEST = {"problem": 512, "title": reading.TITLE, "summary": reading.SUMMARY}


def broken(delivery: Delivery) -> Iterator[str]:
    """The promises a delivery breaks, in sentences."""
    alerts: object = delivery.alerts
    if not isinstance(alerts, tuple):
        yield "alerts must be a tuple"
        return
    for alert in alerts:
        if isinstance(alert, Alert):
            yield from _broken(alert)
        else:
            yield f"a {type(alert).__name__} stands among the alerts"


def _broken(alert: Alert) -> Iterator[str]:
    given: dict[str, object] = {field.name: getattr(alert, field.name) for field in dataclasses.fields(alert)}
    for name, longest in _LONGEST.items():
        words = given[name]
        if not isinstance(words, str) or len(words) > longest:
            yield f"{name} is no text of at most {longest} characters"
    if not str(alert.problem).removeprefix(CONNECTION).strip(" :/|-"):
        yield "an alert has no problem identity"
    if not alert.title:
        yield "a title is empty"
    if not isinstance(given["status"], Status) or not isinstance(given["kind"], Kind):
        yield "status and kind must be a Status and a Kind"
    for name in ("started_at", "ended_at"):
        yield from _late_or_naive(name, given[name])
    if len(alert.labels) > reading.LABELS or any(len(value) > reading.LABEL for value in alert.labels.values()):
        yield f"there are more than {reading.LABELS} labels, or one has more than {reading.LABEL} characters"
    for link in alert.links:
        if not link.startswith(("http://", "https://")):
            yield f"the link {link[:40]!r} is neither http nor https"
    for measure in alert.measures:
        for number in (measure.value, measure.threshold, measure.baseline):
            if number is not None and not math.isfinite(number):
                yield "a measure is NaN or infinite"
    for words in _texts(dataclasses.asdict(alert)):
        if "\x00" in words or any("\ud800" <= sign <= "\udfff" for sign in words):
            yield "a text holds NUL or half a surrogate pair, which no database takes"


def _late_or_naive(name: str, moment: object) -> Iterator[str]:
    if moment is None and name == "ended_at":
        return
    if not isinstance(moment, datetime) or moment.utcoffset() != timedelta(0):
        yield f"{name} is no aware time in UTC"
    elif not 1970 <= moment.year < 3000:
        yield f"{name} lies in the year {moment.year}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def differences(answer: Delivery | Unreadable | None, expected: Mapping[str, Any]) -> Iterator[str]:
    """How a sample's answer differs from its expectation, in sentences."""
    if "unreadable" in expected:
        if not isinstance(answer, Unreadable) or expected["unreadable"] not in str(answer):
            yield f"should be unreadable ({expected['unreadable']}), yet it gives: {answer}"
        return
    if not isinstance(answer, Delivery):
        yield f"should be read, yet: {answer}"
        return
    yield from broken(answer)
    wanted = expected["alerts"]
    if len(wanted) != len(answer.alerts):
        yield f"should hold {len(wanted)} alerts, not {len(answer.alerts)}"
        return
    for place, (want, alert) in enumerate(zip(wanted, answer.alerts, strict=True)):
        for name, value in want.items():
            got = getattr(alert, name)
            if not _same(got, value):
                yield f"alerts[{place}].{name} should be {value!r}, not {got!r}"
    for part in expected.get("skipped", []):
        if not any(part in sentence for sentence in answer.skipped):
            yield f"skipped should say {part!r}; it says {answer.skipped}"


def _same(got: Any, want: Any) -> bool:
    """True when they are equal; of a measure only what is wanted counts."""
    if isinstance(got, datetime):
        return isinstance(want, str) and got == datetime.fromisoformat(want)
    if isinstance(got, tuple):
        return isinstance(want, list) and len(got) == len(want) and all(map(_same, got, want))
    if dataclasses.is_dataclass(got):
        return isinstance(want, dict) and all(_same(getattr(got, name, None), value) for name, value in want.items())
    return bool(got == want)
