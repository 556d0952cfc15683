"""What a platform is seen to serve: what its pointer says, and what answers where that can be asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.contract.platform import Probe
from bot.engine.desk import Host
from bot.errors import TocsinError
from bot.model.change import Plan, Serving


@dataclass(frozen=True, slots=True)
class Sight:
    """What the pointer says, whether what answers agrees with it, and how that was found out."""

    serving: Serving
    agrees: bool
    why: str


async def serving(host: Host, ref: Mapping[str, str]) -> Serving:
    """What serves by the platform's own word; whatever the guard lets through."""
    return await host.guard.call("serving", lambda: host.platform.serving(ref), idempotent=True)


async def look(host: Host, plan: Plan) -> Sight:
    """The pointer first; only where it says what is wanted is the behaviour asked for."""
    found = await serving(host, plan.ref)
    if not found.same(plan.after):
        return Sight(found, False, "")
    try:
        probe = await host.guard.call("probe", lambda: host.platform.probe(plan.ref), idempotent=True)
    except TocsinError as error:  # a pointer may lie, so without its answer nothing is known yet
        return Sight(found, False, f"what answers could not be asked: {error.what}")
    return Sight(found, agrees(probe, found), "by its pointer" if probe is None else probe.why)


def agrees(probe: Probe | None, wanted: Serving) -> bool:
    """Whether what answers is part of what shall serve; where it cannot be asked the pointer alone counts."""
    if probe is None:
        return True
    if wanted.paused or not wanted.split:
        return probe.version is None
    return bool(probe.version is not None and wanted.split.get(probe.version))
