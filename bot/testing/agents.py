"""The suite for agents: within its time and budget it leaves evidence or says that it has none, and harms nobody.

    complaints = await agents.suite(agent, view)

It runs against a real agent; what it looks at is a view of an incident that the caller thinks up.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta

from bot.clock import SystemClock
from bot.contract.agent import Agent, Evidence, Findings, Task
from bot.contract.guard import Guard
from bot.contract.plugin import Check
from bot.errors import NotDelivered, TocsinError
from bot.model.view import View

WITHIN = timedelta(seconds=30)
SPEND = 1.0
MOST = 20  #: observations that are kept of one look
KEY = "mind/INC-1/1/suite"


async def suite(agent: Agent, view: View, *, within: timedelta = WITHIN, spend: float = SPEND) -> list[str]:
    """Everything the agent does that it promised not to; empty when it keeps its word."""
    guard = Guard("suite", SystemClock(), deadline=within.total_seconds(), failures=1_000)
    found = [*(await _checks(guard, agent))]
    before = _frozen(view)
    task = Task(KEY, view, within, spend, SystemClock().now())
    first = await _look(guard, agent, task)
    found += _whole(first, task)
    again = await _look(guard, agent, task)
    found += [f"Asked again under the same key: {one}" for one in _whole(again, task)]
    poor = await _look(guard, agent, Task(KEY, view, within, 0.0, task.at))
    if isinstance(poor, Findings) and poor.spent > 0:
        found.append(f"It spent {poor.spent:g} where it may spend nothing.")
    both = await asyncio.gather(_look(guard, agent, task), _look(guard, agent, task))
    found += [one for each in both for one in _whole(each, task)]
    if _frozen(view) != before:
        found.append("It changed the incident it was shown.")
    return list(dict.fromkeys(found))


async def _look(guard: Guard, agent: Agent, task: Task) -> Findings | TocsinError:
    try:
        return await guard.call("mind", lambda: agent.look(task), deadline=task.within.total_seconds())
    except TocsinError as error:
        return error


async def _checks(guard: Guard, agent: Agent) -> list[str]:
    try:
        rows: list[object] = [*await guard.call("check", agent.check)]
    except TocsinError as error:
        return [f"check() failed: {error}"]
    return [f"check() answers {type(row).__name__}, not Check." for row in rows if not isinstance(row, Check)]


def _whole(found: object, task: Task) -> Iterator[str]:
    """What is wrong with one answer; to say that it could not look is none."""
    if isinstance(found, NotDelivered):
        return
    if isinstance(found, TocsinError):
        yield f"look() failed in a way of its own: {found} Raise NotDelivered."
        return
    if not isinstance(found, Findings):
        yield f"look() answers {type(found).__name__}, not Findings."
        return
    if found.spent > task.spend:
        yield f"It spent {found.spent:g} of {task.spend:g}."
    if found.spent < 0:
        yield f"It says that it spent {found.spent:g}."
    if not (found.evidence or found.tried):
        yield "It left neither evidence nor what it tried."
    if len(found.evidence) > MOST:
        yield f"It left {len(found.evidence)} observations; {MOST} are kept."
    for one in found.evidence:
        yield from _seen(one)


def _seen(one: Evidence) -> Iterator[str]:
    for name in ("claim", "source"):
        if not getattr(one, name).strip():
            yield f"An observation has no {name}."
    if one.seen_at.tzinfo is None:
        yield "An observation bears a time without a zone."


def _frozen(view: View) -> tuple[str, ...]:
    return tuple(repr(getattr(view, field.name)) for field in fields(view))
