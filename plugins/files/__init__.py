"""Documents as Markdown and HTML in a folder of this machine."""

from bot.contract import Plugin
from plugins.files.exporter import Folder
from plugins.files.settings import FilesSettings

plugin = Plugin(
    name="files",
    settings=FilesSettings,
    exporters=(Folder,),
    summary="Postmortems as Markdown and HTML, with their pictures, in a folder.",
)
