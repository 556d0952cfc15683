"""MLflow's registry and runs: aliases say what serves, webhooks when they were moved, runs how a training goes."""

from bot.contract import Plugin
from plugins.mlflow.platform import Mlflow
from plugins.mlflow.settings import MlflowSettings
from plugins.mlflow.source import Webhooks
from plugins.mlflow.trainer import Delegate

plugin = Plugin(
    name="mlflow",
    settings=MlflowSettings,
    sources=(Webhooks,),
    platforms=(Mlflow,),
    trainers=(Delegate,),
    summary="MLflow: moves the aliases of models and prompts, has models trained, and reads its signed webhooks",
    hosts=("{url}", "{train}"),
)
