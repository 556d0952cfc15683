"""config/*.yaml and the environment become frozen settings, or every complaint at once, each with its line and cure."""

from bot.documents import BadConfigs
from bot.settings.load import load
from bot.settings.nouns import Calendar, Digest, Handovers, Heartbeat, Settings, Slack, Web

__all__ = ["BadConfigs", "Calendar", "Digest", "Handovers", "Heartbeat", "Settings", "Slack", "Web", "load"]
