"""What every verb has at hand: the store, the clock, and the configuration that is in force."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.contract.evaluator import Evaluator
from bot.contract.features import FeatureStore
from bot.contract.guard import Guard
from bot.contract.pager import Pager
from bot.contract.platform import Platform
from bot.contract.trainer import Trainer
from bot.model.incident import Incident
from bot.model.people import People
from bot.rules import escalation
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, links, overrides


@dataclass(frozen=True)
class Way:
    """A channel that reaches people, behind its guard."""

    pager: Pager
    guard: Guard


@dataclass(frozen=True)
class Host:
    """A platform that runs models, behind its guard."""

    platform: Platform
    guard: Guard


@dataclass(frozen=True)
class Lab:
    """What versions of a model are tried by, behind its guard."""

    evaluator: Evaluator
    guard: Guard


@dataclass(frozen=True)
class Forge:
    """What models are trained anew by, behind its guard."""

    trainer: Trainer
    guard: Guard


@dataclass(frozen=True)
class Shelf:
    """What serves features, behind its guard."""

    store: FeatureStore
    guard: Guard


@dataclass
class Desk:
    """Shared by all verbs; `settings` and `runbooks` are frozen and swapped whole when a reload succeeds."""

    store: Store
    clock: Clock
    settings: Settings
    runbooks: Library
    ways: dict[str, Way] = field(default_factory=dict)  #: by channel: slack, sms ...
    hosts: dict[str, Host] = field(default_factory=dict)  #: by connection
    labs: dict[str, Lab] = field(default_factory=dict)  #: by connection
    forges: dict[str, Forge] = field(default_factory=dict)  #: by connection
    shelves: dict[str, Shelf] = field(default_factory=dict)  #: by connection

    def roster(self, tx: Tx, at: datetime) -> escalation.Roster:
        """Who could be paged at `at`: the configuration, and what was changed by hand."""
        byhand = overrides.active(tx, at, at + timedelta(microseconds=1))
        settings = self.settings
        return escalation.Roster(
            rotas=settings.rotas,
            people=self.people(tx),
            overrides=(*settings.overrides, *byhand),
            channels=frozenset(self.ways),
        )

    def people(self, tx: Tx) -> People:
        """Everybody the configuration knows, those who were linked with their Slack users."""
        people = self.settings.people
        if all(person.slack for person in people.persons.values()):
            return people
        linked = links.accounts(tx)
        known = {
            name: replace(person, slack=linked[name].rpartition("/")[2])
            if person.slack is None and name in linked
            else person
            for name, person in people.persons.items()
        }
        return replace(people, persons=known)

    def person(self, tx: Tx, by: str) -> str | None:
        """The person behind `slack:USERID` or `person:NAME`; None for nobody we know.

        The configuration goes before what was linked: somebody who has a Slack id there is nobody else.
        """
        kind, _, name = by.partition(":")
        people = self.settings.people
        if kind != "slack":
            return name if kind == "person" and name in people.persons else None
        if found := people.by_slack(name):
            return found.name
        link = links.of_user(tx, name)
        linked = people.persons.get(link.person) if link else None
        return linked.name if linked and linked.slack is None else None

    def channel(self, incident: Incident) -> str:
        """The chat channel in which the incident's card stands."""
        entity = self.settings.estate.entities.get(incident.entity)
        return (entity.channel if entity else None) or self.settings.slack.channel

    def owner_team(self, incident: Incident) -> str | None:
        """The team that owns the incident's model."""
        model = self.settings.estate.find(incident.model)
        return model.team if model else None
