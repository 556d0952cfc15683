"""What a plugin author may see; a plugin imports nothing else of ours (but `bot.drift`)."""

from bot.contract.pager import Call, Pager, Sent
from bot.contract.plugin import API, Check, ConnectionSettings, Context, Health, Plugin
from bot.contract.source import Delivery, Request, Source
from bot.errors import NotAuthentic, NotDelivered, Unreadable
from bot.model.alert import Alert, Kind, Measure, Status

__all__ = [
    "API",
    "Alert",
    "Call",
    "Check",
    "ConnectionSettings",
    "Context",
    "Delivery",
    "Health",
    "Kind",
    "Measure",
    "NotAuthentic",
    "NotDelivered",
    "Pager",
    "Plugin",
    "Request",
    "Sent",
    "Source",
    "Status",
    "Unreadable",
]
