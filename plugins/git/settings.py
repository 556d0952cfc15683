"""What a connection to a Git repository may be told."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, reading

_SCP = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[A-Za-z0-9._~/-]+")
_NAME = re.compile(r"(?!.*(\.\.|//|\.lock$|/$|@\{))[A-Za-z0-9][A-Za-z0-9._/-]{0,100}")
_FOLDER = re.compile(r"(?!.*(\.\.|//))[A-Za-z0-9_][A-Za-z0-9._/-]{0,200}")


class GitSettings(ConnectionSettings):
    """Where the repository is, how we prove who we are, and whether people review what we bring."""

    url: str  #: https://…, ssh://…, git@host:owner/name.git, or a path
    branch: str = "main"
    path: str = "postmortems"  #: the folder within the repository
    user: str = Field(default="x-access-token", min_length=1, max_length=100)  #: beside the token, over https
    token: SecretStr | None = None
    key: Path | None = None  #: of ssh
    author: str = Field(default="Tocsin <tocsin@localhost>", pattern=r"^[^<>\n\x00]{1,100} <[^<>\s\x00]{3,200}>$")
    review: Literal["github", "gitlab"] | None = None
    project: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._/-]{3,300}$")  #: owner/name; read from the url
    api: str | None = None  #: the root of the host's API; read from the url

    @field_validator("url")
    @classmethod
    def _address(cls, given: str) -> str:
        parts = urlsplit(given)
        plain = not any(sign.isspace() or sign < " " for sign in given) and not given.startswith("-")
        if not plain or "::" in given or parts.password or (parts.username and parts.scheme != "ssh"):
            raise ValueError("Write it without user, password and spaces; the token has a key of its own")
        if parts.scheme not in ("http", "https", "ssh", "file") and not (
            _SCP.fullmatch(given) or given.startswith("/")
        ):
            raise ValueError("Write it as https://…, ssh://…, git@host:owner/name.git or a whole path")
        return given.rstrip("/")

    @field_validator("branch")
    @classmethod
    def _branch(cls, given: str) -> str:
        if not _NAME.fullmatch(given):
            raise ValueError("That is no name of a branch")
        return given

    @field_validator("path")
    @classmethod
    def _within(cls, given: str) -> str:
        if not _FOLDER.fullmatch(given):
            raise ValueError("Write a folder within the repository, as in docs/postmortems")
        return given.strip("/")

    @field_validator("api")
    @classmethod
    def _root(cls, given: str | None) -> str | None:
        if given is not None and (reading.link(given) is None or "?" in given or "#" in given):
            raise ValueError("Write it as in https://github.example.com/api/v3")
        return given.rstrip("/") if given else None

    @model_validator(mode="after")
    def _reviewed(self) -> Self:
        if self.review and self.token is None:
            raise ValueError("`review` needs a `token`, which opens the request")
        if self.review and not (self.project or self.host):
            raise ValueError("`review` needs `project` and `api`, since the url names no host")
        return self

    @property
    def host(self) -> str:
        """The host of the url; empty for a path."""
        if _SCP.fullmatch(self.url):
            return self.url.partition("@")[2].partition(":")[0]
        return urlsplit(self.url).hostname or ""

    @property
    def repository(self) -> str:
        """`owner/name`, as the host's API has it."""
        path = self.url.partition(":")[2] if _SCP.fullmatch(self.url) else urlsplit(self.url).path
        return self.project or path.strip("/").removesuffix(".git")

    @property
    def root(self) -> str:
        """Where the host's API is."""
        if self.api:
            return self.api
        if self.review == "gitlab":
            return f"https://{self.host}/api/v4"
        return "https://api.github.com" if self.host == "github.com" else f"https://{self.host}/api/v3"
