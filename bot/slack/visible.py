"""Text as a reader sees it: what does not show, or turns the reading direction, is taken out; spaces stay.

`pieces.clean` makes one trimmed line of a value; this keeps the spaces at the ends, for text that is put together.
"""

import re
import unicodedata

from bot.slack import pieces

# Characters that draw nothing though Unicode counts them as letters or marks: fillers, joiners, vowels of no sound.
_BLANK = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x3164, 0xFFA0}
# Between letters of other scripts, and inside emoji, a joiner is spelling; beside ASCII it is a disguise.
_JOINERS = "\u200c\u200d"
_LONE_JOINER = re.compile(r"(?<![^\x00-\x7f])[J]+|[J]+(?![^\x00-\x7f])|(?<=[J])[J]+".replace("J", _JOINERS))


def clean(text: str) -> str:
    """The same text without what cannot be seen; breaks, tabs and other control characters become spaces."""
    if text.isascii() and text.isprintable():
        return text
    whole = text.encode("utf-8", "replace").decode()
    return _LONE_JOINER.sub("", "".join(map(_seen, whole)))


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if (category == "Cf" and char not in _JOINERS) or ord(char) in _BLANK else char


def words(text: str) -> str:
    """Visible text with every run of spaces made one, those at the ends too."""
    return re.sub(r"\s+", " ", clean(text))


def line(text: str, most: int) -> str:
    """A visible line of at most `most` characters, which says how many are missing when some are."""
    return pieces.shorten(clean(text), most)
