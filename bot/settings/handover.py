"""`handover:` of tocsin.yaml: which changes of shift are handed over, by when, and which summaries go to channels."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from bot.documents import Duration, Form, Wait
from bot.runbooks.hours import Clock
from bot.settings.forms import Channel, Name, Zone
from bot.settings.known import Known
from bot.settings.nouns import Digest, Handovers
from bot.settings.sheet import Sheet

EARLIEST = timedelta(days=1)  #: before a change; what is drafted sooner is old by then


class DigestForm(Form):
    """A summary that goes to a channel."""

    channel: Channel
    every: Literal["daily", "weekly"] = "daily"
    at: Clock = Digest("").at
    timezone: Zone | None = None
    rota: Name | None = None
    team: Name | None = None
    entity: Name | None = None


class HandoverForm(Form):
    """The whole section."""

    rotas: Literal["all", "off"] | list[Name] = "all"
    draft: Duration = Handovers().draft
    remind: Duration = Handovers().remind
    lead: Duration = Handovers().lead
    channel: Channel | None = None
    least: Wait = Handovers().least
    digests: list[DigestForm] = Field(default=[])


def read(sheet: Sheet, known: Known) -> Handovers:
    """The section, or what stands for it when it is left out; what does not fit is in the sheet's complaints."""
    form = sheet.section("handover", HandoverForm)
    if form is None:
        return Handovers()
    named = form.rotas if isinstance(form.rotas, list) else []
    for place, name in enumerate(named):
        if fault := known.missing("rota", name):
            sheet.wrong(*fault, "handover", "rotas", place)
    if form.draft > EARLIEST:
        sheet.wrong("So early nothing is known of the shift.", "Let `draft` be 1 day or less.", "handover", "draft")
    if form.lead <= form.remind:
        sheet.wrong("The lead would hear before the reminder.", "Let `lead` be longer.", "handover", "lead")
    return Handovers(
        rotas=None if form.rotas == "all" else frozenset(named),
        draft=form.draft,
        remind=form.remind,
        lead=form.lead,
        channel=form.channel,
        least=form.least,
        digests=tuple(_digest(sheet, place, one, known) for place, one in enumerate(form.digests)),
    )


def _digest(sheet: Sheet, place: int, form: DigestForm, known: Known) -> Digest:
    about = {kind: name for kind in ("rota", "team", "entity") if (name := getattr(form, kind))}
    if len(about) != 1:
        do = "Name one of `rota`, `team` and `entity`."
        sheet.wrong("A digest is about one of them.", do, "handover", "digests", place)
    for kind, name in about.items():
        if fault := known.missing(kind, name):
            sheet.wrong(*fault, "handover", "digests", place, kind)
    return Digest(form.channel, form.every, form.at, form.timezone, form.rota, form.team, form.entity)
