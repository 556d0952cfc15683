"""Whom a page may be for, as it is written: `rota:NAME`, `channel:#NAME`, `agent:CONNECTION` and the like."""

KINDS = ("rota", "person", "team", "lead")  #: those that name people
PLACES = ("usergroup", "channel")  #: those that name a place in Slack, where anybody may answer
AGENT = "agent"  #: what looks, but is nobody
PARTS = ("next", "everyone")  #: of a rota, as in rota:NAME/next; without one it is whoever is on call


def part(name: str) -> tuple[str, str]:
    """A rota's name, and which of PARTS is meant: `""` is whoever is on call."""
    rota, _, which = name.partition("/")
    return rota, which
