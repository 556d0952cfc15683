"""What the HTTP door answers: JSON, and for every error its status, reason and cure."""

from typing import Any

import orjson
from starlette.responses import Response

from bot.errors import BadInput, NotAuthentic, NotFound, PluginFault, Refused, StoreDown, TocsinError, TooLarge

STATUS: tuple[tuple[type[TocsinError], int], ...] = (
    (NotAuthentic, 401),
    (TooLarge, 413),
    (BadInput, 400),
    (NotFound, 404),
    (Refused, 409),
    (StoreDown, 503),
    (PluginFault, 503),
    (TocsinError, 503),
)


def json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """`value` as JSON."""
    return Response(orjson.dumps(value), status, headers, "application/json")


def error(what: TocsinError) -> Response:
    """The status of this error, with what happened, what to do, and whether to try again."""
    status = next(code for kind, code in STATUS if isinstance(what, kind))
    headers = {"Retry-After": "2"} if status == 503 else {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return json({"error": what.what, "do": what.do, "retry": what.retry or status == 503}, status, headers)


def misdirected(method: str, path: str, status: int, headers: dict[str, str]) -> Response:
    """The answer where nothing stands at `path`, or nothing that takes `method`; `headers` may say what does."""
    where = path if len(path) <= 60 else f"{path[:60]}…"
    what = f"{method} is not taken at {where}." if status == 405 else f"There is nothing at {where}."
    allowed = headers.get("Allow")
    do = f"Use {allowed}." if allowed else "Alerts go to POST /alerts/CONNECTION; see the README for the rest."
    return json({"error": what, "do": do, "retry": False}, status, headers)
