"""A far end of rows, the smallest evaluator over it that keeps the contract, and what others do instead."""

import asyncio
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import SecretStr

from bot.contract import Asked, Check, ConnectionSettings, Context, Health, NotFound, Refused, Scored
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
