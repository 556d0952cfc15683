"""PagerDuty's own answers, status and body, to what became of an event."""

from typing import Any

import orjson

from bot.contract import Answer, BadInput, NotAuthentic, Request, Taken, TocsinError, TooLarge, Unreadable
from plugins.pagerduty import event


def reply(request: Request, outcome: Taken | TocsinError) -> Answer:
    """The answer to `request`."""
    if isinstance(outcome, TooLarge):
        return _invalid([f"Event is too large (should be at most {event.LIMIT // 1024} KB)"], 413)
    if isinstance(outcome, TocsinError) and not isinstance(outcome, BadInput):
        return _answer(503, "error", "Event was not accepted", errors=[outcome.what])
    try:
        given = event.read(request)
    except Unreadable as error:
        what = "JSON parse error" if "no JSON:" in error.what else "Event is not an object"
        return _answer(400, "Unrecognized object", "Event object format is unrecognized", errors=[what])
    if isinstance(outcome, NotAuthentic):
        errors = [*event.key_errors(given.body.get("routing_key")), *given.errors()]
        return _invalid(errors or ["Invalid routing key"])
    if isinstance(outcome, TocsinError):
        return _invalid(given.errors() or [outcome.what])
    if outcome.letter:
        return _invalid(given.errors() or [outcome.why])
    if given.change:
        return _answer(202, "success", "Change event processed")
    return _answer(202, "success", "Event processed", dedup_key=event.dedup_key(request, given))


def _invalid(errors: list[str], status: int = 400) -> Answer:
    return _answer(status, "invalid event", "Event object is invalid", errors=errors)


def _answer(code: int, status: str, message: str, **more: Any) -> Answer:
    return Answer(code, orjson.dumps({"status": status, "message": message, **more}))
