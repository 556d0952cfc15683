"""Where what an entry says mentions a person, and what it says with an alias in their place. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Said = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """Whom to look for: their name in people.yaml, and whatever else is known to be theirs alone."""

    name: str
    others: tuple[str, ...] = ()  #: Slack user ids, e-mail addresses, telephone numbers
    alias: str = ""

    @cached_property
    def _sure(self) -> re.Pattern[str]:
        """What can be nobody else: an address of theirs anywhere, their name as a whole value or a part of an id."""
        own = [rf"(?<!\w)person:{re.escape(self.name)}(?![\w-])", rf"(?:^|/){re.escape(self.name)}(?:/|$)"]
        return re.compile("|".join([*own, *(rf"(?<!\w){re.escape(one)}(?!\w)" for one in self.others)]))

    @cached_property
    def _word(self) -> re.Pattern[str]:
        """Their name as a word, however it is written."""
        return re.compile(rf"(?<![\w@.-]){re.escape(self.name)}(?![\w-])", re.IGNORECASE)

    @cached_property
    def _every(self) -> re.Pattern[str]:
        others = [rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(self.others, key=len, reverse=True)]
        return re.compile("|".join([*others, f"(?i:{self._word.pattern})"]))

    def mentioned(self, said: Said) -> bool:
        """Whether it is beyond doubt that they are meant somewhere in it."""
        return any(self._sure.search(text) for text in _texts(said))

    def named(self, said: Said) -> bool:
        """Whether their name stands in it as a word, which may be another word or another person."""
        return any(self._word.search(text) for text in _texts(said))

    def hidden(self, said: Said) -> dict[str, Any]:
        """The same with the alias in place of their name and of all that is theirs, wherever it stands."""
        return {name: self._rewritten(value) for name, value in said.items()}

    def text(self, said: str) -> str:
        """One text, with the alias in place of them."""
        return self._every.sub(self.alias, said)

    def _rewritten(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._rewritten(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._rewritten(inner) for inner in value]
        return value


def _texts(value: Any) -> Iterator[str]:
    """Every text in it, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
