"""Documents as pages of a Notion database."""

from bot.contract import Plugin
from plugins.notion.exporter import Pages
from plugins.notion.settings import NotionSettings

plugin = Plugin(
    name="notion",
    settings=NotionSettings,
    exporters=(Pages,),
    summary="Postmortems as pages of a Notion database, with their pictures.",
    hosts=("{url}",),
)
