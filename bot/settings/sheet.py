"""One file of the configuration while it is read: what fits, what is wrong, and which names it defines."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from bot import documents
from bot.documents import Document, Form
from bot.errors import BadConfig
from bot.settings import environment

F = TypeVar("F", bound=Form)


class Sheet:
    """Reads as far as it can: an entry that is wrong becomes complaints and the others are still read."""

    def __init__(self, path: Path, env: Mapping[str, str], *, optional: bool = False) -> None:
        """A file that cannot be read at all is `lost`: it has one complaint and no entries; `optional`: or is empty."""
        self.complaints: list[BadConfig] = []
        self.lost = False
        self.document = Document(str(path), {})
        if optional and not path.exists():
            return
        try:
            self.document, self.complaints = environment.expand(documents.read(path), env)
        except BadConfig as error:
            self.complaints += documents.each(error)
            self.lost = True
        if not isinstance(self.document.data, dict):
            self.wrong("The file must be a mapping.", "Begin it with a key and a colon.")
            self.document, self.lost = Document(str(path), {}), True

    def wrong(self, what: str, do: str, *path: str | int) -> None:
        """Complain about the value at `path`."""
        self.complaints.append(self.document.wrong(what, do, *path))

    def only(self, *known: str) -> None:
        """Complain about every key at the top that is not one of `known`."""
        for key in self.document.data:
            if key not in known:
                do = documents.closest(str(key), known) or f"Known here: {', '.join(known)}."
                self.wrong(f"There is no setting `{key}`.", do, key)

    def section(self, key: str, form: type[F]) -> F | None:
        """The mapping under `key`, empty when left out; None when it is wrong."""
        value = self.document.data.get(key)
        found, complaints = documents.fit(form, {} if value is None else value, self.document, key)
        self.complaints += complaints
        return found

    def entries(self, key: str, form: type[F]) -> Iterator[tuple[int, F]]:
        """Each entry of the list under `key` that fits, with its place; a name may stand there once."""
        seen: dict[object, int] = {}
        for place, value in enumerate(self._list(key)):
            name = value.get("name") if isinstance(value, dict) else None
            if isinstance(name, str) and name in seen:
                first = self.document.line(key, seen[name])
                self.wrong(f"The name '{name}' is taken already, in line {first}.", "Rename one.", key, place, "name")
            elif isinstance(name, str):
                seen[name] = place
            found, complaints = documents.fit(form, value, self.document, key, place)
            self.complaints += complaints
            if found is not None and seen.get(name) == place:
                yield place, found

    def names(self, key: str) -> frozenset[str] | None:
        """Every name in the list under `key`, of wrong entries too; None when the file is lost."""
        if self.lost:
            return None
        found = (entry.get("name") for entry in self.raw(key))
        return frozenset(name for name in found if isinstance(name, str))

    def raw(self, key: str) -> Iterator[dict[Any, Any]]:
        """Each mapping in the list under `key`, right or wrong; an empty one for whatever is no mapping."""
        entries = self.document.data.get(key)
        for entry in entries if isinstance(entries, list) else ():
            yield entry if isinstance(entry, dict) else {}

    def _list(self, key: str) -> list[Any]:
        value = self.document.data.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.wrong(f"`{key}` must be a list.", "Begin each entry with a dash.", key)
        return []
