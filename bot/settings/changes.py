"""`changes:` of tocsin.yaml: how changes of production are agreed to and watched, and when there shall be none."""

from datetime import datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from bot import documents
from bot.documents import Duration, Form
from bot.model.freeze import Freeze
from bot.settings.forms import Name, Zone
from bot.settings.known import Known
from bot.settings.nouns import Changes
from bot.settings.sheet import Sheet

SOONEST = timedelta(seconds=10)
Criticality = Literal["low", "medium", "high", "critical"]


def _wall(value: str) -> str:
    try:
        naive = datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        naive = False
    if not naive:
        raise documents.Wrong("is no moment.", 'Write it as in "2026-12-24 18:00"; the zone stands in `timezone`.')
    return value


Wall = Annotated[str, AfterValidator(_wall)]


class FreezeForm(Form):
    """A span without changes, by the wall clock of its zone."""

    name: Name
    start: Wall
    end: Wall
    why: Annotated[str, Field(min_length=1, max_length=300)]
    timezone: Zone = "UTC"
    entity: Name | None = None


class ChangesForm(Form):
    """The whole section."""

    approval: dict[Criticality, Literal["none", "one", "two"]] = Field(default={})
    expires: Duration = Changes().expires
    verify_within: Duration = Changes().verify_within
    good_after: Duration = Changes().good_after
    poll: Duration = Changes().poll
    call_within: Duration = Changes().call_within
    freezes: list[FreezeForm] = Field(default=[])


def read(sheet: Sheet, known: Known) -> Changes:
    """The section, or what stands for it when it is left out; what does not fit is in the sheet's complaints."""
    form = sheet.section("changes", ChangesForm)
    if form is None:
        return Changes()
    if form.poll < SOONEST:
        sheet.wrong("No platform is asked that often.", "Let `poll` be 10s or more.", "changes", "poll")
    return Changes(
        approval={str(criticality): approval for criticality, approval in form.approval.items()},
        expires=form.expires,
        verify_within=form.verify_within,
        good_after=form.good_after,
        poll=form.poll,
        call_within=form.call_within,
        freezes=tuple(_freeze(sheet, place, one, known) for place, one in enumerate(form.freezes)),
    )


def _freeze(sheet: Sheet, place: int, form: FreezeForm, known: Known) -> Freeze:
    zone = ZoneInfo(form.timezone)
    start, end = (datetime.fromisoformat(wall).replace(tzinfo=zone) for wall in (form.start, form.end))
    if end <= start:
        sheet.wrong("It ends before it begins.", "Let `end` be later.", "changes", "freezes", place, "end")
    if form.entity and (fault := known.missing("entity", form.entity)):
        sheet.wrong(*fault, "changes", "freezes", place, "entity")
    return Freeze(form.name, start, end, "config", form.why, form.entity)
