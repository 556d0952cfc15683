"""What other on-call tools export, as people, teams, rotas and runbooks of ours; what cannot be said is listed."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from bot.importing import grafana, opsgenie, pagerduty
from bot.importing.draft import Draft, Lost
from bot.importing.export import Export, read
from bot.importing.writing import files

__all__ = ["VENDORS", "Draft", "Export", "Lost", "draft", "files", "read"]

#: by the word it is typed with: what carries an export over
VENDORS: Mapping[str, Callable[[Export, Draft], None]] = MappingProxyType(
    {"pagerduty": pagerduty.carry, "opsgenie": opsgenie.carry, "grafana-oncall": grafana.carry}
)


def draft(vendor: str, export: Export) -> Draft:
    """Everything of an export that can be carried over, and what cannot; never raises for what is in it."""
    made = Draft()
    VENDORS[vendor](export, made)
    made.end(export)
    return made
