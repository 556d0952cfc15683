"""The suite that every platform must pass: `await platforms.conforms(plugin, options, stage)`.

`options` are a connection's; `stage` is the plugin's own test's hand at the far end, a `Stage`. Where its far end is a
real server, `prepare` makes a model of its own each time. Secrets among the options must be at least eight characters,
to be looked for. What a platform does not offer by its `levers` is not tried.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from bot import registry
from bot.contract import Check, Lever, NotFound, Op, Plugin, Refused, Served, Serving, Stale, Version
from bot.errors import PluginFault
from bot.testing.stage import Stage as Stage
from bot.testing.switching import Broke, Switching
from bot.testing.trial import TooMany

A, B, C = 0, 1, 2  #: the versions of the stage, the oldest first
MOST = 1_000  #: entries of a history
HOSTILE = (
    "",
    ".",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "x" * 10_000,
    "a\x00b",
    "half \ud800 a character",
    "a\r\nX-Injected: yes",
    "?x=1&y=2#z",
    "' OR name LIKE '%",
    "{{ 7 * 7 }} ${HOME} %s <!channel>",
    "\u202egnp.exe",
)


async def conforms(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> None:
    """Raise AssertionError with everything that `complaints` found."""
    found = await complaints(plugin, options, stage, deadline=deadline)
    if found:
        raise AssertionError(f"{plugin.name} does not keep the contract:\n- " + "\n- ".join(found))


async def complaints(plugin: Plugin, options: Mapping[str, Any], stage: Stage, *, deadline: float = 5.0) -> list[str]:
    """What the platform does otherwise than promised, in sentences; [] when it keeps the contract.

    `deadline` are the seconds one call may take; a lost answer costs as long.
    """
    try:
        registry.fits(plugin)
    except PluginFault as misfit:
        return [str(misfit)]
    if not plugin.platforms:
        return []
    trial = _Trial(plugin, dict(options), stage, deadline)
    cases = (
        *(trial.reads, trial.switches, trial.repeats, trial.moved, trial.races, trial.missing, trial.same),
        *(trial.splits, trial.loses_answer, trial.loses_write, trial.behaves, trial.pauses, trial.remembers),
        *(trial.odd_names, trial.tells_flow, trial.checks),
    )
    try:
        for case in cases:
            with suppress(Broke):
                await stage.prepare()
                await case()
        trial.secret("its repr", f"{trial.platform()!r} {trial.settings()!r} {trial.settings()}")
    except TooMany:
        pass
    finally:
        trial.guard.close()
    return trial.found


class _Trial(Switching):
    """The cases; each begins on a stage that was prepared afresh."""

    async def reads(self) -> None:
        """What serves and what could is told, twice the same, and reading writes nothing."""
        ref, names = dict(self.stage.ref), self.stage.versions
        now, again = await self.now(), await self.now()
        if dict(now.split) != {names[B]: 100.0} or now.paused:
            self.say(f"serving answers {dict(now.split)} where {names[B]} serves alone.")
        if now.guard != again.guard:
            self.say("The guard of what serves is another at the second look, though nothing was moved.")
        listed = await self.got("versions", ref)
        if not all(isinstance(one, Version) for one in listed):
            self.say("versions must answer a sequence of Version.")
            return
        known = [one.id for one in listed if one.id in names]
        if known != list(reversed(names)):
            self.say(f"versions must list {', '.join(reversed(names))}, the newest first; it lists {known}.")
        for one in listed:
            self.aware(f"created_at of version {one.id}", one.created_at)
        few = await self.got("versions", ref, 2)
        if [one.id for one in few] != [one.id for one in listed[:2]]:
            self.say("versions must answer the newest ones and not more than its limit.")
        await self.probed()
        await self.wrote(0, "Reading")

    async def switches(self) -> None:
        """There and back: wanted, applied, polled, served, answered; each seen."""
        for lever in (Lever.ROLLBACK, Lever.PROMOTE):
            if lever not in self.levers:
                continue
            await self.stage.prepare()
            before = await self.now()
            plan = await self.planned(lever, version=self.stage.versions[A if lever is Lever.ROLLBACK else C])
            await self.wrote(0, "wanted")
            await self.done(plan)
            answers = await self.probed()
            if answers and answers.version != plan.after.version:
                self.say(f"After {lever} to {plan.after.version}, probe says that {answers.version} answers.")
            back = Lever.PROMOTE if Lever.PROMOTE in self.levers else lever
            await self.done(await self.planned(back, version=self.stage.versions[B], raw=dict(before.raw)))

    async def repeats(self) -> None:
        """A repeatable act that is repeated, with the same token, writes nothing more."""
        plan = await self.planned(self.switch())
        await self.done(plan)
        if not self.part.repeatable:
            return
        count = await self.stage.writes()
        answer = await self.tried("apply", plan, "CHG-1", part=self.platform())
        if not isinstance(answer, Op | Refused):
            self.say(f"apply, repeated, must answer as before or refuse; it said: {answer}")
        await self.wrote(count, "apply of what serves already")
        await self.serves(plan.after, "after apply was repeated")

    async def moved(self) -> None:
        """What somebody else moved is left as it is."""
        version = self.stage.versions
        plan = await self.planned(self.switch())
        await self.stage.serve(version[C] if plan.after.version != version[C] else version[A])
        await self.refuses(plan, "somebody else moved it", Stale)
        await self.stage.prepare()
        plan = await self.planned(self.switch())
        await self.stage.serve(version[C] if plan.after.version != version[C] else version[A])
        await self.stage.serve(self.stage.versions[B])
        if plan.before.guard is not None and (await self.now()).guard != plan.before.guard:
            await self.refuses(plan, "its guard is old", Stale)

    async def races(self) -> None:
        """Of two who switch from one guarded state at once, one at most does."""
        if (await self.now()).guard is None or not {Lever.ROLLBACK, Lever.PROMOTE} <= self.levers:
            return
        plans = [
            await self.planned(lever, version=self.stage.versions[to])
            for lever, to in ((Lever.ROLLBACK, A), (Lever.PROMOTE, C))
        ]
        answers = await asyncio.gather(
            *(self.tried("apply", plan, f"CHG-{plan.lever}", part=self.platform()) for plan in plans)
        )
        if sum(isinstance(answer, Op) for answer in answers) != 1:
            self.say("Of two who switch from one guarded state at once, exactly one must do it.")

    async def missing(self) -> None:
        """What is not there is NotFound, by name, also when it went after the plan was made."""
        ref, gone = dict(self.stage.ref), self.stage.versions[A]
        answer = await self.tried("serving", dict.fromkeys(ref, "no-such-thing"))
        if not isinstance(answer, NotFound):
            self.say(f"serving must raise NotFound where the reference names nothing; it said: {answer}")
        for key in ref:
            answer = await self.tried("serving", {**ref, key: "no-such-thing"})
            if isinstance(answer, Serving) and answer.split:
                self.say(f"serving says that something serves where `{key}` names nothing: {answer}")
        lever = self.switch()
        answer = await self.asked(lever, version="987654321")
        if not isinstance(answer, NotFound):
            self.say(f"wanted must raise NotFound for a version that is not there; it said: {answer}")
        plan = await self.planned(lever, version=gone)
        await self.stage.delete(gone)
        await self.refuses(plan, "its version was deleted", NotFound, Refused)
        answer = await self.asked(lever, version=gone)
        if not isinstance(answer, NotFound | Refused):
            self.say(f"wanted must raise NotFound or Refused for a version that was deleted; it said: {answer}")
        for one in await self.got("versions", ref):
            if one.id == gone and one.usable:
                self.say("versions lists a version that was deleted, and says that it is usable.")

    async def same(self) -> None:
        """What serves already is refused, and so is a lever that is not offered."""
        answer = await self.asked(self.switch(), version=self.stage.versions[B])
        if not isinstance(answer, Refused):
            self.say(f"wanted must raise Refused for the version that serves; it said: {answer}")
        for lever in set(Lever) - self.levers:
            given = {"version": self.stage.versions[A], "split": {self.stage.versions[A]: 100.0}}
            answer = await self.asked(lever, **given)
            if not isinstance(answer, Refused):
                self.say(f"wanted must raise Refused for {lever}, which is none of its levers; it said: {answer}")

    async def splits(self) -> None:
        """Where traffic can be split, it is split as asked, and put back; what makes no whole is refused."""
        if Lever.SHIFT not in self.levers:
            return
        a, b, _ = self.stage.versions
        for odd in ({}, {a: 50.0, b: 40.0}, {a: -10.0, b: 110.0}, {"987654321": 50.0, b: 50.0}, None, [a, b]):
            answer = await self.asked(Lever.SHIFT, split=odd)
            if isinstance(answer, Serving):
                self.say(f"wanted must refuse the split {odd}.")
        await self.done(await self.planned(Lever.SHIFT, split={a: 30.0, b: 70.0}))
        if (found := dict((await self.now()).split)) != {a: 30.0, b: 70.0}:
            self.say(f"A split of 30 and 70 is served as {found}.")
        await self.done(await self.planned(Lever.SHIFT, split={b: 100.0}))

    async def loses_answer(self) -> None:
        """A write whose answer is lost is no refusal; who looks afterwards sees that it was made."""
        plan = await self.planned(self.switch())
        await self.stage.lose_answer()
        answer = await self.tried("apply", plan, "CHG-1", silent=True)
        if isinstance(answer, Refused | NotFound):
            self.say(f"A write whose answer is lost may have been made, but apply says that it was not: {answer}")
        await self.serves(plan.after, "after the answer to a write was lost", self.platform())
        await self.ended(plan, "done", "the answer to a write that was made was lost")
        if self.part.repeatable:
            await self.done(plan)

    async def loses_write(self) -> None:
        """A write that never arrives is not taken for done."""
        plan = await self.planned(self.switch())
        await self.stage.lose_write()
        answer = await self.tried("apply", plan, "CHG-1", silent=True)
        if isinstance(answer, Op) and answer.state == "done":
            self.say("apply answers that it is done, though its write never arrived.")
        await self.serves(plan.before, "after a write was lost", self.platform())
        await self.ended(plan, "failed", "the write was lost")
        if self.part.repeatable:
            await self.done(plan)

    async def behaves(self) -> None:
        """Where behaviour can be asked, a pointer that lies is seen through."""
        if await self.probed() is None:
            return
        await self.stage.lie(self.stage.versions[A])
        answers = await self.probed()
        if answers is None or answers.version != self.stage.versions[A]:
            self.say(f"Where {self.stage.versions[A]} answers in spite of the pointer, probe says: {answers}")

    async def pauses(self) -> None:
        """What is paused says so, and serves the same again when it is resumed."""
        if Lever.PAUSE not in self.levers:
            return
        before = await self.now()
        plan = await self.planned(Lever.PAUSE)
        await self.done(plan)
        if not plan.after.paused:
            self.say("wanted must say `paused` for a pause.")
        if isinstance(await self.asked(Lever.PAUSE), Serving):
            self.say("wanted must refuse to pause what is paused.")
        if Lever.RESUME in self.levers:
            await self.done(await self.planned(Lever.RESUME, raw=dict(before.raw)))
            await self.serves(before, "after a pause and a resume")

    async def remembers(self) -> None:
        """Its own memory is told from the newest on, and ends somewhere."""
        await self.done(await self.planned(self.switch()))
        past = await self.got("history", dict(self.stage.ref))
        if not all(isinstance(one, Served) for one in past):
            self.say("history must answer a sequence of Served.")
            return
        times = [one.at for one in past if self.aware("`at` of the history", one.at)]
        if times != sorted(times, reverse=True):
            self.say("history must tell the newest first.")
        if len(past) > MOST:
            self.say(f"history tells of {len(past)} switches; {MOST} are more than anybody reads.")

    async def odd_names(self) -> None:
        """Names that nobody meant are refused in our own words, and reach nothing."""
        ref, lever = dict(self.stage.ref), self.switch()
        odd = [{**ref, key: name} for key in ref for name in HOSTILE]
        for given in [{}, *odd]:
            answer = await self.tried("serving", given)
            if isinstance(answer, Serving) and answer.split:
                self.say(f"serving answers for the reference {str(given)[:120]!r}.")
        odd_versions: tuple[object, ...] = (*HOSTILE, None, 7.5, [], {})
        for version in odd_versions:
            if isinstance(await self.asked(lever, version=version), Serving):
                self.say(f"wanted answers for the version {str(version)[:80]!r}.")
        await self.wrote(0, "A name that nobody meant")

    async def tells_flow(self) -> None:
        """How much passed through is a number with how it was made, or unknown."""
        since = datetime(2026, 1, 1, tzinfo=UTC)
        flow = await self.got("flow", dict(self.stage.ref), since)
        count: object = flow.predictions
        if count is not None and (not isinstance(count, int) or count < 0):
            self.say(f"flow must count predictions or say None; it says {count!r}.")
        if not flow.how:
            self.say("flow must say how its number was made, or why there is none.")

    async def checks(self) -> None:
        """The self-check answers in rows."""
        rows = await self.got("check")
        if not all(isinstance(row, Check) for row in rows):
            self.say("check must answer a list of Check.")
            return
        self.secret("a row of check", " ".join(f"{row.scope} {row.do}" for row in rows))
