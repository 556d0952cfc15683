"""Real parts for tests: a PostgreSQL, an Alertmanager, and the bot as a process of its own that may be killed."""

import socket


class Missing(Exception):
    """A program is not on this machine; the message says how to get it."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
