"""people.yaml: who can be woken, how, and in which teams."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from bot import documents, words
from bot.documents import Form, Wait
from bot.errors import BadInput
from bot.model.people import SOONER, NotifyStep, People, Person, Team
from bot.model.rota import Window
from bot.settings.forms import Name, SlackId, Urgency, Zone
from bot.settings.forms import Team as TeamId
from bot.settings.known import Known
from bot.settings.rotas import WindowForm
from bot.settings.sheet import Sheet

#: ways to reach somebody that a connection may serve, and what each needs to know of a person
KINDS = ("sms", "call", "email", "push")
CHANNELS = {"slack": "slack", "sms": "phone", "call": "phone", "email": "email", "push": "push"}


def _step(value: object) -> object:
    """`sms after 2m`, or the same as a mapping, as a step; the channel is checked with all the others."""
    if isinstance(value, dict):
        return _StepForm.model_validate(value).step()
    found = re.fullmatch(r"\s*([A-Za-z0-9][\w.-]*)(?:\s+after\s+(.+?))?\s*", value) if isinstance(value, str) else None
    if not found:
        raise documents.Wrong("is no way to reach somebody.", "Write: slack, or: sms after 2m")
    try:
        after = documents.duration(found[2]) if found[2] else timedelta(0)
    except BadInput as error:
        raise documents.Wrong(f"waits for something that {error.what}", error.do) from None
    return NotifyStep(found[1], after)


class _StepForm(Form):
    """A step in full."""

    channel: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][\w.-]*$")]
    after: Wait = timedelta(0)
    at_once: list[Literal["failed", "dnd"]] | None = None

    def step(self) -> NotifyStep:
        return NotifyStep(self.channel, self.after, SOONER if self.at_once is None else frozenset(self.at_once))


def _language(value: str) -> str:
    if value not in words.LANGUAGES:
        raise documents.Wrong("is no language the bot speaks.", f"Known: {', '.join(words.LANGUAGES)}.")
    return value


Language = Annotated[str, AfterValidator(_language)]


class PersonForm(Form):
    """Somebody who can be woken."""

    name: Name
    slack: SlackId | None = None
    email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None
    phone: Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")] | None = None
    timezone: Zone = "UTC"
    language: Language | None = None
    workspace: TeamId | None = None
    push: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")] | None = None
    quiet: list[WindowForm] = Field(default=[])
    notify: dict[Urgency, Annotated[list[Annotated[NotifyStep, BeforeValidator(_step)]], Field(min_length=1)]] = Field(
        default={}
    )


class TeamForm(Form):
    """Who owns models together."""

    name: Name
    entity: Name
    members: Annotated[list[Name], Field(min_length=1)]
    lead: Name | None = None


def read(sheet: Sheet, known: Known) -> People:
    """The people and teams that fit; what does not is in the sheet's complaints."""
    sheet.only("people", "teams", "admins")
    persons = {form.name: _person(sheet, place, form, known) for place, form in sheet.entries("people", PersonForm)}
    teams = {form.name: _team(sheet, place, form, known) for place, form in sheet.entries("teams", TeamForm)}
    _once(sheet)
    return People(persons, teams, _admins(sheet, teams, known))


def _person(sheet: Sheet, place: int, form: PersonForm, known: Known) -> Person:
    notify = {str(urgency): tuple(steps) for urgency, steps in form.notify.items()}
    channels = {**CHANNELS, **dict.fromkeys(known.connection or (), "")}
    channels |= {f"{name}.{kind}": CHANNELS[kind] for name in known.connection or () for kind in KINDS}
    for urgency, steps in notify.items():
        for number, step in enumerate(steps):
            path = ("people", place, "notify", urgency, number)
            if step.channel not in channels and known.connection is not None:
                do = documents.closest(step.channel, channels) or f"Known: {', '.join(channels)}."
                sheet.wrong(f"There is no channel '{step.channel}'.", do, *path)
            needs = channels.get(step.channel)
            by_address = needs == "slack" and form.email is not None
            if needs and getattr(form, needs) is None and not by_address:
                sheet.wrong(f"{form.name} has no {needs} for {step.channel}.", f"Add `{needs}`.", *path)
    if not notify and form.slack is None and form.email is None:
        do = "Add `slack`, or the `email` they use in Slack, or say how with `notify`."
        sheet.wrong(f"Nothing reaches {form.name}.", do, "people", place)
    return Person(
        form.name,
        form.slack,
        form.email,
        form.phone,
        form.timezone,
        notify,
        form.language,
        form.workspace,
        form.push,
        tuple(Window(one.days, one.start, one.end) for one in form.quiet),
    )


def _team(sheet: Sheet, place: int, form: TeamForm, known: Known) -> Team:
    named: list[tuple[str, str, tuple[str | int, ...]]] = [("entity", form.entity, ("entity",))]
    named += [("person", member, ("members", number)) for number, member in enumerate(form.members)]
    named += [("person", form.lead, ("lead",))] if form.lead else []
    for kind, name, path in named:
        if fault := known.missing(kind, name):
            sheet.wrong(*fault, "teams", place, *path)
    for number, member in enumerate(form.members):
        if member in form.members[:number]:
            sheet.wrong(f"'{member}' is a member already.", "Name each once.", "teams", place, "members", number)
    return Team(form.name, form.entity, tuple(form.members), form.lead)


def _admins(sheet: Sheet, teams: Mapping[str, Team], known: Known) -> tuple[str, ...]:
    """Those who are named, else whoever leads a team: nobody at all could let anybody in."""
    named = sheet.document.data.get("admins")
    if named is None:
        return tuple(dict.fromkeys(team.lead for team in teams.values() if team.lead))
    if not isinstance(named, list) or not named:
        sheet.wrong("`admins` must name at least one person, in a list.", "Write: admins: [ada]", "admins")
        return ()
    for number, name in enumerate(named):
        if fault := known.missing("person", str(name)):
            sheet.wrong(*fault, "admins", number)
    return tuple(dict.fromkeys(map(str, named)))


def _once(sheet: Sheet) -> None:
    """One Slack id is one person, or a press could not be told from another's."""
    seen: dict[str, str] = {}
    for place, entry in enumerate(sheet.raw("people")):
        slack = entry.get("slack")
        if not isinstance(slack, str):
            continue
        if slack in seen:
            what = f"The Slack id {slack} belongs to {seen[slack]} already."
            sheet.wrong(what, "Give each person their own.", "people", place, "slack")
        seen.setdefault(slack, str(entry.get("name")))
