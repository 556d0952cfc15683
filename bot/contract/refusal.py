"""An answer that is no success, as the NotDelivered it amounts to: whether to try again, when, and what to do."""

from bot.contract import http
from bot.errors import NotDelivered

_PASSING = frozenset({408, 409, 423, 425, 429, 500, 502, 503, 504, 529})


def of(who: str, reply: http.Reply, said: str = "", *, rights: str = "") -> NotDelivered:
    """`said` is the far end's reason, without secrets; `rights` what the connection's token must be allowed to do."""
    what = f"{who} answered {reply.status}{f' ({said})' if said else ''}."
    if reply.status in _PASSING:
        after = http.wait(reply) if reply.status in (429, 503, 529) else None
        return NotDelivered(what, "It is tried again.", retry=True, after=after)
    if reply.status in (401, 403):
        must = f": it must be allowed to {rights}" if rights else ""
        return NotDelivered(what, f"Check the connection's token{must}.")
    if 300 <= reply.status < 400:
        return NotDelivered(what, "It leads elsewhere: set the address it leads to.")
    return NotDelivered(what, "Check the connection's address and options.")
