"""Any JSON: reads a sender's own form by a mapping in the configuration, or Tocsin's native form without one."""

from bot.contract import Plugin
from plugins.webhook.settings import WebhookSettings
from plugins.webhook.source import Webhook

plugin = Plugin(
    name="webhook",
    settings=WebhookSettings,
    sources=(Webhook,),
    summary="Any JSON, by a mapping or in Tocsin's own form.",
)
