"""What a trainer tells of its runs, made fit to be kept: it comes from outside, and may be anything.

All of it is looked at inside the guard, so whatever cannot be looked at is a fault of the plugin and of nobody else.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from bot.contract import reading
from bot.contract.trainer import Going, Run
from bot.engine.desk import Forge
from bot.errors import PluginFault
from bot.model.retraining import Training
from bot.rules import written

NAME, STAGE, LINK, LINE = 200, 120, 500, 300  #: characters of names, of a stage, of an address, of a line of a log
LINES, LOG = 20, 4_000  #: of the end of a log that are kept, and characters of it that are looked at
METRICS = 50
COSTS = 1e12  #: more is not believed

Ref = Mapping[str, str]


async def asked(forge: Forge, part: str, act: Callable[[], Awaitable[Run]], run: str | None = None) -> Run:
    """The run that `act` tells of, clean; PluginFault where that is none, or another than `run`; else as the guard."""

    async def clean() -> Run:
        found = _clean(await act())
        if run is not None and found.id != run:
            raise PluginFault(f"{forge.guard.name} was asked about the run {run}, and tells of another.")
        return found

    return await forge.guard.call(part, clean, idempotent=part != "start")


async def find(forge: Forge, ref: Ref, token: str) -> Run | None:
    """The run that was started under this token; None when there is certainly none."""

    async def clean() -> Run | None:
        found: object = await forge.trainer.find(ref, token)
        return None if found is None else _clean(found)

    return await forge.guard.call("find", clean, idempotent=True)


async def running(forge: Forge, ref: Ref) -> tuple[Run, ...]:
    """What goes on there for a model: of each run its name, and how it stands."""

    async def clean() -> tuple[Run, ...]:
        told = await forge.trainer.running(ref)
        return tuple(Run(_line(one.id, NAME) or "?", Going(one.going)) for one in told)

    return await forge.guard.call("running", clean, idempotent=True)


def kept(training: Training, run: Run, at: datetime) -> Training:
    """The training with what was heard of its run at `at`; what the trainer leaves out stays as it was."""
    done = run.going is Going.DONE and run.version is not None
    return replace(
        training,
        run=run.id,
        going=run.going.value,
        stage=run.stage,
        share=run.share,
        link=run.link or training.link,
        log=run.log or training.log,
        cost=training.cost if run.cost is None else run.cost,
        metrics=run.metrics or training.metrics,
        started_at=_past(run.started_at, at) or training.started_at,
        version=run.version if done else training.version,
        done=done,
        heard_at=at,
        ended_at=_ended(training, run, at) if run.over else None,
    )


def differs(one: Training, other: Training) -> bool:
    """Whether people would see a difference."""
    return replace(one, heard_at=None) != replace(other, heard_at=None)


def _clean(run: object) -> Run:
    """PluginFault when it is no run that can be followed."""
    going: object = run.going if isinstance(run, Run) else None
    if not isinstance(run, Run) or not isinstance(going, Going) or not _is_name(run.id):
        raise PluginFault("The trainer tells of a run in a way that nobody can follow.", "Tell the plugin's author.")
    return Run(
        id=run.id,
        going=going,
        stage=_line(run.stage, STAGE),
        share=_share(run.share),
        link=_link(run.link),
        log=_log(run.log),
        version=run.version if _is_name(run.version) else None,
        metrics=_metrics(run.metrics),
        cost=_cost(run.cost),
        started_at=_instant(run.started_at),
        ended_at=_instant(run.ended_at),
    )


def _is_name(said: object) -> bool:
    """Whether it is the same once it was kept and read again."""
    return isinstance(said, str) and bool(said) and _line(said, NAME) == said


def _line(said: object, most: int) -> str:
    return written.line(reading.clean(said[: 4 * most]), most) if isinstance(said, str) else ""


def _log(said: object) -> str:
    """Its last lines."""
    if not isinstance(said, str):
        return ""
    clean = (_line(line, LINE) for line in said[-LOG:].splitlines())
    return "\n".join([line for line in clean if line][-LINES:])


def _link(said: object) -> str:
    """An address for a browser, whole or not at all."""
    link = _line(said, LINK + 1)
    fit = link.startswith(("https://", "http://")) and len(link) <= LINK and not set(' <>|"`\\') & set(link)
    return link if fit else ""


def _share(said: object) -> float | None:
    share = reading.number(said) if type(said) in (int, float) else None
    return round(share, 2) if share is not None and 0 <= share <= 1 else None


def _cost(said: object) -> float | None:
    cost = reading.number(said) if type(said) in (int, float) else None
    return cost if cost is not None and 0 <= cost <= COSTS else None


def _metrics(said: object) -> dict[str, float]:
    if not isinstance(said, Mapping):
        return {}
    read = {_line(name, NAME): reading.number(value) for name, value in list(said.items())[:METRICS]}
    return {name: value for name, value in read.items() if name and value is not None}


def _instant(said: object) -> datetime | None:
    if not isinstance(said, datetime) or said.tzinfo is None:
        return None
    try:
        return said.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def _past(at: datetime | None, now: datetime) -> datetime | None:
    """What lies ahead has not happened, whatever a trainer's clock says."""
    return at if at is not None and at <= now else None


def _ended(training: Training, run: Run, at: datetime) -> datetime:
    """When the run itself ended: what a trainer says is believed where it lies between the order and now."""
    told = _past(run.ended_at, at)
    return told if told and training.asked_at and told >= training.asked_at else at
