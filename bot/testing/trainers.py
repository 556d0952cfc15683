"""The suite that every trainer must pass: `await trainers.conforms(plugin, options, stage)`.

`options` are a connection's; `stage` is the plugin's own test's hand at the far end, a `Stage`: it tells what was
started there, and lets a run go on, end well, end without a model, or fail. Secrets among the options must be at
least eight characters, to be looked for.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot import registry
from bot.contract import Check, Going, NotFound, Order, Plugin, Refused, Run, TocsinError, Trainer
from bot.errors import PluginFault
from bot.testing.platforms import HOSTILE
from bot.testing.switching import Broke
from bot.testing.trial import TooMany, Trial

START = datetime(2026, 11, 1, tzinfo=UTC)
ORDER = Order(
    model="churn",
    since=START,
    until=START + timedelta(days=20),
    excluded=((START + timedelta(days=3), START + timedelta(days=4, minutes=30)),),
    parameters={"depth": 6, "note": 'İzmir, "a" $(id) <!channel>'},
)
TOKEN = "CHG-1"
VERSION, METRICS = "9", {"auc": 0.93, "log_loss": 0.21}  #: what a run that ends well makes
LAST = "ValueError: the column orders is empty"  #: the last line of one that fails
LOG = 10_000  #: characters of a log, at most
_POLLS, _PAUSE = 200, 0.05  # how often a run is looked at until it must be over, and the seconds between


class Stage(Protocol):
    """What a test can do to the far end behind the plugin's back; all of it is about one model.

    A run that was started goes on until one of these ends it.
    """

    ref: Mapping[str, str]  #: how the catalogue names the model; read after each `prepare`

    async def prepare(self) -> None:
        """Begin afresh: the model is there, and nothing was ever trained."""
        ...

    async def started(self) -> int:
        """How many runs were begun since."""
        ...

    async def at_work(self) -> int:
        """How many of them go on."""
        ...

    async def ordered(self, run: str) -> Order:
        """What the run was told to train on."""
        ...

    async def tells(self, run: str, stage: str, share: float) -> None:
        """The run says how far it is."""
        ...

    async def succeeds(self, run: str, version: str | None, metrics: Mapping[str, float]) -> None:
        """The run ends well with this version; with None it ends as if all were well, and made none."""
        ...

    async def fails(self, run: str, last: str) -> None:
        """The run breaks, after it printed this line."""
        ...

    async def serving(self) -> str:
        """What serves, in any words that are others when it is moved."""
        ...


async def conforms(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 10.0) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, stage, deadline=deadline)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 10.0) -> list[str]:
    """What the trainer does otherwise than promised, in sentences; [] when it keeps the contract.

    `deadline` are the seconds one call may take.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.trainers:
        return []
    trial = _Training(plugin, dict(options), stage, deadline)
    cases = (
        *(trial.starts, trial.repeats, trial.at_once, trial.cut_off, trial.apart, trial.tells, trial.succeeds),
        *(trial.fails, trial.empty_handed, trial.cancels, trial.missing, trial.odd_names, trial.checks),
    )
    try:
        for case in cases:
            with suppress(Broke):
                await stage.prepare()
                before = await stage.serving()
                await case()
                if await stage.serving() != before:
                    trial.say(f"Something else serves after {case.__name__}; a run must not move what serves.")
        trial.secret("its repr", f"{trial.trainer()!r} {trial.settings()!r} {trial.settings()}")
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _Training(Trial):
    """The cases; each begins on a stage that was prepared afresh."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], stage: Stage, deadline: float) -> None:
        super().__init__(plugin, options, deadline)
        self.stage = stage
        self.part = self.trainer()

    async def tried(self, name: str, *given: Any, part: Trainer | None = None) -> Any:
        """What a call answers, its shape looked at, or the error of ours that it raises; another ends the case."""
        try:
            answer = await self.guard.call(name, lambda: getattr(part or self.part, name)(*given))
        except PluginFault as fault:
            self.say(f"{name} must answer or raise an error of the contract: {fault.what}")
            raise Broke from None
        except TocsinError as error:
            if not error.what:
                self.say(f"{name} raises {type(error).__name__} without a reason.")
            self.secret(f"an error of {name}", str(error))
            return error
        runs = answer if name == "running" and isinstance(answer, list | tuple) else [answer]
        for one in runs:
            if isinstance(one, Run):
                self._shape(name, one)
            elif not (name == "find" and one is None):
                self.say(f"{name} answered a {type(one).__name__}, not a Run.")
                raise Broke
        return answer

    async def got(self, name: str, *given: Any, part: Trainer | None = None) -> Any:
        """What a call about the stage's model answers; the case ends when it is an error."""
        answer = await self.tried(name, dict(self.stage.ref), *given, part=part)
        if isinstance(answer, TocsinError):
            self.say(f"{name} must answer; it raised {type(answer).__name__}: {answer}")
            raise Broke
        return answer

    async def begun(self, token: str = TOKEN) -> Run:
        """A run that was started, and goes on."""
        run: Run = await self.got("start", ORDER, token)
        if run.over:
            self.say(f"start answers a run that is {run.going}, though it has just begun.")
        await self.count(await self.stage.started(), "start", at_least=1)
        return run

    async def same(self, run: Run, token: str = TOKEN) -> None:
        """The run is found again under its token, by a part that was built after it began too."""
        for part in (self.part, self.trainer()):
            found = await self.got("find", token, part=part)
            if found is None or found.id != run.id:
                self.say(f"find must answer the run that was started under the token; it says {_short(found)}.")
                raise Broke

    async def count(self, found: int, what: str, *, at_least: int = 0, at_most: int = 1_000) -> None:
        """So many runs were begun at the far end."""
        if not at_least <= found <= at_most:
            self.say(f"{what} began {found} runs where {at_least or 'at most ' + str(at_most)} must begin.")
            raise Broke

    async def ended(self, run: Run, wanted: Going, when: str) -> Run:
        """The run once it is over, as `poll` tells; it is not among those that go on, and it stays as it is."""
        now: Run = await self.got("poll", run.id)
        for _ in range(_POLLS):
            if now.over:
                break
            await asyncio.sleep(_PAUSE)
            now = await self.got("poll", run.id)
        if now.going is not wanted:
            self.say(f"A run that {when} must be {wanted}; poll says {now.going}: {now.stage[:200]}")
            raise Broke
        if run.id in [one.id for one in await self.got("running")]:
            self.say(f"A run that {when} stands among those that go on.")
        found = await self.got("find", TOKEN)
        if found is None or (found.id, found.going) != (run.id, wanted):
            self.say(f"find must tell a run that {when} as poll does; it says {_short(found)}.")
        if (kept := await self.got("cancel", run.id)).going is not wanted:
            self.say(f"cancel turns a run that {when} into one that is {kept.going}.")
        return now

    async def starts(self) -> None:
        """A run is begun once, with the order as it was given; reading begins none."""
        run = await self.begun()
        await self.same(run)
        polled = await self.got("poll", run.id, part=self.trainer())
        if polled.id != run.id or polled.over:
            self.say(f"poll must answer the run that goes on; it says {_short(polled)}.")
        if [one.id for one in await self.got("running")] != [run.id]:
            self.say("running must answer the one run that goes on.")
        told = await self.stage.ordered(run.id)
        for name in ("model", "since", "until", "excluded", "parameters"):
            if getattr(told, name) != getattr(ORDER, name):
                self.say(f"The run was told {name} {str(getattr(told, name))[:120]}, not {getattr(ORDER, name)}.")
        await self.count(await self.stage.started(), "One start, and reading,", at_least=1, at_most=1)

    async def repeats(self) -> None:
        """Where it is repeatable, a token that was used begins nothing more, while the run goes on and after."""
        if not self.part.repeatable:
            return
        run = await self.begun()
        await self._again(run, "while the run goes on")
        await self.stage.fails(run.id, LAST)
        await self.ended(run, Going.FAILED, "failed")
        await self._again(run, "after the run failed")

    async def _again(self, run: Run, when: str) -> None:
        second = await self.got("start", ORDER, TOKEN, part=self.trainer())
        if second.id != run.id:
            self.say(f"start with the same token, {when}, answers another run.")
        await self.count(await self.stage.started(), f"start with the same token, {when},", at_least=1, at_most=1)

    async def at_once(self) -> None:
        """Two who start at once under one token have one run."""
        if not self.part.repeatable:
            return
        parts = (self.part, self.trainer())
        both = await asyncio.gather(*(self.got("start", ORDER, TOKEN, part=part) for part in parts))
        if both[0].id != both[1].id:
            self.say("Two who start at once under one token get two runs.")
        await self.count(await self.stage.started(), "Two starts at once", at_least=1, at_most=1)

    async def cut_off(self) -> None:
        """Whoever is cut off while it starts finds the run, or begins the only one."""
        for steps in range(6):
            await self.stage.prepare()
            ref = dict(self.stage.ref)
            task = asyncio.ensure_future(self.part.start(ref, ORDER, TOKEN))
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError, TocsinError):
                await task
            part = self.trainer()
            found = await self.got("find", TOKEN, part=part)
            if found is None and not self.part.repeatable and await self.stage.started():
                self.say("find says None of a run whose start was cut off.")
            run = found or await self.got("start", ORDER, TOKEN, part=part)
            await self.same(run)
            for _ in range(_POLLS):
                if run.going is not Going.WAITING:
                    break
                await asyncio.sleep(_PAUSE)
                run = await self.got("poll", run.id, part=part)
            await self.count(await self.stage.started(), "A start that was cut off", at_least=1, at_most=1)

    async def apart(self) -> None:
        """Two tokens are two runs, also where one is the beginning of the other."""
        if (found := await self.got("find", TOKEN)) is not None:
            self.say(f"find must answer None where nothing was started; it says {_short(found)}.")
        longer = await self.begun(f"{TOKEN}2")
        if (found := await self.got("find", TOKEN)) is not None:
            self.say(f"find takes the run of {TOKEN}2 for that of {TOKEN}.")
            raise Broke
        run = await self.begun()
        if run.id == longer.id:
            self.say("Two tokens must be two runs; they have one id.")
        await self.same(run)
        await self.same(longer, f"{TOKEN}2")
        if sorted(one.id for one in await self.got("running")) != sorted((run.id, longer.id)):
            self.say("running must answer both runs that go on.")
        await self.got("cancel", longer.id)
        if (await self.got("poll", run.id)).over:
            self.say("cancel of one run ends another.")

    async def tells(self) -> None:
        """How far it is comes as the run says it, where it comes."""
        run = await self.begun()
        await self.stage.tells(run.id, "fitting 3 of 4", 0.75)
        told = await self.got("poll", run.id)
        if told.over:
            self.say(f"A run that tells how far it is goes on; poll says {told.going}.")
        if told.share is not None and abs(told.share - 0.75) > 0.01:
            self.say(f"share is of 1: a run that did three quarters has 0.75, and poll says {told.share:g}.")

    async def succeeds(self) -> None:
        """A run that ends well is done, with its version and what was measured."""
        run = await self.begun()
        await self.stage.succeeds(run.id, VERSION, METRICS)
        told = await self.ended(run, Going.DONE, "ended well")
        if told.version != VERSION:
            self.say(f"A run that made version {VERSION} must name it; poll says {told.version!r}.")
        if dict(told.metrics) != METRICS:
            self.say(f"A run that measured {METRICS} must tell it; poll says {str(dict(told.metrics))[:120]}.")

    async def fails(self) -> None:
        """A run that breaks failed, and the end of its log says why; a long log is cut."""
        run = await self.begun()
        await self.stage.fails(run.id, f"{'x' * 200}\n" * 100 + LAST)
        told = await self.ended(run, Going.FAILED, "failed")
        if LAST not in told.log:
            self.say(f"The log of a run that failed must have its last line; it ends with {told.log[-80:]!r}.")
        if told.version is not None:
            self.say(f"A run that failed names the version {told.version}.")

    async def empty_handed(self) -> None:
        """A run that ends as if all were well, and made no model, failed."""
        run = await self.begun()
        await self.stage.succeeds(run.id, None, METRICS)
        told = await self.ended(run, Going.FAILED, "ended without a model")
        if not (told.stage.strip() or told.log.strip()):
            self.say("A run that ended without a model must say so, in its stage or its log.")

    async def cancels(self) -> None:
        """A run that is cancelled ends, at the far end too; a second time changes nothing."""
        run = await self.begun()
        await self.got("cancel", run.id, part=self.trainer())
        await self.ended(run, Going.CANCELLED, "was cancelled")
        if going := await self.stage.at_work():
            self.say(f"After cancel {going} runs go on at the far end.")
        await self.count(await self.stage.started(), "start, then cancel,", at_least=1, at_most=1)

    async def missing(self) -> None:
        """A model or a run that is not there is NotFound, and nothing begins."""
        ref, gone = dict(self.stage.ref), dict.fromkeys(self.stage.ref, "no-such-thing")
        answers = {
            "start, where there is no such model,": await self.tried("start", gone, ORDER, TOKEN),
            "poll, where there is no such model,": await self.tried("poll", gone, TOKEN),
            "poll, where there is no such run,": await self.tried("poll", ref, "no-such-run"),
            "cancel, where there is no such run,": await self.tried("cancel", ref, "no-such-run"),
        }
        for what, answer in answers.items():
            if not isinstance(answer, NotFound):
                self.say(f"{what} must raise NotFound; it said: {_short(answer)}")
        if await self.got("running"):
            self.say("running answers runs where none was started.")
        await self.count(await self.stage.started(), "Asking for what is not there", at_most=0)

    async def odd_names(self) -> None:
        """Names that nobody meant are refused in our own words, and begin nothing that is not found again."""
        ref = dict(self.stage.ref)
        for name in HOSTILE:
            for key in ref:
                for call, given in (("start", (ORDER, TOKEN)), ("find", (TOKEN,)), ("running", ())):
                    answer = await self.tried(call, {**ref, key: name}, *given)
                    if answer and not isinstance(answer, TocsinError):
                        self.say(f"{call} answers for the reference {name[:80]!r}.")
            for call in ("poll", "cancel"):
                if isinstance(await self.tried(call, ref, name), Run):
                    self.say(f"{call} answers for the run {name[:80]!r}.")
            taken = await self.tried("start", ref, replace(ORDER, parameters={"note": name, name: 1}), name)
            found = await self.tried("find", ref, name)
            if isinstance(taken, Run) and not (isinstance(found, Run) and found.id == taken.id):
                self.say(f"start takes the token {name[:80]!r}, and find does not know it.")
            if isinstance(taken, NotFound | Refused) and isinstance(found, Run):
                self.say(f"start refuses the token {name[:80]!r}, and find answers a run.")

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

    def _shape(self, name: str, run: Run) -> None:
        """What holds for every run that is told of."""
        said: tuple[object, object] = (run.id, run.going)
        if not isinstance(said[0], str) or not said[0] or not isinstance(said[1], Going):
            self.say(f"{name} must answer a run with an id and a Going; it says {_short(run)}.")
            raise Broke
        self.secret(f"what {name} says", str(run))
        if len(run.log) > LOG:
            self.say(f"The log that {name} answers has {len(run.log):,} characters; {LOG:,} are enough.")
        if run.share is not None and not 0 <= run.share <= 1:
            self.say(f"The share that {name} answers is {run.share:g}; it goes from 0 to 1.")
        if run.version is not None and run.going is not Going.DONE:
            self.say(f"{name} names a version of a run that is {run.going}.")
        if run.going is Going.DONE and not run.version:
            self.say(f"{name} answers a run that is done and names no version.")
        for what in ("started_at", "ended_at"):
            moment: object = getattr(run, what)
            if moment is not None and not (isinstance(moment, datetime) and moment.utcoffset() == timedelta(0)):
                self.say(f"{what} of {name} is no aware time in UTC.")


def _short(answer: object) -> str:
    return f"{answer.id[:80]!r}, {answer.going}" if isinstance(answer, Run) else str(answer)[:200]
