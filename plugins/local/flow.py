"""How much passed through: the lines of `predictions.jsonl`, which the server writes as it goes."""

from datetime import datetime
from pathlib import Path
from typing import Any

from bot.contract import Flow, Unreadable, reading
from plugins.local import disk

FILE = "predictions.jsonl"
SEGMENTS = 50  #: that are told apart
_READ = 8 * 1_048_576  # bytes of its end that are read
_MOST = 10**12  # predictions of one line that are believed


def since(folder: Path, moment: datetime) -> Flow:
    """The predictions since then: the sum of `count` (1 when left out) of each line whose `at` is not before."""
    body, whole = disk.tail(folder / FILE, _READ)
    if body is None:
        return Flow(None, f"There is no {FILE}.")
    total, odd, segments = 0, 0, dict[str, int]()
    earlier = whole  # whether what was not read is older than the moment
    for line in body.split(b"\n")[0 if whole else 1 :]:
        if not line.strip():
            continue
        said = _line(line)
        if said is None:
            odd += 1
            continue
        at, count, segment = said
        if at < moment:
            earlier = True
            continue
        total += count
        if segment and (segment in segments or len(segments) < SEGMENTS):
            segments[segment] = segments.get(segment, 0) + count
    how = f"counted from {FILE}" if earlier else f"at least: only the last {_READ // 1_048_576} MiB of {FILE} were read"
    return Flow(total, f"{how}; {odd} lines make no sense" if odd else how, segments)


def _line(line: bytes) -> tuple[datetime, int, str] | None:
    try:
        said: Any = reading.loads(line)
    except Unreadable:
        return None
    if not isinstance(said, dict) or (at := reading.instant(said.get("at"))) is None:
        return None
    count = said.get("count", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST:
        return None
    return at, count, reading.clean(reading.text(said.get("segment"), reading.NAME) or "")
