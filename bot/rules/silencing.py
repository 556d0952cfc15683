"""Which silence or maintenance window holds an alert back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.model.held import Cause, Hold
from bot.model.silence import Silence
from bot.rules import matching


def hits(silences: Iterable[Silence], facts: matching.Facts, at: datetime) -> list[Silence]:
    """Those that are active at `at` and whose matchers all hold, shadow ones included; none hits once it is over."""
    return [one for one in silences if one.active(at) and matching.holds(one.matchers, facts)]


def hold(hit: Sequence[Silence]) -> Hold | None:
    """How those that hit hold an alert: by the one that ends last, so that none holds it any more after that."""
    longest = max(hit, key=lambda one: (one.until, one.id), default=None)
    return by(longest) if longest else None


def by(silence: Silence) -> Hold:
    """What this one does to an alert that it hits."""
    cause = Cause.MAINTENANCE if silence.maintenance else Cause.SILENCE
    name = f"maintenance {silence.id}" if silence.maintenance else silence.id
    token, _, named = silence.by.partition(":")[2].partition(":")
    author = named or token or silence.by
    said = f"{author}: {silence.why}" if silence.why else author
    return Hold(cause, silence.id, f"Held by {name} ({said}).", until=silence.until)
