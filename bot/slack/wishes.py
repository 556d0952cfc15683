"""What somebody types to have alerts silenced: `model = churn for 2h because deploy`, and the like."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot import documents
from bot.errors import BadInput
from bot.model.matcher import Matcher
from bot.rules import matching, window
from bot.settings import Settings

_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.]{4,15}(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?|[0-9]{1,2}:[0-9]{2}"
_SPAN = r"[0-9]{1,6} ?(?:[mhdw]|min|mins|minutes?|hrs?|hours?|days?|weeks?|dk|dakika|sa|saat|gün|hafta)"
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"'})  # what phones make of a quote
_LEXICON = tuple(
    (name, re.compile(rf"(?:{pattern})(?![\w-])" if name != "why" else pattern, re.IGNORECASE))
    for name, pattern in (
        ("why", r"(?:because|çünkü|nedeni?)(?:\s+|:\s*)(?P<value>.*)"),
        ("starts_at", rf"(?:from|başlangıç:?)\s+(?P<value>{_MOMENT})"),
        ("ends_at", rf"(?:until|till|to|bitiş:?)\s+(?P<value>{_MOMENT})"),
        ("span", rf"(?:(?:for|süre:?)\s+)?(?P<value>{_SPAN})(?:\s+boyunca)?"),
        ("shadow", r"shadow|gölge"),
        ("sure", r"certainly|kesinlikle"),
        ("maintenance", r"maintenance|bakım"),
        ("nothing", r"and|ve|für|için"),
    )
)
_WORD = re.compile(r"[^\s,{}]+")
KINDS = ("model", "entity", "connection")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said; what was left out is empty, so that a form can ask for it."""

    matchers: tuple[Matcher, ...] = ()
    span: str = ""  #: 2h, as typed; counts from the start
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    why: str = ""
    shadow: bool = False
    maintenance: bool = False
    sure: bool = False

    def end(self, now: datetime) -> datetime | None:
        """When it would be over; None where neither an end nor a length was said. BadInput."""
        if self.ends_at is not None or not self.span:
            return self.ends_at
        return (self.starts_at or now) + window.span(self.span)


@dataclass
class _Reading:
    """The text, how far it was read, and what was found."""

    text: str
    zone: ZoneInfo
    now: datetime
    at: int = 0
    wish: Wish = field(default_factory=Wish)


def read(typed: str, settings: Settings, zone: str, now: datetime) -> Wish:
    """The wish in what somebody typed; times are those of `zone`.

    A bare name is a model, an entity or a connection. BadInput names the first word that is none of all this.
    """
    reading = _Reading(typed.translate(_QUOTES), ZoneInfo(zone), now)
    while reading.at < len(reading.text):
        if reading.text[reading.at] in " \t\n,{}":
            reading.at += 1
        elif not (_condition(reading) or _said(reading)):
            _name(reading, settings)
    return reading.wish


def write(wish: Wish, incident: str | None) -> str:
    """The wish in words that `read` takes back, whatever the zone; with the incident first where it is made from one.

    Matchers that are the incident's own need not stand there.
    """
    words = [incident or "", *(window.written(matcher) for matcher in wish.matchers)]
    words += [word for word in ("shadow", "maintenance") if getattr(wish, word)]
    words += ["certainly"] if wish.sure else []
    words += [f"from {wish.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"] if wish.starts_at else []
    words += [f"until {wish.ends_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}"] if wish.ends_at else []
    words += [f"for {wish.span}"] if wish.span and not wish.ends_at else []
    return " ".join(word for word in [*words, f"because {wish.why}" if wish.why else ""] if word)


def named(word: str, settings: Settings) -> Matcher:
    """What a model, an entity or a connection is silenced by; `entity:retail` where names are alike. BadInput."""
    kind, colon, name = word.partition(":")
    kind, name = (kind.lower(), name) if colon and kind.lower() in KINDS else ("", word)
    model = settings.estate.find(name)
    connections = [connection.name for connection in settings.connections]
    if model and kind in ("", "model"):
        return Matcher("model", "=", model.name)
    if name in settings.estate.entities and kind in ("", "entity"):
        return Matcher("entity", "=", name)
    if name in connections and kind in ("", "connection"):
        return Matcher("connection", "=", name)
    cure = documents.closest(name, (*settings.estate.names, *settings.estate.entities, *connections))
    raise BadInput(
        f"No model, entity or connection is called {name[:60]!r}.", cure or "Write a condition, as in: kind = drift"
    )


def _condition(reading: _Reading) -> bool:
    """A matcher at this place."""
    found = window.ONE.match(reading.text, reading.at)
    if found is None:
        return False
    matcher = matching.parse(found[0])
    reading.wish = replace(reading.wish, matchers=(*reading.wish.matchers, matcher))
    reading.at = found.end()
    return True


def _said(reading: _Reading) -> bool:
    """One of the small words, with what follows it."""
    for name, pattern in _LEXICON:
        found = pattern.match(reading.text, reading.at)
        if found is None:
            continue
        reading.at = found.end()
        value: Any = found.groupdict().get("value", True)
        if name in ("starts_at", "ends_at"):
            value = window.moment(value, reading.zone, reading.now)
        if name != "nothing":
            said = {name: value}
            reading.wish = replace(reading.wish, **said)
        return True
    return False


def _name(reading: _Reading, settings: Settings) -> None:
    found = _WORD.match(reading.text, reading.at)
    word = found[0] if found else reading.text[reading.at :]
    reading.at += len(word)
    reading.wish = replace(reading.wish, matchers=(*reading.wish.matchers, named(word, settings)))
