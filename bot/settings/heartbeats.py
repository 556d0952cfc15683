"""`heartbeats:` of tocsin.yaml: what must be heard of regularly."""

from datetime import timedelta

from pydantic import Field, SecretStr

from bot.documents import Duration, Form, Wait
from bot.settings.forms import Name
from bot.settings.known import Known
from bot.settings.nouns import Heartbeat
from bot.settings.sheet import Sheet

SOONEST = timedelta(seconds=10)


class HeartbeatForm(Form):
    """One of them."""

    name: Name
    every: Duration
    grace: Wait = timedelta(0)
    secret: SecretStr | None = None
    entity: Name | None = None
    model: Name | None = None
    environment: str | None = Field(default=None, min_length=1, max_length=200)
    severity: str | None = Field(default=None, min_length=1, max_length=200)


def read(sheet: Sheet, known: Known) -> tuple[Heartbeat, ...]:
    """Those that fit; what does not is in the sheet's complaints."""
    return tuple(_heartbeat(sheet, place, form, known) for place, form in sheet.entries("heartbeats", HeartbeatForm))


def _heartbeat(sheet: Sheet, place: int, form: HeartbeatForm, known: Known) -> Heartbeat:
    if form.every < SOONEST:
        sheet.wrong("Nothing is heard of that often.", "Let `every` be 10s or more.", "heartbeats", place, "every")
    for kind in ("entity", "model"):
        name = getattr(form, kind)
        if name and (fault := known.missing(kind, name)):
            sheet.wrong(*fault, "heartbeats", place, kind)
    return Heartbeat(
        name=form.name,
        every=form.every,
        grace=form.grace,
        secret=form.secret,
        entity=form.entity,
        model=form.model,
        environment=form.environment,
        severity=form.severity.lower() if form.severity else None,
    )
