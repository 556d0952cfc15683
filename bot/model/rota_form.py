"""A rota as JSON, and back: what it was is kept so."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from bot.model.rota import Every, Fixed, Layer, Rota, Seat, Temporary, Unit, Window


def spelled(rota: Rota) -> dict[str, Any]:
    """All of it but its past; `read` makes the same of it again."""
    return {
        "name": rota.name,
        "timezone": rota.timezone,
        "layers": [_layer(layer) for layer in rota.layers],
        "owner": rota.owner,
        "temporary": [_temporary(one) for one in rota.temporary],
    }


def read(said: Mapping[str, Any]) -> Rota:
    """The rota that was `spelled` so."""
    return Rota(
        name=said["name"],
        timezone=said["timezone"],
        layers=tuple(_read_layer(layer) for layer in said["layers"]),
        owner=said["owner"],
        temporary=tuple(_read_temporary(one) for one in said["temporary"]),
    )


def _layer(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "start": layer.start.isoformat(),
        "every": [layer.every.count, layer.every.unit.value],
        "members": [list(seat) if isinstance(seat, tuple) else seat for seat in layer.members],
        "timezone": layer.timezone,
        "only": [_window(window) for window in layer.only],
        "rolling": layer.rolling,
        "since": layer.since.isoformat() if layer.since else None,
        "until": layer.until.isoformat() if layer.until else None,
        "calendar": layer.calendar,  # what it says changes all the time, and is no edit of the rota
    }


def _read_layer(said: Mapping[str, Any]) -> Layer:
    count, unit = said["every"]
    since, until = (datetime.fromisoformat(said[name]) if said[name] else None for name in ("since", "until"))
    return Layer(
        name=said["name"],
        start=datetime.fromisoformat(said["start"]),
        every=Every(count, Unit(unit)),
        members=tuple(_seat(seat) for seat in said["members"]),
        timezone=said["timezone"],
        only=tuple(_read_window(window) for window in said["only"]),
        rolling=said["rolling"],
        calendar=said["calendar"],
        since=since,
        until=until,
    )


def _seat(said: Any) -> Seat:
    return tuple(said) if isinstance(said, list) else said


def _window(window: Window) -> dict[str, Any]:
    hours = {"start": window.start.isoformat(), "end": window.end.isoformat()}
    return {**hours, "days": sorted(window.days), "holidays": window.holidays, "country": window.country}


def _read_window(said: Mapping[str, Any]) -> Window:
    start, end = (time.fromisoformat(said[name]) for name in ("start", "end"))
    return Window(frozenset(said["days"]), start, end, said["holidays"], said["country"])


def _temporary(one: Temporary) -> dict[str, Any]:
    shifts = [[shift.start.isoformat(), shift.end.isoformat(), shift.person] for shift in one.shifts]
    return {"name": one.name, "start": one.start.isoformat(), "end": one.end.isoformat(), "shifts": shifts}


def _read_temporary(said: Mapping[str, Any]) -> Temporary:
    start, end = (datetime.fromisoformat(said[name]) for name in ("start", "end"))
    shifts = tuple(
        Fixed(datetime.fromisoformat(begin), datetime.fromisoformat(finish), person)
        for begin, finish, person in said["shifts"]
    )
    return Temporary(said["name"], start, end, shifts)
