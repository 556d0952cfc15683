"""What MLflow's registry says of a model's aliases and versions, in our words."""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot.contract import NotDelivered, NotFound, Refused, TocsinError, Version, reading
from plugins.mlflow import answers, inputs
from plugins.mlflow.client import Client
from plugins.mlflow.reference import Reference

IS_PROMPT = "mlflow.prompt.is_prompt"
_TEXT = "mlflow.prompt.text"  # a prompt's whole text is a tag of its version
_READY = "READY"
_MOST = 200  # versions in one answer
_EXPERIMENTS = 1000
_TAGS = 30
_DESCRIBED, _WITHIN = 3, 5.0  # the newest versions whose columns are read, and the seconds that may take
_SIGNATURE = re.compile(rb"^signature:.*(?:\n[ \t].*)*", re.MULTILINE)


class Registry:
    """Reads one server's registry; keeps only what artifacts say, which never change."""

    def __init__(self, client: Client) -> None:
        """Asks nothing yet."""
        self._client = client
        self._signatures: dict[tuple[str, str], str | None] = {}
        self._inputs: dict[tuple[str, str], Mapping[str, str]] = {}

    async def pointed(self, ref: Reference) -> dict[str, Any] | None:
        """What MLflow knows of the version its alias points to; None where there is no such alias. NotFound."""
        try:
            found = await self._client.get("registered-models/alias", name=ref.name, alias=ref.alias)
        except Refused:
            # Of an alias that is not there it says "invalid", as of much else.
            version = (await self.aliases(ref)).get(ref.alias)
            return await self.version(ref, version) if version else None
        return _whole(ref, found)

    async def aliases(self, ref: Reference) -> dict[str, str]:
        """Every alias of the model or prompt and its version; NotFound where there is none of that name and kind."""
        found = (await self._client.get("registered-models/get", name=ref.name)).get("registered_model", {})
        _fits(ref, found)
        said = answers.dicts(found.get("aliases"))
        return {str(one["alias"]): str(one["version"]) for one in said if "alias" in one and "version" in one}

    async def version(self, ref: Reference, version: str) -> dict[str, Any]:
        """What MLflow knows of a version; NotFound."""
        return _whole(ref, await self._client.get("model-versions/get", name=ref.name, version=version))

    async def facts(self, ref: Reference, said: Mapping[str, Any]) -> dict[str, Any]:
        """What of a version a person wants to see later: its run, its source, what goes in and out, its tags."""
        version, tags = str(said.get("version", "")), answers.tags(said)
        text = tags.pop(_TEXT, None)
        facts: dict[str, Any] = {
            "version": version,
            "run_id": str(said.get("run_id") or "") or None,
            "source": reading.text(said.get("source")),
            "aliases": sorted(str(one) for one in said.get("aliases") or ()),
            "tags": {name: words[: reading.NAME] for name, words in sorted(tags.items())[:_TAGS]},
        }
        if ref.prompt:
            return {**facts, "text": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else None}
        return {**facts, "signature": await self.signature(ref, version)}

    async def signature(self, ref: Reference, version: str) -> str | None:
        """SHA-256 of a version's signature; None where it has none, or the server cannot hand its files out."""
        key = (ref.name, version)
        if key not in self._signatures:
            try:
                described = await self._client.file(ref.name, version, "MLmodel")
            except TocsinError:
                return None
            found = _SIGNATURE.search(described) if described else None
            if len(self._signatures) >= _MOST:
                self._signatures.clear()
            self._signatures[key] = hashlib.sha256(found[0]).hexdigest() if found else None
        return self._signatures[key]

    async def versions(self, ref: Reference, limit: int) -> Sequence[Version]:
        """The newest versions with the metrics of their runs; NotFound where there is no such model."""
        found = await self._client.get(
            "model-versions/search",
            filter=_filter(ref),
            order_by="version_number DESC",
            max_results=str(max(1, min(limit, _MOST))),
        )
        said = answers.dicts(found.get("model_versions"))
        if not said:
            await self.aliases(ref)  # it may be that nothing is there at all, and MLflow does not say so
        metrics = await self._metrics(str(one["run_id"]) for one in said if one.get("run_id"))
        listed = [_version(one, metrics.get(str(one.get("run_id")), {})) for one in said]
        wanted = await self._wanted(ref, [one.id for one in listed[:_DESCRIBED]])
        return tuple(replace(one, inputs=wanted.get(one.id, {})) for one in listed)

    async def _wanted(self, ref: Reference, versions: Sequence[str]) -> dict[str, Mapping[str, str]]:
        """The columns of these by version; whose cannot be had in time are left out, for nobody waits for them."""
        if ref.prompt:
            return {}
        with suppress(TimeoutError):
            async with asyncio.timeout(_WITHIN):
                await asyncio.gather(*(self._describe(ref.name, one) for one in versions))
        return {one: self._inputs[ref.name, one] for one in versions if (ref.name, one) in self._inputs}

    async def _describe(self, name: str, version: str) -> None:
        if (name, version) in self._inputs:
            return
        try:
            described = await self._client.file(name, version, "MLmodel")
        except TocsinError:
            return
        if described is not None:
            if len(self._inputs) >= _MOST:
                self._inputs.clear()
            self._inputs[name, version] = inputs.read(described)

    async def _metrics(self, runs: Iterable[str]) -> dict[str, dict[str, float]]:
        """The last value of each metric by run, in two questions; what may not be read is left out."""
        wanted = sorted({run for run in runs if run.isalnum()})
        if not wanted:
            return {}
        try:
            there = await self._client.get("experiments/search", max_results=str(_EXPERIMENTS))
            ids = [str(one.get("experiment_id")) for one in answers.dicts(there.get("experiments"))]
            named = ", ".join(f"'{run}'" for run in wanted)
            found = await self._client.post(
                "runs/search",
                experiment_ids=ids,
                filter=f"attributes.run_id IN ({named})",
                max_results=len(wanted),
            )
        except (NotFound, Refused):
            return {}
        return {
            str(run.get("info", {}).get("run_id")): answers.measured(run) for run in answers.dicts(found.get("runs"))
        }


def _whole(ref: Reference, found: Mapping[str, Any]) -> dict[str, Any]:
    said = found.get("model_version")
    if not isinstance(said, dict) or not said.get("version"):
        raise NotDelivered("MLflow's answer describes no version.", "Look whether the address is right.")
    _fits(ref, said)
    return said


def _fits(ref: Reference, said: Mapping[str, Any]) -> None:
    """A prompt is no model of ours, nor the other way round."""
    prompt = answers.tags(said).get(IS_PROMPT) == "true"
    if prompt != ref.prompt:
        kind, key = ("prompt", "prompt") if prompt else ("model", "registered_model")
        raise NotFound(f"{ref.name} is a {kind} in MLflow.", f"Write `{key}:` in the catalogue's `ref`.")


def _filter(ref: Reference) -> str:
    """A name may hold one kind of quotes; prompts are hidden from searches that do not ask for them."""
    if "'" in ref.name and '"' in ref.name:
        raise Refused(f"MLflow cannot search for {ref.name}: it holds both kinds of quotes.", "Give it another name.")
    quote = '"' if "'" in ref.name else "'"
    return f"name={quote}{ref.name}{quote}" + (f" AND tags.`{IS_PROMPT}` = 'true'" if ref.prompt else "")


def usable(said: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether a version may serve, and why not."""
    status = reading.text(said.get("status"), 60) or ""
    if status == _READY:
        return True, ""
    why = reading.clean(reading.text(said.get("status_message"), 200) or "")
    return False, f"MLflow says {status or 'nothing of its state'}{f': {why}' if why else ''}."


def _version(said: Mapping[str, Any], metrics: Mapping[str, float]) -> Version:
    may, why_not = usable(said)
    note = reading.clean(reading.text(said.get("description"), reading.TITLE) or "")
    return Version(
        id=str(said.get("version", "")),
        created_at=reading.instant(answers.number(said.get("creation_timestamp"))),
        by=reading.text(said.get("user_id"), reading.NAME) or "",
        note=note,
        metrics=metrics,
        usable=may,
        why_not=why_not,
    )
