"""Socket Mode: the open web sockets of the bot, an envelope to one of them, and its ack."""

import asyncio
from collections.abc import Callable

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.workspace.nouns import Json

MOST = 10


class Sockets:
    """The bot's web sockets; each envelope goes to one of them, in turn."""

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.ever = False
        self.blackholed = False
        self._open: list[WebSocket] = []
        self._turn = 0
        self._pending: dict[str, tuple[WebSocket, asyncio.Future[Json | None]]] = {}
        self.on_change: Callable[[], None] = lambda: None
        self.freeze: Callable[[WebSocket, bool], None] = lambda socket, on: None

    def __len__(self) -> int:
        return len(self._open)

    async def serve(self, socket: WebSocket, *, welcome: bool) -> None:
        """Holds one connection from its hello to its end; a used ticket is turned away."""
        if not welcome:
            await socket.close(code=4001)
            return
        await socket.accept()
        if len(self._open) >= MOST:
            await self._tell(socket, {"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        self.ever = True
        self._open.append(socket)
        try:
            await self._tell(socket, self._hello())
            self.on_change()
            while True:
                self._acked(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.gone(socket)

    def _hello(self) -> Json:
        debug = {"host": "workspace", "started": "", "build_number": 1, "approximate_connection_time": 18060}
        return {
            "type": "hello",
            "num_connections": len(self._open),
            "debug_info": debug,
            "connection_info": {"app_id": self.app_id},
        }

    async def send(self, envelope: Json) -> "asyncio.Future[Json | None] | None":
        """Sends to the socket whose turn it is: a future of the ack's payload, of None when the socket goes away first.

        None instead of a future when no socket is open.
        """
        if not self._open:
            return None
        self._turn += 1
        socket = self._open[self._turn % len(self._open)]
        answer: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        self._pending[envelope["envelope_id"]] = (socket, answer)
        answer.add_done_callback(lambda _: self._pending.pop(envelope["envelope_id"], None))
        if not self.blackholed:
            await self._tell(socket, envelope)
        return answer

    async def _tell(self, socket: WebSocket, message: Json) -> None:
        try:
            await socket.send_text(orjson.dumps(message).decode())
        except (WebSocketDisconnect, RuntimeError):
            # It closed between the choice and the sending; its reader notices and settles what is pending.
            self.gone(socket)

    def _acked(self, text: str) -> None:
        if self.blackholed:
            return
        try:
            said = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        held = self._pending.get(said.get("envelope_id", "")) if isinstance(said, dict) else None
        if held is not None and not held[1].done():
            payload = said.get("payload")
            # bolt sends a plain text answer as {"text": ...}
            held[1].set_result(payload if isinstance(payload, dict) else {"text": payload} if payload else {})

    def now(self) -> list[WebSocket]:
        """The sockets that are open."""
        return list(self._open)

    def gone(self, socket: WebSocket) -> None:
        """Forgets a socket and gives up what it owed."""
        if socket in self._open:
            self._open.remove(socket)
            self.on_change()
        for held, answer in list(self._pending.values()):
            if held is socket and not answer.done():
                answer.set_result(None)

    def silence(self, on: bool) -> None:
        """While on, the connections stay up but nothing passes: no envelope, no ack, no pong."""
        self.blackholed = on
        for socket in self._open:
            self.freeze(socket, on)

    async def refresh(self) -> None:
        """Asks every socket to come back on a new connection, as Slack does every few hours."""
        for socket in list(self._open):
            await self._tell(
                socket, {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "workspace"}}
            )
