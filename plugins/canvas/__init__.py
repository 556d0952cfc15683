"""Documents as canvases of Slack."""

from bot.contract import Plugin
from plugins.canvas.exporter import Canvases
from plugins.canvas.settings import CanvasSettings

plugin = Plugin(
    name="canvas",
    settings=CanvasSettings,
    exporters=(Canvases,),
    summary="Postmortems as canvases of Slack, with their pictures.",
    hosts=("{url}",),
)
