"""What is known of a change before it is asked for: what serves, what could, what would come of it. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot import documents
from bot.errors import BadInput
from bot.model.change import Lever, Plan, Serving
from bot.model.people import Person
from bot.model.served import Version
from bot.slack.forms import fields

#: The levers that need a version.
VERSIONED = frozenset({Lever.ROLLBACK, Lever.PROMOTE})
SPANS: Mapping[str, str] = {"hafta": "weeks", "gün": "days", "saat": "hours", "dakika": "minutes"}
_TURKISH = re.compile(rf"({'|'.join(SPANS)})(?:l[ıiuü]k)?")
LONGEST = 150  # characters of a version that Slack takes as a choice


@dataclass(frozen=True)
class Outlook:
    """For one model and one lever; without a `plan`, `trouble` says why there is none, or something is to be chosen."""

    model: str = ""
    now: Serving | None = None
    choices: tuple[Version, ...] = ()
    hidden: int = 0  #: versions whose names no select can hold, or that are too many for one
    metrics: Mapping[str, float] = field(default_factory=dict)  #: of what serves now
    good: str = ""  #: the last known good version, where the lever goes back to it
    plan: Plan | None = None
    needs: int = 0
    approvers: tuple[Person, ...] = ()
    glass: bool = False  #: whether policy lets one person do it alone, loudly
    forbidden: str = ""
    trouble: str = ""


def version_field(model: str) -> str:
    """The field for the version: another for each model, so that a choice is not carried over to the next one."""
    return f"version {model}"[:255]


def shares(typed: str) -> dict[str, float] | None:
    """`7 = 90` and `8 = 10`, a line each, as shares in percent; None unless they are whole and make 100 together."""
    found: dict[str, float] = {}
    for row in filter(None, map(str.strip, typed.splitlines())):
        version, mark, percent = row.rpartition("=")
        share = _share(percent)
        if not mark or not version.strip() or share is None or version.strip() in found:
            return None
        found[version.strip()] = share
    return found if abs(sum(found.values()) - 100) < 1e-6 else None


def window(typed: str) -> timedelta | None:
    """How much data `30d`, `8w`, `30 days` or `30 gün` is; None for what is no length of time, or none at all."""
    said = _TURKISH.sub(lambda found: SPANS[found[1]], " ".join(typed.casefold().split()))
    try:
        span = documents.duration(said)
    except BadInput:
        return None
    return span if span > timedelta(0) else None


def fits(version: str) -> bool:
    """Whether a select gives this name back as it is."""
    return version == fields.sendable(version, LONGEST) and version == version.strip() and version != ""


def _share(typed: str) -> float | None:
    try:
        share = float(typed.strip().removesuffix("%"))
    except ValueError:
        return None
    return share if 0 < share <= 100 else None
