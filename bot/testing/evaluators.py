"""The suite that every evaluator must pass: `await evaluators.conforms(plugin, options, stage)`.

`options` are a connection's; `stage` is the plugin's own test's hand at the far end, a `Stage`: it plants rows, and the
suite looks whether these and no others come back, each number in its own row. Secrets among the options must be at
least eight characters, to be looked for.
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot import registry
from bot.contract import Asked, Check, NotFound, Plugin, Refused, Scored, TocsinError
from bot.errors import PluginFault
from bot.testing.platforms import HOSTILE
from bot.testing.switching import Broke
from bot.testing.trial import TooMany, Trial

START = datetime(2026, 11, 1, tzinfo=UTC)  #: of the span in which rows are planted
COUNT, EVERY = 120, timedelta(minutes=10)  #: rows, and the time between two
END = START + COUNT * EVERY
COLUMN = "segment"  #: the column that every row has; there is another, "shop"
SEGMENTS = ("eu", 'a, "b"', "İzmir")


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the far end has it; None where something is not known."""

    at: datetime
    truth: float | None
    said: Mapping[str, float | None]
    columns: Mapping[str, str] = field(default_factory=dict)


class Stage(Protocol):
    """What a test can do to the far end behind the plugin's back; all of it is about one model."""

    ref: Mapping[str, str]  #: how the catalogue names the model; read after each `prepare`
    versions: tuple[str, str]  #: two that the model has
    reruns: bool  #: whether a version is run on rows of which it said nothing: what comes then is not looked at

    async def prepare(self, rows: Sequence[Row]) -> None:
        """Begin afresh: both versions are there, and these rows, in this order, and no others."""
        ...


async def conforms(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, stage, deadline=deadline)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> list[str]:
    """What the evaluator does otherwise than promised, in sentences; [] when it keeps the contract.

    `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.evaluators:
        return []
    trial = _Scoring(plugin, dict(options), stage, deadline)
    cases = (
        *(trial.answers, trial.one_version, trial.a_span, trial.nothing_there, trial.no_labels, trial.silence),
        *(trial.gaps, trial.too_many, trial.missing, trial.odd_names, trial.at_once, trial.checks),
    )
    try:
        for case in cases:
            with suppress(Broke):
                await stage.prepare(planted(stage.versions))
                await case()
        trial.secret("its repr", f"{trial.evaluator()!r} {trial.settings()!r} {trial.settings()}")
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


def planted(versions: Sequence[str]) -> list[Row]:
    """Rows in a shuffled order, no two of which have one number alike; every row has its label."""
    rows = [
        Row(
            at=START + number * EVERY,
            truth=float(number % 3 == 0),
            said={version: (number + 1 + place / 2) / (COUNT + 2) for place, version in enumerate(versions)},
            columns={COLUMN: SEGMENTS[number % len(SEGMENTS)], "shop": f"s{number}"},
        )
        for number in range(COUNT)
    ]
    # 53 and 120 have no divisor in common, so every row comes once.
    return [rows[number * 53 % COUNT] for number in range(COUNT)]


class _Scoring(Trial):
    """The cases; each begins with the rows of `planted`."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], stage: Stage, deadline: float) -> None:
        super().__init__(plugin, options, deadline)
        self.stage = stage
        self.part = self.evaluator()

    def asked(self, **more: Any) -> Asked:
        """Everything that was planted, or what `more` says instead."""
        said = {"versions": tuple(self.stage.versions), "start": START, "end": END, "columns": (COLUMN,), **more}
        return Asked(**said)

    async def tried(self, asked: Asked, ref: Mapping[str, str] | None = None) -> Scored | TocsinError:
        """What comes back, its shape looked at, or the error of ours that is raised; the case ends with any other."""
        given = dict(self.stage.ref if ref is None else ref)
        try:
            answer: object = await self.guard.call("scored", lambda: self.part.scored(given, asked))
        except PluginFault as fault:
            self.say(f"scored must answer or raise an error of the contract: {fault.what}")
            raise Broke from None
        except TocsinError as error:
            if not error.what:
                self.say(f"scored raises {type(error).__name__} without a reason.")
            self.secret("an error of scored", str(error))
            return error
        if not isinstance(answer, Scored):
            self.say(f"scored answered a {type(answer).__name__}, not a Scored.")
            raise Broke
        self._shape(answer, asked)
        return answer

    async def got(self, asked: Asked) -> Scored:
        """What comes back; the case ends when it is an error."""
        answer = await self.tried(asked)
        if isinstance(answer, TocsinError):
            self.say(f"scored must answer; it raised {type(answer).__name__}: {answer}")
            raise Broke
        return answer

    async def answers(self) -> None:
        """All rows of all versions come, each number and text in its own row."""
        rows = planted(self.stage.versions)
        found = await self.got(self.asked(columns=(COLUMN, "shop")))
        self.same(found, rows, "every row was asked for")
        if not found.whole:
            self.say("Every row came, and `whole` is False.")
        if not found.how.strip():
            self.say("scored must say in `how` where the rows came from.")

    async def one_version(self) -> None:
        """Who asks for one version, or for no columns, gets no other."""
        version = self.stage.versions[1]
        found = await self.got(self.asked(versions=(version,), columns=()))
        rows = [replace(row, said={version: row.said[version]}, columns={}) for row in planted(self.stage.versions)]
        self.same(found, rows, f"version {version} alone was asked for")

    async def a_span(self) -> None:
        """The rows from the start on and before the end, and no others."""
        start, end = START + 30 * EVERY, START + 60 * EVERY
        found = await self.got(self.asked(start=start, end=end))
        rows = [row for row in planted(self.stage.versions) if start <= row.at < end]
        self.same(found, rows, "a part of the time was asked for, its start with it and its end not")

    async def nothing_there(self) -> None:
        """A span without rows has none, or is refused; so is one without any time."""
        for start, end in ((END + EVERY, END + 9 * EVERY), (START, START), (START - 9 * EVERY, START)):
            answer = await self.tried(self.asked(start=start, end=end))
            if isinstance(answer, Scored) and len(answer.at):
                self.say(f"Where no row is, scored answers {len(answer.at)} rows.")
            elif not isinstance(answer, Scored | Refused):
                self.say(f"scored must answer no rows or raise Refused where there are none; it said: {answer}")
        await self.stage.prepare([])
        answer = await self.tried(self.asked())
        if isinstance(answer, Scored) and len(answer.at):
            self.say("scored answers rows that are gone.")
        elif not isinstance(answer, Scored | Refused):
            self.say(f"scored must answer no rows or raise Refused where nothing was ever kept; it said: {answer}")

    async def no_labels(self) -> None:
        """Where nothing is known of what became true, nothing is said of it."""
        rows = [replace(row, truth=None) for row in planted(self.stage.versions)]
        await self.stage.prepare(rows)
        answer = await self.tried(self.asked())
        if isinstance(answer, Scored):
            self.same(answer, rows, "no row has a label")
        elif not isinstance(answer, Refused):
            self.say(f"scored must answer NaN or raise Refused where no row has a label; it said: {answer}")

    async def silence(self) -> None:
        """A version that said nothing is told to have said nothing, is refused, or is run."""
        silent = self.stage.versions[1]
        rows = [replace(row, said={**row.said, silent: None}) for row in planted(self.stage.versions)]
        await self.stage.prepare(rows)
        answer = await self.tried(self.asked())
        if isinstance(answer, Scored):
            self.same(answer, rows, f"version {silent} said nothing")
        elif not isinstance(answer, Refused):
            self.say(f"scored must answer NaN or raise Refused where a version said nothing; it said: {answer}")

    async def gaps(self) -> None:
        """What is not known of some rows is NaN there, and the rest stays where it is."""
        first = self.stage.versions[0]
        rows = [
            replace(
                row,
                truth=None if number % 4 == 1 else row.truth,
                said={**row.said, first: None} if number % 5 == 2 else row.said,
            )
            for number, row in enumerate(planted(self.stage.versions))
        ]
        await self.stage.prepare(rows)
        self.same(await self.got(self.asked()), rows, "some labels and some predictions are not there")

    async def too_many(self) -> None:
        """Of more rows than are wanted comes a fair part, and it says that it is one."""
        most = COUNT // 3
        found = await self.got(self.asked(most=most))
        if not 0 < len(found.at) <= most:
            self.say(f"Of {COUNT} rows at most {most} were asked for; {len(found.at)} came.")
            return
        if found.whole:
            self.say("A part of the rows came, and `whole` is True.")
        kept = {row.at.timestamp(): row for row in planted(self.stage.versions)}
        rows = [kept[at] for at in dict.fromkeys(map(float, found.at)) if at in kept]
        self.same(found, rows, "a part of the rows came")
        early = sum(row.at < START + COUNT / 2 * EVERY for row in rows)
        # Of a fair part about half; a fifth is more than five standard deviations away.
        if not len(rows) / 5 <= early <= len(rows) * 4 / 5:
            self.say(
                f"A part of the rows must be a fair one; {early} of {len(rows)} are of the first half of the time."
            )

    async def missing(self) -> None:
        """A model or a version that is not there is NotFound, by name."""
        answers = {
            "the reference names nothing": await self.tried(
                self.asked(), dict.fromkeys(self.stage.ref, "no-such-thing")
            ),
            "there is no such version": await self.tried(self.asked(versions=(self.stage.versions[0], "987654321"))),
        }
        for why, answer in answers.items():
            if not isinstance(answer, NotFound):
                self.say(f"scored must raise NotFound where {why}; it said: {_short(answer)}")

    async def odd_names(self) -> None:
        """Names that nobody meant are refused in our own words, and reach nothing."""
        ref = dict(self.stage.ref)
        for name in HOSTILE:
            for key in ref:
                answer = await self.tried(self.asked(), {**ref, key: name})
                if isinstance(answer, Scored) and len(answer.at):
                    self.say(f"scored answers for the reference {name[:80]!r}.")
            answer = await self.tried(self.asked(versions=(self.stage.versions[0], name)))
            if isinstance(answer, Scored) and len(answer.at):
                self.say(f"scored answers for the version {name[:80]!r}.")
            await self.tried(self.asked(columns=(COLUMN, name)))
        if isinstance(answer := await self.tried(self.asked(), {}), Scored) and len(answer.at):
            self.say("scored answers for a reference that names nothing.")

    async def at_once(self) -> None:
        """Two who ask at once get each their own."""
        middle = START + COUNT // 2 * EVERY
        both = await asyncio.gather(self.got(self.asked(end=middle)), self.got(self.asked(start=middle)))
        rows = planted(self.stage.versions)
        self.same(both[0], [row for row in rows if row.at < middle], "two asked at once")
        self.same(both[1], [row for row in rows if row.at >= middle], "two asked at once")

    async def checks(self) -> None:
        """The self-check answers in rows."""
        try:
            rows: object = await self.guard.call("check", self.part.check)
        except TocsinError as error:
            self.say(f"check must answer; it raised {type(error).__name__}: {error}")
            return
        if not isinstance(rows, list) or not all(isinstance(row, Check) for row in rows):
            self.say("check must answer a list of Check.")
            return
        self.secret("a row of check", " ".join(f"{row.scope} {row.do}" for row in rows))

    def same(self, found: Scored, rows: Sequence[Row], when: str) -> None:
        """Notes where the rows that came are not these, in whatever order."""
        wanted = {row.at.timestamp(): row for row in rows}
        moments = [float(at) for at in found.at]
        if sorted(moments) != sorted(wanted):
            strange, lost = len(set(moments) - set(wanted)), len(set(wanted) - set(moments))
            told = f"{len(moments)} came, {lost} of them not, {strange} that are none of them"
            self.say(f"Where {when}, {len(wanted)} rows must come, each once; {told}.")
            return
        for place, moment in enumerate(moments):
            row = wanted[moment]
            if not _alike(found.truth[place], row.truth):
                said = found.truth[place]
                self.say(f"Where {when}, a row has the truth {said} that should have {_spelled(row.truth)}.")
                return
            for version, value in row.said.items():
                given = found.said[version][place]
                if not _alike(given, value) and not (value is None and self.stage.reruns):
                    self.say(f"Where {when}, {version} is told to have said {given} instead of {_spelled(value)}.")
                    return
            for name, cells in found.columns.items():
                if cells[place] != row.columns.get(name):
                    self.say(f"Where {when}, {name} is {str(cells[place])[:80]!r} in the row of another.")
                    return

    def _shape(self, found: Scored, asked: Asked) -> None:
        """Columns of one length, of what was asked for and nothing else; the case ends where they are not."""
        self.secret("what scored says of itself", found.how)
        if set(found.said) != set(asked.versions):
            self.say(
                f"said must have what {sorted(asked.versions)} said, no more and no less; it has {list(found.said)}."
            )
            raise Broke
        if strange := set(found.columns) - set(asked.columns):
            self.say(f"scored answers columns that nobody asked for: {', '.join(sorted(strange))[:80]}.")
        if COLUMN in asked.columns and COLUMN not in found.columns and len(found.at):
            self.say(f"The rows have {COLUMN}, which was asked for and did not come.")
        columns = {"at": found.at, "truth": found.truth, **found.said, **found.columns}
        lengths = {name: len(column) for name, column in columns.items()}
        if len(set(lengths.values())) > 1:
            self.say(f"The columns differ in length: {str(lengths)[:200]}.")
            raise Broke
        for name in ("at", "truth", *asked.versions):
            column = found.said[name] if name in found.said else getattr(found, name)
            if not all(_number(value) for value in column):
                self.say(f"{name[:80]} must hold numbers, or NaN where nothing is known.")
                raise Broke
        if not all(isinstance(cell, str) for cells in found.columns.values() for cell in cells):
            self.say("The columns must hold texts.")
            raise Broke


def _number(value: object) -> bool:
    """Whether it is a number, of numpy too; a text that spells one is none."""
    if isinstance(value, bool | str | bytes):
        return False
    try:
        return not math.isinf(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False


def _alike(given: float, wanted: float | None) -> bool:
    if wanted is None:
        return math.isnan(given)
    return math.isclose(given, wanted, rel_tol=1e-6, abs_tol=1e-9)


def _spelled(value: float | None) -> str:
    return "NaN" if value is None else f"{value:g}"


def _short(answer: Scored | TocsinError) -> str:
    return str(answer) if isinstance(answer, TocsinError) else f"{len(answer.at)} rows"
