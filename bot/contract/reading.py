"""Reads what senders write: JSON, times, numbers, text and links; best effort, and never an odd error."""

import hashlib
import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from bot.errors import Unreadable

TITLE, SUMMARY, LABEL, NAME = 300, 2000, 1024, 200  #: how many characters of each are kept
LABELS = 100  #: how many labels of one alert are kept

_IDENTITY = 400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Seconds since 1970 stay below this until the year 5138; milli-, micro- and nanoseconds lie above, a thousandfold each.
_SECONDS_BELOW = 1e11
_FIRST_YEAR, _LAST_YEAR = 1970, 2969
# No user information: `https://known.example@elsewhere` is made to be misread. No signs that end a link in chat.
_LINK = re.compile(r"https?://[^/?#@\s<>|\"\x00-\x20\x7f]+(?:[/?#][^\s<>|\"\x00-\x20\x7f]*)?", re.ASCII)
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_NUMBER = re.compile(
    r"([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r" ?(%|[A-Za-zµμ]*)"
)
# Into the base units Prometheus uses: seconds, bytes, ratios. `m` is a minute here and a thousandth there: no number.
_TIMES = {
    **dict.fromkeys(("min", "minutes"), 60.0),
    **dict.fromkeys(("h", "hours"), 3600.0),
    **dict.fromkeys(("d", "days"), 86400.0),
    **dict.fromkeys(("k", "K", "kB", "KB"), 1e3),
    **dict.fromkeys(("M", "MB"), 1e6),
    **dict.fromkeys(("G", "GB"), 1e9),
    "KiB": 2.0**10,
    "MiB": 2.0**20,
    "GiB": 2.0**30,
}
_PARTS = {
    **dict.fromkeys(("%", "percent"), 1e2),
    **dict.fromkeys(("ms", "milliseconds"), 1e3),
    **dict.fromkeys(("us", "µs", "μs"), 1e6),
    "ns": 1e9,
}


def loads(body: bytes) -> Any:
    """The JSON of a body; raises Unreadable with where it breaks. NUL, which no database takes, is replaced."""
    if b"\\u0000" in body:
        body = body.replace(b"\\u0000", b"\\ufffd")
    try:
        return orjson.loads(body.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise Unreadable(f"The body is no JSON: {error}.", "Send one JSON document in UTF-8.") from None


def text(value: object, limit: int = LABEL) -> str | None:
    """The words of a string, number or truth value, at most `limit` characters; None for anything else or nothing."""
    if type(value) is str:
        return (value if len(value) <= limit else f"{value[: limit - 1]}…") or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)[:limit]
    return None


def clean(words: str) -> str:
    """The text in one line, without control characters and halves of characters: fit for a header or another's JSON."""
    return " ".join(_UNFIT.sub(" ", words).split())


def number(value: object) -> float | None:
    """A finite number, from a number or a whole text such as `0.27`, `1,200`, `27%` (0.27) or `840ms` (0.84)."""
    if type(value) is str:
        return _spelled(value) if len(value) <= 64 else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            plain = float(value)
        except OverflowError:
            return None
        return plain if math.isfinite(plain) else None
    return None


@lru_cache(8192)
def _spelled(words: str) -> float | None:
    match = _NUMBER.fullmatch(words.strip())
    if match is None or match[2] == "m":
        return None
    plain = float(match[1].replace(",", "")) * _TIMES.get(match[2], 1.0) / _PARTS.get(match[2], 1.0)
    return plain if math.isfinite(plain) else None


def instant(value: object) -> datetime | None:
    """An aware UTC time, from RFC 3339 text or an epoch in s, ms, us or ns; None when unset or far from our days."""
    if type(value) is str:
        return _dated(value) if len(value) <= 64 else None
    return _counted(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@lru_cache(8192)
def _dated(words: str) -> datetime | None:
    try:
        return _counted(int(words)) if words.isdecimal() else _aware(datetime.fromisoformat(words))
    except (ValueError, OverflowError):
        return None


def _counted(since_1970: float) -> datetime | None:
    # Zero is how many senders write "unset".
    if not 0 < since_1970 < _SECONDS_BELOW * 1e9:
        return None
    seconds = float(since_1970)
    while seconds >= _SECONDS_BELOW:
        seconds /= 1000
    return _aware(_EPOCH + timedelta(seconds=seconds))


def _aware(moment: datetime) -> datetime | None:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def link(value: object) -> str | None:
    """The value when it is a plain http or https link of at most 2,000 characters, otherwise None."""
    return value if type(value) is str and len(value) <= 2000 and _LINK.fullmatch(value) else None


def identity(connection: str, problem: str) -> str:
    """The problem's identity within its connection; a long one keeps its head and a digest, so no two ever merge."""
    if len(problem) > _IDENTITY:
        problem = f"{problem[: _IDENTITY - 65]}#{hashlib.sha256(problem.encode()).hexdigest()}"
    return f"{connection}:{problem}"


def labels(given: object) -> tuple[dict[str, str], str | None]:
    """Names and values as short text, and a sentence about what was left out (None when nothing was)."""
    if not isinstance(given, dict):
        return {}, None if given is None else "The labels are no object and were left out."
    try:
        # What nearly every alert is: few texts that are short even all together.
        if len(given) <= LABELS and len("".join(given.values())) <= LABEL and len("".join(given)) <= NAME:
            return given, None
    except TypeError:
        pass
    kept: dict[str, str] = {}
    for name, value in given.items():
        words = text(value)
        if words is not None and len(kept) < LABELS:
            kept[name[:NAME]] = words
    odd = len(given) - len(kept)
    return kept, f"{odd} labels were left out: empty, no text, or more than {LABELS}." if odd else None
