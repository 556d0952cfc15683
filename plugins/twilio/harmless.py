"""Words of an alert as a phone may show them: one line, without control characters, and nothing that can be tapped."""

import re

from bot.contract import Call, reading

_UNFIT = re.compile(r"[\ufffe\uffff\U0001fffe\U0001ffff]")  # what XML does not take either
# Phones make links of these by themselves; a page leads nowhere but to us.
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}:/{1,3}|www\.)\S{1,2000}", re.IGNORECASE)
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]{0,20}:/{1,3}", re.IGNORECASE)
_NAKED = re.compile(
    r"\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.(?:com|net|org|io|ai|co|app|dev|me|info|biz|xyz|ru|cn|tr|de|uk|ly|link|click|"
    r"top|site|online|shop|live|page|cc|to|gg|zip|tk)\b(?:/\S{0,2000})?",
    re.IGNORECASE,
)


def headline(call: Call) -> str:
    """What the page is about, with the incident's number, by which people answer."""
    about, id_ = line(call.view.headline), call.view.incident.id
    return about if id_ in about else f"{id_} {about}".rstrip()


def line(words: str) -> str:
    """The words in one line; a link is spelled so that nobody can tap it: `evil(.)example`."""
    text = _UNFIT.sub("", reading.clean(words[:4000]))
    text = _LINK.sub(lambda found: _SCHEME.sub("", found[0]).replace(".", "(.)"), text)
    return _NAKED.sub(lambda found: found[0].replace(".", "(.)"), text)
