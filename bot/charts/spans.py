"""Moments, lengths of time and sentences as the findings of pictures have them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.charts import sheet
from bot.words import Words

ALOUD = 1_000  #: characters of what is read aloud in place of a picture


def told(length: timedelta, w: Words) -> str:
    """A length of time: 4m, 1h3m, 2d4h; of longer ones the smaller parts are left out."""
    minutes = int(max(length, timedelta(0)).total_seconds() // 60)
    days, hours = divmod(minutes // 60, 24)
    parts = [(days, "d"), (hours, "h"), (minutes % 60, "m")]
    shown = [f"{count}{unit}" for count, unit in parts if count][:2]
    return "".join(shown) or w.drawn.moment


def clock(at: datetime, zone: str, w: Words, near: datetime | None = None) -> str:
    """A moment by the clocks of a zone: 23 Nov 06:40; its time alone where it is of the same day as `near`."""
    here = at.astimezone(ZoneInfo(zone))
    if near is not None and near.astimezone(ZoneInfo(zone)).date() == here.date():
        return f"{here:%H:%M}"
    return f"{here.day} {sheet.month(w.picture, here.month)} {here:%H:%M}"


def aloud(*sentences: str) -> str:
    """The sentences as one line of at most ALOUD characters, without what cannot be read aloud."""
    text = "".join(sign if sign.isprintable() else " " for sign in " ".join(one for one in sentences if one))
    line = " ".join(text.split())
    return line if len(line) <= ALOUD else f"{line[: ALOUD - 1]}…"
