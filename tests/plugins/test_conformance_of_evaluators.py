"""The suite for evaluators: it passes one that keeps the contract and names what another does instead."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bot.contract import Asked, Context, Plugin, Refused, Scored
from bot.errors import PluginMisfit
from bot.registry import fits
from bot.testing import evaluators
from bot.testing.evaluators import Row
from tests.plugins import ledgers


async def complaints(part: type[Any], stage: ledgers.Kept = ledgers.FAR) -> list[str]:
    plugin = Plugin(name="ledger", settings=ledgers.LedgerSettings, evaluators=(part,))
    return await evaluators.complaints(plugin, {"token": ledgers.TOKEN}, stage, deadline=0.3)


# --- what is let through ---


async def test_an_evaluator_that_keeps_the_contract_passes() -> None:
    assert await complaints(ledgers.Ledger) == []


async def test_one_that_answers_arrays_passes() -> None:
    class Arrays(ledgers.Ledger):
        def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
            found = super().told(asked, rows, whole)
            arrays: dict[str, Any] = {name: np.array(getattr(found, name)) for name in ("at", "truth")}
            said: Any = {version: np.array(column, np.float32) for version, column in found.said.items()}
            columns: Any = {name: np.array(cells, dtype="U20") for name, cells in found.columns.items()}
            return replace(found, **arrays, said=said, columns=columns)

    assert await complaints(Arrays) == []


async def test_one_that_refuses_what_it_has_not_passes() -> None:
    class Plain(ledgers.Ledger):
        def some(self, rows: list[Row], most: int) -> list[Row]:
            said = [[row.truth for row in rows], *([row.said[name] for row in rows] for name in ledgers.FAR.versions)]
            if any(all(value is None for value in values) for values in said):
                raise Refused("There is nothing.")
            return super().some(rows, most)

    assert await complaints(Plain) == []


async def test_one_that_runs_its_versions_may_say_what_nobody_said() -> None:
    class Ran(ledgers.Kept):
        reruns = True

        async def prepare(self, rows: Sequence[Row]) -> None:
            ledgers.FAR.rows = tuple(rows)

    assert await complaints(ledgers.Fills, Ran()) == []
    assert await complaints(ledgers.Hopes, Ran()) != []  # a truth is not run


# --- what is not ---


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (ledgers.Sorts, "Where every row was asked for, 6 is told to have said"),
        (ledgers.SortsTimes, "Where every row was asked for, 6 is told to have said"),
        (ledgers.SortsTruth, "Where every row was asked for, a row has the truth 0.0 that should have 1"),
        (ledgers.SortsColumns, "Where every row was asked for, segment is 'a, \"b\"' in the row of another"),
        (ledgers.Swaps, "Where every row was asked for, 6 is told to have said"),
        (ledgers.Drops, "The columns differ in length: {'at': 120, 'truth': 90"),
        (ledgers.Labelled, "Where no row has a label, 120 rows must come, each once; 0 came, 120 of them not"),
        (ledgers.Labelled, "Where some labels and some predictions are not there, 120 rows must come"),
        (ledgers.Fills, "Where version 7 said nothing, 7 is told to have said 0.0 instead of NaN"),
        (
            ledgers.Fills,
            "Where some labels and some predictions are not there, 6 is told to have said 0.0 instead of NaN",
        ),
        (ledgers.Hopes, "Where no row has a label, a row has the truth 0.0 that should have NaN"),
        (ledgers.Everybody, "said must have what ['7'] said, no more and no less; it has ['6', '7']"),
        (ledgers.AllColumns, "scored answers columns that nobody asked for: shop"),
        (ledgers.NoColumns, "The rows have segment, which was asked for and did not come"),
        (ledgers.Codes, "The columns must hold texts"),
        (ledgers.WithTheEnd, "its start with it and its end not, 30 rows must come, each once; 31 came"),
        (ledgers.Always, "Where no row is, scored answers 120 rows"),
        (
            ledgers.Off,
            "Where every row was asked for, 120 rows must come, each once; 120 came, 6 of them not, 6 that are none",
        ),
        (ledgers.Remembers, "scored answers rows that are gone"),
        (ledgers.Shared, "Where two asked at once, 60 rows must come"),
        (ledgers.Whole, "Of 120 rows at most 40 were asked for; 120 came"),
        (ledgers.Newest, "A part of the rows must be a fair one; 0 of 40 are of the first half of the time"),
        (ledgers.Repeats, "Where a part of the rows came, 39 rows must come, each once; 40 came"),
        (ledgers.NeverWhole, "Every row came, and `whole` is False"),
        (ledgers.AlwaysWhole, "A part of the rows came, and `whole` is True"),
        (ledgers.Unexplained, "scored must say in `how` where the rows came from"),
        (ledgers.Spelled, "truth must hold numbers, or NaN"),
        (ledgers.Infinite, "truth must hold numbers, or NaN"),
        (ledgers.Lists, "scored answered a list, not a Scored"),
        (ledgers.Breaks, "scored must answer or raise an error of the contract: ledger failed in scored: IndexError"),
        (ledgers.GivesUp, "scored must answer no rows or raise Refused where there are none"),
        (ledgers.GivesUp, "scored must answer no rows or raise Refused where nothing was ever kept"),
        (ledgers.WantsLabels, "scored must answer NaN or raise Refused where no row has a label"),
        (ledgers.WantsLabels, "scored must answer NaN or raise Refused where a version said nothing"),
        (ledgers.RefusesAll, "scored must answer; it raised Refused: Not today."),
        (ledgers.RefusesAll, "scored must raise NotFound where the reference names nothing; it said: Not today."),
        (ledgers.AnyModel, "scored must raise NotFound where the reference names nothing; it said: 120 rows"),
        (ledgers.AnyModel, "scored answers for the reference '../../etc/passwd'"),
        (ledgers.AnyModel, "scored answers for a reference that names nothing"),
        (ledgers.AnyVersion, "scored must raise NotFound where there is no such version; it said: 120 rows"),
        (ledgers.AnyVersion, "scored answers for the version '../../etc/passwd'"),
        (
            ledgers.Cannot,
            "scored must answer or raise an error of the contract: ledger failed in scored: UnicodeEncodeError",
        ),
        (ledgers.Hangs, "check must answer; it raised PluginSilent: ledger did not answer check within 0.3 s"),
        (ledgers.ChecksNothing, "check must answer a list of Check"),
        (ledgers.TellsInErrors, "A secret shows in an error of scored"),
        (ledgers.TellsInHow, "A secret shows in what scored says of itself"),
        (ledgers.TellsInCheck, "A secret shows in a row of check"),
        (ledgers.TellsInRepr, "A secret shows in its repr"),
        (ledgers.Speechless, "scored raises NotFound without a reason"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Any], complaint: str) -> None:
    found = await complaints(part)
    assert any(complaint in one for one in found), found


async def test_one_that_does_not_fails_its_test() -> None:
    plugin = Plugin(name="ledger", settings=ledgers.LedgerSettings, evaluators=(ledgers.Fills,))
    with pytest.raises(AssertionError, match="ledger does not keep the contract:\n- "):
        await evaluators.conforms(plugin, {"token": ledgers.TOKEN}, ledgers.FAR)


async def test_a_plugin_without_an_evaluator_has_nothing_to_keep() -> None:
    assert await evaluators.complaints(Plugin(name="quiet"), {}, ledgers.FAR) == []


async def test_a_misfit_is_named_before_anything_is_asked() -> None:
    class Mute:
        def __init__(self, settings: ledgers.LedgerSettings, context: Context) -> None:
            pass

    plugin = Plugin(name="ledger", settings=ledgers.LedgerSettings, evaluators=(Mute,))
    with pytest.raises(PluginMisfit, match="Mute has no scored"):
        fits(plugin)
    (found,) = await evaluators.complaints(plugin, {"token": ledgers.TOKEN}, ledgers.FAR)
    for said in ("Mute has no scored", "Mute has no check"):
        assert said in found
