"""Reads the events of a request, whichever of the three modes of CloudEvents' HTTP binding it came in."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from bot.contract import Request, Unreadable, reading

VERSIONS = ("1.0", "0.3", "0.2")  #: the older two say the same of what is read here
_ATTRIBUTES = {"id", "source", "type", "specversion", "subject", "time", "datacontenttype", "dataschema", "schemaurl",
               "contenttype", "data", "data_base64", "datacontentencoding"}  # fmt: skip
_CURE = "Send an event of CloudEvents 1.0: structured, batched or binary."
_LONGEST = 2000  # characters of an attribute


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its attributes as text, its data as JSON knows it; `whole` is all of it as one object."""

    id: str
    source: str
    type: str
    subject: str | None = None
    time: datetime | None = None
    data: Any = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    whole: Mapping[str, Any] = field(default_factory=dict)


def read(request: Request) -> tuple[list[Event], list[str]]:
    """The events of a request, and why others were left out; Unreadable where it holds none that can be read."""
    media = _media(request.headers.get("content-type", ""))
    headers = {name[3:]: _decoded(value) for name, value in request.headers.items() if name.startswith("ce-")}
    if "specversion" in headers and not media.startswith("application/cloudevents"):
        return [_event({**headers, **_data(request.body, media)})], []
    body = reading.loads(request.body)
    if not isinstance(body, list):
        return [_event(body)], []
    events: list[Event] = []
    skipped: list[str] = []
    for place, one in enumerate(body):
        try:
            events.append(_event(one))
        except Unreadable as unreadable:
            skipped.append(f"Event {place + 1}: {unreadable.what}")
    if body and not events:
        raise Unreadable(f"None of the {len(body)} events can be read. {skipped[0]}", _CURE)
    return events, skipped


def _event(given: Any) -> Event:
    """The event an object states; raises Unreadable with what it lacks."""
    if not isinstance(given, dict) or "specversion" not in given:
        raise Unreadable("It is no CloudEvent: it has no `specversion`.", _CURE)
    version = reading.text(given["specversion"], 20)
    if version not in VERSIONS:
        raise Unreadable(f"It is of version {version} of CloudEvents; 1.0 is read.", _CURE)
    said = {name: _attribute(given.get(name)) for name in ("id", "source", "type", "subject")}
    lacking = [name for name in ("id", "source", "type") if not said[name]]
    if lacking:
        raise Unreadable(f"The event has no {' and no '.join(f'`{name}`' for name in lacking)}.", _CURE)
    data = _unpacked(given)
    return Event(
        id=said["id"] or "",
        source=said["source"] or "",
        type=said["type"] or "",
        subject=said["subject"],
        time=reading.instant(given.get("time")),
        data=data,
        extensions=dict(_extensions(given)),
        whole={**{name: value for name, value in given.items() if name != "data_base64"}, "data": data},
    )


def _attribute(given: object) -> str | None:
    words = given.strip() if isinstance(given, str) else None
    if words and len(words) > _LONGEST:
        raise Unreadable(f"An attribute of the event is over {_LONGEST} characters.", _CURE)
    return words or None


def _extensions(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in given.items():
        words = None if name in _ATTRIBUTES else reading.text(value)
        if words:
            yield name.lower(), words


def _unpacked(given: Mapping[str, Any]) -> Any:
    """The data as JSON; text that is JSON itself is opened, and what is none stays as it is."""
    data = given.get("data")
    coded = given.get("data_base64")
    if coded is None and str(given.get("datacontentencoding", "")).lower() == "base64":
        coded = data
    if isinstance(coded, str):
        try:
            raw = base64.b64decode(coded, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable("The event's `data_base64` is no base64.", _CURE) from None
        return _data(raw, _media(str(given.get("datacontenttype") or "application/json"))).get("data")
    if isinstance(data, str) and data.lstrip()[:1] in ("{", "["):
        try:
            return reading.loads(data.encode("utf-8", "replace"))
        except Unreadable:
            return data
    return data


def _data(body: bytes, media: str) -> dict[str, Any]:
    """The data of a body as JSON; nothing where it is of another kind. Unreadable where it says JSON and is none."""
    says = media in ("application/json", "text/json") or media.endswith("+json")
    if not body.strip() or (media and not says):
        return {}
    try:
        return {"data": reading.loads(body)}
    except Unreadable:
        if says:
            raise
        return {}


def _media(given: str) -> str:
    return given.partition(";")[0].strip().lower()


def _decoded(header: str) -> str:
    """A header's value: percent-encoded UTF-8, as the binding asks for; one in plain UTF-8 is taken, too."""
    words = header
    try:
        words = header.encode("latin-1").decode()
    except UnicodeError:
        pass
    return unquote(words).replace("\x00", "\N{REPLACEMENT CHARACTER}")
