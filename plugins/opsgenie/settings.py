"""What a connection that stands in for an Opsgenie integration may be told."""

from pydantic import Field, SecretStr

from bot.contract import ConnectionSettings, details

#: What an Opsgenie priority is called where runbooks speak of the sender's severity.
SEVERITIES = {"P1": "critical", "P2": "error", "P3": "warning", "P4": "info", "P5": "info"}


class OpsgenieSettings(ConnectionSettings):
    """Its key, and which of an alert's details say what; of each list the first that is there is taken."""

    secret: SecretStr  #: the API key that senders show as `Authorization: GenieKey KEY`
    severities: dict[str, str] = Field(default_factory=lambda: dict(SEVERITIES))
    model_details: tuple[str, ...] = details.MODEL
    version_details: tuple[str, ...] = details.VERSION
    environment_details: tuple[str, ...] = details.ENVIRONMENT
    entity_details: tuple[str, ...] = details.ENTITY
