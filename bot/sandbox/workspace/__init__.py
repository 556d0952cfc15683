"""A strict stand-in for Slack on the loopback address: both transports, its limits, its refusals, and faults."""

from bot.sandbox.workspace.hands import Reply
from bot.sandbox.workspace.limits import Limits
from bot.sandbox.workspace.nouns import EVENTS, SCOPES, App, Call, Change, Channel, Failure, Message, Person, View
from bot.sandbox.workspace.state import Secrets
from bot.sandbox.workspace.workspace import Workspace

__all__ = [
    "EVENTS",
    "SCOPES",
    "App",
    "Call",
    "Change",
    "Channel",
    "Failure",
    "Limits",
    "Message",
    "Person",
    "Reply",
    "Secrets",
    "View",
    "Workspace",
]
