"""The suite that every feature store must pass: `await features.conforms(plugin, options, stage)`.

`options` are a connection's; `stage` is the plugin's own test's hand at the far end, a `Stage`: it serves columns, and
the suite looks whether these and no others are told. Secrets among the options must be at least eight characters, to
be looked for.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Protocol

from bot import registry
from bot.contract import Check, NotFound, Plugin, Refused, TocsinError
from bot.errors import PluginFault
from bot.testing.platforms import HOSTILE
from bot.testing.switching import Broke
from bot.testing.trial import TooMany, Trial

#: What is served at first: names that look alike, types in the words of one store or another.
SERVED: Mapping[str, str] = {"age": "int64", "Age": "double", "plan": "string", "yaş grubu": "string", "x": "float"}


class Stage(Protocol):
    """What a test can do to the far end behind the plugin's back; all of it is about one model."""

    ref: Mapping[str, str]  #: how the catalogue names the model; read after each `prepare`

    async def prepare(self, columns: Mapping[str, str]) -> None:
        """Begin afresh: the model is there, and served these columns and no others."""
        ...

    async def serves(self, columns: Mapping[str, str]) -> None:
        """From now on it is served these."""
        ...

    async def spoil(self) -> None:
        """What is served can be read no more: it is torn, locked away or away."""
        ...


async def conforms(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, stage, deadline=deadline)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> list[str]:
    """What the feature store does otherwise than promised, in sentences; [] when it keeps the contract.

    `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.features:
        return []
    trial = _Serving(plugin, dict(options), stage, deadline)
    cases = (trial.answers, trial.moves, trial.none, trial.spoilt, trial.missing, trial.odd_names, trial.checks)
    try:
        for case in cases:
            with suppress(Broke):
                await stage.prepare(SERVED)
                await case()
        trial.secret("its repr", f"{trial.store()!r} {trial.settings()!r} {trial.settings()}")
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _Serving(Trial):
    """The cases; each begins with SERVED."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], stage: Stage, deadline: float) -> None:
        super().__init__(plugin, options, deadline)
        self.stage = stage
        self.part = self.store()

    async def tried(self, ref: Mapping[str, str] | None = None) -> dict[str, str] | TocsinError:
        """What is told, its shape looked at, or the error of ours that is raised; the case ends with any other."""
        given = dict(self.stage.ref if ref is None else ref)
        try:
            answer: object = await self.guard.call("columns", lambda: self.part.columns(given))
        except PluginFault as fault:
            self.say(f"columns must answer or raise an error of the contract: {fault.what}")
            raise Broke from None
        except TocsinError as error:
            if not error.what:
                self.say(f"columns raises {type(error).__name__} without a reason.")
            self.secret("an error of columns", str(error))
            return error
        if not isinstance(answer, Mapping):
            self.say(f"columns answered a {type(answer).__name__}, not a mapping.")
            raise Broke
        if not all(isinstance(name, str) and isinstance(kind, str) and name for name, kind in answer.items()):
            self.say("columns must hold texts, each the type of a named column.")
            raise Broke
        return dict(answer)

    async def same(self, wanted: Mapping[str, str], when: str) -> None:
        """Notes where others are told than these."""
        answer = await self.tried()
        if isinstance(answer, TocsinError):
            self.say(f"columns must answer where {when}; it raised {type(answer).__name__}: {answer}")
        elif answer != dict(wanted):
            lost, strange = sorted(set(wanted) - set(answer)), sorted(set(answer) - set(wanted))
            other = sorted(name for name in set(wanted) & set(answer) if wanted[name] != answer[name])
            told = f"not told: {lost}; told and not there: {strange}; of another type: {other}"
            self.say(f"Where {when}, columns must tell what is served, {told[:300]}.")

    async def answers(self) -> None:
        """Every column with its type, and the same to two who ask at once."""
        await self.same(SERVED, "five columns are served")
        await asyncio.gather(*(self.same(SERVED, "two ask at once") for _ in range(2)))

    async def moves(self) -> None:
        """What is told is what is served now, to a part that has answered before too."""
        await self.tried()
        later = {"plan": "int64", "new": "bool"}
        await self.stage.serves(later)
        await self.same(later, "others are served than before")

    async def none(self) -> None:
        """A model to which nothing is served has no columns, or is NotFound."""
        await self.stage.serves({})
        answer = await self.tried()
        if isinstance(answer, dict) and answer:
            self.say("columns tells what is served no more.")
        elif isinstance(answer, TocsinError) and not isinstance(answer, NotFound | Refused):
            self.say(f"columns must answer none or raise NotFound where nothing is served; it said: {answer}")

    async def spoilt(self) -> None:
        """What cannot be read is never told as less than it is."""
        await self.stage.spoil()
        if isinstance(answer := await self.tried(), dict):
            self.say(f"columns must raise where what is served cannot be read; it told {str(answer)[:120]}.")

    async def missing(self) -> None:
        """A model that is not there is NotFound."""
        answer = await self.tried(dict.fromkeys(self.stage.ref, "no-such-thing"))
        if not isinstance(answer, NotFound):
            told = "an answer" if isinstance(answer, dict) else str(answer)
            self.say(f"columns must raise NotFound where the reference names nothing; it said: {told}")

    async def odd_names(self) -> None:
        """Names that nobody meant are refused in our own words, and reach nothing."""
        ref = dict(self.stage.ref)
        for given in ({}, *({**ref, key: name} for key in ref for name in HOSTILE)):
            if isinstance(await self.tried(given), dict):
                self.say(f"columns answers for the reference {str(given)[:120]!r}.")

    async def checks(self) -> None:
        """The self-check answers in rows, also where nothing can be read."""
        for spoilt in (False, True):
            if spoilt:
                await self.stage.spoil()
            try:
                rows: object = await self.guard.call("check", self.part.check)
            except TocsinError as error:
                self.say(f"check must answer; it raised {type(error).__name__}: {error}")
                return
            if not isinstance(rows, list) or not all(isinstance(row, Check) for row in rows):
                self.say("check must answer a list of Check.")
                return
            self.secret("a row of check", " ".join(f"{row.scope} {row.do}" for row in rows))
