"""The mapping from a sender's JSON to alerts, checked word by word when it is loaded."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from bot.contract import ConnectionSettings, Kind, Status
from plugins.webhook import path
from plugins.webhook.pick import Pick


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _pick(given: Any) -> Any:
    return given if isinstance(given, Pick) else Pick.of(given)


def _path(given: Any) -> Any:
    if isinstance(given, path.Path):
        return given
    if not isinstance(given, str):
        raise ValueError("a path is a text such as $.events")
    return path.parse(given)


def _word(given: Any) -> str:
    return str(given).strip().lower()


AnyPick = Annotated[Pick, BeforeValidator(_pick)]
AnyPath = Annotated[path.Path, BeforeValidator(_path)]


class MeasureFields(_Strict):
    """Where the parts of a measure stand; with `each`, in every element of that list (`$` is the element then)."""

    metric: AnyPick
    each: AnyPath | None = None
    value: AnyPick | None = None
    threshold: AnyPick | None = None
    op: AnyPick | None = None
    baseline: AnyPick | None = None
    sample_size: AnyPick | None = None
    window: AnyPick | None = None
    feature: AnyPick | None = None
    segment: AnyPick | None = None


class Fields(_Strict):
    """Where the parts of an alert stand. `problem` is what makes two messages speak of the same thing."""

    problem: AnyPick
    title: AnyPick | None = None
    status: AnyPick | None = None
    kind: AnyPick | None = None
    model: AnyPick | None = None
    version: AnyPick | None = None
    environment: AnyPick | None = None
    entity: AnyPick | None = None
    severity: AnyPick | None = None
    started_at: AnyPick | None = None
    ended_at: AnyPick | None = None
    summary: AnyPick | None = None
    labels: AnyPick | None = None
    links: tuple[AnyPick, ...] = ()
    measures: tuple[MeasureFields, ...] = ()


class Signature(_Strict):
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
    status_map: dict[str, Status] = Field(default_factory=dict)
    kind_map: dict[str, Kind] = Field(default_factory=dict)
    signature: Signature | None = None

    @field_validator("status_map", "kind_map", mode="before")
    @classmethod
    def _words(cls, given: Any) -> Any:
        # YAML reads `on` and `1` as no text; a sender's word is compared in lower case.
        return {_word(word): meaning for word, meaning in given.items()} if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _signed_with_something(self) -> "WebhookSettings":
        if self.signature is not None and self.secret is None:
            raise ValueError("signature needs the key as `secret`")
        return self
