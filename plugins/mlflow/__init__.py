"""MLflow's model and prompt registry: aliases say what serves; its webhooks say when they were moved."""

from bot.contract import Plugin
from plugins.mlflow.platform import Mlflow
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.source import Webhooks

plugin = Plugin(
    name="mlflow",
    settings=MlflowSettings,
    sources=(Webhooks,),
    platforms=(Mlflow,),
    summary="MLflow's registry: moves the aliases of models and prompts, and reads its signed webhooks",
    hosts=("{url}",),
)
