"""What a run of MLflow, and what was seen of its work, are in the words of the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.contract import Going, Run, reading
from plugins.mlflow import log, marks, registry
from plugins.mlflow.runs import Record
from plugins.mlflow.way import Seen, State

_STAGE, _COSTS = 120, 1e12  # characters; more money is not believed
_AT_WORK = (State.WAITING, State.GOING)
_OWN = (marks.SHARE, marks.COST)  # metrics that say how the run goes, and nothing of the model
_PENDING = "PENDING_REGISTRATION"


def run(record: Record, seen: Seen, versions: Sequence[Mapping[str, Any]], link: str, late: datetime) -> Run:
    """How it stands. Where MLflow alone tells, a run that ended after `late` may register its version yet."""
    base = _base(record, seen, link)
    if marks.CANCELLED in record.tags and seen.state in _AT_WORK:
        return replace(base, going=Going.RUNNING, stage="being stopped")
    if marks.CANCELLED in record.tags or record.status == "KILLED":
        return replace(base, going=Going.CANCELLED)
    if record.deleted:
        return replace(base, going=Going.CANCELLED, stage="somebody deleted it in MLflow")
    if record.status == "FINISHED":
        waits = seen.state in _AT_WORK or (
            seen.state is State.UNSEEN and record.ended_at is not None and record.ended_at > late
        )
        return _finished(base, versions, waits=waits)
    if record.status == "FAILED":
        return replace(base, going=Going.FAILED, stage=seen.why or base.stage)
    return _going(record, base, seen)


def with_log(run: Run, said: str) -> Run:
    """The same with another log, where that says something."""
    return replace(run, log=said) if said else run


def _finished(base: Run, versions: Sequence[Mapping[str, Any]], *, waits: bool) -> Run:
    """Done, with the newest version that is ready; failed when none comes any more."""
    ready = [one for one in versions if registry.usable(one)[0]]
    if ready:
        return replace(base, going=Going.DONE, stage="", share=1.0, version=str(ready[0]["version"]))
    if any(one.get("status") == _PENDING for one in versions):
        return replace(base, going=Going.RUNNING, stage="its version is being registered", ended_at=None)
    if waits:
        return replace(base, going=Going.RUNNING, stage="about to register its version", ended_at=None)
    why = f"version {versions[0]['version']} cannot be loaded. {registry.usable(versions[0])[1]}" if versions else ""
    why = why or "no version was registered from its run"
    return replace(base, going=Going.FAILED, stage=f"it succeeded without a model: {why}"[: reading.TITLE])


def _going(record: Record, base: Run, seen: Seen) -> Run:
    """MLflow was told no end."""
    if seen.state is State.FAILED:
        return replace(base, going=Going.FAILED, stage=seen.why)
    if seen.state is State.ENDED:
        return replace(base, going=Going.FAILED, stage="it ended, and told MLflow neither success nor failure")
    if seen.state is State.ABSENT and marks.DELEGATED in record.tags:
        return replace(base, going=Going.FAILED, stage="what should do the work is gone")
    # A run is RUNNING from its making; once it was asked for, whoever does the work says so.
    begun = record.status == "RUNNING" and (marks.ASKED in record.tags or marks.TOKEN not in record.tags)
    if begun or seen.state is State.GOING:
        return replace(base, going=Going.RUNNING, ended_at=None)
    stage = base.stage or seen.why or "asked for; MLflow heard nothing of it yet"
    return replace(base, going=Going.WAITING, stage=stage, ended_at=None)


def _base(record: Record, seen: Seen, link: str) -> Run:
    tags, metrics = record.tags, record.metrics
    stage = reading.clean(tags.get(marks.STAGE, ""))[:_STAGE] or (f"step {record.step}" if record.step > 0 else "")
    share = reading.number(tags.get(marks.SHARE, metrics.get(marks.SHARE)))
    cost = reading.number(tags.get(marks.COST, metrics.get(marks.COST)))
    return Run(
        id=record.id,
        going=Going.RUNNING,
        stage=stage,
        share=share if share is not None and 0 <= share <= 1 else None,
        link=link,
        log=seen.log or log.last(tags.get(marks.LOG, "").encode("utf-8", "replace")),
        metrics={name: value for name, value in metrics.items() if name not in _OWN and not name.startswith("system/")},
        cost=cost if cost is not None and 0 <= cost <= _COSTS else None,
        started_at=record.started_at,
        ended_at=record.ended_at,
    )
