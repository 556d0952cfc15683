"""Rows as they come, in columns; where more come than are wanted, each has the same chance to be among those kept."""

import random
from array import array

from bot.contract import Asked, Scored


class Sample:
    """At most `asked.most` rows; the same rows in the same order leave the same sample."""

    def __init__(self, asked: Asked) -> None:
        """Empty."""
        self.seen = 0  #: rows that came
        self._most = asked.most
        self._numbers = [array("d") for _ in range(2 + len(asked.versions))]
        self._cells: list[list[str]] = [[] for _ in asked.columns]
        self._versions, self._columns = asked.versions, asked.columns
        self._chance = random.Random(0)  # noqa: S311 - nobody is to be surprised by it

    def add(self, numbers: tuple[float, ...], cells: tuple[str, ...]) -> None:
        """One row: its moment, its truth and what each version said; then its columns, both as they were asked for."""
        self.seen += 1
        if self.seen <= self._most:
            for column, number in zip(self._numbers, numbers, strict=True):
                column.append(number)
            for texts, cell in zip(self._cells, cells, strict=True):
                texts.append(cell)
            return
        # Vitter's algorithm R: the n-th row takes the place of another with a chance of most/n.
        place = self._chance.randrange(self.seen)
        if place < self._most:
            for column, number in zip(self._numbers, numbers, strict=True):
                column[place] = number
            for texts, cell in zip(self._cells, cells, strict=True):
                texts[place] = cell

    def said(self, version: str) -> bool:
        """Whether that version said anything of the rows that are kept."""
        return any(number == number for number in self._numbers[2 + self._versions.index(version)])

    def scored(self, whole: bool, how: str) -> Scored:
        """The columns; a column that no row has anything in is left out. `whole` is for what came in."""
        at, truth, *said = self._numbers
        columns = zip(self._columns, self._cells, strict=True)
        return Scored(
            at=at,
            truth=truth,
            said=dict(zip(self._versions, said, strict=True)),
            columns={name: cells for name, cells in columns if any(cells)},
            whole=whole and self.seen <= self._most,
            how=how,
        )
