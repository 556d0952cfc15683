"""The suite for evaluators: it passes one that keeps the contract and names what another does instead."""

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import numpy as np
import pytest
from pydantic import SecretStr

from bot.contract import Asked, Check, ConnectionSettings, Context, Health, NotFound, Plugin, Refused, Scored
from bot.errors import PluginMisfit
from bot.registry import fits
from bot.testing import evaluators
from bot.testing.evaluators import Row

TOKEN = "a-token-of-the-suite"


class Kept:
    """What stands behind every ledger of a test: the rows, and the stage in one."""

    ref: Mapping[str, str] = {"name": "churn"}
    versions = ("6", "7")
    reruns = False
    rows: Sequence[Row] = ()

    async def prepare(self, rows: Sequence[Row]) -> None:
        self.rows = tuple(rows)


FAR = Kept()  # one for a test: the part is built by the suite, from settings alone


class LedgerSettings(ConnectionSettings):
    token: SecretStr


def known(value: float | None) -> float:
    return math.nan if value is None else value


class Ledger:
    """As small as an evaluator can be that keeps the contract; the methods are where others go wrong."""

    unknown: ClassVar[float] = math.nan

    def __init__(self, settings: LedgerSettings, context: Context) -> None:
        self.settings = settings

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        if ref != FAR.ref:
            raise NotFound("There is no such model.")
        self.there(asked.versions)
        rows = [row for row in FAR.rows if self.within(row, asked)]
        return self.told(asked, self.some(rows, asked.most), len(rows) <= asked.most)

    def there(self, versions: Iterable[str]) -> None:
        if not set(versions) <= set(FAR.versions):
            raise NotFound("There is no such version.")

    def within(self, row: Row, asked: Asked) -> bool:
        return asked.start <= row.at < asked.end

    def some(self, rows: list[Row], most: int) -> list[Row]:
        step = math.ceil(len(rows) / most) if rows else 1
        return rows[::step]

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return Scored(
            at=[row.at.timestamp() for row in rows],
            truth=[known(row.truth) for row in rows],
            said={version: [known(row.said[version]) for row in rows] for version in asked.versions},
            columns={
                name: [row.columns[name] for row in rows] for name in asked.columns if name in ("segment", "shop")
            },
            whole=whole,
            how="It was kept.",
        )

    async def check(self) -> list[Check]:
        return [Check("rows", Health.OK)]


# --- what others do instead ---


class Sorts(Ledger):
    """Each column for itself."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, said={version: sorted(column) for version, column in found.said.items()})


class SortsTimes(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, at=sorted(found.at))


class SortsTruth(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, truth=sorted(found.truth))


class SortsColumns(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, columns={name: sorted(cells) for name, cells in found.columns.items()})


class Swaps(Ledger):
    """The one for the other."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, said=dict(zip(asked.versions, reversed(list(found.said.values())), strict=True)))


class Drops(Ledger):
    """What is not known is left out, of its own column."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        found = super().told(asked, rows, whole)
        return replace(found, truth=[value for value in found.truth if not math.isnan(value)])


class Labelled(Ledger):
    """Only rows with a label."""

    def within(self, row: Row, asked: Asked) -> bool:
        return super().within(row, asked) and row.truth is not None


class Fills(Ledger):
    """What is not known is 0."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        rows = [replace(row, said={name: value or 0.0 for name, value in row.said.items()}) for row in rows]
        return super().told(asked, rows, whole)


class Hopes(Ledger):
    """What did not come true yet did not come true."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(asked, [replace(row, truth=row.truth or 0.0) for row in rows], whole)


class Everybody(Ledger):
    """Both versions, whoever was asked for."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(replace(asked, versions=FAR.versions), rows, whole)


class AllColumns(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(replace(asked, columns=("segment", "shop")), rows, whole)


class NoColumns(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(replace(asked, columns=()), rows, whole)


class Codes(Ledger):
    """Its columns are numbers."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        codes: Any = {name: list(range(len(rows))) for name in asked.columns}
        return replace(super().told(asked, rows, whole), columns=codes)


class WithTheEnd(Ledger):
    def within(self, row: Row, asked: Asked) -> bool:
        return asked.start <= row.at <= asked.end


class Always(Ledger):
    """Its rows are of any time."""

    def within(self, row: Row, asked: Asked) -> bool:
        return True


class Off(Ledger):
    """An hour beside it."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        rows = [replace(row, at=row.at + timedelta(hours=1)) for row in rows]
        return super().told(asked, rows, whole)


class Remembers(Ledger):
    """Its rows stay when they are gone."""

    memory: ClassVar[list[Row]] = []

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        Remembers.memory = list(FAR.rows) or self.memory
        if ref != FAR.ref or not set(asked.versions) <= set(FAR.versions):
            raise NotFound("There is no such thing.")
        rows = [row for row in self.memory if self.within(row, asked)]
        return self.told(asked, self.some(rows, asked.most), len(rows) <= asked.most)


class Shared(Ledger):
    """One question at a time, whoever asks."""

    asked: ClassVar[Asked]

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        Shared.asked = asked
        await asyncio.sleep(0)
        return await super().scored(ref, Shared.asked)


class Whole(Ledger):
    """As much as there is."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        return rows


class Newest(Ledger):
    """The newest ones will do."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        return sorted(rows, key=lambda row: row.at)[-most:]


class Repeats(Ledger):
    """Drawn with replacement."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        return rows if len(rows) <= most else [rows[0], *super().some(rows, most)][:most]


class NeverWhole(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(asked, rows, False)


class AlwaysWhole(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return super().told(asked, rows, True)


class Unexplained(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return replace(super().told(asked, rows, whole), how=" ")


class Spelled(Ledger):
    """Its numbers are texts."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        truth: Any = [str(row.truth) for row in rows]
        return replace(super().told(asked, rows, whole), truth=truth)


class Infinite(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        return replace(super().told(asked, rows, whole), truth=[math.inf for _ in rows])


class Lists(Ledger):
    """Rows, not columns."""

    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        return list(FAR.rows)  # type: ignore[return-value]


class Breaks(Ledger):
    """Counts on there being rows."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        return super().some(rows, most) if rows[0] else []


class GivesUp(Ledger):
    """An empty span is a model that is not there."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        if not rows:
            raise NotFound("There is nothing.")
        return super().some(rows, most)


class WantsLabels(Ledger):
    """What has no labels, or no predictions, is not there."""

    def some(self, rows: list[Row], most: int) -> list[Row]:
        for given in ([row.truth for row in rows], *([row.said[name] for row in rows] for name in FAR.versions)):
            if rows and all(value is None for value in given):
                raise NotFound("There is nothing.")
        return super().some(rows, most)


class RefusesAll(Ledger):
    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        raise Refused("Not today.")


class AnyModel(Ledger):
    async def scored(self, ref: Mapping[str, str], asked: Asked) -> Scored:
        return await super().scored(FAR.ref, asked)


class AnyVersion(Ledger):
    """Whoever it has not heard of said nothing."""

    def there(self, versions: Iterable[str]) -> None:
        return

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        rows = [replace(row, said={**dict.fromkeys(asked.versions), **row.said}) for row in rows]
        return super().told(asked, rows, whole)


class Cannot(Ledger):
    """A column that it has not heard of is its end."""

    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        for name in asked.columns:
            name.encode()
        return super().told(asked, rows, whole)


class Hangs(Ledger):
    async def check(self) -> list[Check]:
        await asyncio.Event().wait()
        return []


class ChecksNothing(Ledger):
    async def check(self) -> list[Check]:
        return None  # type: ignore[return-value]


class TellsInErrors(Ledger):
    def there(self, versions: Iterable[str]) -> None:
        if not set(versions) <= set(FAR.versions):
            raise NotFound(f"{self.settings.token.get_secret_value()} knows no such version.")


class TellsInHow(Ledger):
    def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
        how = f"read with {self.settings.token.get_secret_value()}"
        return replace(super().told(asked, rows, whole), how=how)


class TellsInCheck(Ledger):
    async def check(self) -> list[Check]:
        return [Check("token", Health.OK, f"It is {self.settings.token.get_secret_value()}.")]


class TellsInRepr(Ledger):
    def __repr__(self) -> str:
        return self.settings.token.get_secret_value()


class Speechless(Ledger):
    def there(self, versions: Iterable[str]) -> None:
        if not set(versions) <= set(FAR.versions):
            raise NotFound("")


async def complaints(part: type[Any], stage: Kept = FAR) -> list[str]:
    plugin = Plugin(name="ledger", settings=LedgerSettings, evaluators=(part,))
    return await evaluators.complaints(plugin, {"token": TOKEN}, stage, deadline=0.3)


# --- what is let through ---


async def test_an_evaluator_that_keeps_the_contract_passes() -> None:
    assert await complaints(Ledger) == []


async def test_one_that_answers_arrays_passes() -> None:
    class Arrays(Ledger):
        def told(self, asked: Asked, rows: list[Row], whole: bool) -> Scored:
            found = super().told(asked, rows, whole)
            arrays: dict[str, Any] = {name: np.array(getattr(found, name)) for name in ("at", "truth")}
            said: Any = {version: np.array(column, np.float32) for version, column in found.said.items()}
            columns: Any = {name: np.array(cells, dtype="U20") for name, cells in found.columns.items()}
            return replace(found, **arrays, said=said, columns=columns)

    assert await complaints(Arrays) == []


async def test_one_that_refuses_what_it_has_not_passes() -> None:
    class Plain(Ledger):
        def some(self, rows: list[Row], most: int) -> list[Row]:
            said = [[row.truth for row in rows], *([row.said[name] for row in rows] for name in FAR.versions)]
            if any(all(value is None for value in values) for values in said):
                raise Refused("There is nothing.")
            return super().some(rows, most)

    assert await complaints(Plain) == []


async def test_one_that_runs_its_versions_may_say_what_nobody_said() -> None:
    class Ran(Kept):
        reruns = True

        async def prepare(self, rows: Sequence[Row]) -> None:
            FAR.rows = tuple(rows)

    assert await complaints(Fills, Ran()) == []
    assert await complaints(Hopes, Ran()) != []  # a truth is not run


# --- what is not ---


@pytest.mark.parametrize(
    ("part", "complaint"),
    [
        (Sorts, "Where every row was asked for, 6 is told to have said"),
        (SortsTimes, "Where every row was asked for, 6 is told to have said"),
        (SortsTruth, "Where every row was asked for, a row has the truth 0.0 that should have 1"),
        (SortsColumns, "Where every row was asked for, segment is 'a, \"b\"' in the row of another"),
        (Swaps, "Where every row was asked for, 6 is told to have said"),
        (Drops, "The columns differ in length: {'at': 120, 'truth': 90"),
        (Labelled, "Where no row has a label, 120 rows must come, each once; 0 came, 120 of them not"),
        (Labelled, "Where some labels and some predictions are not there, 120 rows must come"),
        (Fills, "Where version 7 said nothing, 7 is told to have said 0.0 instead of NaN"),
        (Fills, "Where some labels and some predictions are not there, 6 is told to have said 0.0 instead of NaN"),
        (Hopes, "Where no row has a label, a row has the truth 0.0 that should have NaN"),
        (Everybody, "said must have what ['7'] said, no more and no less; it has ['6', '7']"),
        (AllColumns, "scored answers columns that nobody asked for: shop"),
        (NoColumns, "The rows have segment, which was asked for and did not come"),
        (Codes, "The columns must hold texts"),
        (WithTheEnd, "its start with it and its end not, 30 rows must come, each once; 31 came"),
        (Always, "Where no row is, scored answers 120 rows"),
        (Off, "Where every row was asked for, 120 rows must come, each once; 120 came, 6 of them not, 6 that are none"),
        (Remembers, "scored answers rows that are gone"),
        (Shared, "Where two asked at once, 60 rows must come"),
        (Whole, "Of 120 rows at most 40 were asked for; 120 came"),
        (Newest, "A part of the rows must be a fair one; 0 of 40 are of the first half of the time"),
        (Repeats, "Where a part of the rows came, 39 rows must come, each once; 40 came"),
        (NeverWhole, "Every row came, and `whole` is False"),
        (AlwaysWhole, "A part of the rows came, and `whole` is True"),
        (Unexplained, "scored must say in `how` where the rows came from"),
        (Spelled, "truth must hold numbers, or NaN"),
        (Infinite, "truth must hold numbers, or NaN"),
        (Lists, "scored answered a list, not a Scored"),
        (Breaks, "scored must answer or raise an error of the contract: ledger failed in scored: IndexError"),
        (GivesUp, "scored must answer no rows or raise Refused where there are none"),
        (GivesUp, "scored must answer no rows or raise Refused where nothing was ever kept"),
        (WantsLabels, "scored must answer NaN or raise Refused where no row has a label"),
        (WantsLabels, "scored must answer NaN or raise Refused where a version said nothing"),
        (RefusesAll, "scored must answer; it raised Refused: Not today."),
        (RefusesAll, "scored must raise NotFound where the reference names nothing; it said: Not today."),
        (AnyModel, "scored must raise NotFound where the reference names nothing; it said: 120 rows"),
        (AnyModel, "scored answers for the reference '../../etc/passwd'"),
        (AnyModel, "scored answers for a reference that names nothing"),
        (AnyVersion, "scored must raise NotFound where there is no such version; it said: 120 rows"),
        (AnyVersion, "scored answers for the version '../../etc/passwd'"),
        (Cannot, "scored must answer or raise an error of the contract: ledger failed in scored: UnicodeEncodeError"),
        (Hangs, "check must answer; it raised PluginSilent: ledger did not answer check within 0.3 s"),
        (ChecksNothing, "check must answer a list of Check"),
        (TellsInErrors, "A secret shows in an error of scored"),
        (TellsInHow, "A secret shows in what scored says of itself"),
        (TellsInCheck, "A secret shows in a row of check"),
        (TellsInRepr, "A secret shows in its repr"),
        (Speechless, "scored raises NotFound without a reason"),
    ],
)
async def test_one_that_does_not_is_told_what_it_does(part: type[Any], complaint: str) -> None:
    found = await complaints(part)
    assert any(complaint in one for one in found), found


async def test_one_that_does_not_fails_its_test() -> None:
    plugin = Plugin(name="ledger", settings=LedgerSettings, evaluators=(Fills,))
    with pytest.raises(AssertionError, match="ledger does not keep the contract:\n- "):
        await evaluators.conforms(plugin, {"token": TOKEN}, FAR)


async def test_a_plugin_without_an_evaluator_has_nothing_to_keep() -> None:
    assert await evaluators.complaints(Plugin(name="quiet"), {}, FAR) == []


async def test_a_misfit_is_named_before_anything_is_asked() -> None:
    class Mute:
        def __init__(self, settings: LedgerSettings, context: Context) -> None:
            pass

    plugin = Plugin(name="ledger", settings=LedgerSettings, evaluators=(Mute,))
    with pytest.raises(PluginMisfit, match="Mute has no scored"):
        fits(plugin)
    (found,) = await evaluators.complaints(plugin, {"token": TOKEN}, FAR)
    for said in ("Mute has no scored", "Mute has no check"):
        assert said in found
