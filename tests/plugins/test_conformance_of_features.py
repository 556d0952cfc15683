"""The suite for feature stores: it passes one that keeps the contract and names what another does instead."""

from typing import Any

import pytest

from bot.contract import Plugin
from bot.testing import features
from tests.plugins import drawers


async def complaints(part: type[Any]) -> list[str]:
    plugin = Plugin(name="drawer", settings=drawers.DrawerSettings, features=(part,))
    return await features.complaints(plugin, {"token": drawers.TOKEN}, drawers.FAR, deadline=0.3)


@pytest.mark.parametrize("part", [drawers.Drawer, drawers.Empty])
async def test_a_store_that_keeps_the_contract_passes(part: type[Any]) -> None:
    assert await complaints(part) == []


async def test_a_plugin_without_one_has_nothing_to_keep() -> None:
    plugin = Plugin(name="drawer", settings=drawers.DrawerSettings)
    assert await features.complaints(plugin, {"token": drawers.TOKEN}, drawers.FAR) == []


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (drawers.Lowers, "Where five columns are served, columns must tell what is served, not told: ['Age']"),
        (drawers.Types, "of another type: ['Age', 'age', 'x']"),
        (drawers.Ascii, "not told: ['yaş grubu']"),
        (drawers.Keeps, "Where others are served than before, columns must tell what is served"),
        (drawers.Adds, "Where others are served than before, columns must tell what is served, not told: []; told and"),
        (drawers.Keeps, "columns tells what is served no more"),
        (drawers.Names, "columns answered a list, not a mapping"),
        (drawers.Objects, "columns must hold texts, each the type of a named column"),
        (drawers.Hopes, "columns must raise where what is served cannot be read; it told {}"),
        (drawers.Halves, "columns must raise where what is served cannot be read; it told {'age': 'int64'"),
        (drawers.Breaks, "columns must answer or raise an error of the contract: drawer failed in columns: KeyError"),
        (drawers.Mute, "columns raises Refused without a reason"),
        (drawers.Tells, "A secret shows in an error of columns"),
        (drawers.Anybody, "columns must raise NotFound where the reference names nothing; it said: an answer"),
        (drawers.Anybody, "columns answers for the reference \"{'name': '../../etc/passwd'}\""),
        (drawers.Anybody, "columns answers for the reference '{}'"),
        (drawers.Refuses, "columns must raise NotFound where the reference names nothing; it said: No."),
        (drawers.GivesUp, "columns must answer none or raise NotFound where nothing is served; it said: Nothing came"),
        (drawers.Shows, "A secret shows in its repr"),
        (drawers.Unchecked, "check must answer a list of Check"),
        (drawers.CheckBreaks, "check must answer; it raised Refused: It cannot be read."),
    ],
)
async def test_a_store_that_breaks_the_contract_is_told_so(part: type[Any], complaint: str) -> None:
    found = await complaints(part)
    assert any(complaint in one for one in found), found


async def test_a_part_of_another_shape_is_a_misfit() -> None:
    class Blind:
        async def check(self) -> list[Any]:
            return []

    (found,) = await complaints(Blind)
    assert "columns" in found


async def test_what_is_found_is_raised_with_all_of_it() -> None:
    plugin = Plugin(name="drawer", settings=drawers.DrawerSettings, features=(drawers.Types,))
    with pytest.raises(AssertionError, match="drawer does not keep the contract:\n- Where five columns are served"):
        await features.conforms(plugin, {"token": drawers.TOKEN}, drawers.FAR)
