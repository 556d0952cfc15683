"""Opsgenie's Alert API v2, as a door: whoever sends there needs only another URL."""

from bot.contract import Plugin
from plugins.opsgenie.settings import OpsgenieSettings
from plugins.opsgenie.source import Opsgenie

plugin = Plugin(
    name="opsgenie",
    settings=OpsgenieSettings,
    sources=(Opsgenie,),
    summary="Opsgenie's Alert API v2, at Opsgenie's own addresses",
)
