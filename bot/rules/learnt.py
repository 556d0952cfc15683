"""How much of what a version is tried on it has learnt from: figures on such rows say more good of it than is true."""

from datetime import datetime, timedelta

from bot.rules.retraining import Window


def share(window: Window, since: datetime, until: datetime) -> float:
    """The part of the time from `since` until `until`, 0 to 1, that lies in the data it learnt from."""
    tried = until - since
    if tried <= timedelta(0):
        return 0.0
    start, end = max(since, window.since), min(until, window.until)
    left_out = ((max(start, one), min(end, other)) for one, other in window.excluded)
    lost = sum((max(timedelta(0), other - one) for one, other in left_out), timedelta(0))
    return max(timedelta(0), end - start - lost) / tried
