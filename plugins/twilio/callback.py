"""The addresses at which Twilio tells us what became of a message, and which key was pressed."""

from collections.abc import Mapping
from urllib.parse import quote

from bot.contract import Context


def path(connection: str) -> str:
    """Where this connection's receiver stands."""
    return f"/pages/{quote(connection, safe='')}"


def address(context: Context, page: str, **more: str) -> str | None:
    """The whole address for one page, by its key; None where nobody said how Tocsin is reached from outside."""
    if context.address is None:
        return None
    return f"{context.address.rstrip('/')}{path(context.connection)}?{query({'page': page, **more})}"


def query(asked: Mapping[str, str]) -> str:
    """A query as we write it, so that it can be written again in the same letters and its signature be checked."""
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in asked.items())


def _quoted(words: str) -> str:
    return quote(words, safe="", errors="replace")
