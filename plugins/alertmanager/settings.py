"""What a connection to an Alertmanager may be told."""

from bot.contract import ConnectionSettings


class AlertmanagerSettings(ConnectionSettings):
    """Which labels say what; of each list the first label that an alert has is taken."""

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
