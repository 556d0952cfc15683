"""A signed statement of how long a chain of the log was and what stood in it, to be kept where the database is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What one chain was at a moment."""

    chain: str
    size: int  #: entries
    at: datetime
    root: str  #: the RFC 6962 Merkle tree hash over the hashes of its entries, in hexadecimal
    head: str  #: the hash of its last entry
    peaks: tuple[str, ...] = ()  #: roots of the perfect subtrees from left to right, from which the next one goes on
    note: str = ""  #: the signed text, as it was posted
    posted: Mapping[str, str] = field(default_factory=dict)  #: by destination, where it stands there; "" where not yet
