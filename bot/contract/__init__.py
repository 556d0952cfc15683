"""What a plugin author may see; a plugin imports nothing else of ours (but `bot.drift`)."""

from bot.contract.agent import Agent, Evidence, Findings, Task
from bot.contract.counter import Answer, Counter, Place, Taken
from bot.contract.evaluator import Asked, Evaluator, Scored
from bot.contract.exporter import Document, Exported, Exporter, Picture
from bot.contract.features import FeatureStore
from bot.contract.pager import Call, Follower, Note, Pager, Sent, Teller
from bot.contract.platform import Flow, Op, Platform, Probe
from bot.contract.plugin import API, Check, ConnectionSettings, Context, Health, Plugin
from bot.contract.receiver import Heard, Receiver, Reply, Report, Says
from bot.contract.source import Act, Delivery, Does, Move, Request, Source
from bot.contract.trainer import Going, Order, Run, Trainer
from bot.documents import Duration
from bot.errors import BadInput, NotAuthentic, NotDelivered, NotFound, Refused, Stale, TocsinError, TooLarge, Unreadable
from bot.model.alert import Alert, Kind, Measure, Status
from bot.model.change import Lever, Plan, Serving
from bot.model.change_event import ChangeEvent
from bot.model.served import Served, Version
from bot.model.standing import Standing

__all__ = [
    "API",
    "Act",
    "Agent",
    "Alert",
    "Answer",
    "Asked",
    "BadInput",
    "Call",
    "ChangeEvent",
    "Check",
    "ConnectionSettings",
    "Context",
    "Counter",
    "Delivery",
    "Document",
    "Does",
    "Duration",
    "Evaluator",
    "Evidence",
    "Exported",
    "Exporter",
    "FeatureStore",
    "Findings",
    "Flow",
    "Follower",
    "Going",
    "Health",
    "Heard",
    "Kind",
    "Lever",
    "Measure",
    "Move",
    "NotAuthentic",
    "NotDelivered",
    "NotFound",
    "Note",
    "Op",
    "Order",
    "Pager",
    "Picture",
    "Place",
    "Plan",
    "Platform",
    "Plugin",
    "Probe",
    "Receiver",
    "Refused",
    "Reply",
    "Report",
    "Request",
    "Run",
    "Says",
    "Scored",
    "Sent",
    "Served",
    "Serving",
    "Source",
    "Stale",
    "Standing",
    "Status",
    "Taken",
    "Task",
    "Teller",
    "TocsinError",
    "TooLarge",
    "Trainer",
    "Unreadable",
    "Version",
]
