"""How many text messages a text takes: GSM-7 (160 letters, 153 each of several) or UCS-2 (70, 67 each of several).

The alphabets are those of 3GPP TS 23.038, section 6.2.1.
"""

import unicodedata

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_COSTS = {**dict.fromkeys(_BASIC, 1), **dict.fromkeys("^{}\\[~]|€\f", 2)}
_ONE, _OF_SEVERAL = {True: 160, False: 70}, {True: 153, False: 67}
# What means the same and does not cost half of the message.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "→": "->", "≥": ">=",
     "≤": "<=", "≠": "!=", "×": "x", "ı": "i", "İ": "I", "ł": "l", "Ł": "L", "đ": "d", "\u00a0": " "}
)  # fmt: skip


def gsm(text: str) -> bool:
    """Whether it can be written in GSM-7."""
    return all(sign in _COSTS for sign in text)


def size(text: str) -> int:
    """How much room it takes, in the letters of its alphabet."""
    return sum(_COSTS[sign] for sign in text) if gsm(text) else sum(1 + (ord(sign) > 0xFFFF) for sign in text)


def count(text: str) -> int:
    """How many messages it takes; an empty one takes one."""
    room = size(text)
    return 1 if room <= _ONE[gsm(text)] else -(-room // _OF_SEVERAL[gsm(text)])


def plain(text: str) -> str:
    """The same in the letters of GSM-7, as far as it has near ones; what has none stays."""
    return "".join(_near(sign) for sign in text.translate(_PLAIN))


def cut(head: str, tail: str, mark: str, most: int = 1) -> str:
    """`head`, a line break and `tail` in `most` messages: of a head that is too long, the beginning.

    `mark` then says with `{count}` how many characters went, as in `(+37 characters)`. Tail and mark are kept whole.
    """
    tail = f"\n{tail}" if tail else ""
    if count(head + tail) <= most:
        return head + tail
    low, high = 0, len(head)
    while low < high:  # as much as fits; more letters never take less room
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count(_shown(head, middle, mark) + tail) <= most else (low, middle - 1)
    return _shown(head, low, mark) + tail


def _shown(head: str, kept: int, mark: str) -> str:
    start = head[:kept].rstrip()
    # Between two words, where that does not cost much.
    space = start.rfind(" ")
    if space > kept * 3 // 4 and not head[kept : kept + 1].isspace():
        start = start[:space].rstrip()
    return f"{start}... {mark.format(count=len(head) - len(start))}".lstrip()


def _near(sign: str) -> str:
    if sign in _COSTS:
        return sign
    bare = "".join(part for part in unicodedata.normalize("NFKD", sign) if not unicodedata.combining(part))
    return bare if bare and gsm(bare) else sign
