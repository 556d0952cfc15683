"""What a call says, and what it asks for, in TwiML; built by a library, so that no words become a verb of it."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from bot.contract import Call, Note
from plugins.twilio import harmless, segments
from plugins.twilio.words import Words

LONGEST = 4000  # characters of TwiML that Twilio takes with a call
_HEARD = (300, 160, 80, 20)  # characters of a headline that are spoken: as many as that leaves room for
_WAIT = "8"  # seconds for a key
_DIGITS = re.compile(r"[0-9][0-9 -]{2,}[0-9]")


@dataclass(frozen=True, slots=True)
class Voice:
    """How it sounds: the language as Twilio calls it, and the name of a voice ("": Twilio's own choice)."""

    language: str
    name: str = ""


def page(call: Call, say: Words, voice: Voice, action: str | None) -> str:
    """The page spoken twice; with an `action` it asks for a key each time, and posts it there."""
    for most in _HEARD:
        root = Element("Response")
        text = _words(call, say, most, keys=action is not None)
        for _ in range(2):
            _spoken(root if action is None else _asking(root, action), text, voice)
        if action is not None:
            _spoken(root, say.no_key, voice)
        if len(written := spelled(root)) <= LONGEST:
            break
    return written


def note(told: Note, say: Words, voice: Voice) -> str:
    """Plain words, spoken twice, with every number in them digit by digit."""
    root = Element("Response")
    text = _DIGITS.sub(lambda found: ", ".join(re.findall("[0-9]", found[0])), harmless.line(told.text))
    _spoken(root, say.code.format(text=text.rstrip(". ")[:1500]), voice)
    return spelled(root)


def answer(sentence: str, voice: Voice, again: str | None = None) -> str:
    """One sentence (or none), then it hangs up; with `again` another key is asked for first."""
    root = Element("Response")
    if text := harmless.line(sentence)[:1500]:
        _spoken(root if again is None else _asking(root, again), text, voice)
    SubElement(root, "Hangup")
    return spelled(root)


def message(sentence: str) -> str:
    """The answer to a text message, in letters that cost as few of them as pages do; nothing for no sentence."""
    root = Element("Response")
    if sentence:
        SubElement(root, "Message").text = segments.plain(harmless.line(sentence)[:1500])
    return spelled(root)


def spelled(root: Element) -> str:
    """The document as text."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return head + ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)


def _words(call: Call, say: Words, most: int, *, keys: bool) -> str:
    headline = _headline(call, say)
    if len(headline) > most:
        headline = f"{headline[:most].rstrip()} ..."
    parts = [say.hello, headline.rstrip(".") + "."]
    parts += [say.also.format(count=len(call.also))] if call.also else []
    return " ".join([*parts, *([say.keys] if keys else [])])


def _headline(call: Call, say: Words) -> str:
    """The headline as it is read aloud: brackets and hyphens are no words, and INC is none either."""
    incident = call.view.incident
    about = harmless.line(call.view.headline).removeprefix(f"[{incident.severity.upper()}] ")
    grave = incident.severity.removeprefix("sev")
    return f"{say.incident.format(number=call.code, grave=grave)} {about}".rstrip()


def _asking(root: Element, action: str) -> Element:
    return SubElement(root, "Gather", {"numDigits": "1", "timeout": _WAIT, "method": "POST", "action": action})


def _spoken(above: Element, text: str, voice: Voice) -> None:
    how = {"language": voice.language, **({"voice": voice.name} if voice.name else {})}
    SubElement(above, "Say", how).text = text
