"""One call of a Web API method, with its arguments read the way Slack reads them."""

import re
from dataclasses import dataclass

import orjson

from bot.sandbox.workspace.nouns import Channel, Json, Message, Person
from bot.sandbox.workspace.permits import Denied, Token
from bot.sandbox.workspace.state import State

TRUE = (True, 1, "1", "true", "True")
TS = re.compile(r"\d{1,12}\.\d{1,6}|\d{1,12}")


@dataclass
class Ask:
    """What a method is given: the workspace, the arguments as they came (form strings or JSON), and the token."""

    state: State
    args: Json
    token: Token

    def text(self, name: str, default: str = "") -> str:
        """A string argument; a number is taken for its digits."""
        value = self.args.get(name, default)
        if value is None:
            return default
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        raise Denied("invalid_arguments", response_metadata={"messages": [f"[ERROR] must be a string: {name}"]})

    def need(self, name: str) -> str:
        """A string argument that must not be empty."""
        value = self.text(name)
        if not value:
            raise Denied(
                "invalid_arguments", response_metadata={"messages": [f"[ERROR] missing required field: {name}"]}
            )
        return value

    def flag(self, name: str) -> bool:
        """A yes-or-no argument, false when it is not there."""
        return self.args.get(name) in TRUE

    def number(self, name: str, default: int, most: int, error: str = "invalid_limit") -> int:
        """A whole number from 1 to `most`."""
        value = self.text(name, str(default))
        if not value.isdecimal() or not 1 <= int(value) <= most:
            raise Denied(error)
        return int(value)

    def ts(self, name: str, error: str = "bad_timestamp") -> str:
        """A message time-stamp."""
        value = self.need(name)
        if not TS.fullmatch(value):
            raise Denied(error)
        return value

    def json(self, name: str, error: str) -> object:
        """A structured argument: JSON in a form's string, or the value itself in a JSON body; None when absent."""
        value = self.args.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return orjson.loads(value)
            except orjson.JSONDecodeError as problem:
                raise Denied(error) from problem
        return value

    def ids(self, name: str) -> list[str]:
        """A list of ids, given as a JSON list or as a string with commas; empty when there are none."""
        given = self.args.get(name)
        listed = given if isinstance(given, list) else self.text(name).split(",")
        return list(dict.fromkeys(one for each in listed if (one := str(each).strip())))

    def scope(self, needed: str) -> None:
        """Refuses with missing_scope unless the token has it."""
        if needed not in self.token.scopes:
            raise Denied("missing_scope", needed=needed, provided=",".join(sorted(self.token.scopes)))

    def channel(self, name: str = "channel", *, by_name: bool = False) -> Channel:
        """A conversation the bot may know of; a private one it is not in does not exist for it."""
        wanted = self.need(name)
        found = self.state.channels.get(wanted)
        if found is None and by_name:
            found = self.state.named(wanted)
        if found is None or (found.private and self.state.bot_user not in found.inside):
            raise Denied("channel_not_found")
        return found

    def member(self, channel: Channel) -> Channel:
        """The channel again, when the bot is in it and it is not archived."""
        if self.state.bot_user not in channel.inside:
            raise Denied("not_in_channel")
        if channel.archived:
            raise Denied("is_archived")
        return channel

    def message(self, channel: Channel, ts: str) -> Message:
        """A message that stands in a channel."""
        found = self.state.messages[channel.id].get(ts)
        if found is None:
            raise Denied("message_not_found")
        return found

    def person(self, name: str = "user") -> Person:
        """A person by id; names are not accepted, as at Slack's."""
        found = self.state.people.get(self.need(name))
        if found is None:
            raise Denied("user_not_found")
        return found
