"""What somebody types to have production changed: `churn to 6 because accuracy fell`, and the like."""

import re
from dataclasses import dataclass

from bot.settings import Settings
from bot.slack import spoken

_BECAUSE = re.compile(r"(?:^|\s)(?:because|çünkü|nedeni?)(?:\s+|:\s*)(?P<why>.*)$", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r'"(?P<quoted>[^"]*)"|(?P<bare>\S+)')
_QUOTES = str.maketrans({"\N{LEFT DOUBLE QUOTATION MARK}": '"', "\N{RIGHT DOUBLE QUOTATION MARK}": '"'})
#: Small words that may stand before a model or a version and say nothing.
FILLERS = frozenset(
    {"to", "at", "version", "back", "model", "agent", "the", "on", "sürüm", "sürüme", "modeli", "ajanı"}
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was said; what was left out is empty, so that the form can ask for it."""

    model: str = ""  #: as the catalogue names it
    version: str = ""
    why: str = ""
    unknown: str = ""  #: a word that stands where a model should, and is none
    near: tuple[str, ...] = ()  #: what it may have meant
    beyond: str = ""  #: what nobody could make sense of


def read(typed: str, settings: Settings) -> Wish:
    """The wish in what somebody typed; a name with spaces stands in quotes."""
    text = typed.translate(_QUOTES)
    found = _BECAUSE.search(text)
    why = found["why"].strip() if found else ""
    known = settings.estate.names
    named = [word for word in _words(text[: found.start()] if found else text) if word in known or _says(word)]
    if not named:
        return Wish(why=why)
    first, *rest = named
    model = _model(first, settings)
    if model is None:
        return Wish(why=why, unknown=first, near=tuple(spoken.closest(first, settings.estate.names)))
    return Wish(model, rest[0] if rest else "", why, beyond=" ".join(rest[1:]))


def _words(text: str) -> list[str]:
    """The words that name something, those in quotes whole."""
    found = []
    for each in _QUOTED.finditer(text):
        if each["quoted"] is not None:
            found.append(each["quoted"].strip())
        else:
            found.append(each["bare"])
    return [word for word in found if word]


def _says(word: str) -> bool:
    return word.casefold() not in FILLERS


def _model(word: str, settings: Settings) -> str | None:
    """The name of the model or agent that is called so, whatever the capitals."""
    estate = settings.estate
    if found := estate.find(word):
        return found.name
    folded = {known.casefold(): model.name for known, model in estate.names.items()}
    return folded.get(word.casefold())
