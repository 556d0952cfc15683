"""The load of a shift as a picture, from its report, with what is read aloud in its place."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from bot import words
from bot.charts import load
from bot.engine import windows
from bot.engine.picture import Picture


async def drawn(report: dict[str, Any], language: str) -> Picture:
    """Drawn off the loop. BadInput where the library that draws is missing."""
    shown, w = sheet(report), words.of(language).handover
    content = await asyncio.to_thread(load.picture, shown, language)
    span = {key: windows.clock(datetime.fromisoformat(report[key]), shown.zone) for key in ("since", "until")}
    most = max(range(len(shown.pages)), key=lambda bar: shown.pages[bar])
    peak = w.picture_none
    if shown.pages[most]:
        at = windows.clock(shown.since + most * shown.each, shown.zone)
        peak = words.fill(w.picture_peak, at=at, count=shown.pages[most])
    said = {"incidents": sum(shown.incidents), "pages": sum(shown.pages), "peak": peak}
    aloud = words.fill(w.picture_aloud, rota=shown.rota, **span, **said)
    title = words.fill(w.picture_title, rota=shown.rota)
    return Picture(f"{shown.rota}-load-{shown.since.date()}.png", title, aloud, content)


def sheet(report: dict[str, Any]) -> load.Load:
    """What of a report is drawn."""
    given = report["load"]
    since, each = datetime.fromisoformat(given["since"]), timedelta(seconds=given["each"])
    bars = tuple(given["incidents"]), tuple(given["pages"])
    return load.Load(str(report["about"])[:60], str(report["zone"]), since, each, *bars)
