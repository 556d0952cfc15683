"""Prometheus Alertmanager: reads its webhook, version 4."""

from bot.contract import Plugin
from plugins.alertmanager.settings import AlertmanagerSettings
from plugins.alertmanager.source import Alertmanager

plugin = Plugin(name="alertmanager", settings=AlertmanagerSettings, sources=(Alertmanager,))
