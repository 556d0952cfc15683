"""The suite that every source plugin must pass, ours or a stranger's: `await conformance.conforms(plugin, samples)`.

`samples` is a folder of NAME.json (a body as it came in) with NAME.expect.json beside each:

    {"options": {...}, "alerts": [{"problem": "prom:1f", "kind": "drift", ...}], "skipped": ["cut off"]}
    {"unreadable": "no list `alerts`"}

`options` are the connection's, `alerts` hold the fields of an Alert that the sample is about (not all need to stand
there), `skipped` and `unreadable` parts of sentences. The connection is called `prom`.
"""

import base64
import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import registry
from bot.clock import SystemClock
from bot.contract import Check, Context, Delivery, NotAuthentic, Plugin, Request, Source, Unreadable
from bot.contract.guard import Guard
from bot.errors import PluginFault
from bot.testing import hostile, promises
from bot.testing.promises import CONNECTION

Prove = Callable[[Request, str], Request]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_ENOUGH = 25  # complaints; more tell nothing new


def as_bearer(request: Request, secret: str) -> Request:
    """The request with the secret in `Authorization: Bearer`, as a server hands the header over (latin-1)."""
    header = f"Bearer {secret}".encode().decode("latin-1")
    return dataclasses.replace(request, headers={**request.headers, "authorization": header})


async def conforms(
    plugin: Plugin, samples: Path, *, options: Mapping[str, Any] | None = None, prove: Prove = as_bearer
) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, samples, options=options, prove=prove)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(
    plugin: Plugin,
    samples: Path,
    *,
    options: Mapping[str, Any] | None = None,
    prove: Prove = as_bearer,
    deadline: float = 5.0,
) -> list[str]:
    """What the plugin does otherwise than promised, in sentences; [] when it keeps the contract.

    `options` are needed where a plugin has keys without a default; `prove` adds the right secret to a request where
    the plugin wants it otherwise than as Bearer (a signature, say); `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.sources:
        return []
    trial = _Trial(plugin, dict(options or {}), deadline)
    shown = _samples(samples)
    try:
        await trial.samples(shown)
        await trial.hostile_bodies(shown)
        await trial.secrets(prove)
        await trial.checks()
    except _TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _TooMany(Exception):
    """Enough has been found."""


@dataclass(frozen=True)
class _Sample:
    name: str
    body: bytes
    expected: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        """The connection's options this sample is about."""
        return dict(self.expected.get("options", {}))


def _samples(folder: Path) -> list[_Sample]:
    found = []
    for path in sorted(folder.glob("*.json")):
        if not path.name.endswith(".expect.json"):
            beside = path.with_suffix(".expect.json")
            expected = json.loads(beside.read_text()) if beside.exists() else {}
            found.append(_Sample(path.stem, path.read_bytes(), expected))
    return found


class _Trial:
    """One run of the suite over one plugin."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], deadline: float) -> None:
        self.found: list[str] = []
        # The real guard: what it makes of a plugin's behaviour is what will happen in production.
        self.guard = Guard(plugin.name, SystemClock(), deadline=deadline, failures=1_000_000)
        self._plugin = plugin
        self._options = options

    def say(self, complaint: str) -> None:
        """Note it once."""
        if complaint not in self.found:
            self.found.append(complaint)
        if len(self.found) >= _ENOUGH:
            raise _TooMany

    def source(self, connection: str = CONNECTION, **more: Any) -> Source:
        """The plugin's source, as a connection of that name would have it."""
        settings = self._plugin.settings.model_validate({**self._options, **more})
        source: Source = self._plugin.sources[0](settings, Context(connection))
        return source

    async def parsed(self, source: Source, request: Request) -> Delivery | Unreadable | None:
        """What parse answers; None (and a complaint) when it does anything but answer or call it unreadable."""
        try:
            answer = await self.guard.run("parse", source.parse, request)
        except Unreadable as unreadable:
            if not unreadable.what:
                self.say(f"Unreadable without a reason for {_short(request.body)}.")
            return unreadable
        except PluginFault as fault:
            self.say(f"parse must answer or raise Unreadable: {fault.what} {_short(request.body)}")
            return None
        given: object = answer
        if not isinstance(given, Delivery):
            self.say(f"parse answered a {type(given).__name__}, not a Delivery.")
            return None
        return given

    async def samples(self, shown: list[_Sample]) -> None:
        """Every sample reads as it should, each time the same, and apart for each connection."""
        if not shown:
            self.say("There is no sample: show what the sender sends.")
        for sample in shown:
            if not sample.expected:
                self.say(f"{sample.name}.json has no {sample.name}.expect.json that says how it must be read.")
                continue
            request = Request(body=sample.body, received_at=NOW)
            answer = await self.parsed(self.source(**sample.options), request)
            for difference in promises.differences(answer, sample.expected):
                self.say(f"{sample.name}: {difference}.")
            if isinstance(answer, Delivery):
                again = await self.parsed(self.source(**sample.options), request)
                if again != answer:
                    self.say(f"{sample.name} is read otherwise the second time.")
                other = await self.parsed(self.source("other", **sample.options), request)
                shared = _problems(answer) & _problems(other)
                if shared:
                    self.say(f"{sample.name}: two connections share the problem {shared.pop()!r}; keep them apart.")

    async def hostile_bodies(self, shown: list[_Sample]) -> None:
        """No body makes it do anything but answer properly or call it unreadable."""
        plain = self.source()
        cases = [(plain, body) for body in hostile.BODIES]
        for sample in shown:
            source = self.source(**sample.options)
            cases += [(source, body) for body in hostile.spoilt(sample.body)]
        for source, body in cases:
            answer = await self.parsed(source, Request(body=body, received_at=NOW))
            if isinstance(answer, Delivery):
                for promise in promises.broken(answer):
                    self.say(f"{promise} for {_short(body)}.")

    async def secrets(self, prove: Prove) -> None:
        """With a secret set, only its knower gets in, and it shows nowhere."""
        source = self.source(secret=hostile.SECRET)
        right = Request(body=b"{}", received_at=NOW)
        if not await self._admitted(source, prove(right, hostile.SECRET)):
            self.say("authenticate refuses the right secret; give `prove` where it is not sent as Bearer.")
        requests = [dataclasses.replace(right, headers=given) for given in hostile.headers()]
        requests += [dataclasses.replace(right, query=given) for given in hostile.queries()]
        coded = base64.b64encode(hostile.SECRET.encode()).decode()
        requests.append(dataclasses.replace(right, headers={"authorization": f"Basic {coded}"}))
        requests.append(prove(right, "another"))
        for request in requests:
            if await self._admitted(source, request):
                self.say(f"authenticate lets in {dict(request.headers)} {sorted(request.query)}, which proves nothing.")
        settings = self._plugin.settings.model_validate({**self._options, "secret": hostile.SECRET})
        if hostile.SECRET in f"{source!r} {settings!r} {settings}":
            self.say("The secret shows in a repr.")

    async def _admitted(self, source: Source, request: Request) -> bool:
        try:
            await self.guard.run("authenticate", source.authenticate, request)
        except NotAuthentic as refusal:
            if hostile.SECRET in str(refusal):
                self.say("The secret shows in the refusal.")
            return False
        except Unreadable:
            self.say("authenticate must raise NotAuthentic, not Unreadable.")
            return False
        except PluginFault as fault:
            self.say(f"authenticate must return or raise NotAuthentic: {fault.what} for {dict(request.headers)}.")
            return False
        return True

    async def checks(self) -> None:
        """The self-check answers in rows."""
        source = self.source()
        try:
            rows: object = await self.guard.call("check", source.check)
        except PluginFault as fault:
            self.say(f"check must answer rows: {fault.what}")
            return
        if not isinstance(rows, list) or not all(isinstance(row, Check) for row in rows):
            self.say("check must answer a list of Check.")


def _problems(answer: Delivery | Unreadable | None) -> set[str]:
    return {alert.problem for alert in answer.alerts} if isinstance(answer, Delivery) else set()


def _short(body: bytes) -> str:
    return f"{body[:120]!r}{'…' if len(body) > 120 else ''}"
