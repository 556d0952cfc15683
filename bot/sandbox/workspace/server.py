"""The server: the Web API on its short path, then web sockets, response_urls, uploads, the control API, the page."""

from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocket

from bot.sandbox.workspace import documents, responses, screen
from bot.sandbox.workspace.api import JSON_TYPE, Api
from bot.sandbox.workspace.sockets import Sockets
from bot.sandbox.workspace.state import State
from bot.sandbox.workspace.wire import Receive, Scope, Send


class Door:
    """An ASGI application over one workspace; `control` is what stands behind /control, `cut` closes a connection."""

    def __init__(self, state: State, api: Api, sockets: Sockets) -> None:
        self.state, self.api, self.sockets = state, api, sockets
        self.control: Callable[[Scope, Receive, Send], Awaitable[None]] = self._nothing
        self.cut: Callable[[Scope], None] = lambda scope: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request or one web socket."""
        path: str = scope["path"]
        if scope["type"] == "websocket":
            socket = WebSocket(scope, receive, send)
            ticket = socket.query_params.get("ticket", "")
            welcome = path == "/link" and ticket in self.state.tickets
            self.state.tickets.discard(ticket)
            await self.sockets.serve(socket, welcome=welcome)
        elif path.startswith("/api/"):
            await self.answer(scope, await read(receive), receive, send)
        elif path.startswith("/control/"):
            guarded = self.control if screen.at_home(Request(scope)) else screen.refused()
            await guarded(scope, receive, send)
        else:
            await (await self._page(Request(scope, receive)))(scope, receive, send)

    async def _nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("There is no control here.", 404)(scope, receive, send)

    async def _page(self, request: Request) -> Response:
        path = request.url.path
        if path.startswith("/response/") and request.method == "POST":
            status, word = responses.answer(self.state, path.removeprefix("/response/"), await request.body())
            return PlainTextResponse(word, status)
        if path.startswith("/upload/") and request.method == "POST":
            status, word = documents.upload(self.state, path.removeprefix("/upload/"), await request.body())
            return PlainTextResponse(word, status)
        if path.startswith("/files/") and request.method == "GET":
            bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
            status, content = documents.serve(self.state, path.removeprefix("/files/"), bearer)
            return Response(content, status, media_type="application/octet-stream")
        return screen.answer(request) or PlainTextResponse("This is a stand-in workspace, not Slack.", 404)

    async def answer(self, scope: Scope, body: bytes | None, receive: Receive, send: Send) -> None:
        """Serves one call of a method whose body has been read; None is a caller who hung up."""
        if body is None:
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        answer = await self.api.answer(scope["path"].removeprefix("/api/"), headers, scope["query_string"], body)
        if answer.drop:
            self.cut(scope)
            await receive()  # until the connection is gone: an early return would be answered with a 500
            return
        told: list[tuple[bytes, bytes]] = [
            (b"content-type", JSON_TYPE),
            (b"content-length", str(len(answer.body)).encode()),
            (b"date", format_datetime(self.state.clock.now(), usegmt=True).encode()),
        ]
        start: dict[str, Any] = {"type": "http.response.start", "status": answer.status}
        await send(start | {"headers": [*told, *answer.headers]})
        await send({"type": "http.response.body", "body": answer.body})


async def read(receive: Receive) -> bytes | None:
    """The body of a request, None when the caller hung up before its end."""
    body, more = b"", True
    while more:
        part = await receive()
        if part["type"] != "http.request":
            return None
        body += part.get("body", b"")
        more = part.get("more_body", False)
    return body
