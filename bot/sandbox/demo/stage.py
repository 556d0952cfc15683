"""The demo in one process: the bot, the workspace with its page, the living estate; opened, kept, closed."""

import asyncio
import errno
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp

from bot import app, settings, telemetry
from bot.clock import FastClock
from bot.engine import handover_turns, ledger, waysback
from bot.errors import BadInput, StoreDown, TocsinError
from bot.sandbox.demo import pace, people, setup, trainings
from bot.sandbox.demo.folder import Folder
from bot.sandbox.demo.hurry import MACHINE, Hurried
from bot.sandbox.demo.tour import Tour
from bot.sandbox.estate.estate import Estate
from bot.sandbox.workspace import App, Message, Workspace, keep
from bot.settings import Settings
from bot.slack import manifest
from bot.store import Store, Tx, jobs, log, posts

T = TypeVar("T")
CONNECTION = "estate"  #: the connection through which the monitor's alerts come
SECRET, KEY = "ESTATE_SECRET", "ESTATE_KEY"
SHIFT, MORNING = "SHIFT_BEGAN", 9  #: since when bo is on call: that hour of the day before, on the clocks of the rota
KEEP = 1.0  # seconds of the machine between two times that the workspace is kept, where it has changed
LOOK = 0.03  # seconds of the machine between two looks at what somebody waits for
SLOWEST = 3600.0  # seconds of the clock that a runbook may let pass before somebody else is paged
TURN = 1.0  # seconds of the machine between two looks at the changes of shift that lie ahead
PULSE = 0.05  # seconds of the machine between two looks at what is due while time runs fast

complaints = telemetry.logger("demo")


@dataclass
class Stage:
    """The running demo; see `opened`."""

    folder: Folder
    clock: FastClock
    app: app.App
    workspace: Workspace
    estate: Estate
    env: Mapping[str, str]
    patience: float = 30.0  #: seconds of the machine after which something was waited for in vain

    @property
    def page(self) -> str:
        """The address of the page, with the key that opens it; the key is never sent to a server."""
        return f"{self.workspace.origin}/#key={self.workspace.control_token}"

    @property
    def url(self) -> str:
        """Where the bot's own HTTP door is."""
        return f"http://127.0.0.1:{self.app.server.port}"

    async def card(self, incident: str) -> Message | None:
        """The incident's card as it stands in its channel; None before it was posted."""
        post = await self.app.store.read(lambda tx: posts.get(tx, f"card/{incident}"))
        return self.message(post.channel, post.ts) if post else None

    def message(self, channel: str, ts: str) -> Message | None:
        """One message as it stands."""
        return next((m for m in self.workspace.messages(channel) if m.ts == ts), None)

    async def until(self, seen: Callable[[], Awaitable[T | None]], what: str, patience: float | None = None) -> T:
        """The first truthy answer of `seen`; TocsinError that names `what` after `patience` seconds of the machine."""
        seconds = patience or self.patience
        try:
            async with asyncio.timeout(seconds):
                while not (found := await seen()):
                    await MACHINE.sleep(LOOK)
        except TimeoutError:
            raise TocsinError(
                f"The demo waited {seconds:g} s for {what}.", "Run it again with --verbose to see the log."
            ) from None
        return found


@asynccontextmanager
async def opened(folder: Folder, *, speed: float = 1.0, port: int = 0) -> AsyncIterator[Stage]:
    """Everything up, over what the folder holds from an earlier time; kept and closed again in the end.

    `port` is the page's, on the loopback address; 0 takes any that is free. BadInput where something the folder holds
    is wrong, or the port is taken.
    """
    with _fit():
        clock = FastClock(not_before=await _left_at(folder))
    env = {SECRET: secrets.token_hex(16), KEY: secrets.token_hex(16)}
    env |= {"ESTATE_ROOT": str(folder.models), "DATABASE_URL": folder.database, SHIFT: _shift(folder, clock.now())}
    workspace = _workspace(folder, clock, env)
    await _listening(workspace, port)
    try:
        env |= _leading(workspace)
        loaded = app.load(app.Folder.of(folder.config), env)
        folder.expose(env)
        bot = app.App(loaded, app.Folder.of(folder.config), clock=Hurried.of_bot(clock))
        estate = Estate(folder.models, clock)
        with _fit():
            await asyncio.to_thread(estate.furnish)
        _kept(folder, workspace)
        await bot.start()
        try:
            stage = Stage(folder, clock, bot, workspace, estate, env, patience=30 + SLOWEST / speed)
            _offered(stage)
            await bot.store.write(lambda tx: _looked_at(tx, bot))
            await stage.until(lambda: _later(workspace.sockets), "the bot to connect to the workspace")
            clock.speed = speed  # not before: people are not to wait half an hour for what takes us two seconds
            async with _living(stage):
                yield stage
        finally:
            await bot.stop()
            await trainings.end(bot.desk)
    finally:
        try:
            _kept(folder, workspace)
        finally:
            await workspace.stop()


@contextmanager
def _fit() -> Iterator[None]:
    """What cannot be read is of another time or broken: only beginning anew helps."""
    try:
        yield
    except (BadInput, StoreDown) as stale:
        raise BadInput(stale.what, "Start it with --reset, which begins anew there.") from None


async def _left_at(folder: Folder) -> datetime | None:
    """The latest moment anything here knows of: a world that ran fast is ahead of the machine, and never goes back."""
    store = await Store.open(folder.database, clock=MACHINE)
    try:
        newest = await store.read(lambda tx: log.newest(tx.sql))
    finally:
        await store.close()
    known = [at for at in (keep.kept_at(folder.workspace), newest) if at is not None]
    return max(known, default=None)


def _shift(folder: Folder, now: datetime) -> str:
    """When the shift that can be handed over began: known from the first start on, so that the past stays as it was."""
    kept = folder.read()
    if SHIFT not in kept:
        kept[SHIFT] = f"{now - timedelta(days=1):%Y-%m-%d}T{MORNING:02}:00"
        folder.write(kept)
    return str(kept[SHIFT])


def _workspace(folder: Folder, clock: FastClock, env: Mapping[str, str]) -> Workspace:
    """The workspace as it was left; a new one gets everybody and every channel that the configuration names."""
    document = manifest.manifest("socket")
    made = App(
        commands=tuple(one["command"] for one in document["features"]["slash_commands"]),
        scopes=tuple(document["oauth_config"]["scopes"]["bot"]),
        events=tuple(document["settings"]["event_subscriptions"]["bot_events"]),
    )
    hurried = Hurried.of_workspace(clock)
    if folder.workspace.exists():
        with _fit():
            workspace = keep.read(folder.workspace, hurried, made)
    else:
        named = _named(folder, env)
        workspace = Workspace(clock=hurried, people=people.members(named), channels=people.channels(named), app=made)
    workspace.about = {"manifest": document}
    return workspace


def _named(folder: Folder, env: Mapping[str, str]) -> Settings:
    """The configuration before the workspace's tokens are known; BadConfigs."""
    return settings.load(folder.config, {**env, "SLACK_BOT_TOKEN": "xoxb-unknown", "SLACK_APP_TOKEN": "xapp-unknown"})


async def _listening(workspace: Workspace, port: int) -> None:
    try:
        await workspace.start(port)
    except OSError as error:
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        why = "is taken by another program" if error.errno == errno.EADDRINUSE else f"cannot be had: {error.strerror}"
        cure = "Choose another with --port; 0 takes any that is free." if taken else "See what else uses the network."
        raise BadInput(f"Port {port} of this machine {why}.", cure) from None


def _leading(workspace: Workspace) -> dict[str, str]:
    """What leads the bot to this workspace."""
    return {
        "SLACK_API_URL": workspace.url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
    }


def _looked_at(tx: Tx, bot: app.App) -> None:
    """What serves, and the way back, is looked at now and not within five minutes: a newcomer asks at once."""
    jobs.put(tx, *(ledger.job(name, tx.now) for name in sorted(ledger.hosted(bot.desk))))
    waysback.recur(tx, tx.now)


def _offered(stage: Stage) -> None:
    """What the page has beside a workspace's own: roles, the tour, the way to a Slack of one's own, the speed."""
    loaded = stage.app.loaded.settings
    stage.workspace.offer("people", lambda args: _later(people.told(loaded)))
    stage.workspace.offer("setup", lambda args: _later(setup.told()))
    stage.workspace.offer("tour", Tour(stage.app.desk, stage.folder).act)
    stage.workspace.offer("speed", pace.act(stage.clock))


@asynccontextmanager
async def _living(stage: Stage) -> AsyncIterator[None]:
    """The estate serves and is watched, the workspace is kept, and what is due is looked at in fast time, too."""
    headers = {"Authorization": f"Bearer {stage.env[SECRET]}"}
    async with aiohttp.ClientSession(headers=headers) as http:

        async def post(alerts: list[dict[str, Any]]) -> None:
            await _post(http, f"{stage.url}/alerts/{CONNECTION}", {"alerts": alerts})

        async def tell(event: dict[str, Any]) -> None:
            await _post(http, f"{stage.url}/v2/change/enqueue", {"routing_key": stage.env[KEY], **event})

        lives = (stage.estate.run(post, tell), _keeping(stage), _turning(stage), _pulse(stage))
        running = [asyncio.create_task(one) for one in lives]
        try:
            async with _watched(running):
                yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


@asynccontextmanager
async def _watched(running: list[asyncio.Task[None]]) -> AsyncIterator[None]:
    """What fails in the background ends what is done meanwhile, with its own error."""
    body = asyncio.current_task()

    def ended(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None and body is not None:
            body.cancel()

    for task in running:
        task.add_done_callback(ended)
    try:
        yield
    except asyncio.CancelledError:
        for task in running:
            if task.done() and not task.cancelled() and (fault := task.exception()) is not None:
                raise fault from None
        raise
    finally:
        for task in running:
            task.remove_done_callback(ended)


async def _post(http: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> None:
    """What any monitor does; TocsinError when the bot does not take it."""
    async with http.post(url, json=body) as answer:
        if answer.status != 202:
            raise TocsinError(f"The bot answered {answer.status} to the monitor: {(await answer.text())[:300]}")


async def _keeping(stage: Stage) -> None:
    kept = 0
    while True:
        await MACHINE.sleep(KEEP)
        if stage.workspace.counter == kept:
            continue
        try:
            _kept(stage.folder, stage.workspace)
            kept = stage.workspace.counter
        except StoreDown as full:  # whatever is in the way may be gone the next time
            complaints.warning("the workspace was not kept", reason=str(full))


def _kept(folder: Folder, workspace: Workspace) -> None:
    """StoreDown where the disk does not take it."""
    try:
        keep.write(folder.workspace, workspace)
    except OSError as error:
        why = f"{folder.workspace} cannot be written: {error.strerror}."
        raise StoreDown(why, "Make room there, and see who may write; what was said since is lost.") from None


async def _turning(stage: Stage) -> None:
    """Shifts change by the demo's clock, and the ticker rings by the machine's: an hour late, where time runs fast."""
    while True:
        await MACHINE.sleep(TURN)
        try:
            await handover_turns.recur(stage.app.desk, stage.clock.now())
        except StoreDown as down:  # the next look finds the same
            complaints.warning("the changes of shift were not looked at", reason=str(down))


async def _pulse(stage: Stage) -> None:
    """The worker looks at the table every second of the machine, which is a minute for people whose time runs fast."""
    while True:
        await MACHINE.sleep(PULSE)
        if stage.clock.speed > 1:
            stage.app.worker.wake()


async def _later(value: T) -> T:
    return value
