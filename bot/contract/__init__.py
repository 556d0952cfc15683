"""What a plugin author may see; a plugin imports nothing else of ours (but `bot.drift`)."""

from bot.contract.counter import Answer, Counter, Place, Taken
from bot.contract.pager import Call, Pager, Sent
from bot.contract.plugin import API, Check, ConnectionSettings, Context, Health, Plugin
from bot.contract.source import Act, Delivery, Does, Request, Source
from bot.documents import Duration
from bot.errors import BadInput, NotAuthentic, NotDelivered, NotFound, TocsinError, TooLarge, Unreadable
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change_event import ChangeEvent
from bot.model.standing import Standing

__all__ = [
    "API",
    "Act",
    "Alert",
    "Answer",
    "BadInput",
    "Call",
    "ChangeEvent",
    "Check",
    "ConnectionSettings",
    "Context",
    "Counter",
    "Delivery",
    "Does",
    "Duration",
    "Health",
    "Kind",
    "Measure",
    "NotAuthentic",
    "NotDelivered",
    "NotFound",
    "Pager",
    "Place",
    "Plugin",
    "Request",
    "Sent",
    "Source",
    "Standing",
    "Status",
    "Taken",
    "TocsinError",
    "TooLarge",
    "Unreadable",
]
