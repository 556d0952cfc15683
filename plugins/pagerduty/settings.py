"""What a connection that stands in for a PagerDuty service may be told."""

from pydantic import SecretStr, field_validator

from bot.contract import ConnectionSettings, details
from plugins.pagerduty import event


class PagerDutySettings(ConnectionSettings):
    """Its key, and which of an event's custom details say what; of each list the first that is there is taken."""

    routing_key: SecretStr  #: 32 letters and digits; what a sender calls its integration key
    model_details: tuple[str, ...] = details.MODEL
    version_details: tuple[str, ...] = details.VERSION
    environment_details: tuple[str, ...] = details.ENVIRONMENT
    entity_details: tuple[str, ...] = details.ENTITY

    @field_validator("routing_key")
    @classmethod
    def _formed(cls, key: SecretStr) -> SecretStr:
        # PagerDuty's own clients and other senders refuse to send with anything else.
        if event.key_errors(key.get_secret_value()):
            raise ValueError("routing_key must be 32 letters and digits, for example from: openssl rand -hex 16")
        return key
