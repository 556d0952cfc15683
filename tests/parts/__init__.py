"""Real parts for tests: a PostgreSQL, an Alertmanager, and the bot as a process of its own that may be killed."""

import random
import socket
from contextlib import suppress

#: Below what Linux lends to outgoing connections (32768 on): nobody's client sits there when a second life begins.
PORTS = range(12_000, 32_000)
_given: set[int] = set()


class Missing(Exception):
    """A program is not on this machine; the message says how to get it."""


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on at this moment, and that this process was not given before."""
    dice = random.SystemRandom()  # what a test seeds must not send two processes to one port
    while True:
        port = dice.choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port
