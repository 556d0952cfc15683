"""Slack's markup as plain text, and what stays the same of a title while its numbers move."""

import html
import re
from collections.abc import Iterator

from bot.contract import Status

_LONGEST = 20_000  # characters of one text that are looked at
_TAG = re.compile(r"<([^<>|]{1,2000})(?:\|([^<>|]{0,2000}))?>")
_EMOJI = re.compile(r":[a-z0-9_+'-]{1,60}:")
_EMPHASIS = re.compile(r"(?<!\w)[*_~`]+(?=\S)|(?<=\S)[*_~`]+(?!\w)")
_CALLED = re.compile(r"^(?:@[\w.-]{1,80}[\s,:]*)+")
_BRACKET = re.compile(r"^[^\w\[]{0,20}\[([^\[\]]{1,60})\]\s*")
_PREFIX = re.compile(r"^[^\w\[]{0,20}([A-Za-z]+(?: data)?)\s*(?:[:\u2013\u2014]|-(?=\s))\s*", re.IGNORECASE)
_SAYS = {
    **dict.fromkeys(("firing", "alerting", "alert", "triggered", "problem", "critical", "warning", "error", "open"),
                    Status.FIRING),
    **dict.fromkeys(("no_data", "nodata", "no data"), Status.NO_DATA),
    **dict.fromkeys(("resolved", "recovered", "recovery", "ok", "closed", "normal", "cleared"), Status.RESOLVED),
}  # fmt: skip
_RANK = list(_SAYS.values())  # of several, what says that something still fires counts
# What moves from one message to the next: dates, ids, numbers with their units; not the 95 of p95, nor the 2 of gpt-2.
_MOVES = (
    re.compile(r"\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:z|[+-]\d\d:?\d\d)?)?", re.ASCII),
    re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
    re.compile(r"\b(?=[a-f]{0,63}\d)[0-9a-f]{8,64}\b", re.ASCII),
    re.compile(
        r"(?<![\w.-])[+-]?\d[\d,.:/]{0,40}(?:e[+-]?\d{1,3})?"
        r"(?:\s?(?:%|(?:ms|us|ns|s|sec|secs|seconds?|m|min|mins|minutes?|h|hours?|d|days?|k|kb|mb|gb|kib|mib|gib)\b))?(?!\w)",
        re.ASCII,
    ),
)
_PLURAL = re.compile(r"# (\w{2,40}?)s\b")


def plain(text: str) -> tuple[str, list[str]]:
    """The words of a text in Slack's markup, and the addresses it links to."""
    links: list[str] = []

    def shown(tag: re.Match[str]) -> str:
        target, label = tag[1], tag[2]
        if target.startswith(("@", "#", "!")):
            return f"{'@' if target[0] == '!' else target[0]}{label or target[1:].partition('^')[0]}"
        links.append(html.unescape(target))
        return label or target

    return html.unescape(_TAG.sub(shown, text[:_LONGEST])), links


def lines(text: str) -> Iterator[str]:
    """The lines that say something: without marks of emphasis, emoji, and whoever is called at their beginning."""
    for line in text.splitlines():
        bare = " ".join(_EMPHASIS.sub("", _EMOJI.sub("", line)).split())
        bare = _CALLED.sub("", bare).lstrip("> ")
        if any(sign.isalnum() for sign in bare):
            yield bare


def marked(title: str) -> tuple[Status | None, str]:
    """What the title's own mark says, as in `[FIRING:2] Drift` or `Resolved: drift`, and the title without it."""
    if found := _BRACKET.match(title):
        words = [word.strip().lower() for word in re.split(r"[:,|\d]+", found[1])]
        said = [_SAYS[word] for word in words if word in _SAYS]
        if said:
            return min(said, key=_RANK.index), title[found.end() :].strip() or title
    if (found := _PREFIX.match(title)) and (status := _SAYS.get(found[1].lower())):
        return status, title[found.end() :].strip() or title
    return None, title


def lasting(title: str) -> str:
    """What stays the same of a title: lower case, what moves replaced; the title itself where nothing else is left."""
    words = title.lower()
    for moves in _MOVES:
        words = moves.sub("#", words)
    words = " ".join(_PLURAL.sub(r"# \1", " ".join(words.split())).split()).strip(" .!:-")
    return words if any(sign.isalpha() for sign in words) else " ".join(title.lower().split())
