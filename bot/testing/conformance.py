"""The suite that every source plugin must pass, ours or a stranger's: `await conformance.conforms(plugin, samples)`.

`samples` is a folder of NAME.json (a body as it came in) with NAME.expect.json beside each:

    {"options": {...}, "headers": {...}, "alerts": [{"problem": "prom:1f", "kind": "drift", ...}], "skipped": ["cut off"]}
    {"unreadable": "no list `alerts`"}

`options` are the connection's, `alerts` hold the fields of an Alert that the sample is about (not all need to stand
there), `skipped` and `unreadable` parts of sentences. The connection is called `prom`.
"""

import base64
import dataclasses
import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot import registry
from bot.clock import SystemClock
from bot.contract import (
    Alert,
    Check,
    Context,
    Delivery,
    Kind,
    NotAuthentic,
    Plugin,
    Request,
    Source,
    Status,
    Unreadable,
    reading,
)
from bot.contract.guard import Guard
from bot.errors import PluginFault
from bot.testing import hostile

Prove = Callable[[Request, str], Request]

CONNECTION = "prom"
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
    plugin: Plugin, samples: Path, *, options: Mapping[str, Any] | None = None, prove: Prove = as_bearer
) -> list[str]:
    """What the plugin does otherwise than promised, in sentences; [] when it keeps the contract.

    `options` are needed where a plugin has keys without a default; `prove` adds the right secret to a request where
    the plugin wants it otherwise than as Bearer (a signature, say).
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.sources:
        return []
    trial = _Trial(plugin, dict(options or {}))
    try:
        await trial.samples(samples)
        await trial.hostile_bodies(samples)
        await trial.secrets(prove)
        await trial.checks()
    except _TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _TooMany(Exception):
    """Enough has been found."""


class _Trial:
    def __init__(self, plugin: Plugin, options: dict[str, Any]) -> None:
        self.found: list[str] = []
        # The real guard: what it makes of a plugin's behaviour is what will happen in production.
        self.guard = Guard(plugin.name, SystemClock(), failures=1_000_000)
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
            self.say(
                f"parse must answer or raise Unreadable: {fault.what} ({fault.__cause__}) for {_short(request.body)}."
            )
            return None
        if not isinstance(answer, Delivery):
            self.say(f"parse answered a {type(answer).__name__}, not a Delivery.")
            return None
        return answer

    async def samples(self, folder: Path) -> None:
        """Every sample reads as it should, each time the same, and apart for each connection."""
        bodies = sorted(path for path in folder.glob("*.json") if not path.name.endswith(".expect.json"))
        if not bodies:
            self.say(f"There is no sample in {folder}: show what the sender sends.")
        for path in bodies:
            expected_path = path.with_suffix(".expect.json")
            if not expected_path.exists():
                self.say(f"{path.name} has no {expected_path.name} that says how it must be read.")
                continue
            expected = json.loads(expected_path.read_text())
            request = Request(body=path.read_bytes(), received_at=NOW, headers=expected.get("headers", {}))
            options = expected.get("options", {})
            answer = await self.parsed(self.source(**options), request)
            for difference in _differences(answer, expected):
                self.say(f"{path.name}: {difference}")
            if isinstance(answer, Delivery):
                again = await self.parsed(self.source(**options), request)
                if again != answer:
                    self.say(f"{path.name} is read otherwise the second time.")
                other = await self.parsed(self.source("other", **options), request)
                shared = _problems(answer) & _problems(other)
                if shared:
                    self.say(f"{path.name}: two connections share the problem {shared.pop()!r}; they must stay apart.")

    async def hostile_bodies(self, folder: Path) -> None:
        """No body makes it do anything but answer properly or call it unreadable."""
        cases: list[tuple[dict[str, Any], bytes]] = [({}, body) for body in hostile.BODIES]
        for path in sorted(folder.glob("*.expect.json")):
            sample = path.with_name(path.name.replace(".expect.json", ".json"))
            if sample.exists():
                options = json.loads(path.read_text()).get("options", {})
                cases += [(options, body) for body in hostile.spoilt(sample.read_bytes())]
        sources: dict[str, Source] = {}
        for options, body in cases:
            key = json.dumps(options)
            source = sources.get(key) or sources.setdefault(key, self.source(**options))
            answer = await self.parsed(source, Request(body=body, received_at=NOW))
            if isinstance(answer, Delivery):
                for fault in _faults(answer):
                    self.say(f"{fault} for {_short(body)}.")

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
        if hostile.SECRET in repr(source) + repr(
            self._plugin.settings.model_validate({**self._options, "secret": hostile.SECRET})
        ):
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
            rows = await self.guard.call("check", source.check)
        except PluginFault as fault:
            self.say(f"check must answer rows: {fault.what}")
            return
        if not isinstance(rows, list) or not all(isinstance(row, Check) for row in rows):
            self.say("check must answer a list of Check.")


def _problems(answer: Delivery | Unreadable | None) -> set[str]:
    return {alert.problem for alert in answer.alerts} if isinstance(answer, Delivery) else set()


def _short(body: bytes) -> str:
    return f"{body[:120]!r}{'…' if len(body) > 120 else ''}"


def _faults(delivery: Delivery) -> Iterator[str]:
    """What is wrong with a delivery whoever sent it."""
    if not isinstance(delivery.alerts, tuple) or not isinstance(delivery.skipped, tuple):
        yield "alerts and skipped must be tuples"
        return
    for alert in delivery.alerts:
        if not isinstance(alert, Alert):
            yield f"a {type(alert).__name__} stands among the alerts"
            continue
        yield from _alert_faults(alert)


def _alert_faults(alert: Alert) -> Iterator[str]:
    if not isinstance(alert.problem, str) or (
        not alert.problem.strip(f" :{CONNECTION}") and alert.problem == CONNECTION
    ):
        yield "an alert has no problem identity"
    if not isinstance(alert.status, Status) or not isinstance(alert.kind, Kind):
        yield "status and kind must be Status and Kind"
    for name in ("started_at", "ended_at"):
        moment = getattr(alert, name)
        if moment is not None and (not isinstance(moment, datetime) or moment.utcoffset() != timedelta(0)):
            yield f"{name} is no aware time in UTC"
        elif moment is not None and not 1970 <= moment.year < 3000:
            yield f"{name} lies in the year {moment.year}"
    caps = [("problem", 512), ("title", reading.TITLE), ("summary", reading.SUMMARY)]
    for name, cap in caps:
        if not isinstance(getattr(alert, name), str) or len(getattr(alert, name)) > cap:
            yield f"{name} is no text of at most {cap} characters"
    if not alert.title:
        yield "the title is empty"
    if len(alert.labels) > reading.LABELS or any(len(value) > reading.LABEL for value in alert.labels.values()):
        yield f"there are more than {reading.LABELS} labels, or one has more than {reading.LABEL} characters"
    for link in alert.links:
        if not link.startswith(("http://", "https://")):
            yield f"the link {link[:40]!r} is neither http nor https"
    for measure in alert.measures:
        for number in (measure.value, measure.threshold, measure.baseline):
            if number is not None and not math.isfinite(number):
                yield "a measure is NaN or infinite"
    for words in _texts(dataclasses.asdict(alert)):
        if "\x00" in words or any("\ud800" <= sign <= "\udfff" for sign in words):
            yield "a text holds NUL or half a surrogate pair, which no database takes"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _differences(answer: Delivery | Unreadable | None, expected: dict[str, Any]) -> Iterator[str]:
    if "unreadable" in expected:
        if not isinstance(answer, Unreadable) or expected["unreadable"] not in str(answer):
            yield f"should be unreadable ({expected['unreadable']}), yet it gives: {answer}"
        return
    if not isinstance(answer, Delivery):
        yield f"should be read, yet: {answer}"
        return
    yield from _faults(answer)
    wanted = expected["alerts"]
    if len(wanted) != len(answer.alerts):
        yield f"should hold {len(wanted)} alerts, not {len(answer.alerts)}"
        return
    for place, (want, alert) in enumerate(zip(wanted, answer.alerts, strict=True)):
        for name, value in want.items():
            got = getattr(alert, name)
            if not _same(got, value):
                yield f"alerts[{place}].{name} should be {value!r}, not {got!r}"
    for part in expected.get("skipped", []):
        if not any(part in sentence for sentence in answer.skipped):
            yield f"skipped should say {part!r}; it says {answer.skipped}"


def _same(got: Any, want: Any) -> bool:
    if isinstance(got, datetime):
        return isinstance(want, str) and got == datetime.fromisoformat(want)
    if isinstance(got, list | tuple):
        return isinstance(want, list) and len(got) == len(want) and all(map(_same, got, want))
    if dataclasses.is_dataclass(got):
        return isinstance(want, dict) and all(_same(getattr(got, name, None), value) for name, value in want.items())
    if isinstance(got, Mapping):
        return isinstance(want, dict) and dict(got) == want
    return bool(got == want)
