"""What a connection that stands in for an Opsgenie integration, or pages through one, may be told."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, details

#: What an Opsgenie priority is called where runbooks speak of the sender's severity.
SEVERITIES = {"P1": "critical", "P2": "error", "P3": "warning", "P4": "info", "P5": "info"}
RESPONDERS = 50  #: of one alert


class Responder(BaseModel):
    """Whom Opsgenie is to reach: by `id`, or by `name` (a user by `username`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Literal["user", "team", "escalation", "schedule"]
    id: str | None = None
    name: str | None = None
    username: str | None = None

    @model_validator(mode="after")
    def _named(self) -> "Responder":
        if not (self.id or (self.username if self.type == "user" else self.name)):
            raise ValueError("a responder has an id, a user else a username, any other else a name")
        return self


Responders = Annotated[tuple[Responder, ...], Field(max_length=RESPONDERS)]


class OpsgenieSettings(ConnectionSettings):
    """Its keys, and which of an alert's details say what; of each list the first that is there is taken."""

    secret: SecretStr | None = None  #: the API key that senders show as `Authorization: GenieKey KEY`
    severities: dict[str, str] = Field(default_factory=lambda: dict(SEVERITIES))
    model_details: tuple[str, ...] = details.MODEL
    version_details: tuple[str, ...] = details.VERSION
    environment_details: tuple[str, ...] = details.ENVIRONMENT
    entity_details: tuple[str, ...] = details.ENTITY
    url: str = Field(default="https://api.opsgenie.com", pattern=r"^https?://[^\s/?#]+/?$")
    page_key: SecretStr | None = None  #: the API key of the Opsgenie integration that people are paged by
    responders: Responders | None = None  #: whom it is to reach; not given: the person, by their e-mail address
    responders_of: dict[str, Responders] = Field(default_factory=dict)  #: by person, where theirs are others
    page_webhook_secret: SecretStr | None = None  #: what its webhook shows in X-Tocsin-Secret

    @field_validator("page_key")
    @classmethod
    def _formed(cls, key: SecretStr | None) -> SecretStr | None:
        words = key.get_secret_value() if key else "x"
        if not words or not words.isascii() or not words.isprintable() or " " in words:
            raise ValueError("a key is a word of letters, digits and dashes")
        return key

    @model_validator(mode="after")
    def _good_for_something(self) -> "OpsgenieSettings":
        if self.secret is None and self.page_key is None:
            raise ValueError("secret (to be sent alerts) or page_key (to page people by Opsgenie) is needed")
        return self
