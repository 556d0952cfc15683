"""MLflow's runs and registry in memory, as strict as the real server in what the trainer asks of it."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from bot.testing.far_end import Arrived

KEY = re.compile(r"tags\.`tocsin\.key` = '([0-9a-f]{32})'")
GOING = "attributes.status != 'FINISHED' AND attributes.status != 'FAILED' AND attributes.status != 'KILLED'"


class Wrong(Exception):
    """What MLflow refuses, with its code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.said = status, {"error_code": code, "message": message}


class Tracks:
    """`says` answers one request; `before` is called with each path first, and may change things or raise."""

    def __init__(self, salt: int = 0) -> None:
        self._salt = salt
        self.experiments: dict[str, str] = {}
        self.runs: dict[str, dict[str, Any]] = {}
        self.models: dict[str, list[dict[str, Any]]] = {}
        self.aliases: dict[str, str] = {}
        self.asked: list[str] = []
        self._made = 0
        self.before: Callable[[str], tuple[int, bytes] | None] = lambda path: None
        self.after: Callable[[str], bool] = lambda path: False  #: True loses the answer

    def says(self, arrived: Arrived) -> tuple[int, bytes] | None:
        parts = urlsplit(arrived.path)
        path = parts.path.removeprefix("/api/2.0/mlflow/").removeprefix("/")
        self.asked.append(path)
        if (said := self.before(path)) is not None:
            return said
        given: dict[str, Any] = dict(parse_qsl(parts.query)) if arrived.method == "GET" else orjson.loads(arrived.body)
        try:
            status, body = 200, self._acts(arrived.method)[path](given)
        except Wrong as wrong:
            status, body = wrong.said
        except KeyError:
            return 404, b"<html>Not Found</html>"
        return None if self.after(path) else (status, orjson.dumps(body))

    def model(self, name: str, versions: int = 8) -> None:
        """A registered model whose champion is its last version."""
        self.models[name] = []
        for _ in range(versions):
            self.register(name, "")
        self.aliases[name] = str(versions)

    def register(self, name: str, run: str, status: str = "READY") -> str:
        """A new version out of a run; its number."""
        number = str(len(self.models[name]) + 1)
        self.models[name].append({"name": name, "version": number, "run_id": run, "status": status})
        return number

    def logs(self, run: str, **metrics: float) -> None:
        """The run measures this."""
        self.runs[run]["metrics"] |= {key: {"key": key, "value": value, "step": 0} for key, value in metrics.items()}

    def ends(self, run: str, status: str = "FINISHED", at: int = 1_764_000_000_000) -> None:
        """The run says its end."""
        self.runs[run] |= {"status": status, "end_time": at}

    def _acts(self, method: str) -> Mapping[str, Callable[[dict[str, Any]], Any]]:
        reads = {
            "registered-models/get": self._model,
            "experiments/get-by-name": self._experiment,
            "runs/get": lambda said: {"run": _shown(self._run(said))},
            "model-versions/search": self._versions,
        }
        writes = {
            "experiments/create": self._new_experiment,
            "runs/search": self._search,
            "runs/create": self._new_run,
            "runs/update": self._update,
            "runs/set-tag": self._tag,
            "runs/log-parameter": self._parameter,
            "runs/log-metric": self._metric,
            "model-versions/create": lambda said: {"version": self.register(said["name"], said["run_id"])},
        }
        return reads if method == "GET" else writes

    def _model(self, said: dict[str, Any]) -> Any:
        if said["name"] not in self.models:
            raise Wrong("RESOURCE_DOES_NOT_EXIST", "Registered Model not found", 404)
        at = {"alias": "champion", "version": self.aliases[said["name"]]}
        return {"registered_model": {"name": said["name"], "aliases": [at]}}

    def _experiment(self, said: dict[str, Any]) -> Any:
        name = said["experiment_name"]
        if name not in self.experiments:
            raise Wrong("RESOURCE_DOES_NOT_EXIST", f"No experiment {name}", 404)
        return {"experiment": {"experiment_id": self.experiments[name], "name": name, "lifecycle_stage": "active"}}

    def _new_experiment(self, said: dict[str, Any]) -> Any:
        if said["name"] in self.experiments:
            raise Wrong("RESOURCE_ALREADY_EXISTS", "It is there")
        self.experiments[said["name"]] = str(len(self.experiments) + 1)
        return {"experiment_id": self.experiments[said["name"]]}

    def _search(self, said: dict[str, Any]) -> Any:
        found = [one for one in self.runs.values() if one["experiment_id"] in said["experiment_ids"]]
        if said["run_view_type"] == "ACTIVE_ONLY":
            found = [one for one in found if one["lifecycle_stage"] == "active"]
        if said["filter"] == GOING:
            found = [one for one in found if one["status"] in ("RUNNING", "SCHEDULED")]
        elif match := KEY.fullmatch(said["filter"]):
            found = [one for one in found if one["tags"].get("tocsin.key") == match[1]]
        else:
            raise Wrong("INVALID_PARAMETER_VALUE", f"Invalid clause in filter {said['filter']}")
        return {"runs": [_shown(one) for one in reversed(found)]} if found else {}

    def _new_run(self, said: dict[str, Any]) -> Any:
        self._made += 1
        number = hashlib.sha256(f"{self._salt}/{self._made}".encode()).hexdigest()[:32]  # in no order
        self.runs[number] = {
            "run_id": number,
            "experiment_id": said["experiment_id"],
            "status": "RUNNING",
            "start_time": said["start_time"],
            "lifecycle_stage": "active",
            "tags": {one["key"]: one["value"] for one in said.get("tags", ())},
            "params": {},
            "metrics": {},
        }
        return {"run": _shown(self.runs[number])}

    def _run(self, said: dict[str, Any]) -> dict[str, Any]:
        if said["run_id"] not in self.runs:
            raise Wrong("RESOURCE_DOES_NOT_EXIST", f"Run {said['run_id']} not found", 404)
        return self.runs[said["run_id"]]

    def _update(self, said: dict[str, Any]) -> Any:
        self._run(said).update({key: said[key] for key in ("status", "end_time") if key in said})
        return {}

    def _metric(self, said: dict[str, Any]) -> Any:
        self.logs(said["run_id"], **{said["key"]: said["value"]})
        return {}

    def _tag(self, said: dict[str, Any]) -> Any:
        self._run(said)["tags"][said["key"]] = said["value"]
        return {}

    def _parameter(self, said: dict[str, Any]) -> Any:
        run = self._run(said)
        if run["lifecycle_stage"] != "active":
            raise Wrong("INVALID_PARAMETER_VALUE", "The run must be in the 'active' state")
        if run["params"].setdefault(said["key"], said["value"]) != said["value"]:
            raise Wrong("INVALID_PARAMETER_VALUE", "Changing param values is not allowed")
        return {}

    def _versions(self, said: dict[str, Any]) -> Any:
        run = said["filter"].removeprefix("run_id='").removesuffix("'")
        found = [one for versions in self.models.values() for one in versions if one["run_id"] == run]
        return {"model_versions": found} if found else {}


def _shown(run: dict[str, Any]) -> dict[str, Any]:
    """As MLflow writes a run: lists that are empty are left out."""
    info = {key: run[key] for key in run if key not in ("tags", "params", "metrics")}
    pairs = {key: [{"key": name, "value": value} for name, value in run[key].items()] for key in ("tags", "params")}
    data = {**pairs, "metrics": list(run["metrics"].values())}
    return {"info": info, "data": {key: value for key, value in data.items() if value}, "inputs": {}}
