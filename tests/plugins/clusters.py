"""A Kubernetes API of one namespace in memory: Jobs and their pods, strict about what it is asked."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from bot.testing.far_end import Arrived

TOKEN = "a-cluster-token-of-the-tests"
JOBS = "/apis/batch/v1/namespaces/ml/jobs"
PODS = "/api/v1/namespaces/ml/pods"
TEMPLATE: dict[str, Any] = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"generateName": "train-", "labels": {"team": "churn-ml"}},
    "spec": {
        "ttlSecondsAfterFinished": 60,
        "template": {
            "spec": {
                "containers": [
                    {"name": "train", "image": "registry.example.com/train:1", "env": [{"name": "A", "value": "b"}]}
                ]
            }
        },
    },
}


def status(code: int, reason: str, message: str) -> tuple[int, bytes]:
    """Kubernetes' own errors."""
    said = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
    return code, orjson.dumps({**said, "message": message})


class Cluster:
    """`says` answers one request; `began` holds the variables of each Job that was really made."""

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.pods: dict[str, dict[str, Any]] = {}
        self.logs: dict[str, str] = {}
        self.began: list[dict[str, str]] = []
        self.answers: list[tuple[int, bytes] | None] = []  #: to the next creations, which are taken before it
        self.slow = False  #: pods do not begin by themselves
        self.lingers = False  #: a Job that is deleted waits for its pods

    def says(self, arrived: Arrived) -> tuple[int, bytes] | None:
        parts = urlsplit(arrived.path)
        query = dict(parse_qsl(parts.query))
        if arrived.headers.get("authorization") != f"Bearer {TOKEN}":
            return status(401, "Unauthorized", "Unauthorized")
        name = parts.path.removeprefix(f"{JOBS}/")
        if parts.path == JOBS and arrived.method == "POST":
            return self._create(orjson.loads(arrived.body), dry=query.get("dryRun") == "All")
        if parts.path == PODS:
            name = query["labelSelector"].removeprefix("job-name=")
            return 200, orjson.dumps({"kind": "PodList", "items": [self.pods[name]] if name in self.pods else []})
        if parts.path.startswith(f"{PODS}/"):
            return 200, self.logs.get(parts.path.split("/")[-2].removesuffix("-x"), "").encode()
        if name not in self.jobs:
            return status(404, "NotFound", f'jobs.batch "{name}" not found')
        if arrived.method == "DELETE":
            assert query == {"propagationPolicy": "Foreground"}
            self.jobs[name]["metadata"]["deletionTimestamp"] = "2026-11-23T12:00:00Z"
            if not self.lingers:
                return 200, orjson.dumps(self.jobs.pop(name))
        return 200, orjson.dumps(self.jobs[name])

    def ready(self, name: str) -> None:
        """Its pod begins."""
        self.jobs[name]["status"] = {"active": 1, "ready": 1}

    def fails(self, name: str, printed: str = "", reason: str = "OOMKilled", code: int = 137) -> None:
        """Its pod ends badly."""
        ended = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "too often"}
        self.jobs[name]["status"] = {"failed": 1, "conditions": [ended]}
        state = {"terminated": {"reason": reason, "exitCode": code}}
        self.pods[name] = {"metadata": {"name": f"{name}-x"}, "status": {"containerStatuses": [{"state": state}]}}
        self.logs[name] = printed

    def completes(self, name: str) -> None:
        """Its pod ends well."""
        self.jobs[name]["status"] = {"succeeded": 1, "conditions": [{"type": "Complete", "status": "True"}]}

    def _create(self, job: dict[str, Any], *, dry: bool) -> tuple[int, bytes] | None:
        name, pod = job["metadata"]["name"], job["spec"]["template"]["spec"]
        assert pod["restartPolicy"] in ("Never", "OnFailure"), "Kubernetes takes no Job that restarts always."
        assert len(name) <= 63
        assert "generateName" not in job["metadata"]
        if self.answers and (said := self.answers.pop(0)) is not None:
            return said
        if name in self.jobs:
            return status(409, "AlreadyExists", f'jobs.batch "{name}" already exists')
        if not dry:
            self.jobs[name] = {**job, "status": {} if self.slow else {"active": 1, "ready": 1}}
            self.began.append({one["name"]: one["value"] for one in pod["containers"][0]["env"]})
        return 201, orjson.dumps(job)
