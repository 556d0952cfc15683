"""Watchtower, a monitor of models: reads its signed batches, and pages by its push gateway."""

from bot.contract import Plugin
from watchtower.pager import Push
from watchtower.settings import WatchtowerSettings
from watchtower.source import Watchtower

plugin = Plugin(
    name="watchtower",
    settings=WatchtowerSettings,
    sources=(Watchtower,),
    pagers=(Push,),
    summary="Watchtower: signed batches in, pages out by its push gateway.",
    hosts=("{gateway}",),
)
