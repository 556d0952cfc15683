"""Where channels say what became of a page, and what people sent back: `POST /pages/{connection}`."""

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from bot import telemetry
from bot.contract import source
from bot.contract.receiver import Receiver
from bot.engine import heard
from bot.engine.desk import Desk
from bot.errors import NotAuthentic, NotFound, TocsinError
from bot.web import answers, body

log = telemetry.logger("pages")


def routes(desk: Desk, body_limit: int) -> list[BaseRoute]:
    """The one address they have."""

    async def hear(request: Request) -> Response:
        """What the channel's own plugin answers, after the commit."""
        name = request.path_params["connection"]
        try:
            ear = _ear(desk, name)
            asked = source.Request(
                await body.read(request, body_limit),
                desk.clock.now(),
                dict(request.headers),
                dict(request.query_params),
                request.method,
                request.url.path,
                {"connection": name},
            )
            _prove(ear, name, asked)
            said = await heard.take(desk, name, ear.hear(asked), asked.received_at)
            answer = ear.answer(asked, said)
            return Response(answer.body, answer.status, dict(answer.headers), answer.media_type)
        except TocsinError as error:
            return answers.error(error)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it: the sender went away half way
        except Exception:  # the door, and a plugin behind it: what was not taken is sent again, the log has the trace
            log.exception("what a channel said broke something", connection=name)
            return answers.error(TocsinError("Something broke here.", "Send it again.", retry=True))

    return [Route("/pages/{connection}", hear, methods=["POST"])]


def _ear(desk: Desk, connection: str) -> Receiver:
    """What hears this connection. NotFound."""
    ear = desk.ears.get(connection)
    if ear is None:
        known = ", ".join(sorted(desk.ears)) or "no connection"
        raise NotFound(f"Nothing hears {connection[:40]!r} here.", f"Reports and answers are heard of: {known}.")
    return ear


def _prove(ear: Receiver, connection: str, asked: source.Request) -> None:
    """NotAuthentic where the channel did not prove who it is; that is counted."""
    try:
        ear.authenticate(asked)
    except NotAuthentic:
        telemetry.REFUSED.labels(connection, "secret").inc()
        raise
