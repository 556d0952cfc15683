"""Opsgenie both ways: its Alert API v2 as a door, and people paged through it who may answer there."""

from bot.contract import Plugin
from plugins.opsgenie.pager import OpsgeniePager
from plugins.opsgenie.receiver import OpsgenieReceiver
from plugins.opsgenie.settings import OpsgenieSettings
from plugins.opsgenie.source import Opsgenie

plugin = Plugin(
    name="opsgenie",
    settings=OpsgenieSettings,
    sources=(Opsgenie,),
    pagers=(OpsgeniePager,),
    receivers=(OpsgenieReceiver,),
    summary="Opsgenie: its Alert API v2 at its own addresses, and as the phone leg of pages",
    hosts=("{url}",),
)
