"""How a run of a retrain is told: how far it is, what it made, what its gate found, what came of that."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.cli import models, planned, say

if TYPE_CHECKING:
    from bot.model.change import Change
    from bot.model.retraining import Training
    from bot.model.watch import Watch
    from bot.store import Tx

TAIL = 20  #: lines of a log that are shown


@dataclass(frozen=True, slots=True)
class Story:
    """What a change led to: its run where it is a retrain, what followed it by itself, what was watched."""

    run: "Training | None"
    followed: tuple["Change", ...]  #: each of the one before
    watches: tuple["Watch", ...]

    def data(self) -> dict[str, Any]:
        """What programs read of it."""
        followed = [models.brief(one) for one in self.followed]
        return {"run": say.plain(self.run), "followed_by": followed, "watches": say.plain(self.watches)}


def story(tx: "Tx", change_id: str) -> Story:
    """What the change with this id led to."""
    from bot.store import changes, trainings, watches

    followed: list[Change] = []
    while after := changes.after(tx, followed[-1].id if followed else change_id):
        followed.append(after)
    found = (watches.find(tx, one) for one in (change_id, *(each.id for each in followed)))
    return Story(trainings.find(tx, change_id), tuple(followed), tuple(one for one in found if one))


def show(told: Story, currency: str, now: datetime) -> None:
    """Print it, for people; nothing where it led to nothing."""
    if told.run:
        say.line("The run:")
        for line in _run(told.run, currency, now):
            say.line(line)
        if told.run.findings:
            head = (f"GATE: {'PASSED' if told.run.passed else 'NOT PASSED'}", "WANTED", "FOUND", "")
            say.table(head, [(one.what, one.wanted, one.got, "ok" if one.ok else "NO") for one in told.run.findings])
    if told.followed:
        say.line("It led to:")
    for change in told.followed:
        say.line(f"  {change_line(change)}")
    for watch in told.watches:
        say.line(f"  watched:     {watched(watch)}")


def change_line(change: "Change") -> str:
    """A change in one line: its number, what it moves and how far it has come."""
    outcome = f": {change.outcome}" if change.outcome else ""
    return f"{change.id}  {change.plan.lever}  {models.moves(change.plan)}  {change.step}{outcome}"


def watched(watch: "Watch") -> str:
    """A watch in one line."""
    found = watch.finding or "going on"
    why = f": {watch.why}" if watch.why else ""
    return f"{watch.version} after {watch.id}, {say.span(watch.since, watch.until)}: {found}{why}"


def progress(change: "Change", run: "Training | None") -> str:
    """How far a retrain is, in a few words: `training: fitting 3 of 4, 75 %`."""
    if run is None or not change.open:
        return change.step.value
    share = "" if run.share is None else f"{run.share * 100:.0f} %"
    said = ", ".join(part for part in (run.stage, share) if part) if run.ended_at is None else run.version
    return f"{run.phase}: {said}" if said else run.phase.value


def _run(run: "Training", currency: str, now: datetime) -> Iterator[str]:
    share = f", {run.share * 100:.0f} % done" if run.share is not None and run.ended_at is None else ""
    yield f"  stage:       {run.phase}{f': {run.stage}' if run.stage else ''}{share}"
    yield f"  time:        {_time(run, now)}"
    if run.link:
        yield f"  link:        {run.link}"
    if run.called_off:
        why = f": {run.called_off_why}" if run.called_off_why else ""
        yield f"  CALLED OFF:  by {models.who(run.called_off)}{why}"
    if run.version:
        metrics = ", ".join(f"{name} {value:g}" for name, value in run.metrics.items())
        yield f"  made:        {run.version}{f' ({metrics})' if metrics else ''}"
    spent = planned.money(run.cost, currency)
    yield f"  cost:        {spent}; expected {planned.money(run.foreseen, currency)}"
    if run.trial:
        yield f"  compared in: {run.trial}, see `tocsin evaluate show {run.trial}`"
    if run.log and run.ended_at and not run.done:
        yield "  the end of its log:"
        for line in run.log.splitlines()[-TAIL:]:
            yield f"    | {line}"


def _time(run: "Training", now: datetime) -> str:
    begun = run.started_at or run.asked_at
    if begun is None:
        return "not started"
    took = say.length(max((run.ended_at or now) - begun, now - now))
    return f"{took}, ended {say.when(run.ended_at)}" if run.ended_at else f"{took} since {say.when(begun)}"
