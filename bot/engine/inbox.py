"""What arrives at a connection: read by its plugin away from the loop, booked in batches, answered after the commit."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from bot import telemetry
from bot.contract.guard import Guard
from bot.contract.source import Delivery, Request, Source
from bot.engine import escalate, intake, ledger, measured, remote, watch
from bot.engine.desk import Desk
from bot.errors import Conflict, NotAuthentic, NotFound, PluginFault, StoreDown, TocsinError, TooLarge, Unreadable
from bot.failpoint import failpoint
from bot.model.entry import Entry
from bot.model.job import NewJob
from bot.store import Tx, jobs, letters

TOGETHER = 64  # requests read and booked in one go ...
WEIGHT = 128 * 1024  # ... or so many bytes of them: while one batch is written, the next one is read
REFUSALS = (NotAuthentic, NotFound, TooLarge)  # what a plugin refuses outright; anything else it cannot read is kept
HIDDEN = ("authorization", "cookie", "secret", "token", "signature", "key")  # headers a dead letter does not keep

log = telemetry.logger("inbox")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to one request: what became of its alerts, or the dead letter it was kept as."""

    booked: intake.Receipt = field(default_factory=intake.Receipt)
    beside: remote.Beside = remote.NOTHING
    skipped: tuple[str, ...] = ()
    reply: bytes | None = None
    letter: str | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Door:
    """A connection through which alerts come: its reader and the guard around it."""

    name: str
    source: Source
    guard: Guard


@dataclass(slots=True)
class _Waiting:
    request: Request
    done: "asyncio.Future[Receipt]"


class Inbox:
    """Takes requests in for all connections; those that arrive together are read and committed together."""

    def __init__(self, desk: Desk, doors: Sequence[Door]) -> None:
        """Needs a running loop only when something arrives."""
        self._desk = desk
        self._doors = {door.name: door for door in doors}
        self._waiting: dict[str, list[_Waiting]] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def accept(self, connection: str, request: Request) -> Receipt:
        """Return once the alerts of `request` are committed.

        NotFound: no such connection. NotAuthentic: wrong secret. BadInput: not even JSON. StoreDown: try again.
        What authenticates but cannot be read is kept as a dead letter, and the receipt says so.
        """
        door = self._doors.get(connection)
        if door is None:
            raise NotFound(
                f"There is no connection {connection[:60]!r}.", "Name one from `connections:` in tocsin.yaml."
            )
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        queue = self._waiting.setdefault(connection, [])
        queue.append(waiting)
        if len(queue) == 1:
            task = asyncio.create_task(self._read(door))
            self._readers.add(task)
            task.add_done_callback(self._readers.discard)
        return await waiting.done

    async def _read(self, door: Door) -> None:
        """Read and book whatever waits at `door`, batch by batch; what arrives meanwhile makes the next.

        A heavy batch is read while the one before it is written; a light one waits, and grows, for a commit costs
        the same whatever its size.
        """
        queue = self._waiting[door.name]
        booking: asyncio.Task[None] | None = None
        await asyncio.sleep(0)  # whatever arrived in the same moment comes along
        while queue:
            if booking is not None and sum(len(waiting.request.body) for waiting in queue) < WEIGHT:
                await asyncio.wait({booking})
            batch = queue[: _many(queue)]
            requests = [waiting.request for waiting in batch]
            try:
                read = await door.guard.run("source", read_all, door.source, requests)
            except PluginFault as fault:
                read = [fault] * len(batch)
            if booking is not None:
                await asyncio.wait({booking})
            booking = asyncio.create_task(self._book(door.name, batch, read))
            self._readers.add(booking)
            booking.add_done_callback(self._readers.discard)
            del queue[: len(batch)]

    async def _book(self, name: str, batch: list[_Waiting], read: Sequence[Delivery | TocsinError]) -> None:
        """One transaction for all that could be read and all that is kept as dead letters."""
        good: list[tuple[_Waiting, Delivery]] = []
        bad: list[tuple[_Waiting, letters.Letter]] = []
        for waiting, result in zip(batch, read, strict=True):
            if isinstance(result, Delivery):
                good.append((waiting, result))
            elif isinstance(result, REFUSALS) or not _json(waiting.request.body):
                telemetry.REFUSED.labels(name, _why(result)).inc()
                _fail(waiting, result)
            else:
                telemetry.REFUSED.labels(name, "unreadable").inc()
                bad.append((waiting, self._letter(name, waiting.request, result)))
        if not good and not bad:
            return
        arrived = [intake.Arrived(name, delivery) for _, delivery in good]
        kept = [letter for _, letter in bad]
        try:
            booked = await self._desk.store.write(lambda tx: self._write(tx, arrived, kept))
        except (StoreDown, Conflict) as error:
            for waiting, _ in (*good, *bad):
                _fail(waiting, error)
        except Exception as error:  # a door: nobody may wait forever for an answer
            await self._part(name, good, bad, error)
        else:
            failpoint("after_commit")
            for (waiting, delivery), (receipt, beside) in zip(good, booked, strict=True):
                _answer(waiting, Receipt(receipt, beside, delivery.skipped, delivery.reply))
            for waiting, letter in bad:
                _answer(waiting, Receipt(letter=letter.id, why=letter.why))

    async def _part(
        self,
        name: str,
        good: list[tuple[_Waiting, Delivery]],
        bad: list[tuple[_Waiting, letters.Letter]],
        error: Exception,
    ) -> None:
        """Something in a batch cannot be kept: each is booked alone, and whose fault it is becomes a dead letter."""
        log.error("a batch could not be booked", connection=name, size=len(good) + len(bad), reason=repr(error))
        if len(good) + len(bad) > 1:
            for waiting, delivery in good:
                await self._book(name, [waiting], [delivery])
            for waiting, letter in bad:
                await self._book(name, [waiting], [Unreadable(letter.why)])
        elif good:
            why = PluginFault(f"What its plugin made of it cannot be kept: {type(error).__name__}.", "Tell its author.")
            await self._book(name, [good[0][0]], [why])
        else:
            _fail(bad[0][0], TocsinError("This could not be booked.", "Try again.", retry=True))

    def _write(
        self, tx: Tx, arrived: list[intake.Arrived], kept: list[letters.Letter]
    ) -> list[tuple[intake.Receipt, remote.Beside]]:
        booked = take_in(tx, self._desk, arrived) if arrived else []
        for letter in kept:
            letters.add(tx, letter)
            tx.note(Entry("tocsin", "letter.kept", tx.now, f"connection:{letter.connection}", letter.id, letter.why))
            jobs.put_once(tx, self._alarm(letter))
        return booked

    def _alarm(self, letter: letters.Letter) -> NewJob:
        """A monitor nobody understands is told of once an hour: its alerts reach nobody."""
        text = (
            f"A message from {letter.connection} cannot be read: {letter.why} Mend, then `tocsin replay {letter.id}`."
        )
        hour = letter.received_at.strftime("%Y-%m-%dT%H")
        channel = f"channel:{self._desk.settings.slack.channel}"
        return escalate.notice(f"letter/{letter.connection}/{hour}", channel, text, letter.received_at)

    @staticmethod
    def _letter(name: str, request: Request, error: TocsinError) -> letters.Letter:
        """The dead letter of a request; the same message at the same moment makes the same letter."""
        stamp = f"{name}|{request.received_at.isoformat()}|".encode()
        kept = {key: value for key, value in request.headers.items() if not any(word in key for word in HIDDEN)}
        kept |= _place(request)
        id_ = "dl-" + hashlib.sha256(stamp + request.body).hexdigest()[:12]
        return letters.Letter(id_, name, request.received_at, str(error), kept, request.body)


def take_in(tx: Tx, desk: Desk, arrived: Sequence[intake.Arrived]) -> list[tuple[intake.Receipt, remote.Beside]]:
    """Everything that deliveries say, all or nothing: their alerts, then what they do beside."""
    receipts = intake.book(tx, desk, arrived, tx.now)
    fresh = [one for one, receipt in zip(arrived, receipts, strict=True) if not receipt.copy]
    measured.hear(tx, desk, fresh)
    watch.hear(tx, desk, fresh)
    ledger.hinted(tx, desk, fresh)
    return list(zip(receipts, remote.serve(tx, desk, arrived, receipts), strict=True))


def request_of(letter: letters.Letter) -> Request:
    """The request that a dead letter was, without its secrets."""
    headers = {name: value for name, value in letter.headers.items() if not name.startswith(":")}
    said = {name: value for name, value in letter.headers.items() if name.startswith(":")}
    params = {name.removeprefix(_PARAM): value for name, value in said.items() if name.startswith(_PARAM)}
    method, path = said.get(":method", "POST"), said.get(":path", "")
    return Request(letter.body, letter.received_at, headers, method=method, path=path, params=params)


_PARAM = ":param/"  # no header's name can begin so


def _place(request: Request) -> dict[str, str]:
    """Where a letter came in, kept among its headers, if that matters to its plugin; keys in it are left out."""
    if not request.path:
        return {}
    path, kept = request.path, {":method": request.method}
    for name, value in request.params.items():
        if any(word in name for word in HIDDEN):
            path = path.replace(value, "…")
        else:
            kept[f"{_PARAM}{name}"] = value
    return {**kept, ":path": path}


def _why(refusal: TocsinError) -> str:
    """The kind of a refusal, as it is counted."""
    kinds = {NotAuthentic: "secret", TooLarge: "too-large", NotFound: "unknown"}
    return kinds.get(type(refusal), "malformed")


def _many(queue: Sequence[_Waiting]) -> int:
    """How many of those that wait are taken at once."""
    weight = 0
    for count, waiting in enumerate(queue[:TOGETHER], 1):
        weight += len(waiting.request.body)
        if weight >= WEIGHT:
            return count
    return min(TOGETHER, len(queue))


def read_all(source: Source, requests: Sequence[Request]) -> list[Delivery | TocsinError]:
    """Authenticate and parse each request; one that fails does not touch the others."""
    return [_read_one(source, request) for request in requests]


def _read_one(source: Source, request: Request) -> Delivery | TocsinError:
    try:
        source.authenticate(request)
        return source.parse(request)
    except TocsinError as error:
        return error
    except Exception as error:  # around a plugin call: its bug becomes a dead letter, not our fall
        log.exception("a plugin could not read a message")
        return PluginFault(f"The plugin broke over this message: {type(error).__name__}.", "Report it to its author.")


def _json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _answer(waiting: _Waiting, receipt: Receipt) -> None:
    if not waiting.done.done():  # the sender may have hung up
        waiting.done.set_result(receipt)


def _fail(waiting: _Waiting, error: TocsinError) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)
