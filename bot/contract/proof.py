"""Checks that a sender knows the connection's secret, in constant time and from headers only."""

import base64
import binascii
import hashlib
import hmac

from pydantic import SecretStr

from bot.contract.plugin import Check, Health
from bot.contract.source import Request
from bot.errors import NotAuthentic

OWN_HEADER = "x-tocsin-secret"
_CURE = "Send it as `Authorization: Bearer SECRET`, as the password of Basic, or in the header X-Tocsin-Secret."


def secret(request: Request, wanted: SecretStr | None) -> None:
    """Returns when the request carries the secret, or none is wanted; raises NotAuthentic otherwise.

    A secret in the URL is never looked at: URLs end up in the logs of every proxy on the way.
    """
    if wanted is None:
        return
    if not _shown(request):
        raise NotAuthentic("The request carries no secret.", _CURE)
    if not carries(request, wanted):
        raise NotAuthentic("The secret of the request is wrong.", "Compare it with the connection's `secret`.")


def carries(request: Request, wanted: SecretStr) -> bool:
    """Whether the request carries this secret; an empty one is never carried."""
    key = wanted.get_secret_value().encode("utf-8", "backslashreplace")
    # All are compared, whichever fits, so that the time taken tells nothing.
    wish = hashlib.sha256(key).digest()
    fits = [hmac.compare_digest(hashlib.sha256(one).digest(), wish) for one in _shown(request)]
    return bool(key) and any(fits)


def shown(request: Request) -> bool:
    """Whether the request carries any secret at all."""
    return bool(_shown(request))


def signature(request: Request, key: SecretStr, header: str, prefix: str = "") -> None:
    """Returns when `header` holds `prefix` + the hex HMAC-SHA256 of the raw body; raises NotAuthentic otherwise."""
    shown = request.headers.get(header.lower())
    if shown is None:
        raise NotAuthentic(f"The request has no signature in {header}.", "Let the sender sign the raw body.")
    secret_key = key.get_secret_value().encode("utf-8", "backslashreplace")
    wanted = prefix + hmac.new(secret_key, request.body, hashlib.sha256).hexdigest()
    digits = shown[len(prefix) :].lower()
    same = hmac.compare_digest((shown[: len(prefix)] + digits).encode("utf-8", "backslashreplace"), wanted.encode())
    if not secret_key or not same:
        raise NotAuthentic(f"The signature in {header} is wrong.", "Compare the key and what exactly is signed.")


def knows(shown: str | None, wanted: SecretStr | None) -> bool:
    """Whether `shown` is the secret; False where none is wanted. The time taken tells nothing of where they differ.

    For the places of a vendor whose own form carries the key in the path or the body; elsewhere `secret` reads headers.
    """
    key = wanted.get_secret_value().encode("utf-8", "backslashreplace") if wanted else b""
    given = (shown or "").encode("utf-8", "backslashreplace")
    same = hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(key).digest())
    return bool(key) and same


def check(wanted: SecretStr | None) -> Check:
    """The row of a connection's secret: missing means that anybody who reaches the hook can open incidents."""
    if wanted is None:
        return Check("secret", Health.MISSING, "Set `secret` for this connection; until then anybody may post to it.")
    return Check("secret", Health.OK)


def _shown(request: Request) -> list[bytes]:
    """Every secret the headers show, as the bytes that travelled (latin-1) and as UTF-8."""
    shown: list[bytes] = []
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and rest.strip():
        shown += _spellings(rest.strip())
    if scheme.lower() == "basic":
        try:
            shown.append(base64.b64decode(rest.strip(), validate=True).partition(b":")[2])
        except (binascii.Error, ValueError):
            pass
    if own := request.headers.get(OWN_HEADER, "").strip():
        shown += _spellings(own)
    return shown


def _spellings(header: str) -> list[bytes]:
    """HTTP hands header bytes over as latin-1, so a secret beyond ASCII arrives in disguise; try both."""
    return [header.encode("latin-1", "backslashreplace"), header.encode("utf-8", "backslashreplace")]
