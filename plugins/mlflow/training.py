"""What the key `train` of a connection may say: who is given the training to do."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, DirectoryPath, Field, FilePath, SecretStr, field_validator, model_validator

from bot.contract import Duration, reading

_LARGEST = 262_144  # bytes of a template


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Job(_Part):
    """A Kubernetes Job, made from a template; without `url` the API of the cluster that the bot runs in."""

    template: dict[str, Any]  #: of kind Job, written here or in a file of JSON
    namespace: str | None = None  #: not given: the template's, or the bot's own
    url: str | None = None
    token: SecretStr | None = None
    token_file: Path | None = None  #: read anew each time, for such tokens are exchanged
    ca: FilePath | None = None
    verify: bool = True

    @field_validator("template", mode="before")
    @classmethod
    def _read(cls, given: object) -> object:
        if not isinstance(given, str | Path):
            return given
        try:
            said = json.loads(Path(given).read_bytes()[:_LARGEST])
        except (OSError, ValueError):
            raise ValueError("No JSON can be read there; write the template here, or convert it: -o json") from None
        return said

    @field_validator("template")
    @classmethod
    def _job(cls, given: dict[str, Any]) -> dict[str, Any]:
        pod: Any = given
        for key in ("spec", "template", "spec"):
            pod = pod.get(key) if isinstance(pod, dict) else None
        containers = pod.get("containers") if isinstance(pod, dict) else None
        if given.get("kind") != "Job" or given.get("apiVersion") != "batch/v1":
            raise ValueError("It must be of kind Job, apiVersion batch/v1")
        if not isinstance(containers, list) or not containers or not all(isinstance(one, dict) for one in containers):
            raise ValueError("Its spec.template.spec.containers must name what is run")
        return given

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str | None) -> str | None:
        return _address(given)


class Pipeline(_Part):
    """A pipeline that is started by one POST: GitLab's, GitHub's, or any other's."""

    kind: Literal["gitlab", "github", "webhook"]
    url: str = ""  #: of the service; what is posted to, for a webhook
    token: SecretStr
    project: str = ""  #: GitLab's number or path, GitHub's owner/name
    workflow: str = ""  #: GitHub's, as in train.yml
    ref: str = "main"  #: the branch or tag that is run

    @model_validator(mode="after")
    def _whole(self) -> Self:
        needs = {"gitlab": ("project", "ref"), "github": ("project", "workflow", "ref"), "webhook": ("url",)}
        missing = [f"`{name}`" for name in needs[self.kind] if not getattr(self, name)]
        if missing:
            raise ValueError(f"A pipeline of kind {self.kind} needs {' and '.join(missing)}")
        if self.kind == "github" and self.project.count("/") != 1:
            raise ValueError("Write `project` as owner/name")
        if self.url:
            _address(self.url)
        return self

    @property
    def root(self) -> str:
        """Where the service is reached."""
        return self.url.rstrip("/") or {"gitlab": "https://gitlab.com"}.get(self.kind, "https://api.github.com")


class Train(_Part):
    """One of `command`, `job` and `pipeline`, and how MLflow keeps the runs."""

    command: tuple[str, ...] | None = Field(default=None, min_length=1)
    cwd: DirectoryPath | None = None
    env_from: tuple[str, ...] = ()  #: variables of the bot that the command is given too
    runs: Path | None = None  #: where the command's logs are kept; not given: `cwd`/runs
    job: Job | None = None
    pipeline: Pipeline | None = None
    experiment: str | None = Field(default=None, min_length=1)  #: not given: the registered model's name
    tracking_url: str | None = None  #: MLflow's address as the training sees it, where that is another
    settle: Duration = Field(default=timedelta(minutes=1))  #: how long after its end a run may register its version
    abandoned: Duration = Field(default=timedelta(days=1))  #: a run of others that began longer ago is not waited for

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(one is not None for one in (self.command, self.job, self.pipeline)) != 1:
            raise ValueError("Give one of `command`, `job` and `pipeline`")
        if self.command is not None and self.cwd is None:
            raise ValueError("A `command` needs `cwd`, the folder that it is run in")
        if self.command is None and (self.cwd or self.env_from or self.runs):
            raise ValueError("`cwd`, `env_from` and `runs` stand with `command` alone")
        if self.command is not None and (not self.command[0] or "\0" in "".join(self.command)):
            raise ValueError("The `command` names no program")
        if self.tracking_url:
            _address(self.tracking_url)
        return self


def _address(given: str | None) -> str | None:
    if given is not None and (reading.link(given) is None or "?" in given or "#" in given):
        raise ValueError("Write an address as in https://example.com, without name, password or query")
    return given.rstrip("/") if given else given
