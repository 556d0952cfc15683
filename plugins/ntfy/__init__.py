"""Push messages by ntfy, its public server or your own."""

from bot.contract import Plugin
from plugins.ntfy.pager import Push
from plugins.ntfy.settings import NtfySettings

plugin = Plugin(
    name="ntfy",
    settings=NtfySettings,
    pagers=(Push,),
    summary="Push messages to phones, by ntfy.",
    hosts=("{url}",),
)
