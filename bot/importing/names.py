"""Plain, unique names out of whatever other tools call things."""

import re
import unicodedata

LONGEST = 56  #: of a name, so that a number still fits behind it
_APART = re.compile(r"[^a-z0-9]+")
_LETTERS = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})


def plain(said: str) -> str:
    """Lower-case letters, digits and dashes; empty where nothing of it is a Latin letter or a digit."""
    folded = unicodedata.normalize("NFKD", said.lower().translate(_LETTERS)).encode("ascii", "ignore").decode()
    return _APART.sub("-", folded).strip("-")[:LONGEST].strip("-")


def said(text: str) -> str:
    """What a stranger wrote, fit for Markdown, a template and a terminal: words and plain marks, shortened."""
    return " ".join("".join(one if one.isalnum() or one in " .,:()+-/&'" else " " for one in text).split())[:60]


class Names:
    """Gives each thing of a kind a name of its own."""

    def __init__(self) -> None:
        """Nothing is taken yet."""
        self._taken: dict[str, int] = {}

    def new(self, *wishes: str) -> str:
        """The first of `wishes` that leaves a plain name, with a number behind it where it is taken."""
        base = next((name for wish in wishes if (name := plain(wish))), "unnamed")
        name = base
        while name in self._taken:
            self._taken[base] += 1
            name = f"{base}-{self._taken[base]}"
        self._taken[name] = 1
        return name
