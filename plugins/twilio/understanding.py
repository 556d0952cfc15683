"""What somebody means by what they wrote back: `42a`, `ack 42`, `onayla 42`, a code, STOP."""

import re
import unicodedata

from bot.contract import Says

_VERBS = {
    **dict.fromkeys(("a", "ack", "acknowledge", "acked", "onay", "onayla", "onayliyorum", "kabul"), Says.ACKNOWLEDGE),
    **dict.fromkeys(("e", "esc", "escalate", "y", "yukselt"), Says.ESCALATE),
    **dict.fromkeys(("r", "c", "res", "resolve", "resolved", "close", "coz", "cozuldu", "kapat"), Says.RESOLVE),
}
_ALONE = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "dur", "iptal"),
                    Says.STOP),
    **dict.fromkeys(("start", "unstop", "yes", "basla"), Says.START),
}  # fmt: skip
_OPTED = {"stop": Says.STOP, "start": Says.START, "help": Says.HELP}
_NUMBER = r"(?:inc[ -]?|#)?([0-9]{1,9})"
_FIRST = re.compile(rf"{_NUMBER} ?([a-z]{{1,12}})")
_LAST = re.compile(rf"([a-z]{{1,12}}?)[ :]?{_NUMBER}")
_CODE = re.compile(r"[0-9]{6}")
_MARKS = "'\"`.,!?;:()[]<>*\u2018\u2019\u201c\u201d\u00ab\u00bb "


def opted(kind: str) -> Says | None:
    """What Twilio itself made of it (`OptOutType`); None where it says nothing that we know."""
    return _OPTED.get(kind.strip().casefold())


def understood(text: str) -> tuple[Says, str]:
    """What is asked for, and the number of the incident or the code it is about; HELP for whatever makes no sense."""
    words = _bare(text[:200])
    if words in _ALONE:
        return _ALONE[words], ""
    if _CODE.fullmatch(words):
        return Says.CONFIRM, words
    for pattern, number, verb in ((_FIRST, 1, 2), (_LAST, 2, 1)):
        found = pattern.fullmatch(words)
        if found and found[verb] in _VERBS:
            return _VERBS[found[verb]], found[number].lstrip("0") or "0"
    return Says.HELP, ""


def _bare(text: str) -> str:
    """In small Latin letters, without marks, quotes and more than one space."""
    plain = unicodedata.normalize("NFKD", text.replace("İ", "i").replace("ı", "i"))
    small = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    return " ".join(small.split()).strip(_MARKS)
