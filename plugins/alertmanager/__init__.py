"""Prometheus Alertmanager: reads its webhook, version 4, and stands in for it where Prometheus posts alerts."""

from bot.contract import Plugin
from plugins.alertmanager.settings import AlertmanagerSettings
from plugins.alertmanager.source import Alertmanager

plugin = Plugin(
    name="alertmanager",
    settings=AlertmanagerSettings,
    sources=(Alertmanager,),
    summary="Prometheus Alertmanager: its webhook, version 4.",
)
