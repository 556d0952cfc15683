"""The routes: alerts in, health and figures out."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import telemetry
from bot.clock import Clock
from bot.contract import source
from bot.engine import inbox as inboxes
from bot.engine.inbox import Inbox, Receipt
from bot.errors import TocsinError
from bot.web import answers, body, counters

log = telemetry.logger("web")

TAKEN = ("POST", "PUT")  #: the methods by which monitors send alerts


@dataclass(frozen=True, slots=True)
class State:
    """How it stands with one part: `ok`, or what to do; one that is `vital` makes the bot not ready."""

    part: str
    ok: bool
    do: str = ""
    vital: bool = False


@dataclass(frozen=True)
class Door:
    """What the routes need."""

    inbox: Inbox
    clock: Clock
    body_limit: int
    states: Callable[[], Awaitable[Sequence[State]]]
    connections: Sequence[inboxes.Door] = ()  #: those of their sources that have places get routes of their own
    others: Sequence[BaseRoute] = ()  #: routes of other modules


def build(door: Door, slack: ASGIApp | None = None) -> ASGIApp:
    """The application; `slack` answers under /slack when Slack talks to us by HTTP."""
    answer = _Answers(door)
    routes: list[BaseRoute] = [
        Route("/alerts/{connection}", answer.alerts, methods=list(TAKEN)),
        Route("/health/live", answer.live, methods=["GET"]),
        Route("/health/ready", answer.ready, methods=["GET"]),
        Route("/metrics", answer.metrics, methods=["GET"]),
        *counters.routes(door.inbox, door.connections, door.clock, door.body_limit),
        *door.others,
    ]
    if slack is not None:
        routes.append(Mount("/slack", slack))
    rest = Starlette(routes=routes, exception_handlers={HTTPException: _misdirected})

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        """Alerts go straight to their handler: middleware and routing are half of what HTTP costs them."""
        place, _, connection = scope.get("path", "").rpartition("/")
        if place == "/alerts" and connection and scope["type"] == "http" and scope["method"] in TAKEN:
            scope["path_params"] = {"connection": connection}
            response = await answer.alerts(Request(scope, receive))
            await response(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return front


async def _misdirected(request: Request, error: Exception) -> Response:
    """No such place, or not by this method: said in the same form as everything else."""
    status, headers = (error.status_code, error.headers) if isinstance(error, HTTPException) else (404, None)
    return answers.misdirected(request.method, request.url.path, status, dict(headers or {}))


class _Answers:
    """One method for each route."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def alerts(self, request: Request) -> Response:
        """Take alerts in; 202 only after the commit."""
        try:
            raw = await body.read(request, self._door.body_limit)
            delivery = source.Request(
                raw, self._door.clock.now(), dict(request.headers), dict(request.query_params), request.method
            )
            return _receipt(await self._door.inbox.accept(request.path_params["connection"], delivery))
        except TocsinError as error:
            return answers.error(error)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it: the sender went away half way
        except Exception:  # the door: a sender gets an answer it can act on, the log has the trace
            log.exception("a request broke", connection=request.path_params["connection"])
            return answers.error(TocsinError("Something broke here.", "Send it again.", retry=True))

    async def live(self, _request: Request) -> Response:
        """The process answers."""
        return answers.json({"live": True})

    async def ready(self, _request: Request) -> Response:
        """Ready when every vital part is; what is merely degraded is told, too."""
        states = await self._door.states()
        ready = all(state.ok for state in states if state.vital)
        rows = [{"part": s.part, "ok": s.ok, **({"do": s.do} if s.do else {})} for s in states]
        said = {"ready": ready, "degraded": not all(s.ok for s in states), "parts": rows}
        return answers.json(said, 200 if ready else 503)

    async def metrics(self, _request: Request) -> Response:
        """The figures, in Prometheus' text form."""
        return Response(telemetry.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _receipt(receipt: Receipt) -> Response:
    if receipt.reply is not None:
        return Response(receipt.reply, 200, media_type="application/json")
    if receipt.letter:
        return answers.json({"accepted": 0, "dead_letter": receipt.letter, "why": receipt.why}, 202)
    booked = receipt.booked
    said: dict[str, object] = {
        "accepted": booked.accepted,
        "new": booked.new,
        "repeats": booked.repeat,
        "resolved": booked.resolved,
        "dropped": booked.dropped,
        "incidents": sorted(booked.incidents)[:100],
    }
    if booked.held:
        said["held"] = booked.held
    if booked.copy:
        said["copy"] = True
    if receipt.skipped:
        said["skipped"] = list(receipt.skipped)
    return answers.json(said, 202)
