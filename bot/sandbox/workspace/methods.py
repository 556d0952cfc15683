"""Every Web API method the workspace knows, with its scope, its tier and the tokens it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.sandbox.workspace import (
    bookmarks,
    chat,
    conversations,
    documents,
    marks,
    oauth,
    people,
    rooms,
    surfaces,
    usergroups,
    verdicts,
)
from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json

SPECIAL = 0  # no limit by the minute: Slack counts these in another way or hardly at all


@dataclass(frozen=True)
class Method:
    """How a method is run and who may.

    An empty scope is none, or one that depends on the conversation; where no kind of token is named, none is asked for.
    """

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
    "apps.uninstall": Method(oauth.uninstall, "", SPECIAL),
    "auth.revoke": Method(oauth.revoke, "", 3),
    "auth.test": Method(people.auth_test, "", SPECIAL, ("bot", "app")),
    "blocks.validate": Method(verdicts.blocks_validate, "", SPECIAL),
    "bookmarks.add": Method(bookmarks.add, "bookmarks:write", 2),
    "bookmarks.list": Method(bookmarks.list_, "bookmarks:read", 2),
    "bookmarks.remove": Method(bookmarks.remove, "bookmarks:write", 2),
    "bots.info": Method(people.bots_info, "users:read", 3),
    "canvases.create": Method(documents.create_canvas, "canvases:write", 2),
    "chat.delete": Method(chat.delete, "chat:write", 3),
    "chat.getPermalink": Method(chat.get_permalink, "", SPECIAL),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write", 4),
    "chat.postMessage": Method(chat.post_message, "chat:write", SPECIAL),
    "chat.update": Method(chat.update, "chat:write", 3),
    "conversations.archive": Method(rooms.archive, "", 2),
    "conversations.canvases.create": Method(documents.create_channel_canvas, "canvases:write", 2),
    "conversations.create": Method(rooms.create, "", 2),
    "conversations.history": Method(conversations.history, "", 3),
    "conversations.info": Method(conversations.info, "", 3),
    "conversations.invite": Method(rooms.invite, "", 3),
    "conversations.join": Method(rooms.join, "channels:join", 3),
    "conversations.kick": Method(rooms.kick, "", 3),
    "conversations.list": Method(conversations.list_, "", 2),
    "conversations.members": Method(conversations.members, "", 4),
    "conversations.open": Method(conversations.open_, "im:write", 3),
    "conversations.rename": Method(rooms.rename, "", 2),
    "conversations.replies": Method(conversations.replies, "", 3),
    "conversations.setPurpose": Method(rooms.set_purpose, "", 2),
    "conversations.setTopic": Method(rooms.set_topic, "", 2),
    "conversations.unarchive": Method(rooms.unarchive, "", 2),
    "dnd.info": Method(people.dnd_info, "dnd:read", 3),
    "dnd.teamInfo": Method(people.dnd_team_info, "dnd:read", 2),
    "files.completeUploadExternal": Method(documents.complete, "files:write", 4),
    "files.getUploadURLExternal": Method(documents.upload_url, "files:write", 4),
    "oauth.v2.access": Method(oauth.access, "", 4, ()),
    "pins.add": Method(marks.add_pin, "pins:write", 2),
    "pins.list": Method(marks.list_pins, "pins:read", 2),
    "pins.remove": Method(marks.remove_pin, "pins:write", 2),
    "reactions.add": Method(marks.add_reaction, "reactions:write", 3),
    "reactions.remove": Method(marks.remove_reaction, "reactions:write", 2),
    "team.info": Method(people.team_info, "team:read", 3),
    "usergroups.list": Method(usergroups.list_, "usergroups:read", 2),
    "usergroups.users.list": Method(usergroups.list_users, "usergroups:read", 2),
    "usergroups.users.update": Method(usergroups.update_users, "usergroups:write", 2),
    "users.getPresence": Method(people.get_presence, "users:read", 3),
    "users.info": Method(people.info, "users:read", 4),
    "users.list": Method(people.list_, "users:read", 2),
    "users.lookupByEmail": Method(people.lookup_by_email, "users:read.email", 3),
    "views.open": Method(surfaces.open_, "", 4),
    "views.publish": Method(surfaces.publish, "", 4),
    "views.push": Method(surfaces.push, "", 4),
    "views.update": Method(surfaces.update, "", 4),
}
