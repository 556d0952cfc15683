"""The rows about Slack: one workspace, or each that has installed the app."""

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli import place
from bot.cli.doctor.rows import row
from bot.errors import BadConfig, TocsinError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.settings.nouns import OAuth
    from bot.slack.examine import Row


async def rows(settings: "Settings") -> "list[Row]":
    """Whether the tokens, scopes, channels and accounts are what they must be."""
    from bot.clock import SystemClock
    from bot.slack import examine
    from bot.slack.client import Client

    own = settings.slack
    if own.oauth is not None:
        return await _workspaces(settings, own.oauth)
    if own.mode == "off" or own.bot_token is None:
        do = "Set slack.mode to socket or http, and its tokens."
        return [row("slack.mode", "missing", "Slack is off: nobody is paged.", do, required=False)]
    async with Client(own.bot_token, url=own.api_url) as client:
        return await examine.workspace(client, SystemClock(), settings)


async def _workspaces(settings: "Settings", oauth: "OAuth") -> "list[Row]":
    """The rows of each workspace that has installed the app, its id before them."""
    from bot.clock import SystemClock
    from bot.settings.oauth import share
    from bot.slack import examine
    from bot.slack.client import Client
    from bot.slack.vault import Vault
    from bot.store import installations

    try:
        vault = Vault(oauth.keys)
        async with place.store(settings) as store:
            found = await store.read(installations.current)
    except TocsinError as error:
        return [row("workspaces", "missing", error.what, error.do)]
    if not found:
        return [row("workspaces", "missing", "None has installed the app yet.", f"Open {oauth.install_url}.")]
    told = []
    for each in found:
        main = each.team == (settings.slack.workspace or found[0].team)
        try:
            token = vault.open(each.token)
        except BadConfig as error:
            told.append(row(f"{each.team}: bot token", "missing", error.what, error.do))
            continue
        async with Client(token, url=settings.slack.api_url) as client:
            own = share(settings, each.team, main=main)
            told += [
                replace(one, what=f"{each.team}: {one.what}")
                for one in await examine.workspace(client, SystemClock(), own)
            ]
    return told
