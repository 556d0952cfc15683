"""Documents as pages of Confluence Cloud."""

from bot.contract import Plugin
from plugins.confluence.exporter import Pages
from plugins.confluence.settings import ConfluenceSettings

plugin = Plugin(
    name="confluence",
    settings=ConfluenceSettings,
    exporters=(Pages,),
    summary="Postmortems as pages of a Confluence Cloud space, with their pictures.",
    hosts=("{url}",),
)
