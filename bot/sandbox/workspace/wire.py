"""The port: uvicorn's protocols on a loopback socket in the running loop, without its signals and its slow farewell."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn
from uvicorn.server import ServerState

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
HOST = "127.0.0.1"


TURNS = 5  # of the loop, in which those who listen notice that their connection is gone and end by themselves


class Wire:
    """One listening port and its connections."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._config = uvicorn.Config(
            app,
            lifespan="off",
            log_config=None,
            access_log=False,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            timeout_keep_alive=75,
        )
        self._state = ServerState()
        self._listener: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listens on the loopback address; returns the port, a free one when 0 was asked for."""
        if not self._config.loaded:
            self._config.load()
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            made: Any = self._config.http_protocol_class
            connection: asyncio.Protocol = made(config=self._config, server_state=self._state, app_state={}, _loop=loop)
            return connection

        self._listener = await loop.create_server(protocol, HOST, port)
        return int(self._listener.sockets[0].getsockname()[1])

    def _transport(self, scope: Scope) -> asyncio.Transport | None:
        for connection in self._state.connections:
            if getattr(connection, "scope", None) is scope:
                transport: asyncio.Transport | None = connection.transport
                return transport
        return None

    def cut(self, scope: Scope) -> None:
        """Closes the connection of a request or a web socket at once, without a word."""
        if (transport := self._transport(scope)) is not None:
            transport.abort()

    def freeze(self, scope: Scope, on: bool) -> None:
        """Stops reading from a connection (or begins again), so that its other end hears nothing, not even a pong."""
        transport = self._transport(scope)
        if transport is None or transport.is_closing():
            return
        if on:
            transport.pause_reading()
        else:
            transport.resume_reading()

    async def stop(self) -> None:
        """Closes the port and every connection."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        tasks = [task for task in self._state.tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # One turn of the loop, so that the sockets are closed before anybody looks for leaks.
        await asyncio.sleep(0)
