"""CloudEvents 1.0 over HTTP: structured, batched and binary, with the handshake against abuse."""

from bot.contract import Plugin
from plugins.cloudevents.settings import CloudEventsSettings
from plugins.cloudevents.source import CloudEvents

plugin = Plugin(
    name="cloudevents",
    settings=CloudEventsSettings,
    sources=(CloudEvents,),
    summary="CloudEvents 1.0: structured, batched and binary, with the webhook handshake.",
)
