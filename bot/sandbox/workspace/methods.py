"""Every Web API method the workspace knows, with its scope, its tier and the tokens it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.workspace import chat, conversations, people, surfaces
from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json

SPECIAL = 0  # no limit by the minute: Slack counts these in another way or hardly at all


@dataclass(frozen=True)
class Method:
    """How a method is run and who may; an empty scope is none, or one that depends on the conversation."""

    run: Callable[[Ask], Json]
    scope: str = ""
    tier: int = 3
    tokens: tuple[str, ...] = ("bot",)


def _connections_open(ask: Ask) -> Json:
    """apps.connections.open: an address for one web socket, good once."""
    ticket = ask.state.fresh("ticket")
    ask.state.tickets.add(ticket)
    return {"url": f"{ask.state.origin.replace('http', 'ws', 1)}/link?ticket={ticket}&app_id={ask.state.app_id}"}


METHODS: dict[str, Method] = {
    "apps.connections.open": Method(_connections_open, "connections:write", 3, ("app",)),
    "auth.test": Method(people.auth_test, "", SPECIAL, ("bot", "app")),
    "bots.info": Method(people.bots_info, "users:read", 3),
    "chat.delete": Method(chat.delete, "chat:write", 3),
    "chat.getPermalink": Method(chat.get_permalink, "", SPECIAL),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", 4),
    "chat.postMessage": Method(chat.post_message, "chat:write", SPECIAL),
    "chat.update": Method(chat.update, "chat:write", 3),
    "conversations.archive": Method(conversations.archive, "", 2),
    "conversations.create": Method(conversations.create, "", 2),
    "conversations.history": Method(conversations.history, "", 3),
    "conversations.info": Method(conversations.info, "", 3),
    "conversations.invite": Method(conversations.invite, "", 3),
    "conversations.join": Method(conversations.join, "channels:join", 3),
    "conversations.list": Method(conversations.list_, "", 2),
    "conversations.members": Method(conversations.members, "", 4),
    "conversations.open": Method(conversations.open_, "im:write", 3),
    "conversations.replies": Method(conversations.replies, "", 3),
    "conversations.setTopic": Method(conversations.set_topic, "", 2),
    "dnd.info": Method(people.dnd_info, "dnd:read", 3),
    "pins.add": Method(chat.add_pin, "pins:write", 2),
    "reactions.add": Method(chat.add_reaction, "reactions:write", 3),
    "team.info": Method(people.team_info, "team:read", 3),
    "users.info": Method(people.info, "users:read", 4),
    "users.list": Method(people.list_, "users:read", 2),
    "users.lookupByEmail": Method(people.lookup_by_email, "users:read.email", 3),
    "views.open": Method(surfaces.open_, "", 4),
    "views.publish": Method(surfaces.publish, "", 4),
    "views.push": Method(surfaces.push, "", 4),
    "views.update": Method(surfaces.update, "", 4),
}
