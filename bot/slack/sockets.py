"""Socket Mode under our own lifecycle: several sockets, and a watch that renews one that has gone silent.

Several, because the SDK closes a socket before it opens the next (Slack recycles each every few hours), and what
people press in that gap is not sent again.
"""

import asyncio
from dataclasses import dataclass, field

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot import telemetry
from bot.clock import Clock
from bot.slack import quiet
from bot.slack.client import Client
from bot.slack.runner import Runner

log = telemetry.logger("slack")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited for what, in seconds."""

    ping: float = 5.0  #: between the SDK's own pings; it gives a socket up after one and a half of them
    look: float = 10.0  #: between two looks of the watch, by the bot's clock
    silence: float = 30.0  #: without a pong or a message, after which a socket is renewed
    connect: float = 15.0  #: for one socket to open
    close: float = 2.0  #: for acks under way, and then for the goodbye


class _Socket(AsyncSocketModeHandler):
    """One socket, with what the watch wants to know of it."""

    def __init__(self, app: AsyncApp, app_token: str, client: Client, clock: Clock, ping: float) -> None:
        super().__init__(app, app_token, quiet.logger("socket"), client.web, ping_interval=ping)
        if client.local:
            self.client.proxy = None
        self.clock = clock
        self.under_way = 0
        self.idle = asyncio.Event()
        self.idle.set()
        self.texts = 0
        self.sign: tuple[float | None, int] = (None, 0)
        self.sign_at = asyncio.get_running_loop().time()
        self.client.on_message_listeners.append(self._heard)

    async def handle(self, client: AsyncBaseSocketModeClient, req: SocketModeRequest) -> None:
        begun = self.clock.monotonic()
        self.under_way += 1
        self.idle.clear()
        try:
            await super().handle(client, req)  # type: ignore[arg-type]
        finally:
            self.under_way -= 1
            if not self.under_way:
                self.idle.set()
            telemetry.ACK_LATENCY.observe(self.clock.monotonic() - begun)

    async def _heard(self, message: object) -> None:
        self.texts += 1

    @property
    def open(self) -> bool:
        session = self.client.current_session
        return session is not None and not session.closed

    def quiet_for(self, now: float) -> float:
        """Seconds of the loop's time since its last sign of life was first noticed."""
        sign = (self.client.last_ping_pong_time, self.texts)
        if sign != self.sign:
            self.sign, self.sign_at = sign, now
        return now - self.sign_at


@dataclass
class Sockets:
    """The sockets of one app."""

    app: AsyncApp
    client: Client
    app_token: SecretStr
    clock: Clock
    count: int = 2
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        self._held: list[_Socket] = []
        self._upkeep = Runner()
        self._looks = Runner()

    @property
    def open(self) -> int:
        """How many are connected."""
        return sum(socket.open for socket in self._held)

    async def connect(self) -> None:
        """Open them, and keep them open from now on; those that cannot open yet are tried again by the watch."""
        await self._fill()
        self._upkeep.start("sockets", self._watch())

    async def close(self) -> None:
        """Let acks under way go out, then say goodbye."""
        await self._upkeep.drain(0)
        await self._looks.drain(0)
        held, self._held = self._held, []
        await asyncio.gather(*(self._part(socket) for socket in held))

    async def _watch(self) -> None:
        while True:
            await self.clock.sleep(self.patience.look)
            self._looks.start("socket-look", self._look())  # on its own, so that a look that fails is not the last
            await self._looks.idle()

    async def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        for socket in list(self._held):
            if socket.quiet_for(now) > self.patience.silence:
                await self._renew(socket)
        await self._fill()

    async def _fill(self) -> None:
        missing = self.count - len(self._held)
        fresh = await asyncio.gather(*(self._fresh() for _ in range(missing)))
        self._held += [socket for socket in fresh if socket is not None]

    async def _renew(self, socket: _Socket) -> None:
        """The new one opens before the old one goes."""
        log.warning("slack.socket_silent", seconds=self.patience.silence, do="It is renewed.")
        telemetry.SLACK_CALLS.labels("socket", "renewed").inc()
        fresh = await self._fresh()
        if fresh is not None:
            self._held[self._held.index(socket)] = fresh
            await self._part(socket)

    async def _fresh(self) -> _Socket | None:
        socket = _Socket(self.app, self.app_token.get_secret_value(), self.client, self.clock, self.patience.ping)
        try:
            async with asyncio.timeout(self.patience.connect):
                await socket.client.connect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.warning("slack.socket_not_opened", seconds=self.patience.connect, do="It is tried again.")
            await self._part(socket)
            return None
        except asyncio.CancelledError:
            await self._part(socket)
            raise
        return socket

    async def _part(self, socket: _Socket) -> None:
        socket.client.auto_reconnect_enabled = False
        try:
            async with asyncio.timeout(self.patience.close):
                await socket.idle.wait()
        except TimeoutError:
            log.warning("slack.acks_cut_off", count=socket.under_way)
        try:
            # A half-open connection never says goodbye; close() below then finds the session closed already.
            async with asyncio.timeout(self.patience.close):
                await socket.client.disconnect()  # type: ignore[no-untyped-call]
        except TimeoutError:
            log.info("slack.socket_no_goodbye")
        await socket.client.close()  # type: ignore[no-untyped-call]
        for task in (socket.client.message_processor, socket.client.current_session_monitor):
            if task is not None:
                await asyncio.gather(task, return_exceptions=True)
