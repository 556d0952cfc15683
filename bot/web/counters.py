"""The vendors' own addresses: every source that has places stands there, and answers there as its vendor does.

A request is offered to each connection at its address, in the order of the configuration; the first whose key it
carries takes it, by the same durable path as `/alerts/{connection}`: nothing is answered before the commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from bot import telemetry
from bot.clock import Clock
from bot.contract import source
from bot.contract.counter import Answer, Counter, Place, Taken
from bot.engine.inbox import Door, Inbox, Receipt
from bot.errors import BadInput, NotAuthentic, PluginFault, TocsinError
from bot.web import answers, body

log = telemetry.logger("counters")


def routes(inbox: Inbox, doors: Sequence[Door], clock: Clock, body_limit: int) -> list[BaseRoute]:
    """One route for every address at which a connection stands."""
    standing: dict[tuple[str, str], list[_Window]] = {}
    for door in doors:
        for place in getattr(door.source, "places", ()):
            standing.setdefault((place.method, place.path), []).append(_Window(door, place))
    found: list[BaseRoute] = []
    for (method, path), windows in standing.items():
        limit = max(body_limit if w.place.limit is None else w.place.limit for w in windows)
        counter = _Counter(inbox, tuple(window.door for window in windows), clock, limit, path)
        found.append(_Encoded(path, counter.serve, methods=[method]))
    return found


@dataclass(frozen=True, slots=True)
class _Window:
    door: Door
    place: Place


class _Encoded(Route):
    """A route whose parts may hold anything: it is matched before %2F becomes a slash."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As any route; the parts are still encoded."""
        raw = scope.get("raw_path")
        return super().matches({**scope, "path": raw.decode("latin-1")} if raw else scope)


@dataclass(frozen=True)
class _Counter:
    """Whoever stands at one address."""

    inbox: Inbox
    doors: tuple[Door, ...]
    clock: Clock
    limit: int
    path: str  #: as its place has it: what is filled in may be a key, so it is never logged

    async def serve(self, request: Request) -> Response:
        """Take it in, and answer in the words of its vendor; what nobody foresaw becomes an answer, too."""
        asked = self._request(request, b"")
        try:
            try:
                asked = self._request(request, await body.read(request, self.limit))
            except BadInput as error:
                return await self._answer(self.doors[0], asked, error)
            return await self._serve(asked)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it: the sender went away half way
        except Exception:  # the door: a sender gets an answer it can act on, the log has the trace
            log.exception("a request broke", place=self.path)
            return answers.error(TocsinError("Something broke here.", "Send it again.", retry=True))

    async def _serve(self, asked: source.Request) -> Response:
        try:
            door = await self._whose(asked)
        except TocsinError as error:
            return await self._answer(self.doors[0], asked, error)
        try:
            receipt = await self.inbox.accept(door.name, asked)
        except TocsinError as error:
            return await self._answer(door, asked, error)
        return await self._answer(door, asked, taken(receipt))

    async def _whose(self, asked: source.Request) -> Door:
        """The first that knows the key. NotAuthentic; PluginFault where it may belong to one that is broken."""
        broken: PluginFault | None = None
        for door in self.doors:
            try:
                if await door.guard.run("counter", counter(door).mine, asked):
                    return door
            except PluginFault as fault:
                broken = fault
            except TocsinError:  # it cannot even read it, so it is not its own
                continue
        if broken is not None:
            raise broken
        telemetry.REFUSED.labels("any", "secret").inc()
        raise NotAuthentic("No connection at this address has that key.", "Compare it with the connection's.")

    async def _answer(self, door: Door, asked: source.Request, outcome: Taken | TocsinError) -> Response:
        """As its plugin puts it; in our own form where the plugin cannot."""
        try:
            said: Answer = await door.guard.run("counter", counter(door).answer, asked, outcome)
        except TocsinError:
            return answers.error(outcome) if isinstance(outcome, TocsinError) else answers.json({"accepted": True}, 202)
        return Response(said.body, said.status, dict(said.headers), said.media_type or None)

    def _request(self, request: Request, raw: bytes) -> source.Request:
        return source.Request(
            body=raw,
            received_at=self.clock.now(),
            headers=dict(request.headers),
            query=dict(request.query_params),
            method=request.method,
            path=request.scope["path"],
            params={name: unquote(value) for name, value in request.path_params.items()},
        )


def counter(door: Door) -> Counter:
    """The door's source, which has places."""
    return door.source  # type: ignore[return-value]


def taken(receipt: Receipt) -> Taken:
    """What a plugin may know of a receipt."""
    booked = receipt.booked
    return Taken(
        new=booked.new,
        repeats=booked.repeat,
        resolved=booked.resolved,
        dropped=booked.dropped,
        held=booked.held,
        acted=receipt.beside.acted,
        incidents=tuple(sorted(booked.incidents)),
        standings=receipt.beside.standings,
        earlier=receipt.beside.earlier,
        skipped=receipt.skipped,
        letter=receipt.letter,
        why=receipt.why,
    )
