"""Says on schedule how long each chain of the log is and what stands in it, signs that and puts it elsewhere.

What is made, and what is still owed to which destination, stands in the database; so any number of replicas make each
checkpoint once, and a destination that is down gets the newest of each chain once it is up again.
"""

import asyncio
import fcntl
import os
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import telemetry
from bot.contract import http
from bot.contract.guard import Guard
from bot.engine import work
from bot.engine.desk import Desk
from bot.errors import NotDelivered
from bot.model.checkpoint import Checkpoint
from bot.model.job import Job, Lane, NewJob
from bot.rules import merkle, signing
from bot.settings import audit
from bot.store import Tx, checkpoints, jobs

KIND, POST, TOLD = "checkpoint", "checkpoint-post", "checkpoint-told"
CHUNK = 20_000  #: hashes that are read at once
FEW = 8  #: notes in one message or request
DEADLINE = 15.0  #: seconds for one address
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

log = telemetry.logger("checkpoint")


def recur(tx: Tx, desk: Desk, now: datetime) -> None:
    """Ask for those that are due by the clock, which any number of replicas do once."""
    every = desk.settings.audit.every
    due = now - (now - _EPOCH) % every
    jobs.put_once(tx, NewJob(f"{KIND}/{due.isoformat()}", KIND, Lane.DIGEST, due))


async def make(desk: Desk, chains: Iterable[str] = ()) -> list[Checkpoint]:
    """One for each chain that grew since its last (of `chains`, where some are named), kept and owed to everybody.

    BadInput where the key cannot be read: then none is made, for an unsigned one would look as if there were no key.
    """
    made = await _grown(desk, chains)
    await desk.store.write(lambda tx: _keep(tx, desk, made))
    return made


async def extend(desk: Desk, chain: str, span: merkle.Span, upto: int) -> str | None:
    """Add the entries up to number `upto` to `span`, and return the last one's hash; None where one is missing."""
    last: str | None = None
    while span.end < upto:
        last = await desk.store.read(lambda tx: _more(tx, chain, span, upto))
        if last is None:
            return None
    return last


async def measure(desk: Desk) -> None:
    """Set the metric."""
    waits = await desk.store.read(lambda tx: waiting(tx, desk.clock.now()))
    telemetry.CHECKPOINT_AGE.set(waits.total_seconds())


def waiting(tx: Tx, now: datetime) -> timedelta:
    """How long the oldest entry that no checkpoint covers has stood there; zero where each is covered."""
    newest, longest = checkpoints.newest(tx), timedelta(0)
    for chain, (size, _) in checkpoints.heads(tx).items():
        covered = newest[chain].size if chain in newest else 0
        if size > covered and (first := checkpoints.sealed(tx, chain, covered + 1)):
            longest = max(longest, now - first[1])
    return longest


def owed(tx: Tx, to: str) -> list[Checkpoint]:
    """The newest of each chain that `to` (as it is shown) has not got."""
    return [one for one in checkpoints.newest(tx).values() if to not in one.posted]


def over(tx: Tx, job: Job, which: Sequence[Checkpoint], where: str) -> None:
    """Keep that these stand there; what else is owed there follows at once."""
    to = str(job.payload["to"])
    checkpoints.posted(tx, [(one.chain, one.size) for one in which], to, where)
    if owed(tx, to):
        jobs.put(tx, NewJob(job.key, job.kind, job.lane, tx.now, job.payload))


class Checkpoints:
    """The handlers: one makes them, one puts them into files and to addresses. Chat has its own."""

    def __init__(self, desk: Desk) -> None:
        """The configuration is read when a job runs."""
        self._desk = desk
        self._guards: dict[str, Guard] = {}

    async def ring(self, job: Job) -> work.Outcome:
        """Make them, and let each destination have what it lacks."""
        made = await _grown(self._desk, ())
        return work.Done(lambda tx: _keep(tx, self._desk, made))

    async def post(self, job: Job) -> work.Outcome:
        """Put what is owed there; NotDelivered, which is tried again, where that fails."""
        to = str(job.payload["to"])
        place = next((one for one in self._desk.settings.audit.post if audit.shown(one) == to), None)
        which = (await self._desk.store.read(lambda tx: owed(tx, to)))[:FEW] if place else []
        if place is None or not which:
            return work.Done()
        text = "\n".join(one.note for one in which)
        where = await (self._send(place, text) if audit.kind(place) == "address" else _write(Path(place), text))
        return work.Done(lambda tx: over(tx, job, which, where))

    async def _send(self, address: str, text: str) -> str:
        guard = self._guards.setdefault(address, Guard("audit", self._desk.clock, deadline=DEADLINE))
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        # The job tries again; a note that arrives twice says nothing else.
        answer = await guard.call(
            "checkpoint", lambda: http.send("POST", address, content=text.encode(), headers=headers)
        )
        return answer.headers.get("location", f"answered {answer.status}")[:300]


async def _grown(desk: Desk, chains: Iterable[str]) -> list[Checkpoint]:
    own, wanted = desk.settings.audit, set(chains)
    key = await asyncio.to_thread(signing.read_private, own.key) if own.key else None
    heads, newest = await desk.store.read(lambda tx: (checkpoints.heads(tx), checkpoints.newest(tx)))
    made = []
    for chain, (size, head) in heads.items():
        last = newest.get(chain)
        anew = key is not None and last is not None and not signing.signed(last)
        if (wanted and chain not in wanted) or (last and last.size >= size and not anew):
            continue
        span = merkle.Span.of(0, last.size, last.peaks) if last else merkle.Span()
        if (span.end < size and await extend(desk, chain, span, size) != head) or span.end != size:
            log.error("a chain is not whole, so no checkpoint of it is made", chain=chain, do="tocsin audit verify")
            continue
        found = Checkpoint(chain, size, desk.clock.now(), span.root().hex(), head, span.written())
        made.append(signing.written(own.name, found, key))
    return made


def _more(tx: Tx, chain: str, span: merkle.Span, upto: int) -> str | None:
    """Add the next few; the hash of the last of them, None where the chain has a hole."""
    last = None
    for seq, sealed in checkpoints.hashes(tx, chain, span.end, upto, CHUNK):
        if seq != span.end + 1:
            return None
        last = sealed
        span.add(bytes.fromhex(sealed))
    return last


def _keep(tx: Tx, desk: Desk, made: Sequence[Checkpoint]) -> None:
    checkpoints.add(tx, *made)
    for place in desk.settings.audit.post:
        to = audit.shown(place)
        if owed(tx, to):
            kind = TOLD if audit.kind(place) == "channel" else POST
            jobs.put(tx, NewJob(f"{POST}/{to}", kind, Lane.DIGEST, tx.now, {"to": to}))


async def _write(file: Path, text: str) -> str:
    """Where it stands in the file now; NotDelivered where it cannot be written."""
    try:
        return await asyncio.to_thread(_append, file, text)
    except OSError as error:
        do = "Look at the disk, and at who may write there."
        raise NotDelivered(f"{file} could not be written: {error.strerror}.", do, retry=True) from None


def _append(file: Path, text: str) -> str:
    """At the end and down to the disk, all or nothing; several replicas may do it at once."""
    fresh = not file.exists()
    with file.open("ab") as out:
        fcntl.flock(out, fcntl.LOCK_EX)
        begin = out.seek(0, os.SEEK_END)
        try:
            out.write((b"\n" if begin else b"") + text.encode())
            out.flush()
            os.fsync(out.fileno())
        except OSError:
            out.truncate(begin)
            raise
    if fresh:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return f"from byte {begin}"
