"""What every verb has at hand: the store, the clock, and the configuration that is in force."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.contract.agent import Agent
from bot.contract.evaluator import Evaluator
from bot.contract.exporter import Exporter
from bot.contract.features import FeatureStore
from bot.contract.guard import Guard
from bot.contract.pager import Pager
from bot.contract.platform import Platform
from bot.contract.receiver import Receiver
from bot.contract.trainer import Trainer
from bot.model import address
from bot.model.incident import Incident
from bot.model.people import People
from bot.rules import escalation
from bot.runbooks import Library
from bot.settings import Settings
from bot.store import Store, Tx, addresses, links, overrides

AHEAD = timedelta(days=14)  # who comes next in a rota is seen so far, by what was changed by hand, too


@dataclass(frozen=True)
class Way:
    """A channel that reaches people, behind its guard."""

    pager: Pager
    guard: Guard
    kind: str = ""  #: one of contract.pager.CHANNELS: what it needs to know of a person follows from that
    connection: str = ""  #: whose channel it is; empty for the chat's own


@dataclass(frozen=True)
class Mind:
    """An AI agent that looks at incidents, behind its guard."""

    agent: Agent
    guard: Guard


@dataclass(frozen=True)
class Outlet:
    """Where documents are put, behind its guard."""

    exporter: Exporter
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
    ears: dict[str, Receiver] = field(default_factory=dict)  #: by connection: what hears its channels answer
    minds: dict[str, Mind] = field(default_factory=dict)  #: by connection
    outlets: dict[str, Outlet] = field(default_factory=dict)  #: by connection
    hosts: dict[str, Host] = field(default_factory=dict)  #: by connection
    labs: dict[str, Lab] = field(default_factory=dict)  #: by connection
    forges: dict[str, Forge] = field(default_factory=dict)  #: by connection
    shelves: dict[str, Shelf] = field(default_factory=dict)  #: by connection
    _counted: tuple[addresses.Stamp, People, frozenset[tuple[str, str]]] | None = field(default=None, repr=False)

    def roster(self, tx: Tx, at: datetime) -> escalation.Roster:
        """Who could be paged at `at`: the configuration, and what was changed by hand for then and the days after."""
        byhand = overrides.active(tx, at, at + AHEAD)
        settings = self.settings
        people = self.people(tx)
        needs = {name: address.NEEDS[way.kind] for name, way in self.ways.items() if way.kind in address.NEEDS}
        return escalation.Roster(
            rotas=settings.rotas,
            people=people,
            overrides=(*settings.overrides, *byhand),
            channels=frozenset(self.ways),
            needs=needs,
            agents=frozenset(self.minds) if self.ways else None,
            confirmed=self._confirmed(tx) if needs else None,
        )

    def _confirmed(self, tx: Tx) -> frozenset[tuple[str, str]]:
        """The addresses that count; counted anew when one of them, or the configuration, has changed."""
        stamp, people = addresses.stamp(tx), self.settings.people
        if self._counted is None or self._counted[0] != stamp or self._counted[1] is not people:
            self._counted = (stamp, people, address.counting(people, addresses.confirmed(tx)))
        return self._counted[2]

    def people(self, tx: Tx) -> People:
        """Everybody the configuration knows, those who were linked with their Slack users."""
        people = self.settings.people
        if all(person.slack for person in people.persons.values()):
            return people
        linked = links.accounts(tx)
        if not linked:
            return people
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
        found = self._person(tx, by)
        if found is not None:
            tx.known[f"person:{found}"] = by
        return found

    def _person(self, tx: Tx, by: str) -> str | None:
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
