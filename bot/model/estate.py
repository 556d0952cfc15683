"""The catalogue of what is in production and who owns it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.model.retraining import Budget, Policy
from bot.model.trial import Terms


@dataclass(frozen=True, slots=True)
class Entity:
    """A business entity: its own channel, its own zone, its own chain of the log."""

    name: str
    channel: str | None = None
    timezone: str = "UTC"
    workspace: str | None = None  #: the team id of the Slack workspace its channel is in; None for the main one
    budget: Budget | None = None  #: of retraining its models; None: nobody counts


@dataclass(frozen=True, slots=True)
class Model:
    """A model or an AI agent in production (`kind` tells which)."""

    name: str
    entity: str
    team: str
    kind: str = "model"  #: model | agent | data (a table, a feature view, a pipeline)
    criticality: str = "medium"  #: low | medium | high | critical
    platform: str | None = None  #: the connection that runs it
    ref: Mapping[str, str] = field(default_factory=dict)  #: how the platform names it
    features: str | None = None  #: the connection that serves its features; None: that of the platform
    approvers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  #: other names its monitors use
    feeds: tuple[str, ...] = ()  #: the models and agents that are wrong when this is broken
    trial: Terms | None = None  #: how its versions are tried; None: they cannot be
    retrain: Policy | None = None  #: how it is retrained; None: it cannot be

    @property
    def trained_by(self) -> str:
        """The connection whose trainer trains it; empty where nobody's does."""
        return (self.retrain.connection if self.retrain else None) or self.platform or ""


@dataclass(frozen=True)
class Estate:
    """Everything in production; `names` maps every name and alias to its model."""

    entities: Mapping[str, Entity] = field(default_factory=dict)
    models: Mapping[str, Model] = field(default_factory=dict)
    names: Mapping[str, Model] = field(default_factory=dict)

    def find(self, name: str | None) -> Model | None:
        """The model or agent that bears `name`, or None when nobody has catalogued it."""
        return self.names.get(name) if name else None

    @cached_property
    def fed(self) -> frozenset[str]:
        """Everything that something upstream feeds."""
        return frozenset(name for model in self.models.values() for name in model.feeds)

    def downstream(self, name: str) -> tuple[str, ...]:
        """Everything that `name` feeds, directly or through others; each once, the nearest first."""
        found: dict[str, None] = {}
        ahead = [name]
        for each in ahead:
            model = self.models.get(each)
            for fed in model.feeds if model else ():
                if fed not in found:
                    found[fed] = None
                    ahead.append(fed)
        return tuple(found)
