"""The tree of errors: each says what happened, what to do, and whether to try again.

TocsinError
 ├─ BadInput                what came in cannot be used
 │   ├─ BadConfig           a file of ours, with file and line
 │   ├─ Unreadable          authenticated, yet its content makes no sense: kept as a dead letter
 │   ├─ NotAuthentic        secret or signature is missing or wrong
 │   └─ TooLarge            over a stated limit
 ├─ NotFound                no such incident, person, rota, connection
 ├─ Refused                 a rule said no; the reason is the message
 │   └─ BadMove             the phase does not allow it
 ├─ Conflict                somebody else was faster; read again, then try again
 │   └─ LeaseLost           the job belongs to another worker now
 ├─ StoreDown               the database does not answer; nothing was written
 ├─ PluginFault             a plugin misbehaved
 │   ├─ PluginMisfit        it does not fit the contract
 │   ├─ PluginSilent        it did not answer in time
 │   └─ PluginOpen          its circuit breaker is open
 └─ NotDelivered            a destination refused or could not be reached
"""

from pathlib import Path


class TocsinError(Exception):
    """Something went wrong that a person can act on."""

    retry = False

    def __init__(self, what: str, do: str = "", *, retry: bool | None = None) -> None:
        """`what` happened, what to `do`, and whether the same attempt may succeed later."""
        super().__init__(what)
        self.what = what
        self.do = do
        if retry is not None:
            self.retry = retry

    def __str__(self) -> str:
        return f"{self.what} {self.do}".strip()


class BadInput(TocsinError):
    """What came in cannot be used; the sender must change it."""


class BadConfig(BadInput):
    """A file of the operator is wrong; the message starts with `file:line`."""

    def __init__(self, what: str, do: str = "", *, file: Path | str = "", line: int = 0) -> None:
        """`line` counts from 1; 0 means the whole file."""
        super().__init__(what, do)
        self.file = str(file)
        self.line = line

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.line else f"{self.file}: " if self.file else ""
        return f"{where}{super().__str__()}"


class Unreadable(BadInput):
    """An authenticated message makes no sense to its reader; it is kept and can be replayed."""


class NotAuthentic(BadInput):
    """The secret or signature is missing or wrong."""


class TooLarge(BadInput):
    """The body is over the stated limit."""


class NotFound(TocsinError):
    """Nothing bears that name."""


class Refused(TocsinError):
    """A rule said no, and the message is its reason."""


class Stale(Refused):
    """The world is not what it was when this was planned; nothing was changed."""


class BadMove(Refused):
    """The phase it is in does not allow this move."""


class Conflict(TocsinError):
    """Somebody else changed it first; read it again, then decide again."""

    retry = True


class LeaseLost(Conflict):
    """The job was given to another worker, so this one may not settle it."""

    retry = False


class StoreDown(TocsinError):
    """The database does not answer or cannot write; nothing was accepted."""

    retry = True


class PluginFault(TocsinError):
    """A plugin misbehaved; everything that does not need it goes on."""


class PluginMisfit(PluginFault):
    """A plugin's part does not fit the contract; both signatures are shown."""


class PluginSilent(PluginFault):
    """A plugin did not answer within its deadline."""

    retry = True


class PluginOpen(PluginFault):
    """A plugin failed so often lately that it is left alone for a while."""

    retry = True


class NotDelivered(TocsinError):
    """A destination refused a message (`retry` False) or could not be reached (`retry` True)."""

    def __init__(self, what: str, do: str = "", *, retry: bool = False, after: float | None = None) -> None:
        """`after`: seconds we were asked to wait; then nothing was attempted, and nothing is in doubt."""
        super().__init__(what, do, retry=retry)
        self.after = after
