"""What happened in an incident as a picture: alerts, who was paged, what was decided, and changes, lane by lane."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any, Literal

from bot import words
from bot.charts import marks, spans
from bot.charts.marks import Mark
from bot.errors import BadInput
from bot.words import Words

LANES = 5  #: of alerts, of people and of changes each
LEFT, LANE = 104.0, 20.0  #: where the lanes begin, and how tall one is
LISTED = 12  #: moments
FIRES, CHANGES = "#ee8866", "#aa3377"
PAGED, ANSWERED, FAILED = ("up", "#0b3d91"), ("circle", "#228833"), ("cross", "#c1121f")


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasted: a problem that fired, a change that was made; without an end it lasts."""

    name: str
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Paged:
    """One page: to whom, when it went out or was decided, when it was answered, and whether it failed."""

    person: str
    at: datetime
    answered: datetime | None = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """What is known of an incident from `since` to `until`; marks may lie before that."""

    incident: str
    subject: str
    zone: str
    since: datetime
    until: datetime
    open: bool
    alerts: tuple[Bar, ...] = ()
    pages: tuple[Paged, ...] = ()
    changes: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    taken: tuple[datetime, str] | None = None  #: when it was first taken, and by whom
    mitigated: datetime | None = None


def picture(timeline: Timeline, language: str | None = None, form: Literal["png", "svg"] = "png") -> bytes:
    """The picture, the same for the same facts; call it off the loop. BadInput where the library is missing."""
    if find_spec("matplotlib") is None:
        raise BadInput("Pictures need the library `matplotlib`.", "pip install 'tocsin[plots]'")
    from bot.charts import frame  # a second, which a bot that draws nothing need not pay for

    w, zone = words.of(language), timeline.zone
    named, more = marks.lettered(timeline.marks, LISTED)
    lanes = _lanes(timeline, w)
    top = frame.HEAD + 20
    floor = top + LANE * (len(lanes) + bool(named))
    made = frame.pad(
        floor + 22 + frame.tall(named, more), title(timeline, language), words.fill(w.drawn.zone, zone=zone)
    )
    room = max((timeline.until - timeline.since) * 0.03, timedelta(seconds=30))
    start = min([timeline.since, *(mark.at for _, mark in named)]) - room
    end = timeline.until + room
    box = (LEFT, top, frame.WIDTH - frame.EDGE - LEFT, floor - top)

    def at(moment: datetime) -> float:
        return LEFT + box[2] * min(max((moment - start) / (end - start), 0.0), 1.0)

    frame.ticks(made, box, (start, end), zone, w)
    _legend(made, timeline, w)
    y = top
    for place, lane in enumerate(lanes):
        made.line((frame.EDGE, y), (frame.WIDTH - frame.EDGE, y), frame.RULE, 0.6, "")
        _lane(made, lane, y, at, f"{place}")
        y += LANE
    if named:
        made.line((frame.EDGE, y), (frame.WIDTH - frame.EDGE, y), frame.RULE, 0.6, "")
        made.words((frame.EDGE, y + 13.5), w.drawn.lane_decisions, frame.PLAIN, name="lane:decisions")
        for _, mark in named:
            made.trace([(at(mark.at), top), (at(mark.at), y + 3)], marks.look(mark.what)[1], 0.8, dash=(0, (2, 2)))
        frame.letters(made, named, [at(mark.at) for _, mark in named], y + 14, LEFT + 4)
    made.line((LEFT, floor), (LEFT + box[2], floor), frame.INK, 0.8, "floor")
    frame.listed(made, named, more, floor + 20, zone, w)
    return made.bytes(form, title(timeline, language))


def title(timeline: Timeline, language: str | None = None) -> str:
    """What stands above it."""
    parts = {"incident": timeline.incident, "subject": timeline.subject}
    return " ".join(words.fill(words.of(language).drawn.timeline_title, **parts).split()).replace(" :", ":")


def aloud(timeline: Timeline, language: str | None = None) -> str:
    """The finding: how long it took until somebody had it, until it was mitigated, until it was over."""
    w = words.of(language)
    opened = timeline.since
    parts = ""
    if timeline.taken:
        at, who = timeline.taken
        parts += words.fill(w.drawn.after_acknowledged, span=spans.told(at - opened, w), who=who[:60])
    if timeline.mitigated:
        parts += words.fill(w.drawn.after_mitigated, span=spans.told(timeline.mitigated - opened, w))
    ended = w.drawn.still_open if timeline.open else w.drawn.after_resolved
    parts += words.fill(ended, span=spans.told(timeline.until - opened, w))
    told = {"incident": timeline.incident, "zone": timeline.zone, "at": spans.clock(opened, timeline.zone, w)}
    counts = {"pages": len(timeline.pages), "people": len({one.person for one in timeline.pages})}
    return spans.aloud(words.fill(w.drawn.timeline_aloud, **told, parts=parts, changes=len(timeline.changes), **counts))


@dataclass(frozen=True, slots=True)
class _Lane:
    """One line of the picture; `more` where it only says that there are others."""

    name: str
    bars: tuple[Bar, ...] = ()
    pages: tuple[Paged, ...] = ()
    colour: str = FIRES


def _lanes(timeline: Timeline, w: Words) -> list[_Lane]:
    """Alerts by their names, the first to fire first; people in the order in which they were paged; changes."""
    found: list[_Lane] = []
    for bars, colour in ((timeline.alerts, FIRES), (timeline.changes, CHANGES)):
        names = dict.fromkeys(bar.name for bar in sorted(bars, key=lambda one: one.start))
        lanes = [_Lane(name, tuple(bar for bar in bars if bar.name == name), (), colour) for name in names]
        found += _cut(lanes, w)
        if colour == FIRES:
            people = dict.fromkeys(one.person for one in sorted(timeline.pages, key=lambda one: one.at))
            pages = [_Lane(who, (), tuple(one for one in timeline.pages if one.person == who)) for who in people]
            found += _cut(pages, w)
    return found


def _cut(lanes: Sequence[_Lane], w: Words) -> list[_Lane]:
    if len(lanes) <= LANES:
        return list(lanes)
    rest = lanes[LANES - 1 :]
    bars = tuple(bar for lane in rest for bar in lane.bars)
    pages = tuple(page for lane in rest for page in lane.pages)
    return [*lanes[: LANES - 1], _Lane(words.fill(w.drawn.more, count=len(rest)), bars, pages, rest[0].colour)]


def _lane(made: Any, lane: _Lane, top: float, at: Any, key: str) -> None:
    from bot.charts import frame
    from bot.charts.pad import fitted

    middle = top + LANE / 2
    name = fitted(lane.name or "–", LEFT - frame.EDGE - 6, frame.PLAIN, middle=True)
    made.words((frame.EDGE, middle + 3.5), name, frame.PLAIN, name=f"lane:{key}")
    edge = frame.WIDTH - frame.EDGE
    boxes = []
    for bar in lane.bars:
        left = at(bar.start)
        right = max(at(bar.end) if bar.end else edge, left + 2.5)
        boxes.append((min(left, edge - 2.5), middle - 5, min(right, edge) - min(left, edge - 2.5), 10.0))
    if boxes:
        made.boxes(boxes, lane.colour, name=f"bars:{key}")
    for n, page in enumerate(lane.pages[:60]):
        if page.answered and not page.failed:
            made.line((at(page.at), middle), (at(page.answered), middle), PAGED[1], 1.4, f"waits:{key}-{n}")
    for n, page in enumerate(lane.pages[:60]):
        shape, colour = FAILED if page.failed else PAGED
        made.shape(
            marks.corners(shape, (at(page.at), middle), 4.5), colour, edge="#ffffff", width=0.6, name=f"page:{key}-{n}"
        )
        if page.answered:
            where = (at(page.answered), middle)
            made.shape(
                marks.corners(ANSWERED[0], where, 4), ANSWERED[1], edge="#ffffff", width=0.6, name=f"answer:{key}-{n}"
            )


def _legend(made: Any, timeline: Timeline, w: Words) -> None:
    from bot.charts import frame
    from bot.charts.pad import wide

    x, y = frame.EDGE, frame.HEAD + 8
    if timeline.alerts:
        made.box((x, y - 8, 12, 9), FIRES)
        made.words((x + 16, y), w.drawn.fires, frame.SMALL)
        x += 28 + wide(w.drawn.fires, frame.SMALL)
    there = {
        w.drawn.paged: (PAGED, any(not one.failed for one in timeline.pages)),
        w.drawn.answered: (ANSWERED, any(one.answered for one in timeline.pages)),
        w.drawn.failed: (FAILED, any(one.failed for one in timeline.pages)),
    }
    for told, ((shape, colour), shown) in there.items():
        if shown:
            made.shape(marks.corners(shape, (x + 4, y - 3.5), 4.2), colour)
            made.words((x + 12, y), told, frame.SMALL)
            x += 24 + wide(told, frame.SMALL)
    if timeline.changes:
        made.box((x, y - 8, 12, 9), CHANGES)
        made.words((x + 16, y), w.drawn.lane_changes, frame.SMALL)
