"""Bring a version into service step by step: the plan of each step, each of which is a change of its own.

What people agree to is the whole way; a step that follows is planned from what serves then, and by nothing else.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot import documents, words
from bot.engine import drafting
from bot.engine.desk import Desk, Host
from bot.errors import NotFound, PluginFault, Refused
from bot.model import canary
from bot.model.canary import Canary
from bot.model.change import Lever, Plan, Serving
from bot.rules import written
from bot.words.watch import Watch as Words

ACTION = "promote"  #: the lever that goes by steps


async def stepped(desk: Desk, wish: drafting.Wish, plan: Plan) -> Plan:
    """The first step of `plan` where it is a promotion whose runbook wants a canary; otherwise the plan itself.

    Where the platform cannot do it all of the traffic goes at once, and a warning says so. PluginFault, NotDelivered:
    no platform answers.
    """
    wanted = None if wish.undoes or plan.lever is not Lever.PROMOTE else _wanted(desk, plan)
    if wanted is None or wanted.last:
        return plan
    host = drafting.host(desk, desk.settings.estate.models[plan.model])
    say = words.of(desk.settings.slack.language).watch
    if Lever.SHIFT not in host.platform.levers:
        return _at_once(plan, wanted, words.fill(say.no_shift, platform=plan.connection), say)
    if plan.before.paused or not set(plan.before.split) - {wanted.version}:
        return _at_once(plan, wanted, say.nothing_to_share, say)
    try:
        first = await _planned(host, plan, wanted, plan.before)
    except (Refused, NotFound) as error:
        return _at_once(plan, wanted, str(error), say)
    effect = f"{_steps(plan, wanted, say)}{words.fill(say.next_if_well, wait=documents.written(wanted.wait))}"
    return _kept(replace(first, effect=effect, warnings=(*plan.warnings, *_news(first, plan))))


async def onward(desk: Desk, plan: Plan, serving: Serving, agreed: str) -> Plan:
    """The step after that of `plan`, from what serves now; `agreed` is the change that people agreed to.

    Refused, NotFound: the platform would not; PluginFault, NotDelivered: it does not answer.
    """
    own = canary.of(plan)
    if own is None or own.last:
        raise Refused("No step follows this one.")
    host = drafting.host(desk, desk.settings.estate.models[plan.model])
    on = replace(own, at=own.at + 1)
    following = await _planned(host, plan, on, serving)
    say = words.of(desk.settings.slack.language).watch
    named = {"nth": on.at + 1, "count": len(on.steps) + 1, "share": f"{on.share:g}", "change": agreed}
    template = say.last_step if on.last else say.step
    effect = words.fill(template, model=plan.model, version=_name(on), **named)
    return _kept(replace(following, effect=effect, warnings=drafting.theirs(following.after)))


def _wanted(desk: Desk, plan: Plan) -> Canary | None:
    """What the runbook wants of this promotion, without the steps that it is beyond already."""
    book = desk.runbooks.get(plan.runbook) if plan.runbook else None
    said = next((one.options.get(canary.KEY) for one in book.actions if one.name == ACTION), None) if book else None
    version = plan.after.version
    if not isinstance(said, Mapping) or version is None:
        return None
    steps = tuple(float(step) for step in said["steps"] if step > plan.before.split.get(version, 0.0))
    return Canary(version, steps, timedelta(seconds=said["wait"]), raw=plan.parameters.get("raw", {}))


async def _planned(host: Host, plan: Plan, step: Canary, serving: Serving) -> Plan:
    """The same plan, at `step`, from `serving`; the platform says what that comes to."""
    lever, given = Lever.PROMOTE, _all(step)
    if not step.last:
        lever, given = Lever.SHIFT, {"split": step.split(serving.split)}
    after = await host.guard.call(
        "wanted", lambda: host.platform.wanted(plan.ref, lever, serving, given), idempotent=True
    )
    if after.same(serving):
        raise Refused(f"{plan.model} is so already: {drafting.said(serving)}.")
    return replace(plan, lever=lever, before=serving, after=after, parameters={**given, canary.KEY: step.spelled()})


def _all(step: Canary) -> dict[str, Any]:
    """What a platform is told of the last step."""
    return {"version": step.version, **({"raw": dict(step.raw)} if step.raw else {})}


def _steps(plan: Plan, own: Canary, say: Words) -> str:
    shares = ", ".join(f"{share:g} %" for share in own.steps)
    named = {"before": drafting.said(plan.before), "version": _name(own), "shares": shares}
    return words.fill(say.steps, model=plan.model, **named)


def _news(first: Plan, plan: Plan) -> tuple[str, ...]:
    """What the platform warns of that it had not warned of before."""
    return tuple(one for one in drafting.theirs(first.after) if one not in plan.warnings)


def _at_once(plan: Plan, own: Canary, why: str, say: Words) -> Plan:
    told = words.fill(say.at_once, version=_name(own), why=written.line(why, drafting.SENTENCE))
    return replace(plan, warnings=(*plan.warnings, told))


def _name(own: Canary) -> str:
    return written.line(own.version, drafting.NAME)


def _kept(plan: Plan) -> Plan:
    if not drafting.keeps(plan):
        raise PluginFault(f"{plan.connection} says of {plan.model} what cannot be kept.", "Tell the plugin's author.")
    return plan
