"""Where heartbeats come in: any of GET, POST and PUT is a beat, whatever its body."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import telemetry
from bot.contract import proof, source
from bot.engine import heartbeat
from bot.engine.desk import Desk
from bot.errors import NotAuthentic, TocsinError
from bot.settings import Heartbeat
from bot.web import answers, body

log = telemetry.logger("heartbeats")


def routes(desk: Desk, body_limit: int) -> list[BaseRoute]:
    """The one address they have."""

    async def beat(request: Request) -> Response:
        """200 with when the next one is due, after the commit."""
        try:
            own = heartbeat.find(desk.settings.heartbeats, request.path_params["name"])
            _prove(request, own, desk)
            await body.read(request, body_limit)
            done = await heartbeat.beat(desk, own, desk.clock.now())
        except TocsinError as error:
            return answers.error(error)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:  # the door: a sender gets an answer it can act on, the log has the trace
            log.exception("a heartbeat broke", path=request.url.path)
            return answers.error(TocsinError("Something broke here.", "Send it again.", retry=True))
        return answers.json(
            {"heartbeat": done.name, "next_due": done.next_due.isoformat(), "resolved": list(done.incidents)}
        )

    return [Route("/heartbeats/{name}", beat, methods=["GET", "POST", "PUT"])]


def _prove(request: Request, own: Heartbeat, desk: Desk) -> None:
    """NotAuthentic unless the request carries the secret, where one is configured."""
    if own.secret is None:
        return
    asked = source.Request(b"", desk.clock.now(), dict(request.headers))
    if not proof.carries(asked, own.secret):
        telemetry.REFUSED.labels("heartbeat", "secret").inc()
        wrong = "is wrong" if proof.shown(asked) else "is missing"
        raise NotAuthentic(
            f"The secret of heartbeat {own.name} {wrong}.",
            "Send its `secret` as `Authorization: Bearer`, as the password of Basic, or in X-Tocsin-Secret.",
        )
