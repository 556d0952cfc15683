"""A strict stand-in for Slack on the loopback address: both transports, its limits, its refusals, and faults."""

from bot.sandbox.workspace.limits import Limits
from bot.sandbox.workspace.nouns import (
    ALL_EVENTS,
    EVENTS,
    SCOPES,
    App,
    Call,
    Canvas,
    Change,
    Channel,
    Failure,
    File,
    Message,
    Person,
    UserGroup,
    View,
)
from bot.sandbox.workspace.permits import Secrets
from bot.sandbox.workspace.reply import Reply
from bot.sandbox.workspace.workspace import Workspace

__all__ = [
    "ALL_EVENTS",
    "EVENTS",
    "SCOPES",
    "App",
    "Call",
    "Canvas",
    "Change",
    "Channel",
    "Failure",
    "File",
    "Limits",
    "Message",
    "Person",
    "Reply",
    "Secrets",
    "UserGroup",
    "View",
    "Workspace",
]
