"""What Twilio posts: its fields, and whether it was Twilio that signed them."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

from pydantic import SecretStr

from bot.contract import Context, NotAuthentic, Request, Unreadable, reading
from plugins.twilio import callback

HEADER = "x-twilio-signature"
_FIELDS = 500  # of one form
_PORT = re.compile(r":[0-9]+$")
_PORTS = {"https": ":443", "http": ":80"}


def fields(request: Request) -> Mapping[str, str]:
    """The fields of a form or of a JSON object, the last of those with one name; Unreadable where it is neither."""
    if _json(request):
        said = reading.loads(request.body)
        if not isinstance(said, dict):
            raise Unreadable("The body is no JSON object.", "Let Twilio post forms.")
        return {str(name): value for name, value in said.items() if isinstance(value, str)}
    return dict(_pairs(request))


def prove(request: Request, context: Context, keys: Sequence[SecretStr]) -> None:
    """Returns when one of the auth tokens signed it; raises NotAuthentic otherwise.

    As Twilio's "Webhooks security" says: HMAC-SHA1 over the address as Twilio knows it and all fields by name, each
    followed by its value; of a body that is no form, only its SHA-256, which stands in the query.
    """
    shown = request.headers.get(HEADER)
    if shown is None:
        raise NotAuthentic("The request has no X-Twilio-Signature.", "Only Twilio posts here.")
    if context.address is None:
        raise NotAuthentic("No signature can be checked without an address of our own.", "Set web.address.")
    query = callback.query(request.query)
    path = request.path or callback.path(context.connection)
    whole = f"{context.address.rstrip('/')}{path}{f'?{query}' if query else ''}"
    signed = _signed(request)
    # All are compared, whichever fits, so that the time taken tells nothing.
    fits = [
        hmac.compare_digest(signature(key, url, signed).encode(), shown.encode("utf-8", "backslashreplace"))
        for key in keys
        for url in addresses(whole)
    ]
    if not any(fits):
        do = "Compare `token` with the auth token in the Twilio console, and web.address with the address it posts to."
        raise NotAuthentic("The signature in X-Twilio-Signature is wrong.", do)


def signature(key: SecretStr, url: str, pairs: Sequence[tuple[str, str]]) -> str:
    """What Twilio writes into X-Twilio-Signature for a request to `url` with these fields."""
    text = url + "".join(name + value for name, value in sorted(set(pairs)))
    secret = key.get_secret_value().encode("utf-8", "backslashreplace")
    made = hmac.new(secret, text.encode("utf-8", "backslashreplace"), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()


def addresses(url: str) -> Iterator[str]:
    """The address without its port and with it: Twilio signs the one or the other."""
    scheme, _, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    host = _PORT.sub("", netloc)
    yield f"{scheme}://{host}{slash}{path}"
    yield f"{scheme}://{netloc}{'' if host != netloc else _PORTS.get(scheme, ':443')}{slash}{path}"


def _signed(request: Request) -> list[tuple[str, str]]:
    """The fields that the signature covers; raises NotAuthentic for a body that it does not cover."""
    told = request.query.get("bodySHA256")
    if told is None and not _json(request):
        try:
            return _pairs(request)
        except Unreadable:
            raise NotAuthentic("The body is no form that Twilio could have signed.") from None
    own = hashlib.sha256(request.body).hexdigest()
    if not hmac.compare_digest(own.encode(), (told or "").lower().encode("utf-8", "backslashreplace")):
        raise NotAuthentic("The body is not the one that was signed.", "Let nothing on the way change it.")
    return []


def _json(request: Request) -> bool:
    return request.headers.get("content-type", "").split(";")[0].strip().lower() == "application/json"


def _pairs(request: Request) -> list[tuple[str, str]]:
    try:
        words = request.body.decode("utf-8", "replace")
        return parse_qsl(words, keep_blank_values=True, max_num_fields=_FIELDS)
    except ValueError:
        raise Unreadable(f"The form has more than {_FIELDS} fields.") from None
