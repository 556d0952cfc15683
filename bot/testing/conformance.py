"""The suite that every source plugin must pass, ours or a stranger's: `await conformance.conforms(plugin, samples)`.

`samples` is a folder of NAME.json (a body as it came in) with NAME.expect.json beside each:

    {"options": {...}, "alerts": [{"problem": "prom:1f", "kind": "drift", ...}], "skipped": ["cut off"]}
    {"unreadable": "no list `alerts`"}

`options` are the connection's, `alerts` hold the fields of an Alert that the sample is about (not all need to stand
there), `skipped` and `unreadable` parts of sentences. `request` may add what came with the body: `headers`, `method`,
`path`, `params`. The connection is called `prom`.

A source that has `places` is also tried there (bot.testing.counters); for pagers there is bot.testing.pagers.
"""

import base64
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import registry
from bot.contract import Check, Delivery, NotAuthentic, NotFound, Plugin, Request, Source, TooLarge, Unreadable
from bot.errors import PluginFault
from bot.testing import counters, hostile, promises
from bot.testing.counters import Prove
from bot.testing.promises import NOW
from bot.testing.trial import TooMany, Trial, short


def as_bearer(request: Request, secret: str) -> Request:
    """The request with the secret in `Authorization: Bearer`, as a server hands the header over (latin-1)."""
    header = f"Bearer {secret}".encode().decode("latin-1")
    return dataclasses.replace(request, headers={**request.headers, "authorization": header})


async def conforms(
    plugin: Plugin,
    samples: Path,
    *,
    options: Mapping[str, Any] | None = None,
    prove: Prove = as_bearer,
    prove_at: Prove | None = None,
) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, samples, options=options, prove=prove, prove_at=prove_at)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(
    plugin: Plugin,
    samples: Path,
    *,
    options: Mapping[str, Any] | None = None,
    prove: Prove = as_bearer,
    prove_at: Prove | None = None,
    deadline: float = 5.0,
) -> list[str]:
    """What the plugin does otherwise than promised, in sentences; [] when it keeps the contract.

    `options` are needed where a plugin has keys without a default; `prove` adds the right secret to a request where
    the plugin wants it otherwise than as Bearer (a signature, say), `prove_at` does so at its own places where that
    differs again (a part of the path, say); `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.sources:
        return []
    trial = _Suite(plugin, dict(options or {}), deadline)
    shown = _samples(samples)
    try:
        await trial.samples(shown)
        await trial.hostile_bodies(shown)
        await trial.secrets(prove)
        await trial.checks()
        if hasattr(plugin.sources[0], "places"):
            await counters.run(trial, [sample.body for sample in shown], prove_at or prove)
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


@dataclass(frozen=True)
class _Sample:
    name: str
    body: bytes
    expected: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        """The connection's options this sample is about."""
        return dict(self.expected.get("options", {}))

    def request(self, body: bytes | None = None) -> Request:
        """The delivery, or the same with another body."""
        more = self.expected.get("request", {})
        return Request(body=self.body if body is None else body, received_at=NOW, **more)


def _samples(folder: Path) -> list[_Sample]:
    found = []
    for path in sorted(folder.glob("*.json")):
        if not path.name.endswith(".expect.json"):
            beside = path.with_suffix(".expect.json")
            expected = json.loads(beside.read_text()) if beside.exists() else {}
            found.append(_Sample(path.stem, path.read_bytes(), expected))
    return found


class _Suite(Trial):
    """The suite for sources."""

    async def parsed(self, source: Source, request: Request) -> Delivery | Unreadable | None:
        """What parse answers; None (and a complaint) when it does anything but answer or call it unreadable."""
        try:
            answer = await self.guard.run("parse", source.parse, request)
        except Unreadable as unreadable:
            if not unreadable.what:
                self.say(f"Unreadable without a reason for {short(request.body)}.")
            return unreadable
        except (NotFound, TooLarge) as refused:
            return Unreadable(refused.what, refused.do)
        except PluginFault as fault:
            self.say(f"parse must answer or raise Unreadable: {fault.what} {short(request.body)}")
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
            request = sample.request()
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
        cases = [(plain, Request(body=body, received_at=NOW)) for body in hostile.BODIES]
        for sample in shown:
            source = self.source(**sample.options)
            cases += [(source, sample.request(body)) for body in hostile.spoilt(sample.body)]
        for source, request in cases:
            answer = await self.parsed(source, request)
            if isinstance(answer, Delivery):
                for promise in promises.broken(answer):
                    self.say(f"{promise} for {short(request.body)}.")

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
        settings = self.settings(secret=hostile.SECRET)
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
