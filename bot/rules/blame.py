"""The words that blame, in English and Turkish, and the advice for each; a `*` at an end stands for any ending.

Whole words alone count, so `blameless` blames nobody. Whoever misses a word adds it here.
"""

import re
from collections.abc import Collection, Iterator, Mapping

CAUSE, SYSTEM, KNEW, PLAIN = "cause", "system", "knew", "plain"  #: the advice, as `bot.words.prose` has it

WORDS: Mapping[str, str] = {
    # English
    "to blame": CAUSE,
    "blamed": CAUSE,
    "at fault": CAUSE,
    "culprit": CAUSE,
    "guilty": CAUSE,
    "root cause was human": CAUSE,
    "human error": SYSTEM,
    "operator error": SYSTEM,
    "user error": SYSTEM,
    "careless*": SYSTEM,
    "negligen*": SYSTEM,
    "incompeten*": SYSTEM,
    "irresponsib*": SYSTEM,
    "sloppy": SYSTEM,
    "lazy": SYSTEM,
    "stupid*": SYSTEM,
    "idiot*": SYSTEM,
    "screwed up": SYSTEM,
    "messed up": SYSTEM,
    "should have known": KNEW,
    "should have noticed": KNEW,
    "should have checked": KNEW,
    "should have seen": KNEW,
    "could easily have": KNEW,
    "failed to notice": KNEW,
    "failed to check": KNEW,
    "obviously": PLAIN,
    "clearly should": PLAIN,
    "just had to": PLAIN,
    "simply had to": PLAIN,
    # Turkish
    "suçlu*": CAUSE,
    "suçu": CAUSE,
    "kabahat*": CAUSE,
    "insan hatası": SYSTEM,
    "kullanıcı hatası": SYSTEM,
    "operatör hatası": SYSTEM,
    "dikkatsiz*": SYSTEM,
    "ihmalkar*": SYSTEM,
    "ihmalkâr*": SYSTEM,
    "ihmal etti*": SYSTEM,
    "beceriksiz*": SYSTEM,
    "sorumsuz*": SYSTEM,
    "aptal*": SYSTEM,
    "özensiz*": SYSTEM,
    "bilmeliydi*": KNEW,
    "fark etmeliydi*": KNEW,
    "görmeliydi*": KNEW,
    "kontrol etmeliydi*": KNEW,
    "bakmalıydı*": KNEW,
    "apaçık": PLAIN,
    "belli ki": PLAIN,
}
#: Right after a name, or up to two words later, they say that somebody did it; nothing here is wrong of a machine.
VERBS = (
    "broke", "forgot", "failed", "caused", "missed", "ignored", "neglected", "overlooked", "botched",
    "bozdu", "unuttu", "atladı", "neden oldu", "sebep oldu", "yol açtı", "ihmal etti", "gözden kaçırdı", "kaçırdı",
)  # fmt: skip
#: After a name that owns them.
NOUNS = ("mistake", "fault", "error", "blunder", "negligence", "hatası", "hatasıyla", "yanlışı", "ihmali", "suçu")
#: Before a name.
PASSIVE = ("caused by", "broken by", "missed by", "forgotten by", "ignored by", "because of", "thanks to")


def found(line: str) -> Iterator[tuple[str, str]]:
    """What of it blames, as it is written, and the advice; in the order of the words."""
    for each in _WORDS.finditer(line):
        yield each[0], _ADVICE[next(name for name in each.groupdict() if each[name] is not None)]


def persons(line: str, names: Collection[str]) -> Iterator[str]:
    """Where of it one of `names` stands next to a word of fault, as it is written."""
    if not names:
        return
    name = _either(names)
    verb, noun, passive = _either(VERBS), _either(NOUNS), _either(PASSIVE)
    patterns = (
        rf"(?<!\w){name}(?:\s+(?!and\b|ve\b)\w+){{0,2}}?\s+{verb}(?!\w)",
        rf"(?<!\w){name}(?:['’]\w+)?(?:\s+\w+)?\s+{noun}(?!\w)",
        rf"(?<!\w){passive}\s+{name}(?!\w)",
    )
    for pattern in patterns:
        yield from (each[0] for each in re.finditer(pattern, line, re.IGNORECASE))


def _either(phrases: Collection[str]) -> str:
    return f"(?:{'|'.join(re.escape(each) for each in sorted(phrases, key=len, reverse=True))})"


def _pattern(phrase: str) -> str:
    body = re.escape(phrase.removesuffix("*")).replace(r"\ ", r"\s+")
    return rf"{body}\w*" if phrase.endswith("*") else body


_ADVICE = {f"w{number}": advice for number, advice in enumerate(WORDS.values())}
_WORDS = re.compile(
    r"(?<!\w)(?:" + "|".join(f"(?P<w{n}>{_pattern(phrase)})" for n, phrase in enumerate(WORDS)) + r")(?!\w)",
    re.IGNORECASE,
)
