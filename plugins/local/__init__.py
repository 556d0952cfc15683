"""Models on a disk: versions are folders, what serves is a file that is swapped whole."""

from bot.contract import Plugin
from plugins.local.evaluator import Shelf
from plugins.local.features import Store
from plugins.local.platform import Local
from plugins.local.settings import LocalSettings
from plugins.local.trainer import Bench

plugin = Plugin(
    name="local",
    settings=LocalSettings,
    platforms=(Local,),
    evaluators=(Shelf,),
    trainers=(Bench,),
    features=(Store,),
    summary="Models on a disk: versions are folders, and a file says which one serves.",
)
