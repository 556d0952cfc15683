"""Which names the configuration defines, so that one that leads nowhere is found before anybody is paged by it."""

from dataclasses import dataclass

from bot import documents
from bot.rules import reach

Names = frozenset[str] | None  #: None where the file that would define them cannot be read


@dataclass(frozen=True)
class Known:
    """The names of each kind."""

    person: Names = None
    team: Names = None
    lead: Names = None  #: the teams that have a lead
    rota: Names = None
    entity: Names = None
    connection: Names = None
    model: Names = None

    def missing(self, kind: str, name: str) -> tuple[str, str] | None:
        """What is wrong with a name and the cure, or None when it is defined."""
        names: Names = getattr(self, kind)
        if kind == "lead":
            if fault := self.missing("team", name):
                return fault
            if names is not None and name not in names:
                return f"Team '{name}' has no lead.", "Give it one in people.yaml, or name somebody else."
            return None
        if names is None or name in names:
            return None
        return f"There is no {kind} '{name}'.", documents.closest(name, names) or _cure(kind, names)

    def missing_target(self, target: str) -> tuple[str, str] | None:
        """The same for `rota:NAME` and its like; who reads a place is Slack's to know."""
        kind, _, name = target.partition(":")
        if kind in reach.PLACES:
            return None
        if kind == reach.AGENT:
            return self.missing("connection", name)
        if kind == "rota":
            name, part = reach.part(name)
            if part and part not in reach.PARTS:
                return f"'{target}' names no part of a rota.", f"Write rota:{name}/next or rota:{name}/everyone."
        if kind not in reach.KINDS:
            return f"'{target}' is no target.", f"Write one of {', '.join(f'{kind}:NAME' for kind in reach.KINDS)}."
        return self.missing(kind, name)


def _cure(kind: str, names: frozenset[str]) -> str:
    return f"Known: {', '.join(sorted(names)[:12])}." if names else f"No {kind} is defined yet; define it first."
