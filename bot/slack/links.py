"""Links that cannot deceive: whatever a link calls itself, the host it leads to stands beside it.

Only web addresses and plain mail addresses become links. They are put together again from the parts that were checked,
so that what is shown is what is opened.
"""

import re
import unicodedata
from dataclasses import dataclass

from bot.slack import visible
from bot.slack.pieces import Json

LABEL, SHOWN, LONGEST = 200, 120, 3_000  #: characters of a link's own words, of an address shown, of one opened
_HOST = r"(?:[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?|\[[0-9a-f:.]{2,45}\])"
_WEB = re.compile(rf"(https?)://({_HOST}(?::\d{{1,5}})?)((?:[/?#][!-~]*)?)", re.IGNORECASE | re.ASCII)
_MAIL = re.compile(rf"mailto:([\w.+-]{{1,64}}@{_HOST})", re.IGNORECASE | re.ASCII)
# What makes a reader take words for an address: two names with a dot between, a scheme, or an at sign.
_LOOKS = re.compile(r"\w\.\w|//|@|:\S*/")
_USER = re.compile(r"//[^/?#]*@")


@dataclass(frozen=True)
class Address:
    """Where a link leads: the address to open and the host (or mailbox) a reader must see."""

    url: str
    host: str


def address(href: str) -> Address | None:
    """The address Slack may open; None for what is no plain web or mail address, or carries a user name."""
    if len(href) > LONGEST:
        return None
    if mail := _MAIL.fullmatch(href):
        return Address(f"mailto:{mail[1]}", mail[1])
    if web := _WEB.fullmatch(href):
        scheme, host = web[1].lower(), web[2].lower()
        return Address(f"{scheme}://{host}{web[3]}", host)
    return None


def draw(label: str, href: str) -> Json:
    """The span of a link: a link that shows its host, or plain words where the address is none to open."""
    where = address(href)
    if where is None:
        return {"type": "text", "text": words(label, href)}
    return {"type": "link", "url": where.url, "text": _told(visible.line(label, LABEL), where)}


def words(label: str, href: str) -> str:
    """A label and its address as mere text, the address without its user name and password; " " when both are empty."""
    name, shown = visible.line(label, LABEL), visible.line(_USER.sub("//…@", href), SHOWN)
    return f"{name} ({shown})" if name and shown and name != shown else name or shown or " "


def _told(name: str, where: Address) -> str:
    """The words of a link: with the host where they do not say it, with the address where they say another one."""
    if not name:
        return _address(where)
    if _says(name, where):
        return name
    return f"{name} ({_address(where) if _looks(name) else where.host})"


def _says(name: str, where: Address) -> bool:
    """Whether the words are the address, or its beginning from the host on."""
    bare = re.sub(r"^(?:https?://|mailto:)", "", name, flags=re.IGNORECASE)
    host, rest = bare[: len(where.host)].lower(), bare[len(where.host) :]
    if host != where.host or re.search(r"\s|@", rest):
        return False
    return not rest or (rest[0] in "/?#" and "@" not in where.host)


def _looks(name: str) -> bool:
    folded = unicodedata.normalize("NFKC", name).replace("。", ".")
    return bool(_LOOKS.search(folded))


def _address(where: Address) -> str:
    """The address, cut behind its host when it is long."""
    least = where.url.index(where.host) + len(where.host)
    most = max(SHOWN, least)
    return where.url if len(where.url) <= most else f"{where.url[:most]}…"
