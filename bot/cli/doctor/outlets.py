"""The rows about where postmortems go: every connection that is named for it must take documents."""

from typing import TYPE_CHECKING

from bot.cli.doctor.rows import row

if TYPE_CHECKING:
    from bot.registry import Connected
    from bot.settings import Settings
    from bot.slack.examine import Row


def rows(settings: "Settings", connected: "Connected") -> "list[Row]":
    """One for each of `postmortems.exports` whose plugin works; how it stands with it is among the connections."""
    told = []
    for name in settings.postmortems.exports:
        one = connected.parts.get(name)
        if one is None:
            continue  # why it is left out stands among the connections
        what = f"postmortems go to {name}"
        if one.exporter is None:
            do = "Name in `postmortems.exports` one whose plugin is an exporter; see `tocsin plugins`."
            told.append(row(what, "missing", f"The plugin {one.plugin.name} takes no documents.", do, required=False))
        else:
            told.append(row(what, "ok", f"The plugin {one.plugin.name} puts them there."))
    return told
