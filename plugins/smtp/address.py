"""Mail addresses: what may stand on the wire and in a header, and nothing that could end a line of either."""

import re
from dataclasses import dataclass

_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LONGEST = 400  # characters of an address with its name
_NAMED = re.compile(r"(?P<name>[^<>\"\x00-\x1f\x7f\ud800-\udfff]{0,100})<(?P<bare>[^<>]+)>")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and the name that is shown before it; both fit for a header."""

    name: str
    local: str
    domain: str  #: ASCII

    @property
    def bare(self) -> str:
        """As it stands on the wire."""
        return f"{self.local}@{self.domain}"


def split(given: str) -> Mailbox | None:
    """What `tocsin@example.com` or `Tocsin <tocsin@example.com>` names; None where it is neither.

    A domain may have letters of any alphabet; what stands before the @ may not, since few servers take that.
    """
    if len(given) > _LONGEST:
        return None
    named = _NAMED.fullmatch(given.strip(" "))
    bare = named["bare"] if named else given
    local, _, domain = bare.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(domain) > 253:
        return None
    return Mailbox(named["name"].strip() if named else "", local, domain)
