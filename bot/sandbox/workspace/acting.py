"""The parts every interaction has: who acts, where, on which view, and what comes of the ack."""

from bot.sandbox.workspace.deliver import Ack, Courier
from bot.sandbox.workspace.nouns import Failure, Json, Message, Person, View
from bot.sandbox.workspace.reply import Reply
from bot.sandbox.workspace.state import State


class Acting:
    """People of one workspace, and the way to its bot."""

    def __init__(self, state: State, courier: Courier) -> None:
        self.state, self.courier = state, courier

    def _base(self, person: Person) -> Json:
        team = self.state.team_of(person)
        return {
            "user": {"id": person.id, "username": person.name, "name": person.name, "team_id": team},
            "api_app_id": self.state.app_id,
            "token": "verification",
            "container": {},
            "trigger_id": self.state.trigger(person.id),
            "team": {"id": self.state.team_id, "domain": self.state.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel: str) -> Json:
        held = self.state.channels[channel]
        return {"id": channel, "name": "privategroup" if held.private else held.name}

    def _shown(self, view: View) -> View:
        """The view as it is now; LookupError when the person no longer sees it."""
        held = [*self.state.stacks.get(view.user, []), *([home] if (home := self.state.homes.get(view.user)) else [])]
        for shown in held:
            if shown.id == view.id:
                return shown
        raise LookupError(f"The view {view.title!r} is not on the screen of {view.user} any more.")

    def _current(self, message: Message) -> Message:
        """The message as it stands now; LookupError when it was taken away."""
        found = self.state.messages[message.channel].get(message.ts)
        if found is None:
            raise LookupError(f"The message of {message.ts} does not stand in {message.channel} any more.")
        return found

    async def _interact(self, payload: Json) -> Reply:
        return self._reply(await self.courier.deliver("interactive", payload))

    def _reply(self, ack: Ack) -> Reply:
        return Reply(ack.error is None, ack.error, ack.body)

    def _fail(self, reply: Reply, reason: str, payload: Json) -> None:
        """An ack that Slack cannot use is no ack for the person."""
        reply.acked, reply.error = False, reason
        self.courier.failures.append(Failure("response", reason, payload, self.state.clock.now()))


def container(message: Message) -> Json:
    """Where on the screen an interaction with a message took place."""
    held: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    held["is_ephemeral"] = bool(message.ephemeral_to)
    return held | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
