"""What Alertmanager answers to whoever posts alerts: nothing at all, or a JSON string that says what was wrong."""

import json

from bot.contract import Answer, BadInput, NotAuthentic, NotFound, Taken, TocsinError, TooLarge, Unreadable

NO_LABELS = "at least one label pair required"
BACKWARDS = "start time must be before end time"


def answer(outcome: Taken | TocsinError) -> Answer:
    """200 and an empty body; 400 where something was refused, even though the rest was taken in."""
    if isinstance(outcome, TocsinError):
        return _refusal(outcome)
    wrong = outcome.why if outcome.letter is not None else "; ".join(outcome.skipped)
    # Alertmanager sends no type with nothing.
    return _said(400, wrong) if wrong else Answer(200, b"", "")


def _refusal(error: TocsinError) -> Answer:
    if isinstance(error, NotAuthentic):
        return _said(401, str(error), {"WWW-Authenticate": 'Basic realm="tocsin"'})
    if isinstance(error, TooLarge):
        return _said(413, str(error))
    if isinstance(error, Unreadable):
        message = f'parsing alerts body from "" failed, because {error}'
        return Answer(400, json.dumps({"code": 400, "message": message}).encode())
    if isinstance(error, NotFound):
        return _said(404, str(error))
    if isinstance(error, BadInput):
        return _said(400, str(error))
    return _said(503, str(error), {"Retry-After": "2"})


def _said(status: int, words: str, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, json.dumps(words).encode(), headers=headers or {})
