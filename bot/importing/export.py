"""Reads an export: one JSON object with the lists of an API, or a folder with the answers of it as they came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from bot.errors import BadInput

LARGEST = 256 * 1_048_576  #: bytes of one file
OWNED = ("overrides", "members")  #: lists that belong to something whose id stands in the file's name
SINGLE = {
    "user": "users",
    "team": "teams",
    "schedule": "schedules",
    "escalation_policy": "escalation_policies",
    "escalation": "escalations",
}
PAGES = ("data", "results")  #: under which an API puts its list, whatever it is a list of

Item = Mapping[str, Any]


@dataclass
class Export:
    """The lists of an API by their names; an item of `overrides-ID.json` has that id as `of`."""

    lists: dict[str, list[Item]] = field(default_factory=dict, repr=False)
    broken: dict[str, int] = field(default_factory=dict)  #: entries that are no objects, by list
    pages: dict[str, tuple[int, int]] = field(default_factory=dict)  #: by list: answers, and those that say "more"

    def of(self, name: str) -> list[Item]:
        """The items of a list; none where it was not exported."""
        return self.lists.get(name, [])

    def owned(self, name: str, owner: str) -> list[Item]:
        """The items of a list that belong to `owner`."""
        return [item for item in self.of(name) if item.get("of") == owner]

    @property
    def unfinished(self) -> list[str]:
        """The lists of which the last page is missing."""
        return [name for name, (count, more) in self.pages.items() if more >= count]


def read(path: Path) -> Export:
    """The export at `path`; BadInput when there is none, it is no JSON, or it has no list in it."""
    if not path.exists():
        raise BadInput(
            f"There is no {path}.", "Name the file or the folder with the export; docs/importing.md says how."
        )
    export = Export()
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        _take(_json(file), file.stem if path.is_dir() else "", export)
    if not any(export.lists.values()):
        raise BadInput(f"There is nothing to import in {path}.", "docs/importing.md says how to export it.")
    return export


def _json(file: Path) -> Any:
    try:
        if file.stat().st_size > LARGEST:
            raise BadInput(f"{file} is over {LARGEST >> 20} MiB.", "Export fewer things at a time.")
        return orjson.loads(file.read_bytes())
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}.", "Check its rights.") from None
    except orjson.JSONDecodeError as error:
        what = f"{file} is no JSON: line {error.lineno}, column {error.colno}."
        raise BadInput(what, "Export it again; a page of HTML means that the key was refused.") from None


def _take(value: object, stem: str, export: Export) -> None:
    """The lists of one answer."""
    name, _, rest = stem.partition("-")
    name = SINGLE.get(name, name)
    owner = rest if name in OWNED else ""
    if isinstance(value, list):
        _add(export, name, value, owner)
        return
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        called = name if key in PAGES and name else SINGLE.get(str(key), str(key))
        more = bool(value.get("more") or value.get("next") or text(value, "paging", "next"))
        if isinstance(inner, dict) and any(isinstance(inner.get(page), list) for page in PAGES):
            more = bool(inner.get("next") or text(inner, "paging", "next"))
            inner = next(inner[page] for page in PAGES if isinstance(inner.get(page), list))
        if isinstance(inner, dict) and (key in SINGLE or (key in PAGES and name)):
            inner = [inner]
        if isinstance(inner, list):
            _add(export, called, inner, owner)
            count, open_ = export.pages.get(called, (0, 0))
            export.pages[called] = (count + 1, open_ + more)


def _add(export: Export, name: str, found: list[Any], owner: str) -> None:
    kept = [{**item, "of": owner} if owner else item for item in found if isinstance(item, dict)]
    export.lists.setdefault(name, []).extend(kept)
    if len(found) > len(kept):
        export.broken[name] = export.broken.get(name, 0) + len(found) - len(kept)


# What an item says, whatever stands in the place where it should


def text(item: object, *path: str) -> str:
    """The text at `path`, a whole number as one; empty where there is neither."""
    for key in path:
        item = item.get(key) if isinstance(item, Mapping) else None
    if isinstance(item, int) and not isinstance(item, bool):
        return str(item)
    return item.strip() if isinstance(item, str) else ""


def items(item: object, *path: str) -> list[Item]:
    """The objects in the list at `path`."""
    for key in path:
        item = item.get(key) if isinstance(item, Mapping) else None
    return [one for one in item if isinstance(one, Mapping)] if isinstance(item, list) else []


def words(item: Item, key: str) -> list[str]:
    """The texts in a list, and the ids of the objects in it."""
    found = item.get(key)
    every = (text({"": one}, "") or text(one, "id") for one in found) if isinstance(found, list) else ()
    return [one for one in every if one]


def whole(item: object, *path: str, otherwise: int = 0) -> int:
    """The whole number at `path`."""
    for key in path:
        item = item.get(key) if isinstance(item, Mapping) else None
    if isinstance(item, float) and item.is_integer():
        item = int(item)
    return item if isinstance(item, int) and not isinstance(item, bool) else otherwise


def naive(said: str) -> datetime | None:
    """The wall-clock time somebody wrote; None for anything else, a time with a zone of its own among it."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return found if found.tzinfo is None and 1 < found.year < 9998 else None


def instant(said: str) -> datetime | None:
    """The instant of a time with an offset; None for anything else."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    if found.tzinfo is None or not 1 < found.year < 9998:
        return None
    return found.astimezone(UTC)


def each(item: object, *keys: str) -> Iterator[Item]:
    """The objects of the first of `keys` that has any."""
    for key in keys:
        if found := items(item, key):
            yield from found
            return
