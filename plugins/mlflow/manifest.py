"""Makes the Job of one training out of the template."""

import copy
import hashlib
import re
from collections.abc import Mapping
from typing import Any

from plugins.mlflow.way import Errand

RUN = "tocsin/mlflow-run"  #: the annotation that says which run of MLflow a Job is for
KEPT = 86_400  #: seconds that a Job must outlive its end at least, so that it is found by whoever doubts
_UNFIT = re.compile(r"[^a-z0-9-]+")


def name(errand: Errand) -> str:
    """The Job's name: the same for the same token and model, and fit for Kubernetes."""
    told = _UNFIT.sub("-", errand.token.lower()).strip("-")[:40].rstrip("-")
    digest = hashlib.sha256(f"{errand.model}\0{errand.token}".encode()).hexdigest()[:10]
    return f"tocsin-{told}-{digest}" if told else f"tocsin-{digest}"


def job(template: Mapping[str, Any], errand: Errand, variables: Mapping[str, str]) -> dict[str, Any]:
    """The template under that name, with the variables in each of its containers, tried once where it says nothing."""
    made = copy.deepcopy(dict(template))
    made.pop("status", None)
    about = made["metadata"] = dict(made.get("metadata") or {})
    about.pop("generateName", None)
    about |= {"name": name(errand), "annotations": {**(about.get("annotations") or {}), RUN: errand.run}}
    about["labels"] = {**(about.get("labels") or {}), "app.kubernetes.io/managed-by": "tocsin"}
    spec = made["spec"]
    spec.setdefault("backoffLimit", 0)
    if isinstance(kept := spec.get("ttlSecondsAfterFinished"), int):
        spec["ttlSecondsAfterFinished"] = max(kept, KEPT)
    pod = spec["template"]["spec"]
    pod.setdefault("restartPolicy", "Never")
    for container in pod["containers"]:
        given = [one for one in container.get("env") or () if one.get("name") not in variables]
        container["env"] = [*given, *({"name": key, "value": value} for key, value in variables.items())]
    return made
