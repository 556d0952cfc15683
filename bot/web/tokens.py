"""Who may read and silence by the API: whoever shows a token of `web.tokens`."""

from collections.abc import Mapping

from pydantic import SecretStr
from starlette.requests import Request

from bot.clock import Clock
from bot.contract import proof, source
from bot.errors import NotAuthentic, Refused

_CURE = "Send one of `web.tokens` as `Authorization: Bearer TOKEN`, or as the password of Basic."


def holder(request: Request, tokens: Mapping[str, SecretStr], clock: Clock) -> str:
    """The name of the token that the request shows. Refused: there are no tokens at all. NotAuthentic.

    All tokens are compared, whichever fits, so that the time taken tells nothing.
    """
    if not tokens:
        raise Refused("Nobody may use this API yet.", "Set `web.tokens` in tocsin.yaml, a name and a token each.")
    asked = source.Request(b"", clock.now(), {"authorization": request.headers.get("authorization", "")})
    fits = [name for name, token in tokens.items() if proof.carries(asked, token)]
    if not fits:
        shown = "The token is wrong." if proof.shown(asked) else "The request shows no token."
        raise NotAuthentic(shown, _CURE)
    return fits[0]
