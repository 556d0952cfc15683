"""Documents as commits in a Git repository, by review where that is wanted."""

from bot.contract import Plugin
from plugins.git.exporter import Repository
from plugins.git.settings import GitSettings

plugin = Plugin(
    name="git",
    settings=GitSettings,
    exporters=(Repository,),
    summary="Postmortems in a Git repository: commit and push, or a GitHub or GitLab merge request.",
    hosts=("{url}", "{api}"),
)
