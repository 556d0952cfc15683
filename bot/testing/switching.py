"""The steps of which the suite for platforms is made: asking a part, planning, applying, and looking what serves."""

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from bot.contract import Flow, Lever, Op, Plan, Platform, Plugin, Probe, Serving, TocsinError
from bot.errors import PluginFault, PluginSilent
from bot.testing.promises import CONNECTION
from bot.testing.stage import Stage
from bot.testing.trial import Trial

#: what each call answers
KINDS: dict[str, tuple[type[Any], ...]] = {
    **dict.fromkeys(("serving", "wanted"), (Serving,)),
    **dict.fromkeys(("versions", "history"), (list, tuple)),
    **dict.fromkeys(("apply", "poll"), (Op,)),
    "probe": (Probe, type(None)),
    "flow": (Flow,),
    "check": (list,),
}
STATES = ("done", "pending", "failed")
_POLLS, _PAUSE = 600, 0.05  # how often an act that is pending is asked for, and the seconds between


class Broke(Exception):
    """A call did what its case cannot go on after; it is noted."""


class Switching(Trial):
    """One platform on its stage; whatever it does otherwise than promised is noted."""

    def __init__(self, plugin: Plugin, options: dict[str, Any], stage: Stage, deadline: float) -> None:
        """`stage` is prepared before each case by whoever runs them."""
        super().__init__(plugin, options, deadline)
        self.stage = stage
        self.part = self.platform()
        self.levers = self.part.levers

    def switch(self) -> Lever:
        """The lever that lets another version serve; the case ends where there is none."""
        for lever in (Lever.ROLLBACK, Lever.PROMOTE):
            if lever in self.levers:
                return lever
        raise Broke

    async def tried(self, name: str, *given: Any, part: Platform | None = None, silent: bool = False) -> Any:
        """What a call answers, or the error of ours it raises; `silent` allows it to be cut off by the deadline."""
        try:
            answer = await self.guard.call(name, lambda: getattr(part or self.part, name)(*given))
        except PluginFault as fault:
            if silent and isinstance(fault, PluginSilent):
                return fault
            self.say(f"{name} must answer or raise an error of the contract: {fault.what}")
            raise Broke from None
        except TocsinError as error:
            if not error.what:
                self.say(f"{name} raises {type(error).__name__} without a reason.")
            self.secret(f"an error of {name}", str(error))
            return error
        if not isinstance(answer, KINDS[name]):
            wanted = " or ".join(kind.__name__ for kind in KINDS[name])
            self.say(f"{name} answered a {type(answer).__name__}, not a {wanted}.")
            raise Broke
        return answer

    async def got(self, name: str, *given: Any, part: Platform | None = None) -> Any:
        """What a call answers; the case ends when it is an error."""
        answer = await self.tried(name, *given, part=part)
        if isinstance(answer, TocsinError):
            self.say(f"{name} must answer; it raised {type(answer).__name__}: {answer}")
            raise Broke
        return answer

    async def now(self, part: Platform | None = None) -> Serving:
        """What serves, with its shape looked at."""
        serving: Serving = await self.got("serving", dict(self.stage.ref), part=part)
        self._shape("serving", serving)
        return serving

    async def asked(self, lever: Lever, **parameters: Any) -> Any:
        """What `wanted` says from what serves now."""
        now = await self.now()
        return await self.tried("wanted", dict(self.stage.ref), lever, now, dict(parameters))

    async def planned(self, lever: Lever, **parameters: Any) -> Plan:
        """A plan as the engine makes it, and as it comes back out of the database."""
        if lever in (Lever.ROLLBACK, Lever.PROMOTE) and "version" not in parameters:
            parameters["version"] = self.stage.versions[0]
        ref, before = dict(self.stage.ref), await self.now()
        after = await self.got("wanted", ref, lever, before, dict(parameters))
        self._shape("wanted", after)
        plan = Plan(
            lever=lever,
            model="churn",
            connection=CONNECTION,
            ref=ref,
            before=before,
            after=after,
            why_after="The suite asks for it.",
            effect="Another version serves.",
            verify_within=timedelta(minutes=10),
            parameters=parameters,
        )
        try:
            kept = Plan.read(json.loads(json.dumps(plan.spelled(), allow_nan=False)))
            whole = kept.digest == plan.digest
        except (TypeError, ValueError):
            whole = False
        if not whole:
            self.say(f"What serves before and after {lever} is no plain JSON (texts, numbers, lists, objects).")
            raise Broke
        return kept

    async def done(self, plan: Plan) -> None:
        """Apply a plan, poll it to its end, and see that it serves."""
        op = await self.got("apply", plan, "CHG-1")
        self._op("apply", op)
        if op.state == "failed":
            self.say(f"apply of {plan.lever} failed: {op.detail}")
            raise Broke
        await self.ended(plan, "done", f"{plan.lever} was applied", op)
        await self.serves(plan.after, f"after {plan.lever} was applied")

    async def ended(self, plan: Plan, wanted: str, when: str, op: Op | None = None) -> None:
        """The state that poll comes to; without an `op`, as when its answer was lost."""
        now = op or Op("pending")
        for _ in range(_POLLS):
            now = await self.got("poll", plan, now)
            self._op("poll", now)
            if now.state != "pending":
                break
            await asyncio.sleep(_PAUSE)
        if now.state != wanted:
            self.say(f"poll must come to {wanted} where {when}; it says {now.state}: {now.detail}")

    async def serves(self, wanted: Serving, when: str, part: Platform | None = None) -> None:
        """What is seen to serve."""
        found = await self.now(part)
        if not found.same(wanted):
            self.say(f"{when.capitalize()}, {_spelled(found)} serves, not {_spelled(wanted)}.")

    async def refuses(self, plan: Plan, why: str, *errors: type[TocsinError]) -> None:
        """An act that may not happen any more, and does not."""
        before, count = await self.now(), await self.stage.writes()
        answer = await self.tried("apply", plan, "CHG-1")
        if not isinstance(answer, errors):
            named = " or ".join(error.__name__ for error in errors)
            self.say(f"apply must raise {named} where {why}; it said: {answer}")
        await self.wrote(count, f"apply, where {why},")
        await self.serves(before, f"where {why} and apply was asked for")

    async def probed(self) -> Probe | None:
        """Which version answers; None where that cannot be asked."""
        answer: Probe | None = await self.got("probe", dict(self.stage.ref))
        if answer is not None and not answer.why:
            self.say("probe must say how it was found out.")
        if answer is not None:
            self.secret("what probe says", f"{answer}")
        return answer

    async def wrote(self, count: int, what: str) -> None:
        """No more writes than that many have come to the far end."""
        if (found := await self.stage.writes()) != count:
            self.say(f"{what} moves what serves: {found - count} more writes came to the far end.")

    def aware(self, what: str, moment: object) -> bool:
        """Whether there is a time; a complaint unless it is aware and in UTC."""
        if moment is not None and not (isinstance(moment, datetime) and moment.utcoffset() == timedelta(0)):
            self.say(f"{what} is no aware time in UTC.")
        return isinstance(moment, datetime)

    def _op(self, name: str, op: Op) -> None:
        if op.state not in STATES:
            self.say(f"{name} answers the state {op.state!r}; there are {', '.join(STATES)}.")
            raise Broke
        self.secret(f"what {name} says", f"{op.id} {op.detail}")

    def _shape(self, name: str, serving: Serving) -> None:
        shares: list[object] = list(serving.split.values())
        fit = all(isinstance(share, int | float) and not isinstance(share, bool) and share > 0 for share in shares)
        if not fit or not all(serving.split):
            self.say(f"The split of {name} must hold versions and their shares above 0.")
        elif shares and abs(sum(serving.split.values()) - 100.0) > 0.1:
            self.say(f"The shares of {name} make {sum(serving.split.values()):g} %, not 100 %.")
        self.secret(f"what {name} answers", str(serving))


def _spelled(serving: Serving) -> str:
    return f"{dict(serving.split)}{' (paused)' if serving.paused else ''}"
