"""People, teams, and how each wants to be woken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model.rota import Window

FAILED, DND = "failed", "dnd"
#: What makes waiting vain: the ways before it could not be delivered; they are not to be disturbed in the chat.
SOONER = frozenset({FAILED, DND})


@dataclass(frozen=True, slots=True)
class NotifyStep:
    """One way to reach a person: a channel, and how long after the page was decided."""

    channel: str
    after: timedelta = timedelta(0)
    at_once: frozenset[str] = SOONER  #: of SOONER: what lets it go at once in the place of waiting

    @property
    def name(self) -> str:
        """What tells it from the others of one person: `sms`, or `sms+120s` where it waits."""
        return f"{self.channel}+{int(self.after.total_seconds())}s" if self.after else self.channel


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can hold the pager or press a button."""

    name: str
    slack: str | None = None  #: Slack user id
    email: str | None = None
    phone: str | None = field(default=None, repr=False)
    timezone: str = "UTC"
    notify: Mapping[str, tuple[NotifyStep, ...]] = field(default_factory=dict)  #: by urgency: high, low
    language: str | None = None  #: what the bot speaks to them; None leaves it to their chat
    workspace: str | None = None  #: the team id of the Slack workspace of their account; None for the main one
    push: str | None = field(default=None, repr=False)  #: the topic or device that their push channel knows them by
    quiet: tuple[Window, ...] = ()  #: hours of their own zone in which pages of low urgency wait

    def ways(self, urgency: str) -> tuple[NotifyStep, ...]:
        """How to reach this person at `urgency`; without a rule of their own, a Slack message at once."""
        return self.notify.get(urgency) or self.notify.get("high") or (NotifyStep("slack"),)


@dataclass(frozen=True, slots=True)
class Team:
    """Who owns models together."""

    name: str
    entity: str
    members: tuple[str, ...]
    lead: str | None = None


@dataclass(frozen=True)
class People:
    """Everybody the configuration knows."""

    persons: Mapping[str, Person] = field(default_factory=dict)
    teams: Mapping[str, Team] = field(default_factory=dict)
    admins: tuple[str, ...] = ()  #: who sees to the bot itself

    def by_slack(self, user_id: str) -> Person | None:
        """The person behind a Slack user id."""
        return next((p for p in self.persons.values() if p.slack == user_id), None)

    def leads(self, person: str) -> tuple[str, ...]:
        """The leads of the teams `person` belongs to or leads, each once."""
        teams = (team for team in self.teams.values() if person in (*team.members, team.lead))
        return tuple(dict.fromkeys(team.lead for team in teams if team.lead))
