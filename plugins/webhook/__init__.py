"""Any JSON: reads a sender's own form by a mapping, or Tocsin's native form without one; posts pages as signed JSON."""

from bot.contract import Plugin
from plugins.webhook.pager import Hook
from plugins.webhook.settings import WebhookSettings
from plugins.webhook.source import Webhook

plugin = Plugin(
    name="webhook",
    settings=WebhookSettings,
    sources=(Webhook,),
    pagers=(Hook,),
    summary="Any JSON, by a mapping or in Tocsin's own form; pages as signed JSON.",
    hosts=("{page_url}",),
)
