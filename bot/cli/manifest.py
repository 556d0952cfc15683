"""`tocsin manifest`: what to paste at api.slack.com to make the Slack app."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.cli import place, say


class Mode(StrEnum):
    """How Slack reaches the bot."""

    SOCKET = "socket"
    HTTP = "http"


How = Annotated[Mode, typer.Option("--mode", help="How Slack reaches the bot: as `slack.mode` in tocsin.yaml.")]
Url = Annotated[str | None, typer.Option("--url", help="In mode http: the https address at which Slack finds the bot.")]
Without = Annotated[list[str] | None, typer.Option("--without", help="Leave out a scope; may be given many times.")]
Link = Annotated[bool, typer.Option("--link", help="Print the address that opens Slack with the manifest in it.")]


def manifest(
    mode: How = Mode.SOCKET, url: Url = None, without: Without = None, link: Link = False, json: place.Json = False
) -> None:
    """Print the manifest of the Slack app. It needs no configuration and no token."""
    from bot.slack import manifest as manifests

    document = manifests.manifest(mode.value, url, without or ())
    if link:
        say.line(manifests.link(document))
    elif json:
        say.data(document)
    else:
        for line in manifests.yaml(document).splitlines():
            say.line(line)
