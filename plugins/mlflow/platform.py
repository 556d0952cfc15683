"""Moves aliases in MLflow's registry, and says where they point."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from bot.contract import (
    Check,
    Context,
    Flow,
    Health,
    Lever,
    NotDelivered,
    Op,
    Plan,
    Probe,
    Refused,
    Served,
    Serving,
    Stale,
    TocsinError,
    Version,
)
from plugins.mlflow import reference, registry
from plugins.mlflow.client import Client
from plugins.mlflow.reference import Reference
from plugins.mlflow.registry import Registry
from plugins.mlflow.settings import MlflowSettings

RELOADS = (
    "MLflow only moves the alias: a server that has loaded the {what} keeps answering with it until it loads it anew."
)
OTHER_SIGNATURE = "The signature of version {to} differs from that of {now}: what callers send may not fit."


class Mlflow:
    """The platform part: an alias is the pointer, its version what serves."""

    levers: ClassVar[frozenset[Lever]] = frozenset({Lever.ROLLBACK, Lever.PROMOTE})
    repeatable: ClassVar[bool] = True  # the same alias set twice is set once

    def __init__(self, settings: MlflowSettings, context: Context) -> None:
        """Nothing is opened."""
        self._client = Client.of(settings)
        self._registry = Registry(self._client)

    async def serving(self, ref: Mapping[str, str]) -> Serving:
        """The version the alias points to; none where there is no such alias."""
        named = reference.read(ref)
        said = await self._registry.pointed(named)
        return Serving({}) if said is None else _serving(await self._registry.facts(named, said))

    async def versions(self, ref: Mapping[str, str], limit: int = 50) -> Sequence[Version]:
        """The newest versions, at most 200, with the metrics of their runs."""
        return await self._registry.versions(reference.read(ref), limit)

    async def history(self, ref: Mapping[str, str]) -> Sequence[Served]:
        """Empty: MLflow forgets where an alias pointed before."""
        reference.read(ref)
        return ()

    async def wanted(
        self, ref: Mapping[str, str], lever: Lever, now: Serving, parameters: Mapping[str, Any]
    ) -> Serving:
        """The alias at another version; `raw["warnings"]` says what that does not do."""
        named = reference.read(ref)
        if lever not in self.levers:
            raise Refused(
                f"An alias of MLflow cannot {lever.value}: it points to one version, and servers load it as they like.",
                "Use the platform that runs the servers.",
            )
        if len(parameters.get("split") or ()) > 1:
            raise Refused("An alias points to one version: it has no traffic to split.", "Name one version.")
        version = reference.version(parameters.get("version"))
        said = await self._registry.version(named, version)
        may, why_not = registry.usable(said)
        if not may:
            raise Refused(f"Version {version} of {named.what} may not serve. {why_not}", "Name another one.")
        if version == now.version:
            raise Refused(f"Version {version} of {named.what} serves already.", "Name another one.")
        facts = await self._registry.facts(named, said)
        return _serving({**facts, "warnings": list(_warnings(named, now, facts))})

    async def apply(self, plan: Plan, token: str) -> Op:
        """Move the alias, if it still points where the plan found it."""
        named = reference.read(plan.ref)
        if plan.after.version is None:
            raise Refused("The plan names no single version.", "Propose it again.")
        async with self._client.kept() as client:
            return await self._set(client, plan, named)

    async def _set(self, client: Client, plan: Plan, named: Reference) -> Op:
        version = str(plan.after.version)
        at = await _at(client, named)
        if at == version:
            return Op("done", detail=f"{named.alias} pointed to version {version} already.")
        if at != plan.before.version:
            before = _spelled(plan.before.version)
            raise Stale(
                f"{named.alias} of {named.what} points to {_spelled(at)}, not to {before} any more.",
                "Look who moved it, then propose it again.",
            )
        await client.post("registered-models/alias", name=named.name, alias=named.alias, version=version)
        return Op("done", detail=f"{named.alias} was moved to version {version}.")

    async def poll(self, plan: Plan, op: Op) -> Op:
        """Done once the alias points to the plan's version; it moves at once or not at all."""
        named = reference.read(plan.ref)
        at = await _at(self._client, named)
        return Op("done" if at == plan.after.version else "failed", op.id, f"{named.alias} points to {_spelled(at)}.")

    async def probe(self, ref: Mapping[str, str]) -> Probe | None:
        """None: MLflow answers no predictions, so nobody there knows what the servers loaded."""
        reference.read(ref)
        return None

    async def flow(self, ref: Mapping[str, str], since: datetime) -> Flow:
        """Unknown: the registry sees no predictions."""
        reference.read(ref)
        return Flow(None, "MLflow's registry sees no predictions; those who serve the model count them.")

    async def check(self) -> list[Check]:
        """One row: whether the API answers us."""
        try:
            await self._client.get("registered-models/search", max_results="1")
        except NotDelivered as error:
            return [Check("registry", Health.UNKNOWN, str(error))]
        except TocsinError as error:
            return [Check("registry", Health.MISSING, str(error))]
        return [Check("registry", Health.OK)]


async def _at(client: Client, named: Reference) -> str | None:
    """The version the alias points to."""
    said = await Registry(client).pointed(named)
    return None if said is None else str(said["version"])


def _serving(facts: Mapping[str, Any]) -> Serving:
    return Serving({facts["version"]: 100.0}, raw=facts)


def _warnings(named: Reference, now: Serving, facts: Mapping[str, Any]) -> Sequence[str]:
    said = [RELOADS.format(what="prompt" if named.prompt else "model")]
    before, after = now.raw.get("signature"), facts.get("signature")
    if before and after and before != after:
        said.append(OTHER_SIGNATURE.format(to=facts["version"], now=now.version))
    return said


def _spelled(version: str | None) -> str:
    return "nothing" if version is None else f"version {version}"
