"""Reads a request's body up to a limit."""

from starlette.requests import Request

from bot import telemetry
from bot.errors import BadInput, TooLarge


async def read(request: Request, limit: int) -> bytes:
    """The whole body; TooLarge as soon as it is over `limit` bytes, whatever its Content-Length claims.

    BadInput when it is compressed: what it would grow to, nobody can tell before.
    """
    if (coding := request.headers.get("content-encoding", "identity").lower()) != "identity":
        telemetry.REFUSED.labels("any", "compressed").inc()
        raise BadInput(f"The body is compressed ({coding[:40]}).", "Send it as it is, without Content-Encoding.")
    claimed = request.headers.get("content-length", "")
    if claimed.isascii() and claimed.isdigit() and int(claimed) > limit:
        raise _over(limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _over(limit)
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _over(limit: int) -> TooLarge:
    telemetry.REFUSED.labels("any", "too-large").inc()
    return TooLarge(f"The body is over {limit:,} bytes.", "Send fewer alerts at once, or raise `web.body_limit`.")
