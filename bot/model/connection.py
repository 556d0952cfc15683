"""An instance of a plugin, by name, as the configuration states it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Connection:
    """`options` are the plugin's own keys, not yet checked by it; they may hold secrets, so they are never shown."""

    name: str
    plugin: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file: str = ""
    line: int = 0
