"""What served before: the lines of `history.jsonl`, one written ahead of each switch."""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import orjson

from bot.contract import Refused, Served, Serving, Unreadable, reading
from plugins.local import disk, shares

FILE = "history.jsonl"
LONGEST = 200  #: lines that are told of
_READ = 1_048_576  # bytes of its end that are read


def line(moved: Mapping[str, Any], at: datetime, token: str, lever: str) -> bytes:
    """The line of one switch: what serves from now on, since when, and whose act it is."""
    return orjson.dumps({"at": at.isoformat(), "by": "tocsin", "token": token, "lever": str(lever), **moved})


def read(folder: Path, now: Serving) -> list[Served]:
    """What served, the newest first; lines that make no sense are passed over, so are switches that never came."""
    body, whole = disk.tail(folder / FILE, _READ)
    lines = (body or b"").split(b"\n")[0 if whole else 1 :]
    found = [one for one in map(_line, lines[-2 * LONGEST :]) if one is not None]
    number = int(now.guard or 0)
    came = [one for one, after in pairwise(found) if one.serving.guard != after.serving.guard]
    # The newest line may be ahead of the pointer: somebody died between the two.
    came += [one for one in found[-1:] if int(one.serving.guard or 0) <= number]
    return came[-LONGEST:][::-1]


def _line(body: bytes) -> Served | None:
    try:
        said = reading.loads(body)
        at = reading.instant(said.get("at")) if isinstance(said, dict) else None
        seq = said.get("seq") if at else None
        if at is None or not isinstance(seq, int) or isinstance(seq, bool) or seq < 0:
            return None
        split = shares.read(said.get("split"))
    except (Unreadable, Refused):
        return None
    by = " ".join(filter(None, (reading.text(said.get(key), reading.NAME) for key in ("by", "token"))))
    paused = said.get("paused") is True
    return Served(Serving(split, paused, {"split": split, "paused": paused}, str(seq)), at, reading.clean(by))
