"""Names this process among all replicas, and tells which owners of leases are dead for certain."""

import os
import socket
from uuid import uuid4

from bot.store import Tx, jobs

_ours: set[str] = set()


def name() -> str:
    """`host/pid/random`: it never comes twice, and says where its process would be found."""
    given = f"{socket.gethostname()}/{os.getpid()}/{uuid4().hex[:8]}"
    _ours.add(given)
    return given


def release_dead(tx: Tx) -> None:
    """Give back at once what processes of this very host held when they died; to be called before working.

    Other hosts' leases run out by the database's clock. Fences keep this safe even where a pid deceives.
    """
    for owner in jobs.owners(tx):
        if dead(owner):
            jobs.release(tx, owner)


def dead(owner: str) -> bool:
    """Whether the owner ran on this host and does not any more; our own pid under a strange name is a restart."""
    host, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return owner not in _ours
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:  # it lives, under another user
        return False
    return False
