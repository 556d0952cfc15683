"""Has a training done by a Kubernetes Job whose name follows from its token: created twice, it is there once."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.contract import Check, Health, NotDelivered, NotFound, Refused, TocsinError, Unreadable, http, reading
from bot.contract.http import Reply
from plugins.mlflow import answers, log, manifest
from plugins.mlflow.training import Job
from plugins.mlflow.way import Errand, Seen, State

WITHIN = Path("/var/run/secrets/kubernetes.io/serviceaccount")  #: what a pod is given to prove who it is
_LARGEST = 4 * 1024 * 1024
_CURE = "Look at the Job template, and at what the connection's account may do."
_HINDERED = {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "CreateContainerConfigError"}


class Jobs:
    """The Jobs of one namespace."""

    name = "job"
    again = True

    def __init__(self, job: Job, timeout: float) -> None:
        """`timeout` in seconds for each step of a request; nothing is opened here."""
        self._job, self._timeout = job, timeout

    async def begin(self, errand: Errand, variables: Mapping[str, str]) -> dict[str, str]:
        """Create it; one that is there already for the same run is it."""
        body = manifest.job(self._job.template, errand, variables)
        reply = await self._ask("POST", self._path(), json=body)
        if reply.status == 409:
            there = await self._there(errand)
            if there is None or there["metadata"].get("deletionTimestamp"):
                raise Refused(f"The Job {body['metadata']['name']} is just being deleted.", "Propose it again.")
        elif reply.status not in (200, 201, 202):
            raise _refused(reply)
        return {"tocsin.job": f"{self._namespace()}/{body['metadata']['name']}"}

    async def look(self, errand: Errand) -> Seen:
        """By the Job's state; why its pod failed or waits."""
        job = await self._there(errand)
        if job is None:
            return Seen(State.ABSENT)
        said = job.get("status")
        status: dict[str, Any] = said if isinstance(said, dict) else {}
        ends = {str(one.get("type")): one for one in _true(status)}
        if "Failed" in ends:
            pod = await self._pod(errand)
            why = _words(_pod_failed(pod or {})) or _reason(ends["Failed"])
            return Seen(State.FAILED, f"its Job failed: {why}", await self._log(pod))
        if "Complete" in ends:
            return Seen(State.ENDED)
        if reading.number(status.get("ready")) or job["metadata"].get("deletionTimestamp"):
            return Seen(State.GOING)
        pod = await self._pod(errand)
        return Seen(State.WAITING, _words(_pod_waits(pod or {})))

    async def stop(self, errand: Errand) -> None:
        """Delete it with its pods; it is there until they are gone."""
        if await self._there(errand) is None:
            return
        reply = await self._ask("DELETE", f"{self._path()}/{manifest.name(errand)}", propagationPolicy="Foreground")
        if reply.status not in (200, 202, 404):
            raise _refused(reply)

    async def check(self) -> list[Check]:
        """Whether such a Job would be taken: it is asked for, and not made."""
        body = manifest.job(self._job.template, Errand("check", "check", "check", ""), {})
        try:
            reply = await self._ask("POST", self._path(), json=body, dryRun="All")
            if reply.status not in (200, 201, 202, 409):
                raise _refused(reply)
        except NotDelivered as error:
            return [Check("training", Health.UNKNOWN, str(error))]
        except TocsinError as error:
            return [Check("training", Health.MISSING, str(error))]
        return [Check("training", Health.OK)]

    async def _there(self, errand: Errand) -> dict[str, Any] | None:
        """The Job, None when there is none; Refused when it is another's."""
        reply = await self._ask("GET", f"{self._path()}/{manifest.name(errand)}")
        if reply.status == 404 and _status(reply).get("reason") == "NotFound":
            return None
        if reply.status != 200:
            raise _refused(reply)
        said = reply.json()
        about = said.get("metadata") if isinstance(said, dict) else None
        if not isinstance(about, dict):
            raise NotDelivered("Kubernetes' answer describes no Job.", "Look whether the address is right.")
        noted = about.get("annotations")
        if not isinstance(noted, dict) or noted.get(manifest.RUN) != errand.run:
            raise Refused(f"The Job {manifest.name(errand)} is for another run.", "Look who made it, and delete it.")
        return {**said, "metadata": about}

    async def _pod(self, errand: Errand) -> dict[str, Any] | None:
        """The newest of its pods, where they may be read."""
        path = f"api/v1/namespaces/{quote(self._namespace(), safe='')}/pods"
        reply = await self._ask("GET", path, labelSelector=f"job-name={manifest.name(errand)}", limit="20")
        said = reply.json() if reply.status == 200 else {}
        pods = answers.dicts(said.get("items") if isinstance(said, dict) else None)
        return max(pods, key=lambda one: str(_part(one, "metadata").get("creationTimestamp")), default=None)

    async def _log(self, pod: dict[str, Any] | None) -> str:
        """The end of its log, where that may be read."""
        name = reading.text(_part(pod or {}, "metadata").get("name"), reading.NAME)
        if not name:
            return ""
        path = f"api/v1/namespaces/{quote(self._namespace(), safe='')}/pods/{quote(name, safe='')}/log"
        try:
            reply = await self._ask("GET", path, tailLines=str(log.LINES))
        except NotDelivered:
            return ""
        return log.last(reply.body) if reply.status == 200 else ""

    def _path(self) -> str:
        return f"apis/batch/v1/namespaces/{quote(self._namespace(), safe='')}/jobs"

    def _namespace(self) -> str:
        about = self._job.template.get("metadata")
        said = about.get("namespace") if isinstance(about, dict) else None
        return self._job.namespace or reading.text(said, 63) or _file(WITHIN / "namespace") or "default"

    async def _ask(self, method: str, path: str, *, json: Any = None, **query: str) -> Reply:
        job, url, ca = self._job, self._job.url, self._job.ca
        token = job.token.get_secret_value() if job.token else _file(job.token_file) if job.token_file else ""
        if url is None:
            host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
            if not host:
                raise Refused("The bot runs in no cluster.", "Set `train.job.url`, and how it proves who it is.")
            url = f"https://{f'[{host}]' if ':' in host else host}:{port}"
            token, ca = token or _file(WITHIN / "token"), ca or WITHIN / "ca.crt"
        headers = {"Accept": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
        peer = http.Peer(url, headers, ca, job.verify, self._timeout, _LARGEST)
        return await peer.ask(method, path, query=query, json=json)


def _refused(reply: Reply) -> TocsinError:
    """What a refusal of Kubernetes means; who broke or is busy is asked again."""
    said = _status(reply)
    words = reading.clean(reading.text(said.get("message"), 300) or "").rstrip(".") or f"it answered {reply.status}"
    if reply.status == 429:
        return NotDelivered("Kubernetes is busy (429).", "It is tried again.", retry=True, after=http.wait(reply))
    if reply.status >= 500:
        return NotDelivered(f"Kubernetes: {words}.", "Look whether its API is up.")
    if reply.status == 401:
        return Refused("Kubernetes does not know who asks (401).", "Correct `token` or `token_file` of `train.job`.")
    return (NotFound if reply.status == 404 else Refused)(f"Kubernetes: {words}.", _CURE)


def _status(reply: Reply) -> dict[str, Any]:
    try:
        said = reading.loads(reply.body)
    except Unreadable:
        return {}
    return said if isinstance(said, dict) else {}


def _true(status: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in answers.dicts(status.get("conditions")) if one.get("status") == "True"]


def _part(said: Mapping[str, Any], key: str) -> dict[str, Any]:
    part = said.get(key)
    return part if isinstance(part, dict) else {}


def _reason(said: Mapping[str, Any]) -> str:
    told = (reading.text(said.get(key), 120) for key in ("reason", "message"))
    return reading.clean(": ".join(filter(None, told)))


def _pod_failed(pod: Mapping[str, Any]) -> str:
    """Why a container ended, as in `OOMKilled, exit code 137`."""
    status = _part(pod, "status")
    for one in answers.dicts(status.get("containerStatuses")):
        ended = _part(_part(one, "state"), "terminated")
        if ended and ended.get("exitCode") != 0:
            return f"{_reason(ended)}, exit code {reading.text(ended.get('exitCode'), 10) or '?'}"
    return _pod_waits(pod) or _reason(status)


def _pod_waits(pod: Mapping[str, Any]) -> str:
    """What a pod waits for, where it waits in vain or cannot be placed."""
    status = _part(pod, "status")
    for one in answers.dicts(status.get("containerStatuses")):
        waits = _part(_part(one, "state"), "waiting")
        if waits.get("reason") in _HINDERED:
            return _reason(waits)
    unplaced = (one for one in answers.dicts(status.get("conditions")) if one.get("reason") == "Unschedulable")
    return _reason(next(unplaced, {}))


def _words(said: str) -> str:
    return reading.clean(said)[: reading.TITLE]


def _file(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
