"""The suite for trainers: it passes one that keeps the contract and names what another does instead."""

from typing import Any, ClassVar

import pytest

from bot.contract import Context, Plugin
from bot.errors import PluginMisfit
from bot.registry import fits
from bot.testing import trainers
from tests.plugins import grists, mills


async def complaints(part: type[Any]) -> list[str]:
    plugin = Plugin(name="mill", settings=mills.MillSettings, trainers=(part,))
    return await trainers.complaints(plugin, {"token": mills.TOKEN}, mills.FAR, deadline=0.3)


async def test_a_trainer_that_keeps_the_contract_passes() -> None:
    assert await complaints(mills.Mill) == []


async def test_one_that_cannot_repeat_and_finds_what_it_began_passes() -> None:
    class Plain(mills.Mill):
        repeatable: ClassVar[bool] = False

    assert await complaints(Plain) == []


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (mills.Anew, "start with the same token, while the run goes on, answers another run"),
        (mills.Anew, "Two who start at once under one token get two runs"),
        (mills.AnewWhenOver, "start with the same token, after the run failed, answers another run"),
        (mills.AnewWhenOver, "find must tell a run that failed as poll does; it says None"),
        (mills.Forgets, "find must answer the run that was started under the token; it says None"),
        (mills.Slow, "Two starts at once began 2 runs where 1 must begin"),
        (mills.Lost, "A start that was cut off began 2 runs where 1 must begin"),
        (mills.Once, "find says None of a run whose start was cut off"),
        (mills.Prefix, "find takes the run of CHG-12 for that of CHG-1"),
        (mills.Nothing, "start began 0 runs where 1 must begin"),
        (mills.Waits, "start answers a run that is done, though it has just begun"),
        (mills.Everything, "The run was told excluded (), not ((datetime"),
        (mills.Naive, "The run was told since 2026-11-01 00:00:00, not 2026-11-01 00:00:00+00:00"),
        (grists.Percent, "The share that poll answers is 75; it goes from 0 to 1"),
        (grists.Backwards, "a run that did three quarters has 0.75, and poll says 0.25"),
        (grists.Hopeful, "A run that ended without a model must be failed; poll says done"),
        (grists.Versionless, "poll answers a run that is done and names no version"),
        (grists.Last, "A run that made version 9 must name it; poll says '7'"),
        (grists.Unmeasured, "A run that measured {'auc': 0.93, 'log_loss': 0.21} must tell it; poll says {}"),
        (grists.Head, "The log of a run that failed must have its last line; it ends with"),
        (grists.Whole, "The log that poll answers has 20,"),
        (grists.Local, "started_at of start is no aware time in UTC"),
        (grists.Early, "start names a version of a run that is running"),
        (grists.Early, "A run that failed names the version 9"),
        (grists.Mute, "A run that ended without a model must say so, in its stage or its log"),
        (mills.Unheard, "After cancel 1 runs go on at the far end"),
        (mills.Overwrites, "cancel turns a run that ended well into one that is cancelled"),
        (mills.All, "cancel of one run ends another"),
        (mills.Keeps, "A run that failed stands among those that go on"),
        (mills.Keeps, "running answers for the reference '../../etc/passwd'"),
        (mills.Blind, "running must answer the one run that goes on"),
        (mills.Blind, "running must answer both runs that go on"),
        (mills.Promotes, "Something else serves after succeeds; a run must not move what serves"),
        (mills.Begins, "One start, and reading, began 2 runs where 1 must begin"),
        (mills.AnyModel, "start, where there is no such model, must raise NotFound; it said: 'r1', running"),
        (mills.AnyModel, "start answers for the reference '../../etc/passwd'"),
        (grists.AnyRun, "poll, where there is no such run, must raise NotFound; it said: 'no-such-run', failed"),
        (grists.AnyRun, "cancel answers for the run '../../etc/passwd'"),
        (mills.AnyToken, "start takes the token 'xxxx"),
        (grists.Breaks, "poll must answer or raise an error of the contract: mill failed in poll: KeyError"),
        (grists.Answers, "poll answered a str, not a Run"),
        (grists.Nameless, "start must answer a run with an id and a Going"),
        (grists.Speechless, "start raises NotFound without a reason"),
        (grists.ChecksNothing, "check must answer a list of Check"),
        (grists.TellsInCheck, "A secret shows in a row of check"),
        (grists.TellsInErrors, "A secret shows in an error of start"),
        (grists.TellsInLink, "A secret shows in what start says"),
        (grists.TellsInRepr, "A secret shows in its repr"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Any], complaint: str) -> None:
    found = await complaints(part)
    assert any(complaint in one for one in found), found


async def test_one_that_does_not_fails_its_test() -> None:
    plugin = Plugin(name="mill", settings=mills.MillSettings, trainers=(mills.Anew,))
    with pytest.raises(AssertionError, match="mill does not keep the contract:\n- "):
        await trainers.conforms(plugin, {"token": mills.TOKEN}, mills.FAR)


async def test_a_plugin_without_a_trainer_has_nothing_to_keep() -> None:
    assert await trainers.complaints(Plugin(name="quiet"), {}, mills.FAR) == []


async def test_a_misfit_is_named_before_anything_is_asked() -> None:
    class Mute:
        def __init__(self, settings: mills.MillSettings, context: Context) -> None:
            pass

    plugin = Plugin(name="mill", settings=mills.MillSettings, trainers=(Mute,))
    with pytest.raises(PluginMisfit, match="Mute has no start"):
        fits(plugin)
    (found,) = await complaints(Mute)
    for said in ("Mute must have `repeatable`", "Mute has no find", "Mute has no cancel", "Mute has no running"):
        assert said in found
