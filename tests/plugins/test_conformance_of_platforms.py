"""The suite for platforms: it passes one that keeps the contract and names what another does instead."""

import asyncio
import runpy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli import plugin as new
from bot.contract import (
    Check,
    Context,
    Flow,
    Lever,
    NotDelivered,
    NotFound,
    Op,
    Plan,
    Plugin,
    Probe,
    Refused,
    Served,
    Serving,
    Stale,
    Version,
)
from bot.errors import PluginMisfit
from bot.registry import fits
from bot.testing import platforms
from tests.plugins.racks import AT, FAR, TOKEN, Rack, RackSettings

# --- what others do instead ---


class Blind(Rack):
    """Writes without looking."""

    async def apply(self, plan: Plan, token: str) -> Op:
        FAR.write(plan.after.split, plan.after.paused)
        return Op("done", token)


class Compares(Rack):
    """Compares what serves, and not its guard."""

    async def apply(self, plan: Plan, token: str) -> Op:
        now = await self.serving(plan.ref)
        return await super().apply(replace(plan, before=replace(plan.before, guard=now.guard)), token)


class SaysNo(Rack):
    """Takes a lost answer for a refusal."""

    async def apply(self, plan: Plan, token: str) -> Op:
        try:
            return await super().apply(plan, token)
        except NotDelivered as error:
            raise Refused(error.what) from None


class Hopes(Rack):
    """Takes a lost answer for success."""

    async def apply(self, plan: Plan, token: str) -> Op:
        try:
            return await super().apply(plan, token)
        except NotDelivered:
            return Op("done", token)


class Believes(Rack):
    """Its poll repeats what apply answered."""

    async def poll(self, plan: Plan, op: Op) -> Op:
        return Op("done", op.id)


class Forgets(Rack):
    """Its poll knows only its own ids."""

    async def poll(self, plan: Plan, op: Op) -> Op:
        return await super().poll(plan, op) if op.id else Op("failed")


class Crashes(Rack):
    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        return await super().wanted(ref, lever, now, {"version": parameters["version"].strip()})


class Agrees(Rack):
    """Any version will do."""

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        return Serving({str(parameters.get("version")): 100.0}, lever is Lever.PAUSE)


class Repauses(Rack):
    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        return await super().wanted(ref, lever, replace(now, paused=False) if lever is Lever.PAUSE else now, parameters)


class Writes(Rack):
    """Its look is a write."""

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        FAR.count += 1
        return await super().serving(ref)


class Restless(Rack):
    """Its guard is a clock."""

    ticks = 0

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        Restless.ticks += 1
        return replace(await super().serving(ref), guard=str(self.ticks))


class OldestFirst(Rack):
    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        return [Version(one, AT.replace(tzinfo=None)) for one in FAR.listed]


class OldHistory(Rack):
    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        return [Served(Serving({"a": 100.0}), AT + timedelta(days=day)) for day in range(2000)]


class Trusting(Rack):
    """Its probe reads the pointer."""

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        return Probe(next(iter(FAR.split)), "The pointer says so.")


class Anywhere(Rack):
    def known(self, ref: Mapping[str, str]) -> None:
        return


class Object(Rack):
    """Its raw state is no JSON."""

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        return replace(await super().serving(ref), raw={"at": AT})


class Fractions(Rack):
    async def serving(self, ref: Mapping[str, str]) -> Serving:
        found = await super().serving(ref)
        return replace(found, split={version: share / 100 for version, share in found.split.items()})


class Stays(Rack):
    """Says that it is paused, and is not."""

    async def apply(self, plan: Plan, token: str) -> Op:
        if plan.lever is Lever.PAUSE:
            return Op("done", token)
        return await super().apply(plan, token)


class Invents(Rack):
    async def poll(self, plan: Plan, op: Op) -> Op:
        return Op("succeeded", op.id)


class Hangs(Rack):
    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        await asyncio.Event().wait()
        return Flow(None)


class Unexplained(Rack):
    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        return Flow(-1)


class TellsInErrors(Rack):
    def known(self, ref: Mapping[str, str]) -> None:
        if ref != FAR.ref:
            raise NotFound(f"{self.settings.token.get_secret_value()} knows no such model.")


class TellsInRaw(Rack):
    async def serving(self, ref: Mapping[str, str]) -> Serving:
        return replace(await super().serving(ref), raw={"header": f"Bearer {self.settings.token.get_secret_value()}"})


class TellsInRepr(Rack):
    def __repr__(self) -> str:
        return self.settings.token.get_secret_value()


class ChecksNothing(Rack):
    async def check(self) -> list[Check]:
        return None  # type: ignore[return-value]


async def complaints(part: type[Any]) -> list[str]:
    plugin = Plugin(name="rack", settings=RackSettings, platforms=(part,))
    return await platforms.complaints(plugin, {"token": TOKEN}, FAR, deadline=0.3)


async def test_a_platform_that_keeps_the_contract_passes() -> None:
    assert await complaints(Rack) == []


@pytest.mark.parametrize("levers", [{Lever.ROLLBACK}, {Lever.PROMOTE}, {Lever.PAUSE, Lever.RESUME}, {Lever.SHIFT}])
async def test_what_is_not_offered_is_not_asked_for(levers: set[Lever]) -> None:
    class Some(Rack):
        pass

    Some.levers = frozenset(levers)
    assert await complaints(Some) == []


async def test_a_platform_without_behaviour_guard_or_history_passes() -> None:
    class Plain(Rack):
        repeatable = False

        async def serving(self, ref: Mapping[str, str]) -> Serving:
            return replace(await super().serving(ref), guard=None)

        async def apply(self, plan: Plan, token: str) -> Op:
            now = await self.serving(plan.ref)
            if not now.same(plan.before):
                raise Stale("It was moved.")
            mark = replace(plan, before=replace(plan.before, guard=None))
            return await super().apply(mark, token)

        async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
            return ()

        async def probe(self, ref: Mapping[str, str]) -> Probe | None:
            return None

    assert await complaints(Plain) == []


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (Blind, "apply must raise Stale where somebody else moved it"),
        (Blind, "apply of what serves already moves what serves: 1 more writes"),
        (Blind, "exactly one must do it"),
        (Compares, "apply must raise Stale where its guard is old"),
        (SaysNo, "may have been made, but apply says that it was not"),
        (Hopes, "apply answers that it is done, though its write never arrived"),
        (Believes, "poll must come to failed where the write was lost; it says done"),
        (Forgets, "poll must come to done where the answer to a write that was made was lost"),
        (Crashes, "wanted must answer or raise an error of the contract: rack failed in wanted: AttributeError"),
        (Agrees, "wanted must raise NotFound for a version that is not there"),
        (Agrees, "wanted must raise Refused for the version that serves"),
        (Agrees, "wanted answers for the version '../../etc/passwd'"),
        (Agrees, "wanted must refuse the split"),
        (Repauses, "wanted must refuse to pause what is paused"),
        (Writes, "Reading moves what serves"),
        (Restless, "The guard of what serves is another at the second look"),
        (OldestFirst, "versions must list c, b, a, the newest first"),
        (OldestFirst, "not more than its limit"),
        (OldestFirst, "created_at of version a is no aware time in UTC"),
        (OldHistory, "history must tell the newest first"),
        (OldHistory, "history tells of 2000 switches"),
        (Trusting, "Where a answers in spite of the pointer, probe says: Probe(version='b'"),
        (Anywhere, "serving must raise NotFound where the reference names nothing"),
        (Anywhere, "serving answers for the reference"),
        (Object, "is no plain JSON"),
        (Fractions, "The shares of serving make 1 %, not 100 %"),
        (Stays, "poll must come to done where pause was applied; it says failed"),
        (Stays, "After pause was applied, {'b': 100.0} serves, not {'b': 100.0} (paused)"),
        (Invents, "poll answers the state 'succeeded'"),
        (Hangs, "rack did not answer flow within 0.3 s"),
        (Unexplained, "flow must count predictions or say None"),
        (Unexplained, "flow must say how its number was made"),
        (TellsInErrors, "A secret shows in an error of serving"),
        (TellsInRaw, "A secret shows in what serving answers"),
        (TellsInRepr, "A secret shows in its repr"),
        (ChecksNothing, "check answered a NoneType, not a list"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Any], complaint: str) -> None:
    found = await complaints(part)
    assert any(complaint in one for one in found), found


async def test_one_that_does_not_fails_its_test() -> None:
    plugin = Plugin(name="rack", settings=RackSettings, platforms=(Blind,))
    with pytest.raises(AssertionError, match="rack does not keep the contract:\n- "):
        await platforms.conforms(plugin, {"token": TOKEN}, FAR)


async def test_a_plugin_without_a_platform_has_nothing_to_keep() -> None:
    assert await platforms.complaints(Plugin(name="quiet"), {}, FAR) == []


@pytest.mark.parametrize(
    ("levers", "repeatable", "complaint"),
    [
        ({Lever.ROLLBACK}, True, "must have `levers`, a frozenset of Lever"),
        (frozenset({"rollback"}), True, "must have `levers`, a frozenset of Lever"),
        (frozenset(), True, "must have `levers`, a frozenset of Lever"),
        (frozenset(Lever), "yes", "must have `repeatable`, True or False"),
    ],
)
async def test_a_misfit_is_named_before_anything_is_asked(levers: Any, repeatable: Any, complaint: str) -> None:
    class Odd(Rack):
        pass

    Odd.levers, Odd.repeatable = levers, repeatable
    plugin = Plugin(name="rack", settings=RackSettings, platforms=(Odd,))
    with pytest.raises(PluginMisfit, match="Odd"):
        fits(plugin)
    (found,) = await platforms.complaints(plugin, {"token": TOKEN}, FAR)
    assert complaint in found


def test_what_says_nothing_of_its_levers_does_not_fit() -> None:
    class Mute:
        def __init__(self, settings: RackSettings, context: Context) -> None:
            pass

    with pytest.raises(PluginMisfit) as refused:
        fits(Plugin(name="rack", platforms=(Mute,)))
    for said in ("Mute has no apply", "Mute must have `levers`", "Mute must have `repeatable`"):
        assert said in str(refused.value)


async def test_what_is_written_for_a_new_platform_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, text in new.files("sea-horn", new.Kind.PLATFORM):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    told = runpy.run_path(str(tmp_path / "tests" / "test_tocsin_sea_horn.py"))
    for name in ("test_it_keeps_the_contract", "test_a_wrong_token_is_told_by_its_check_and_never_shown"):
        await told[name]()
