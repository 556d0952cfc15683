"""The stages of a tier as JSON, and back: waits in seconds, hours as `HH:MM`."""

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from bot.model.rota import Window
from bot.model.runbook import Only, Stage


def frozen(stage: Stage) -> dict[str, Any]:
    """What of a stage is not its default."""
    only = stage.only
    said = {
        "page": list(stage.page),
        "wait": stage.wait.total_seconds(),
        "until": _written(stage.until),
        "only": {"more_than": only.more_than, "within": only.within.total_seconds(), "hours": _written(only.hours)}
        if only
        else None,
        "in_turn": stage.in_turn,
        "all_must": stage.all_must,
        "back_to": stage.back_to,
        "times": stage.times,
        "spend": stage.spend,
    }
    return {key: value for key, value in said.items() if value}


def thawed(kept: Mapping[str, Any]) -> Stage:
    """The stage that `frozen` wrote."""
    only = kept.get("only")
    return Stage(
        page=tuple(kept.get("page", ())),
        wait=timedelta(seconds=kept.get("wait", 0.0)),
        until=_read(kept.get("until", ())),
        only=Only(only["more_than"], timedelta(seconds=only["within"]), _read(only["hours"])) if only else None,
        in_turn=kept.get("in_turn", False),
        all_must=kept.get("all_must", False),
        back_to=kept.get("back_to"),
        times=kept.get("times", 0),
        spend=kept.get("spend", 0.0),
    )


def _written(windows: Sequence[Window]) -> list[list[Any]]:
    return [
        [sorted(one.days), one.start.isoformat("minutes"), one.end.isoformat("minutes"), one.holidays, one.country]
        for one in windows
    ]


def _read(kept: Sequence[Sequence[Any]]) -> tuple[Window, ...]:
    return tuple(
        Window(frozenset(days), time.fromisoformat(start), time.fromisoformat(end), holidays, country)
        for days, start, end, holidays, country in kept
    )
