"""What a connection to an Alertmanager may be told."""

from datetime import timedelta

from bot.contract import ConnectionSettings, Duration


class AlertmanagerSettings(ConnectionSettings):
    """Which labels say what; of each list the first label that an alert has is taken."""

    resolve_timeout: Duration = timedelta(minutes=5)  # how long an alert counts that Prometheus posts without an end

    # `service` and `endpoint` come late: the Prometheus Operator sets both on everything it scrapes.
    model_labels: tuple[str, ...] = (
        "model",
        "model_name",
        "registered_model",
        "agent",
        "agent_name",
        "inferenceservice",
        "inference_service",
        "endpoint_name",
        "deployment",
        "service",
        "endpoint",
    )
    version_labels: tuple[str, ...] = ("model_version", "version", "agent_version")
    environment_labels: tuple[str, ...] = ("environment", "env", "stage", "deployment_environment")
    entity_labels: tuple[str, ...] = ("entity", "business_entity", "business_unit")
    feature_labels: tuple[str, ...] = ("feature", "feature_name", "column")
