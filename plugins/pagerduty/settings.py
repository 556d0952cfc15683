"""What a connection that stands in for a PagerDuty service, or pages through one, may be told."""

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, details
from plugins.pagerduty import event


class PagerDutySettings(ConnectionSettings):
    """Its keys, and which of an event's custom details say what; of each list the first that is there is taken."""

    routing_key: SecretStr | None = None  #: 32 letters and digits; what a sender calls its integration key
    model_details: tuple[str, ...] = details.MODEL
    version_details: tuple[str, ...] = details.VERSION
    environment_details: tuple[str, ...] = details.ENVIRONMENT
    entity_details: tuple[str, ...] = details.ENTITY
    url: str = Field(default="https://events.pagerduty.com", pattern=r"^https?://[^\s/?#]+/?$")
    page_key: SecretStr | None = None  #: PagerDuty's integration key of the service that people are paged by
    page_keys: dict[str, SecretStr] = Field(default_factory=dict)  #: by person, where theirs is another
    page_webhook_secret: SecretStr | None = None  #: of PagerDuty's webhook subscription

    @field_validator("routing_key", "page_key")
    @classmethod
    def _formed(cls, key: SecretStr | None) -> SecretStr | None:
        # PagerDuty's own clients and other senders refuse to send with anything else.
        if key is not None and event.key_errors(key.get_secret_value()):
            raise ValueError("a key must be 32 letters and digits; one of your own: openssl rand -hex 16")
        return key

    @field_validator("page_keys")
    @classmethod
    def _all_formed(cls, keys: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for key in keys.values():
            cls._formed(key)
        return keys

    @model_validator(mode="after")
    def _good_for_something(self) -> "PagerDutySettings":
        if self.routing_key is None and self.page_key is None and not self.page_keys:
            raise ValueError("routing_key (to be sent events) or page_key (to page people by PagerDuty) is needed")
        return self

    def key_of(self, person: str) -> SecretStr | None:
        """The key of the service by which this person is paged."""
        return self.page_keys.get(person, self.page_key)
