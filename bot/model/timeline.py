"""One thing that happened to an incident, as a sentence that can be read without the log beside it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Line:
    """When it happened, when it was recorded, who did it and what; `ref` finds it again.

    `ref` is CHAIN/SEQ of an entry of the log, `event:CONNECTION/ID` (its beginning) of a change elsewhere, `moved:TIME`
    of a move that the ledger remembers; `chain` and `seq` are empty for the last two, which stand in no log.
    """

    at: datetime
    recorded_at: datetime
    who: str
    what: str
    kind: str
    ref: str
    chain: str = ""
    seq: int | None = None
    subject: str = ""
    late: bool = False  #: it was written down well after it happened
    hidden: bool = False  #: somebody left it out of documents; it stays in the log
