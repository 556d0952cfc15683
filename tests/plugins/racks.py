"""A far end of one model, and the smallest platform over it that keeps the contract and offers every lever."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from bot.contract import (
    Check,
    ConnectionSettings,
    Context,
    Flow,
    Health,
    Lever,
    NotDelivered,
    NotFound,
    Op,
    Plan,
    Probe,
    Refused,
    Served,
    Serving,
    Stale,
    Version,
)

TOKEN = "a-token-of-the-suite"
AT = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)


@dataclass
class Far:
    """What stands behind every rack of a test: the far end, and the stage in one."""

    ref: Mapping[str, str] = field(default_factory=lambda: {"name": "churn"})
    versions: tuple[str, str, str] = ("a", "b", "c")

    async def prepare(self) -> None:
        self.listed, self.split, self.paused, self.mark, self.count = list(self.versions), {"b": 100.0}, False, 1, 0
        self.answers: str | None = None
        self.loses = ""
        self.past: list[Served] = []

    def write(self, split: Mapping[str, float], paused: bool) -> None:
        loses, self.loses = self.loses, ""
        if loses == "write":
            raise NotDelivered("The wire broke.", retry=True)
        self.split, self.paused, self.mark, self.count = dict(split), paused, self.mark + 1, self.count + 1
        self.past.insert(0, Served(Serving(dict(split), paused), AT + timedelta(seconds=self.mark), "rack"))
        if loses == "answer":
            raise NotDelivered("The wire broke.", retry=True)

    async def serve(self, version: str) -> None:
        self.split, self.mark = {version: 100.0}, self.mark + 1

    async def delete(self, version: str) -> None:
        self.listed.remove(version)

    async def lose_answer(self) -> None:
        self.loses = "answer"

    async def lose_write(self) -> None:
        self.loses = "write"

    async def lie(self, version: str) -> None:
        self.answers = version

    async def writes(self) -> int:
        return self.count


FAR = Far()  # one for a test: the part is built by the suite, from settings alone


class RackSettings(ConnectionSettings):
    token: SecretStr


class Rack:
    """As small as a platform can be that keeps the contract and offers every lever."""

    levers: ClassVar[frozenset[Lever]] = frozenset(Lever) - {Lever.RETRAIN}
    repeatable: ClassVar[bool] = True

    def __init__(self, settings: RackSettings, context: Context) -> None:
        self.settings = settings

    def known(self, ref: Mapping[str, str]) -> None:
        if ref != FAR.ref:
            raise NotFound("There is no such model.")

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        self.known(ref)
        return Serving(dict(FAR.split), FAR.paused, {"mark": FAR.mark}, str(FAR.mark))

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        self.known(ref)
        return [Version(one, AT) for one in reversed(FAR.listed)][:limit]

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        return tuple(FAR.past)

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        if lever not in self.levers:
            raise Refused("That is no lever of mine.")
        if lever in (Lever.PAUSE, Lever.RESUME):
            after = replace(now, paused=lever is Lever.PAUSE, guard=None)
        elif lever is Lever.SHIFT:
            after = Serving(self.shares(parameters.get("split")), now.paused)
        else:
            after = Serving({str(parameters.get("version")): 100.0}, now.paused)
        for version in after.split:
            if version not in FAR.listed:
                raise NotFound("There is no such version.")
        if after.same(now):
            raise Refused("It serves that already.")
        return after

    def shares(self, given: Any) -> dict[str, float]:
        if not isinstance(given, dict) or min(given.values(), default=0) <= 0 or sum(given.values()) != 100:
            raise Refused("That is no split.")
        return dict(given)

    async def apply(self, plan: Plan, token: str) -> Op:
        now = await self.serving(plan.ref)
        if now.same(plan.after):
            return Op("done", token)
        if now.guard != plan.before.guard:
            raise Stale("It was moved.")
        if not set(plan.after.split) <= set(FAR.listed):
            raise NotFound("There is no such version any more.")
        FAR.write(plan.after.split, plan.after.paused)
        return Op("pending", token)

    async def poll(self, plan: Plan, op: Op) -> Op:
        return Op("done" if (await self.serving(plan.ref)).same(plan.after) else "failed", op.id)

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        return Probe(FAR.answers or next(iter(FAR.split)), "It was asked.")

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        return Flow(None, "Nobody counts.")

    async def check(self) -> list[Check]:
        return [Check("token", Health.OK)]
