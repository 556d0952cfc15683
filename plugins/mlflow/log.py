"""The end of a training's log, as people are shown it."""

from bot.contract import reading

LINES, HEARD = 20, 4_000  #: lines that are shown, and bytes that are read for them


def last(body: bytes) -> str:
    """The last lines, without control characters, each at most 300 characters and all of them 4,000."""
    lines = body[-HEARD:].decode("utf-8", "replace").splitlines()
    clean = [reading.clean(line)[: reading.TITLE] for line in lines]
    return "\n".join([line for line in clean if line][-LINES:])[-HEARD:]
