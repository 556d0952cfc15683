"""Serves an ASGI application inside our own loop and life cycle."""

import asyncio
import contextlib
import socket
from collections.abc import Generator

import uvicorn
from starlette.types import ASGIApp

from bot.errors import BadConfig


class _Quiet(uvicorn.Server):
    """Leaves signals to whoever runs the process, and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class Server:
    """An HTTP server that starts when told and stops when told."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """`port` 0 takes a free one; see `port` after `start`."""
        config = uvicorn.Config(
            app,
            host,
            port,
            log_config=None,
            access_log=False,
            ws="none",
            lifespan="off",
            proxy_headers=False,  # nothing here depends on who asks
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _Quiet(config)
        self._host = host
        self.port = port
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; BadConfig when the address is taken."""
        try:
            listener = socket.create_server((self._host, self.port), backlog=512, reuse_port=False)
        except OSError as error:
            raise BadConfig(
                f"{self._host}:{self.port} cannot be listened on: {error.strerror}.", "Choose another `--port`."
            ) from error
        self.port = listener.getsockname()[1]
        self._task = asyncio.create_task(self._server.serve(sockets=[listener]))
        await asyncio.wait({self._task, asyncio.ensure_future(self._server.up.wait())}, return_when="FIRST_COMPLETED")

    async def stop(self) -> None:
        """Answer what is under way, then close."""
        if self._task is None:
            return
        self._server.should_exit = True
        await self._task
