"""What a connection to a mail server may be told."""

import re
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, Field, FilePath, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, Duration
from plugins.smtp import address
from plugins.smtp.address import Mailbox


class Security(StrEnum):
    """How what travels is kept from others."""

    STARTTLS = "starttls"  #: plain at first, encrypted before anything is said; refused where that is not offered
    TLS = "tls"  #: encrypted from the first byte
    NONE = "none"


PORTS = {Security.STARTTLS: 587, Security.TLS: 465, Security.NONE: 25}
_HOST = re.compile(r"[A-Za-z0-9_.:-]{1,253}")
_LEAST, _MOST = timedelta(seconds=1), timedelta(seconds=12)  # a page that takes 15 s is cut off


def _mailbox(given: object) -> Mailbox:
    read = address.split(given) if isinstance(given, str) else None
    if read is None:
        raise ValueError("Write it as tocsin@example.com, or as Tocsin <tocsin@example.com>")
    return read


Address = Annotated[Mailbox, BeforeValidator(_mailbox)]


class SmtpSettings(ConnectionSettings):
    """Where the server is, how we prove who we are, and whose name stands on the mail."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str
    port: int | None = Field(default=None, ge=1, le=65_535)  #: not given: the usual one of `security`
    security: Security = Security.STARTTLS
    insecure: bool = False  #: mail may travel in clear text to another machine, as may the password
    ca: FilePath | None = None  #: who signed its certificate, where this machine does not know them
    username: str | None = None
    password: SecretStr | None = None
    sender: Address = Field(alias="from")
    reply_to: Address | None = None
    timeout: Duration = Field(default=timedelta(seconds=10))  #: for one message, from the connection to its end

    @field_validator("host")
    @classmethod
    def _plain(cls, given: str) -> str:
        if not _HOST.fullmatch(given):
            raise ValueError("Write the name alone, as in smtp.example.com; the port stands beside it")
        return given

    @field_validator("ca")
    @classmethod
    def _whole(cls, given: Path | None) -> Path | None:
        return given.resolve() if given else None

    @field_validator("timeout")
    @classmethod
    def _bounded(cls, given: timedelta) -> timedelta:
        if not _LEAST <= given <= _MOST:
            raise ValueError("Give it 1s to 12s")
        return given

    @model_validator(mode="after")
    def _kept_from_others(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("`username` and `password` stand together")
        if self.security is Security.NONE and not (self.insecure or _loopback(self.host)):
            raise ValueError(
                "`security: none` sends mail in clear text to another machine; use starttls or tls, "
                "or say `insecure: true`"
            )
        return self

    @property
    def door(self) -> int:
        """The port it is reached at."""
        return self.port or PORTS[self.security]


def _loopback(host: str) -> bool:
    try:
        return host.lower() == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
