"""How the picture of a rota's weeks is drawn: rows of days, bars with names, nights, gaps, and where now is."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from bot import words
from bot.charts import colours, rows
from bot.charts import sheet as told_of
from bot.charts.pad import Box, Pad, wide
from bot.charts.rows import Bar, Run, Week
from bot.charts.sheet import Sheet
from bot.words.picture import Picture

# Sizes in points.
LEFT, RIGHT, TOP, BOTTOM = 40.0, 14.0, 62.0, 34.0
DAY = 114.0  #: the width of a column
HEAD, FOOT, NOW_FOOT = 17.0, 7.0, 16.0  #: above and below the bars of a row, and below them in the row of now
SKY = 4.0  #: the strip above the bars that is dark at night
BAR, LANE = 40.0, 19.0  #: the height of the bars of a row, and the least of one lane
SPACE = 5.0  #: around words in a bar
LEAST = 24.0  #: a bar narrower than this has no name
THIN = 2.0  #: what is shorter than this is drawn so wide, so that it is seen
PEOPLE = 12  #: in the legend

INK, FAINT, RULE, WEEKEND = "#111111", "#666666", "#d4d4d4", "#f4f4f1"
RED, PINK, NOW = "#c1121f", "#fff1f1", "#0b3d91"
NIGHT, LIT = "#27304f", "#e6e6df"
#: How a bar is outlined, by why somebody holds it: width and dash.
OUTLINES = {"override": (2.2, "solid"), "cover": (1.8, (0, (3, 1.5))), "temporary": (1.8, (0, (1, 1.2)))}


def drawn(sheet: Sheet, *, named: bool = True) -> Pad:
    """The sheet on a pad; without names in the bars where it is not `named`."""
    return _Calendar(sheet, named).drawn()


class _Calendar:
    def __init__(self, sheet: Sheet, named: bool) -> None:
        self.sheet, self.named = sheet, named
        self.said: Picture = words.of(sheet.language).picture
        self.weeks = rows.weeks(sheet.start, sheet.weeks, sheet.zone)
        self.start, self.end = self.weeks[0].edges[0], self.weeks[-1].edges[-1]
        self.where = ZoneInfo(sheet.zone)
        self.runs, self.held = rows.runs(sheet.shifts, self.start, self.end)
        self.bars = [rows.bars(week, self.held) for week in self.weeks]
        self.paints = colours.of([*sheet.people, *(run.person for run in self.runs if run.person)])
        self.tall = [max(BAR, LANE * max((bar.lanes for bar in bars), default=1)) for bars in self.bars]
        self.width = LEFT + rows.DAYS * DAY + RIGHT
        body = sum(self._deep(number) for number in range(len(self.weeks)))
        self.pad = Pad(self.width, TOP + body + BOTTOM)

    def drawn(self) -> Pad:
        self._title()
        top = TOP
        for number, week in enumerate(self.weeks):
            self._row(number, week, top)
            top += self._deep(number)
        self._legend(top)
        return self.pad

    def _deep(self, number: int) -> float:
        """The height of a row with what is above and below its bars."""
        return HEAD + SKY + self.tall[number] + (NOW_FOOT if self._has_now(self.weeks[number]) else FOOT)

    def _has_now(self, week: Week) -> bool:
        return self.sheet.now is not None and week.edges[0] <= self.sheet.now < week.edges[-1]

    def _title(self) -> None:
        self.pad.words((LEFT, 27), told_of.title(self.sheet), 16, bold=True, name="title")
        shown = told_of.shown(self.sheet)
        self.pad.words((LEFT, 44), shown, 9.5, colour=FAINT, name="span")
        lone, _ = told_of.gaps(self.sheet)
        told = told_of.gaps_told(self.sheet)
        self.pad.words(
            (self.width - RIGHT, 44),
            told,
            10,
            colour=RED if lone else FAINT,
            bold=bool(lone),
            align="right",
            name="told",
        )

    # A row

    def _row(self, number: int, week: Week, top: float) -> None:
        bars, tall = top + HEAD + SKY, self.tall[number]
        calendar_week = words.fill(self.said.week, number=week.days[0].isocalendar().week)
        self.pad.words((LEFT - 6, bars + tall / 2 + 3), calendar_week, 8.5, colour=FAINT, align="right")
        for day in range(rows.DAYS):
            self._day(number, week, day, top)
        self._nights(number, week, top + HEAD)
        self._bars(number, bars)
        for day in range(rows.DAYS + 1):
            x = LEFT + day * DAY
            self.pad.line((x, top), (x, bars + tall), RULE if 0 < day < rows.DAYS else "#b5b5b5", 0.6, "")
        self._now(number, week, bars)
        self._names(number, bars)

    def _day(self, number: int, week: Week, day: int, top: float) -> None:
        date, x = week.days[day], LEFT + day * DAY
        if day >= 5:
            self.pad.box((x, top, DAY, HEAD + self.tall[number]), WEEKEND)
        told = f"{self.said.days.split()[day]} {date.day}"
        if date.day == 1 or (number, day) == (0, 0):
            told = f"{told} {told_of.month(self.said, date.month)}"
        now = self.sheet.now
        today = now is not None and now.astimezone(self.where).date() == date
        colour = NOW if today else FAINT if self._over(week, day) else INK
        self.pad.words((x + SPACE, top + 12), told, 9, colour=colour, bold=today, name=f"day-{date}")
        if (hours := week.hours(day)) != 24:
            text = words.fill(self.said.hours, count=f"{hours:g}")
            self.pad.words((x + DAY - SPACE, top + 12), text, 7.5, colour=FAINT, align="right", name=f"hours-{date}")

    def _over(self, week: Week, day: int) -> bool:
        return self.sheet.now is not None and week.edges[day + 1] <= self.sheet.now

    def _nights(self, number: int, week: Week, top: float) -> None:
        """The sky over the bars, so that whoever sleeps badly is seen."""
        self.pad.box((LEFT, top, rows.DAYS * DAY, SKY), LIT)
        dark: list[Box] = [
            (LEFT + begun * DAY, top, (end - begun) * DAY, SKY) for begun, end in week.nights if end > begun
        ]
        if dark:
            self.pad.boxes(dark, NIGHT, name=f"nights-{number}")

    def _now(self, number: int, week: Week, top: float) -> None:
        """What is past is pale, and a line stands where it ends."""
        now, tall = self.sheet.now, self.tall[number]
        if now is None or now < week.edges[0]:
            return
        x = LEFT + week.begins(now) * DAY
        if x > LEFT:
            self.pad.box((LEFT, top, x - LEFT, tall), "#ffffff", see=0.5)
        if not self._has_now(week):
            return
        self.pad.line((x, top - SKY - 3), (x, top + tall + 3), NOW, 2.0, "now")
        text = f"{self.said.now} {now.astimezone(self.where):%H:%M}"
        half = wide(text, 8, bold=True) / 2
        x = min(max(x, LEFT + half), self.width - RIGHT - half)
        self.pad.words((x, top + tall + 11.5), text, 8, colour=NOW, bold=True, align="center", name="now-at")

    # Bars

    def _bars(self, number: int, top: float) -> None:
        wide_ones = [bar for bar in self.bars[number] if self._labelled(bar)]
        small = [bar for bar in self.bars[number] if not self._labelled(bar)]
        for place, bar in enumerate(wide_ones):
            self._bar([bar], f"bar-{number}-{bar.run}-{place}", number, top)
        by = sorted(small, key=lambda bar: self._look(bar))
        for place, (_, same) in enumerate(groupby(by, key=self._look)):
            self._bar(list(same), f"bars-{number}-{place}", number, top)

    def _bar(self, bars: Sequence[Bar], name: str, number: int, top: float) -> None:
        """Bars that look alike."""
        run, boxes = self.runs[bars[0].run], [self._box(bar, number, top) for bar in bars]
        if run.person is None:
            self.pad.boxes(boxes, PINK, edge=RED, mark="////", width=1.0, name=name.replace("bar", "gap", 1))
            return
        paint = self.paints[run.person]
        self.pad.boxes(boxes, paint.fill, edge="#ffffff", width=0.8, mark=paint.mark, name=name)
        if run.source in OUTLINES:
            width, dash = OUTLINES[run.source]
            self.pad.boxes(
                [(x + 1.2, y + 1.2, w - 2.4, h - 2.4) for x, y, w, h in boxes if w > 4] or boxes,
                "none",
                edge=INK,
                width=width,
                dash=dash,
                name=name.replace("bar", run.source, 1),
            )

    def _look(self, bar: Bar) -> tuple[str, str]:
        run = self.runs[bar.run]
        return run.person or "", run.source

    def _labelled(self, bar: Bar) -> bool:
        return self.named and (bar.right - bar.left) * DAY >= LEAST

    def _box(self, bar: Bar, number: int, top: float) -> Box:
        height = self.tall[number] / bar.lanes
        left, width = LEFT + bar.left * DAY, (bar.right - bar.left) * DAY
        return left, top + bar.lane * height, max(width, THIN), height

    # Words

    def _names(self, number: int, top: float) -> None:
        """Each bar is named that has the room; from when until when is said once a row, where there is most."""
        widest: dict[int, Bar] = {}
        for bar in self.bars[number]:
            kept = widest.get(bar.run)
            if kept is None or _room(bar) > _room(kept):
                widest[bar.run] = bar
        for bar in self.bars[number]:
            if self._labelled(bar):
                self._name(bar, number, top, timed=widest[bar.run] is bar)

    def _name(self, bar: Bar, number: int, top: float, *, timed: bool) -> None:
        x, y, width, height = self._box(bar, number, top)
        run, room, two = self.runs[bar.run], width - 2 * SPACE, height >= 2 * LANE - 8
        size, times = (10.0 if two else 9.0), self._times(run, room) if timed else ""
        name = _fitting(run.person or self.said.nobody, room, size, whole=run.person is None)
        if not name:
            return
        taken = wide(name, size, bold=True)
        beside = times if not two and room - taken > wide(times, 7.5) + SPACE else ""
        times, base = times if two else "", y + height / 2 + size * 0.36 - (5.5 if two and times else 0)
        if run.person is None:  # hatched: words need a ground of their own
            long = max(taken + (SPACE + wide(beside, 7.5) if beside else 0), wide(times, 7.5) if times else 0)
            self.pad.box((x + SPACE - 2, y + 4, long + 4, height - 8), PINK)
        colour = INK if run.person else RED
        who = f"who-{number}-{bar.run}" if timed else ""
        self.pad.words((x + SPACE, base), name, size, colour=colour, bold=True, name=who)
        if times:
            self.pad.words((x + SPACE, base + 12), times, 7.5, colour=colour)
        if beside:
            self.pad.words((x + 2 * SPACE + taken, base), beside, 7.5, colour=colour)

    def _times(self, run: Run, room: float) -> str:
        """From when until when, as far as there is room and the picture knows."""
        start, end = run.start.astimezone(self.where), run.end.astimezone(self.where)
        begun, ends = run.start > self.start, run.end < self.end
        days = f"{self._day_of(start)} – {self._day_of(end)}"
        hours = f"{start:%H:%M} – {end:%H:%M}"
        if not (begun and ends):
            told = [words.fill(self.said.until, end=self._day_of(end))] if ends else []
            told += [words.fill(self.said.since, start=self._day_of(start))] if begun else []
        elif run.end - run.start > timedelta(days=1):
            told = [days, words.fill(self.said.until, end=self._day_of(end))]
        else:
            told = [hours, f"{start:%H:%M}"] if start.date() == end.date() else [days, hours, f"{start:%H:%M}"]
        return next((one for one in told if wide(one, 7.5) <= room), "")

    def _day_of(self, at: datetime) -> str:
        return told_of.day(self.said, at)

    # The legend

    def _legend(self, top: float) -> None:
        x, y = LEFT, top + 16
        sources = {run.source for run in self.runs}
        meanings: Mapping[str, str] = {
            "override": self.said.stands_in, "cover": self.said.covers, "temporary": self.said.temporary
        }  # fmt: skip
        for person in self._everybody():
            paint = self.paints[person]
            x = self._chip((x, y), _fitting(person, DAY, 8.5), paint.fill, edge="#ffffff", mark=paint.mark)
        if None in {run.person for run in self.runs}:
            x = self._chip((x, y), self.said.nobody, PINK, edge=RED, mark="////", width=1.0)
        for source, meaning in meanings.items():
            if source in sources:
                width, dash = OUTLINES[source]
                x = self._chip((x, y), meaning, None, edge=INK, width=width, dash=dash)
        x = self._chip((x, y), self.said.night, NIGHT)
        crowd = max((len(shift.holders) for shift, _ in self.held), default=0) - rows.LANES
        if crowd > 0:
            self._chip((x, y), words.fill(self.said.crowded, count=crowd), RED)

    def _everybody(self) -> list[str]:
        """Who is on call in what is shown, in the order of their first shift."""
        found = list(dict.fromkeys(run.person for run in self.runs if run.person))
        return found[:PEOPLE]

    def _chip(self, at: tuple[float, float], text: str, fill: str | None, **more: object) -> float:
        """A sample and what it means; answers where the next one may stand."""
        x, y = at
        if x + 18 + wide(text, 8.5) > self.width - RIGHT:
            return x  # there is no more room; the bars have names of their own
        self.pad.box((x, y - 8, 13, 10), fill, **more)  # type: ignore[arg-type]
        self.pad.words((x + 18, y), text, 8.5, colour=INK, name="")
        return x + 18 + wide(text, 8.5) + 14


def _room(bar: Bar) -> float:
    return (bar.right - bar.left) / bar.lanes


def _fitting(name: str, room: float, size: float, *, whole: bool = False) -> str:
    """The name, or as much of it as there is room for: shortened, at last the initials; nothing where it is `whole`."""
    if wide(name[:60], size, bold=True) <= room:
        return name[:60]
    if whole:
        return ""
    parts = [part for part in name.replace(".", " ").replace("-", " ").replace("_", " ").split() if part]
    initials = "".join(part[0] for part in parts[:3]).upper() if len(parts) > 1 else name[:2]
    for count in range(min(len(name), 40) - 1, 2, -1):
        if wide(f"{name[:count]}…", size, bold=True) <= room:
            return f"{name[:count]}…"
    return initials if wide(initials, size, bold=True) <= room else initials[:1]
