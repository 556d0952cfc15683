"""What a connection to an MLflow server may be told."""

from datetime import timedelta
from pathlib import Path
from typing import Self

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, Duration, reading
from plugins.mlflow.training import Train


class MlflowSettings(ConnectionSettings):
    """`secret` is that of its webhooks; how we prove who we are stands beside it."""

    url: str  #: the tracking server's root, as a browser opens it
    token: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca: FilePath | None = None  #: who signed its certificate, where this machine does not know them
    verify: bool = True
    timeout: Duration = Field(default=timedelta(seconds=5))
    tolerance: Duration = Field(default=timedelta(minutes=5))  #: how far a webhook's clock may be from ours
    train: Train | None = None  #: who is given the training to do; not given: nobody

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://mlflow.example.com, without name, password or query")
        return given.rstrip("/")

    @field_validator("ca")
    @classmethod
    def _whole(cls, given: Path | None) -> Path | None:
        return given.resolve() if given else None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` stand together")
        if self.token is not None and self.username is not None:
            raise ValueError("Give a `token`, or `username` and `password`, not both")
        return self
