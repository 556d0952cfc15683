"""What pages say, in English and in Turkish."""

from dataclasses import dataclass

from bot.contract import Call, Note


@dataclass(frozen=True)
class Words:
    """English; `spoken` is the name by which Twilio knows the language that calls are read in."""

    spoken: str = "en-US"
    # text messages
    reply: str = "Reply {code}a to acknowledge, {code}e to escalate, {code}r to resolve"
    reply_short: str = "{code}a ack, {code}e esc, {code}r resolve"
    more: str = "+{count} more: {which}"
    cut: str = "(+{count} characters)"
    # calls
    hello: str = "This is Tocsin."
    incident: str = "Incident {number}, severity {grave}."
    also: str = "{count} more incidents wait for you."
    keys: str = "Press 1 to acknowledge, 2 to escalate, 3 to resolve, 9 for help."
    no_key: str = "No key was pressed. Goodbye."
    code: str = "{text}. Once more: {text}."


#: Written with the letters of GSM-7, where one message holds 160 of them: one other letter, and it holds 70.
TURKISH = Words(
    spoken="tr-TR",
    reply="Cevap: {code}a onayla, {code}e yükselt, {code}r kapat",
    reply_short="{code}a onay, {code}e yükselt, {code}r kapat",
    more="+{count} olay: {which}",
    cut="(+{count} harf)",
    hello="Ben Tocsin.",
    incident="Olay {number}, önem derecesi {grave}.",
    also="{count} olay daha sizi bekliyor.",
    keys="Onaylamak için 1'e, yükseltmek için 2'ye, çözmek için 3'e, yardım için 9'a basın.",
    no_key="Tuşa basılmadı. Hoşça kalın.",
    code="{text}. Tekrar: {text}.",
)
_SPOKEN = {"en": Words(), "tr": TURKISH}


def language(asked: str | None, otherwise: str) -> str:
    """`en` or `tr`: the one of `asked` (as in `tr-TR`), else `otherwise`."""
    own = (asked or "").casefold()[:2]
    return own if own in _SPOKEN else otherwise


def of(to: Call | Note, otherwise: str) -> Words:
    """The words for whoever it goes to."""
    return _SPOKEN[language(to.person.language, otherwise)]


def named(code: str) -> Words:
    """The words of a language by its code; English where it is none of ours."""
    return _SPOKEN.get(code, _SPOKEN["en"])
