"""The one place where the parts meet: built in a straight line, stopped in reverse."""

import asyncio
import gc
import os
import signal
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import uvloop

from bot import registry, runbooks, settings, telemetry, ticker
from bot.clock import Clock, SystemClock
from bot.contract.guard import Guard
from bot.engine import adopt, calendar_layer, disarmed, escalate, heartbeat, owner, policy, roster, work, yesterday
from bot.engine import desk as desks
from bot.engine import duties as engine_duties
from bot.engine.inbox import Door, Inbox
from bot.errors import BadConfig, StoreDown
from bot.rules import matching
from bot.settings import BadConfigs, Settings, fit
from bot.slack import off
from bot.store import Store, letters, listen
from bot.web import alertmanager, calendars, heartbeats, pages
from bot.web import door as web
from bot.web.server import Server

if TYPE_CHECKING:
    from bot.slack.door import Door as SlackDoor

ROLES = ("web", "slack", "worker", "ticker")
DRAIN = 20.0  # seconds for work in hand when we are asked to stop
PAGED = 15.0  # seconds a channel may take to send one page
SCORED = 600.0  # seconds for the rows of a trial: a million predictions may have to be made first
LOOKED = 900.0  # seconds an agent may look at most, whatever a runbook gives it
SLACK_RESTS = 5.0  # seconds after faults; jobs pace themselves, and pages must not come long after Slack does
COLLECT = (50_000, 20, 50)  # intake makes many short-lived objects; the default collects 70 times as often
FRESH = 30.0  # seconds until what another replica read in a calendar is known to this one
PUT = 120.0  # seconds for one document: a repository may be cloned, pictures sent
LAG = 0.25  # seconds between two looks at how late the loop is

duties = engine_duties.of  #: what the engine does by itself
log = telemetry.logger("app")
Part = TypeVar("Part")
Held = TypeVar("Held")


@dataclass(frozen=True)
class Folder:
    """Where the configuration stands: `config` holds the YAML files, `runbooks` the Markdown."""

    config: Path
    runbooks: Path

    @classmethod
    def of(cls, config: Path) -> "Folder":
        """The runbooks are the configuration's sibling."""
        return cls(config, config.parent / "runbooks")


@dataclass(frozen=True)
class Loaded:
    """Everything the operator wrote, checked against each other."""

    settings: Settings
    library: runbooks.Library


def load(folder: Folder, env: dict[str, str], previous: Loaded | None = None) -> Loaded:
    """Read and check the configuration and the runbooks; BadConfigs with every complaint.

    With `previous`, a runbook that is wrong keeps its last good revision; without, it is refused.
    """
    found = settings.load(folder.config, env)
    library = runbooks.load(folder.runbooks, matching.parse, previous.library if previous else None)
    complaints = fit.check(library, found)
    if previous is None:
        complaints = [*library.complaints, *complaints]
    if complaints:
        raise BadConfigs(complaints)
    return Loaded(found, library)


@dataclass
class App:
    """The bot, running; `await start()`, then `await stop()`."""

    loaded: Loaded
    folder: Folder
    clock: Clock = field(default_factory=SystemClock)
    roles: Collection[str] = ROLES
    plugins: registry.Found | None = None
    ready: bool = False
    _stops: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _left_out: dict[str, str] = field(default_factory=dict)  # plugins and connections, and why

    async def start(self) -> None:
        """Open every part in order; what was opened is closed again when a later one cannot be."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        self.ready = True

    async def _start(self) -> None:
        own = self.loaded.settings
        self.store = await Store.open(own.database, clock=self.clock)
        self._stops.append(self.store.close)
        self.desk = desks.Desk(self.store, self.clock, own, self.loaded.library)
        await policy.enforce(self.desk, self.clock.now())
        await self._remember()
        linked = connect(own, self.clock, self.plugins, self._left_out)
        self.doors = doors(linked)
        # A guard of its own: a channel that is down must not close the ears of the same connection.
        self.desk.ways |= ways(linked, self.clock)
        switched = own.changes.call_within.total_seconds()
        self.desk.ears |= {n: one.receiver for n, one in linked.items() if one.receiver is not None}
        self.desk.minds |= self._behind(linked, lambda one: one.agent, desks.Mind, LOOKED)
        self.desk.outlets |= self._behind(linked, lambda one: one.exporter, desks.Outlet, PUT)
        self.desk.hosts |= self._behind(linked, lambda one: one.platform, desks.Host, switched)
        self.desk.labs |= self._behind(linked, lambda one: one.evaluator, desks.Lab, SCORED)
        self.desk.forges |= self._behind(linked, lambda one: one.trainer, desks.Forge, switched)
        self.desk.shelves |= self._behind(linked, lambda one: one.features, desks.Shelf, switched)
        self.inbox = Inbox(self.desk, list(self.doors.values()))
        self.slack = await self._slack() if own.slack.mode != "off" else None
        self.worker = self._worker()
        await self._watch()
        if "worker" in self.roles:
            await self._work()
        if "ticker" in self.roles:
            await self._tick()
        if "web" in self.roles:
            await self._serve()

    def _behind(
        self,
        linked: Mapping[str, registry.Linked],
        pick: Callable[[registry.Linked], Part | None],
        hold: Callable[[Part, Guard], Held],
        deadline: float,
    ) -> dict[str, Held]:
        """The parts of one kind, each behind a guard of its own, by connection."""
        parts = {name: pick(one) for name, one in linked.items()}
        return {
            name: hold(part, Guard(name, self.clock, deadline=deadline))
            for name, part in parts.items()
            if part is not None
        }

    async def _slack(self) -> "SlackDoor":
        from bot.slack.door import Door as SlackDoor  # 240 ms that a command without Slack need not pay

        own = self.loaded.settings.slack
        slack = SlackDoor(self.desk, own, health=self._health)
        self.desk.ways["slack"] = desks.Way(
            slack.pager, Guard("slack", self.clock, deadline=PAGED, rest=SLACK_RESTS), "slack"
        )
        await slack.start(listen="slack" in self.roles)
        self._stops.append(lambda: slack.stop(DRAIN))
        return slack

    async def _health(self) -> list[tuple[str, bool, str]]:
        return [(state.part, state.ok, state.do) for state in await self.states()]

    def _worker(self) -> work.Worker:
        handlers = {**duties(self.desk), "tidy": ticker.Tidy(self.clock).tidy, **off.HANDLERS}
        if self.slack:
            handlers |= self.slack.handlers
        return work.Worker(self.desk, handlers, owner=owner.name())

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()

        def heard(due: datetime) -> None:  # in the listener's thread
            loop.call_soon_threadsafe(self.worker.wake, due)

        listener = listen.Listener(self.store, heard)
        self.store.on_jobs.append(self.worker.wake)
        listener.start()
        await self.store.write(owner.release_dead)
        await self._wait_for_heartbeats()
        running = asyncio.create_task(self.worker.run(), name="worker")

        async def stop() -> None:
            await self.worker.stop(DRAIN)
            await running
            await asyncio.to_thread(listener.stop)

        self._stops.append(stop)

    async def _tick(self) -> None:
        bell = ticker.Ticker(self.desk)
        bell.start()

        async def stop() -> None:
            bell.stop()

        self._stops.append(stop)

    async def _watch(self) -> None:
        lag = asyncio.create_task(_watch_loop(self.clock), name="loop-lag")
        fresh = asyncio.create_task(self._freshen(), name="calendars")

        async def stop() -> None:
            lag.cancel()
            fresh.cancel()

        self._stops.append(stop)

    async def _serve(self) -> None:
        own = self.loaded.settings
        limit = own.web.body_limit
        others = [*alertmanager.routes(self.desk, limit), *heartbeats.routes(self.desk, limit)]
        others += [*pages.routes(self.desk, limit), *calendars.routes(self.desk)]
        door = web.Door(self.inbox, self.clock, limit, self.states, list(self.doors.values()), others)
        slack = self.slack.asgi if self.slack and own.slack.mode == "http" and "slack" in self.roles else None
        self.server = Server(web.build(door, slack), own.web.host, own.web.port)
        await self.server.start()
        self._stops.append(self.server.stop)

    async def states(self) -> Sequence[web.State]:
        """How it stands with every part, for /health/ready."""
        states = [web.State("started", self.ready, "" if self.ready else "Wait.", vital=True)]
        try:
            waiting = await self.store.read(letters.count)
            states.append(web.State("database", True, vital=True))
            cure = f"{waiting} messages could not be read; see `tocsin replay --list`." if waiting else ""
            states.append(web.State("dead letters", not waiting, cure))
        except StoreDown as down:
            states.append(web.State("database", False, str(down), vital=True))
        states += [
            web.State(f"connection {door.name}", not door.guard.open, "Its plugin rests after faults.")
            for door in self.doors.values()
            if door.guard.open
        ]
        states += [
            web.State(f"channel {name}", False, "Its plugin rests after faults.")
            for name, way in self.desk.ways.items()
            if way.guard.open and name != "slack"  # which has rows of its own
        ]
        states += [web.State(part, False, why) for part, why in self._left_out.items()]
        if self.slack:
            states += [web.State(what, ok, do) for what, ok, do in self.slack.ready]
        if not self.desk.ways:
            states.append(web.State("channels", False, "Nobody can be paged: set `slack.mode`, and its tokens."))
        return states

    async def stop(self) -> None:
        """Close every part in reverse; one that fails to close does not keep the others open."""
        self.ready = False
        while self._stops:
            stop = self._stops.pop()
            try:
                await stop()
            except Exception:  # the last door: whatever happens here, the rest must still close
                log.exception("a part did not stop cleanly")

    async def reload(self, env: dict[str, str]) -> None:
        """Take a changed configuration into force, or keep the last good one whole and say so."""
        try:
            loaded = load(self.folder, env, self.loaded)
        except BadConfig as error:
            telemetry.RELOADS.labels("config", "refused").inc()
            log.error("the changed configuration is refused; the last good one stays in force", reason=str(error))
            await self._tell_reload(str(error))
            return
        waiting = pinned(self.loaded.settings, loaded.settings)
        old, self.loaded = self.loaded.settings, loaded
        calm = calendar_layer.carried(self.desk.settings, loaded.settings)
        self.desk.settings, self.desk.runbooks = calm, loaded.library
        await policy.enforce(self.desk, self.clock.now())
        await self._remember(old)
        await self._wait_for_heartbeats()
        await self.store.write(lambda tx: adopt.offer(tx, self.desk))
        telemetry.RELOADS.labels("config", "taken").inc()
        if loaded.library.complaints:
            telemetry.RELOADS.labels("runbooks", "refused").inc()
            await self._tell_reload("\n".join(str(each) for each in loaded.library.complaints))
        if waiting:
            await self._tell(f"The configuration was reloaded, but {', '.join(waiting)} will change at the next start.")
        log.info("the configuration was reloaded", runbooks=len(loaded.library.runbooks))

    async def _remember(self, old: Settings | None = None) -> None:
        """Keep what the rotas were, and tell everybody whose shifts the edit of one moves."""
        edited, now = await yesterday.remember(self.desk), self.clock.now()
        was = old.overrides if old else None
        await self.store.write(lambda tx: roster.edited(tx, self.desk, edited, now, was))
        if edited or was is not None:
            await self.store.write(lambda tx: disarmed.ask(tx, now))
        await calendar_layer.begin(self.desk)

    async def _freshen(self) -> None:
        """Let this process know what calendars say, whichever replica has read them."""
        seen = None
        while True:
            await asyncio.sleep(FRESH)
            with suppress(StoreDown):  # the next look finds it
                seen = await calendar_layer.freshen(self.desk, seen)

    async def _wait_for_heartbeats(self) -> None:
        """Those that are new count from now on, and not from the ticker's next minute."""
        waited, now = self.desk.settings.heartbeats, self.clock.now()
        with suppress(StoreDown):  # the ticker's minute does the same
            await self.store.write(lambda tx: heartbeat.recur(tx, waited, now))

    async def _tell_reload(self, why: str) -> None:
        await self._tell(f"A changed configuration was refused, the last good one stays in force:\n{why}")

    async def _tell(self, text: str) -> None:
        now = self.clock.now()
        channel = f"channel:{self.desk.settings.slack.channel}"
        await self.store.write(lambda tx: escalate.owe(tx, f"reload/{now.isoformat()}/{len(text)}", channel, text, now))


def pinned(old: Settings, new: Settings) -> list[str]:
    """What differs and is taken into force only at the start."""
    pairs = {
        "`connections`": (old.connections, new.connections),
        "`database`": (old.database, new.database),
        "`slack`": (_door(old), _door(new)),
        "`web`": (replace(old.web, tokens={}, address=None), replace(new.web, tokens={}, address=None)),
    }
    return [name for name, (was, now) in pairs.items() if was != now]


def _door(own: Settings) -> settings.Slack:
    """What the chat door takes when it is built; all else is read whenever it is needed."""
    slack = replace(own.slack, channel="", index=None, language="", reaction="", usergroups={}, topics={})
    return replace(slack, own_channel=(), own_channel_prefix="")


def connect(
    own: Settings, clock: Clock, plugins: registry.Found | None, left_out: dict[str, str]
) -> Mapping[str, registry.Linked]:
    """All connections that work; what is left out for a broken plugin is put into `left_out`, part by part.

    Raises BadConfigs for what the operator wrote wrong.
    """
    found = plugins or registry.discover(names={connection.plugin for connection in own.connections})
    linked = registry.Registry(found, clock, own.web.address).connect(own.connections)
    if linked.wrong:
        raise BadConfigs(linked.wrong)
    left_out |= {f"plugin {name}": str(fault) for name, fault in found.refused.items()}
    left_out |= {f"connection {name}": str(fault) for name, fault in linked.broken.items()}
    for part, why in left_out.items():
        log.error("left out", part=part, why=why)
    return linked.parts


def ways(linked: Mapping[str, registry.Linked], clock: Clock) -> dict[str, desks.Way]:
    """The channels of all connections, by every name people may ask for them; one guard for each channel."""
    named = registry.offered(linked)
    guards = {where: Guard(".".join(filter(None, where)), clock, deadline=PAGED) for where in named.values()}
    return {n: desks.Way(linked[c].pagers[k], guards[c, k], k, c) for n, (c, k) in named.items()}


def doors(linked: Mapping[str, registry.Linked]) -> dict[str, Door]:
    """The connections through which alerts come."""
    return {name: Door(name, one.source, one.guard) for name, one in linked.items() if one.source is not None}


async def _watch_loop(clock: Clock) -> None:
    """How late the loop is: what is slow here is slow for everybody."""
    while True:
        before = clock.monotonic()
        await asyncio.sleep(LAG)
        telemetry.LOOP_LAG.set(max(0.0, clock.monotonic() - before - LAG))


def serve(app: App) -> None:
    """Run the bot in a loop of its own until it is told to stop."""
    gc.freeze()  # what was imported lives as long as the process
    gc.set_threshold(*COLLECT)
    uvloop.run(run(app))


async def run(app: App) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reloads the configuration."""
    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    reloads: set[asyncio.Task[None]] = set()

    def reload() -> None:
        task = asyncio.create_task(app.reload(dict(os.environ)))
        reloads.add(task)
        task.add_done_callback(reloads.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    loop.add_signal_handler(signal.SIGHUP, reload)
    await app.start()
    log.info("tocsin is up", roles=list(app.roles), connections=sorted(app.doors))
    await end.wait()
    log.info("tocsin is stopping")
    await app.stop()
