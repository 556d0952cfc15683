"""What a connection of any JSON may be told: the mapping from the sender's form to alerts."""

from pydantic import ConfigDict, Field, model_validator

from bot.contract import ConnectionSettings
from bot.contract.mapping import AlertFields, AnyPath, AnyPick, KindMap, MeasureFields, StatusMap, Strict


class Fields(AlertFields):
    """Where the parts of an alert stand. `problem` is what makes two messages speak of the same thing."""

    problem: AnyPick


class Signature(Strict):
    """The header with the hex HMAC-SHA256 of the raw body, made with the connection's secret."""

    header: str = Field(pattern=r"^[A-Za-z0-9-]{1,64}$")
    prefix: str = ""


_MEASURE = {name: f"$.{name}" for name in MeasureFields.model_fields if name != "each"}
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

    @model_validator(mode="after")
    def _signed_with_something(self) -> "WebhookSettings":
        if self.signature is not None and self.secret is None:
            raise ValueError("signature needs the key as `secret`")
        return self
