"""What is known of a version beside how it compares: how slow and large it is, and whether its columns are served."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.engine import drafting
from bot.engine.desk import Desk
from bot.errors import NotFound, Refused, TocsinError
from bot.model.change import Lever
from bot.model.estate import Model
from bot.model.served import Version
from bot.rules import schema
from bot.rules.schema import Columns

TIMED = ("latency_ms", "size_mb")


@dataclass(frozen=True, slots=True)
class Known:
    """What a gate may want beside a comparison; what nobody measured is not in it."""

    measured: Mapping[str, float] = field(default_factory=dict)
    columns: Columns = schema.UNASKED

    def spelled(self) -> dict[str, Any]:
        """As an entry keeps it."""
        both = {"wants": dict(self.columns.wanted), "served": dict(self.columns.served)}
        return {"measured": dict(self.measured), **(both if self.columns is not schema.UNASKED else {})}


async def known(
    desk: Desk, model: Model, version: Version | None, gate: Mapping[str, Any], told: Mapping[str, float]
) -> Known:
    """As the run that made it has `told`, else as its platform says; the feature store is asked where a gate wants it.

    `version` is None where its platform lists none such. PluginFault, NotDelivered: the store does not answer.
    """
    theirs = version.metrics if version else {}
    measured = {name: given[name] for name in TIMED for given in ({**theirs, **told},) if name in given}
    return Known(measured, await _columns(desk, model, version) if gate.get("schema") else schema.UNASKED)


async def shown(desk: Desk, model: Model, name: str, gate: Mapping[str, Any], told: Mapping[str, float]) -> Known:
    """The same for the version of that name, as far as it can be had now: of whoever is silent nothing is known."""
    if not any(gate.get(one) for one in (*TIMED, "schema")):
        return Known()
    host = desk.hosts.get(model.platform or "")
    try:
        there = await drafting.look(host, model, Lever.PROMOTE) if host else None
        return await known(desk, model, listed(there.versions, name) if there else None, gate, told)
    except TocsinError:
        return Known({one: told[one] for one in TIMED if one in told})


def listed(versions: Sequence[Version], name: str) -> Version | None:
    """The one of that name; None where it is not among them."""
    return next((one for one in versions if one.id == name), None)


async def _columns(desk: Desk, model: Model, version: Version | None) -> Columns:
    """Both lists; where one of them is not known, why not and what to do."""
    name = model.features or model.platform or ""
    shelf = desk.shelves.get(name)
    if version is None or not version.inputs:
        return Columns(why="not measured: its platform does not say which columns it wants; keep them with the version")
    if shelf is None:
        where = f"the connection {name} has no feature store" if name else "nobody is named who serves its features"
        why = f"not measured: {where}; name one in `models[].features` of config/estate.yaml"
        return Columns(version.inputs, why=why)
    try:
        served = await shelf.guard.call("columns", lambda: shelf.store.columns(model.ref), idempotent=True)
    except (NotFound, Refused) as error:
        return Columns(version.inputs, why=f"not measured: {name} says: {error}")
    return Columns(version.inputs, {str(one): str(kind) for one, kind in served.items()})
