"""Which columns are served to a model: its folder's `features.json`, and what a `version.json` says it wants."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.contract import Check, Context, Health, NotFound, Refused, Unreadable, reading
from plugins.local import disk
from plugins.local.settings import LocalSettings

FILE = "features.json"
MOST = 1_000  #: columns of a model
NAME = 200  #: characters of the name of a column or a type


class Store:
    """The columns of the models below one folder."""

    def __init__(self, settings: LocalSettings, context: Context) -> None:
        """Nothing is looked at until it is asked for."""
        self._settings = settings

    async def columns(self, ref: Mapping[str, str]) -> Mapping[str, str]:
        """What `features.json` says; NotFound where the model has none, Refused where it makes no sense."""
        return await asyncio.to_thread(lambda: read(disk.kept_by(self._settings.root, ref)))

    async def check(self) -> list[Check]:
        """Whether those that are there can be read; a model without one is no fault."""
        return await asyncio.to_thread(self._check)

    def _check(self) -> list[Check]:
        rows = []
        for name in disk.folders(Path(self._settings.root)):
            try:
                read(disk.model(self._settings.root, {"name": name}))
            except NotFound:
                continue
            except Refused as error:
                rows.append(Check(f"{name}/{FILE}", Health.MISSING, str(error)))
        return rows or [Check("features", Health.OK)]


def read(folder: Path) -> Mapping[str, str]:
    """The columns that are served to the model of this folder; NotFound, or Refused with what to do."""
    body = disk.read(folder / FILE)
    if body is None:
        raise NotFound(f"{folder.name} has no {FILE}.", 'Write {"columns": {"age": "double"}} there.')
    try:
        said = reading.loads(body)
    except Unreadable as error:
        raise Refused(f"{FILE} of {folder.name} cannot be read: {error.what}", "Mend it.") from None
    columns = said.get("columns") if isinstance(said, dict) else None
    found = typed(columns)
    if found is None:
        raise Refused(f"{FILE} of {folder.name} does not name columns.", 'Write {"columns": {"age": "double"}}.')
    return found


def typed(said: object) -> dict[str, str] | None:
    """Columns with their types; None where it is something else, of which half would be a guess."""
    if not isinstance(said, dict) or len(said) > MOST:
        return None
    return {str(name): kind for name, kind in said.items()} if all(map(_fit, said.items())) else None


def _fit(one: tuple[Any, Any]) -> bool:
    return all(isinstance(part, str) and 0 < len(part) <= NAME and reading.clean(part) == part for part in one)
