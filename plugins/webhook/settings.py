"""What a connection of any JSON may be told: the mapping from the sender's form to alerts, and where pages go."""

import base64
import binascii

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, reading
from bot.contract.mapping import AlertFields, AnyPath, AnyPick, KindMap, MeasureFields, StatusMap, Strict


class Fields(AlertFields):
    """Where the parts of an alert stand. `problem` is what makes two messages speak of the same thing."""

    problem: AnyPick


class Signature(Strict):
    """The header with the hex HMAC-SHA256 of the raw body, made with the connection's secret."""

    header: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    prefix: str = ""


_MEASURE = {name: f"$.{name}" for name in MeasureFields.model_fields if name != "each"}
_LEAST = 24  # bytes of a key, as the Standard Webhooks want it
NATIVE = Fields.model_validate(
    {name: f"$.{name}" for name in Fields.model_fields if name not in ("links", "measures")}
    | {"links": ["$.links"], "measures": [{**_MEASURE, "each": "$.measures"}]}
)


class WebhookSettings(ConnectionSettings):
    """How to read the body; without `fields` the native form is taken."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    fields: Fields = NATIVE
    alerts: AnyPath | None = None
    delivery: AnyPick | None = None
    status_map: StatusMap = Field(default_factory=dict)
    kind_map: KindMap = Field(default_factory=dict)
    signature: Signature | None = None
    page_url: str | None = Field(default=None, repr=False)  #: where pages go; not given: it pages nobody
    page_secret: SecretStr | None = None  #: what they are signed with

    @field_validator("page_url")
    @classmethod
    def _plain(cls, given: str | None) -> str | None:
        if given is not None and reading.link(given) is None:
            raise ValueError("Write it as in https://example.com/pages, without name or password")
        return given

    @field_validator("page_secret")
    @classmethod
    def _strong(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None and not _key(given.get_secret_value()):
            raise ValueError(f"It is whsec_ and the base64 of {_LEAST} bytes or more: openssl rand -base64 32")
        return given

    @model_validator(mode="after")
    def _signed_with_something(self) -> "WebhookSettings":
        if self.signature is not None and self.secret is None:
            raise ValueError("signature needs the key as `secret`")
        return self

    @model_validator(mode="after")
    def _pages_signed(self) -> "WebhookSettings":
        if (self.page_url is None) != (self.page_secret is None):
            raise ValueError("`page_url` and `page_secret` stand together")
        return self


def _key(given: str) -> bool:
    try:
        return len(base64.b64decode(given.removeprefix("whsec_"), validate=True)) >= _LEAST
    except (binascii.Error, ValueError):
        return False
