"""Alertmanager's API, version 2, for its own tools: alerts are read, silences are read, made and ended.

Alerts are posted to the connections of the plugin `alertmanager`, see `bot/web/counters.py`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from importlib import metadata
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import telemetry
from bot.contract import reading
from bot.engine import silence as silences
from bot.engine.desk import Desk
from bot.errors import BadInput, NotAuthentic, NotFound, Refused, StoreDown, TocsinError, TooLarge
from bot.model.matcher import Matcher
from bot.model.verdict import Verdict
from bot.store import firing
from bot.web import answers, body, gettable, labels, tokens

SPOKEN = "0.28.0"  #: the Alertmanager whose API this is; its tools read it
LISTED = 1_000  # silences that are over, the newest
_YES = ("true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled")  # as go-openapi reads it

log = telemetry.logger("alertmanager")


class _Invalid(BadInput):
    """Alertmanager's schema says no: 422, with its own number for the reason."""

    def __init__(self, what: str, code: int = 602) -> None:
        super().__init__(what)
        self.code = code


Handler = Callable[["_Api", Request], Awaitable[Response]]


def routes(desk: Desk, body_limit: int) -> list[BaseRoute]:
    """Everything under /api/v2 but the posting of alerts."""
    api = _Api(desk, body_limit)
    return [
        Route("/api/v2/alerts", api.alerts, methods=["GET"]),
        Route("/api/v2/alerts/groups", api.groups, methods=["GET"]),
        Route("/api/v2/silences", api.silences, methods=["GET"]),
        Route("/api/v2/silences", api.make, methods=["POST"]),
        Route("/api/v2/silence/{id}", api.silence, methods=["GET"]),
        Route("/api/v2/silence/{id}", api.end, methods=["DELETE"]),
        Route("/api/v2/status", api.status, methods=["GET"]),
        Route("/api/v2/receivers", api.receivers, methods=["GET"]),
    ]


def _spoken(act: Handler) -> Handler:
    """Errors become what Alertmanager would say."""

    @wraps(act)
    async def asked(api: "_Api", request: Request) -> Response:
        try:
            return await act(api, request)
        except TocsinError as error:
            return refusal(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:  # the door: whoever asks gets an answer, the log has the trace
            log.exception("a request broke", path=request.url.path)
            return answers.json("Something broke here. Try again.", 500)

    return asked


def refusal(error: TocsinError) -> Response:
    """The error as a JSON string, as Alertmanager writes it; what its schema refuses, with a number."""
    if isinstance(error, _Invalid):
        return answers.json({"code": error.code, "message": error.what}, 422)
    said = str(error)
    match error:
        case NotAuthentic():
            return answers.json(said, 401, {"WWW-Authenticate": 'Basic realm="tocsin"'})
        case Refused():
            return answers.json(said, 403)
        case TooLarge():
            return answers.json(said, 413)
        case BadInput():
            return answers.json(said, 400)
        case NotFound():
            return answers.json(said, 404)
        case StoreDown():
            return answers.json(said, 503, {"Retry-After": "2"})
    return answers.json(said, 500)


class _Api:
    """One method for each route."""

    def __init__(self, desk: Desk, body_limit: int) -> None:
        self._desk = desk
        self._limit = body_limit
        self._since = desk.clock.now()

    def _whose(self, request: Request) -> str:
        """The name of the token, as the log writes it."""
        return silences.API + tokens.holder(request, self._desk.settings.web.tokens, self._desk.clock)

    @_spoken
    async def alerts(self, request: Request) -> Response:
        """Every alert that fires."""
        self._whose(request)
        return answers.json(await self._shown(request, gettable.alerts))

    @_spoken
    async def groups(self, request: Request) -> Response:
        """The same by incident."""
        self._whose(request)
        return answers.json(await self._shown(request, gettable.groups))

    async def _shown(self, request: Request, shape: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
        wanted, now = _wanted(request), self._desk.clock.now()
        found = await self._desk.store.read(firing.every)
        return await asyncio.to_thread(shape, found, self._desk.settings.estate, wanted, now)

    @_spoken
    async def silences(self, request: Request) -> Response:
        """Those in force, planned, and the newest of those that are over."""
        self._whose(request)
        conditions = labels.filters(request.query_params.getlist("filter"))
        now = self._desk.clock.now()
        known = {one.id: one for one in await silences.listing(self._desk, LISTED)}
        known |= {one.id: one for one in await silences.standing(self._desk, now)}
        rows = [gettable.silence(one, now) for one in known.values()]
        rows = [row for row in rows if labels.fit(conditions, gettable.names(row["matchers"]))]
        return answers.json(gettable.in_order(rows))

    @_spoken
    async def make(self, request: Request) -> Response:
        """Make a silence; with an `id`, in place of that one."""
        by, now = self._whose(request), self._desk.clock.now()
        draft = _draft(reading.loads(await body.read(request, self._limit)), now)
        try:
            outcome = await silences.make(self._desk, draft, by, now, "api")
        except NotFound:
            raise NotFound("silence not found") from None
        except BadInput as error:
            raise BadInput(f"silence invalid: {error}") from None
        if outcome.silence is None:
            raise BadInput(f"silence invalid: {outcome.sentence}")
        return answers.json({"silenceID": outcome.silence.id})

    @_spoken
    async def silence(self, request: Request) -> Response:
        """One of them."""
        self._whose(request)
        try:
            found = await silences.get(self._desk, request.path_params["id"])
        except NotFound:
            return Response(status_code=404)
        return answers.json(gettable.silence(found, self._desk.clock.now()))

    @_spoken
    async def end(self, request: Request) -> Response:
        """End one now; one that is over already stays so."""
        by = self._whose(request)
        outcome = await silences.end(self._desk, request.path_params["id"], by, self._desk.clock.now(), "api")
        if outcome.verdict not in (Verdict.GO, Verdict.ALREADY):
            raise Refused(outcome.sentence)
        return Response(status_code=200)

    @_spoken
    async def status(self, request: Request) -> Response:
        """Which Alertmanager this passes for."""
        self._whose(request)
        version = {"branch": "tocsin", "buildDate": "", "buildUser": "", "goVersion": ""}
        version |= {"revision": f"tocsin {metadata.version('tocsin')}", "version": SPOKEN}
        config = f"route:\n  receiver: {gettable.RECEIVER}\nreceivers:\n- name: {gettable.RECEIVER}\n"
        return answers.json(
            {
                "cluster": {"peers": [], "status": "disabled"},
                "config": {"original": config},
                "uptime": gettable.instant(self._since),
                "versionInfo": version,
            }
        )

    @_spoken
    async def receivers(self, request: Request) -> Response:
        """The one there is."""
        self._whose(request)
        return answers.json([{"name": gettable.RECEIVER}])


def _wanted(request: Request) -> gettable.Wanted:
    asked = request.query_params

    def yes(name: str) -> bool:
        return asked.get(name, "true").lower() in _YES

    return gettable.Wanted(
        active=yes("active"),
        silenced=yes("silenced"),
        inhibited=yes("inhibited"),
        unprocessed=yes("unprocessed"),
        conditions=labels.filters(asked.getlist("filter")),
        receiver=asked.get("receiver", ""),
    )


def _draft(said: Any, now: datetime) -> silences.Draft:
    """The silence that a body asks for; BadInput in Alertmanager's words."""
    if not isinstance(said, dict):
        raise BadInput("parsing silence body failed, because it is no object")
    for name in ("comment", "createdBy", "endsAt", "matchers", "startsAt"):
        if said.get(name) is None:
            raise _Invalid(f"{name} in body is required")
    starts, ends = reading.instant(said["startsAt"]), reading.instant(said["endsAt"])
    if ends is None:
        raise _Invalid("endsAt in body must be of type date-time", 601)
    if ends <= now:
        raise BadInput("Failed to create silence: end time can't be in the past")
    if starts is not None and starts >= ends:
        raise BadInput("Failed to create silence: start time must be before end time")
    return silences.Draft(
        matchers=tuple(_matchers(said["matchers"])),
        ends_at=ends,
        why=reading.text(said["comment"], silences.LONGEST) or "",
        starts_at=starts if starts is not None and starts > now else None,
        author=reading.text(said["createdBy"], silences.NAME) or "",
        instead=reading.text(said.get("id"), silences.NAME) or "",
    )


def _matchers(said: Any) -> Sequence[Matcher]:
    """The conditions, of which one at least means something."""
    if not isinstance(said, list) or not said:
        raise _Invalid("matchers in body should have at least 1 items", 612)
    found = [_matcher(place, one) for place, one in enumerate(said)]
    if all(labels.meets_nothing(one) for one in found):
        raise BadInput("silence invalid: at least one matcher must not match the empty string")
    return found


def _matcher(place: int, one: Any) -> Matcher:
    given: Mapping[str, Any] = one if isinstance(one, dict) else {}
    for name in ("isRegex", "name", "value"):
        if given.get(name) is None:
            raise _Invalid(f"matchers.{place}.{name} in body is required")
    name, value, equal, regex = given["name"], given["value"], given.get("isEqual", True), given["isRegex"]
    if not isinstance(name, str) or not isinstance(value, str):
        raise _Invalid(f"matchers.{place} in body must be of type string", 601)
    try:
        return labels.matcher(name, labels.OPERATORS[bool(equal), bool(regex)], value)
    except BadInput as error:
        raise BadInput(f"silence invalid: invalid label matcher {place}: {error}") from None
