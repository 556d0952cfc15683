"""What a person does in the workspace beside the bot's own buttons: commands, messages, emoji, channels."""

from dataclasses import replace

from bot.sandbox.workspace import chat, documents, marks, rooms, surfaces
from bot.sandbox.workspace.fingers import Fingers
from bot.sandbox.workspace.nouns import Channel, Json, Message, Person
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.reply import Reply


class Hands(Fingers):
    """Acts of people on one workspace."""

    async def command(
        self, name: str, text: str = "", *, by: str, channel: str | None = None, thread: Message | str | None = None
    ) -> Reply:
        """Types a slash command; the bot's ack is shown to the person, or to the channel when it says so.

        In a thread Slack refuses every command, and the bot hears nothing.
        """
        person = self.state.find_person(by)
        place = self.state.find_channel(channel) if channel else self.state.dm(person.id)
        known = self.state.app.commands
        if known is not None and name not in known:
            raise LookupError(f"The app has no command {name}; it has {known}")
        if thread is not None:
            self._slackbot(place, person, f"{name} is not supported in threads. Sorry!", thread)
            return Reply(False, "not_supported_in_threads")
        url, held = self.state.response_url(person.id, place.id)
        payload = {
            "token": "verification",
            "team_id": self.state.team_id,
            "team_domain": self.state.domain,
            "channel_id": place.id,
            "channel_name": self._channel(place.id)["name"],
            "user_id": person.id,
            "user_name": person.name,
            "command": name,
            "text": text,
            "api_app_id": self.state.app_id,
            "is_enterprise_install": "false",
            "response_url": url,
            "trigger_id": self.state.trigger(person.id),
        }
        reply = self._reply(await self.courier.deliver("slash_commands", payload))
        if reply.acked and (reply.text or reply.blocks):
            self._show_ack(reply, place, person, held.responses)
            held.original = held.responses[0] if held.responses else None
            del held.responses[:]
        if not reply.acked:
            self._slackbot(place, person, f"{name} failed with the error “{reply.error}”")
        reply.responses = held.responses
        return reply

    def _slackbot(self, place: Channel, person: Person, text: str, thread: Message | str | None = None) -> None:
        """What Slack itself says to one person."""
        now, root = self.state.clock.now(), _root(thread)
        said = Message(place.id, self.state.ts(), "USLACKBOT", text, now, now, ephemeral_to=person.id, thread_ts=root)
        self.state.whisper(said)

    def _show_ack(self, reply: Reply, place: Channel, person: Person, shown: list[Message]) -> None:
        try:
            content = chat.body(self.state, reply.body)
        except Denied as refusal:
            self._fail(reply, refusal.code, reply.body)
            return
        message = self.state.from_bot(place.id, **content)
        if reply.body.get("response_type") == "in_channel":
            shown.append(self.state.post(message))
        else:
            shown.append(self.state.whisper(replace(message, ephemeral_to=person.id)))

    async def say(self, channel: str, text: str, *, by: str, thread: Message | str | None = None) -> Message:
        """Writes a message; the bot hears of it as far as it has subscribed, and of being mentioned."""
        person = self.state.find_person(by)
        place = self.state.dm(person.id) if channel == self.state.bot_user else self.state.find_channel(channel)
        now, root = self.state.clock.now(), _root(thread)
        message = self.state.post(Message(place.id, self.state.ts(), person.id, text, now, now, thread_ts=root))
        self._mentioned(message, place, person)
        return message

    async def share(
        self, channel: str, name: str, content: bytes, *, by: str, text: str = "", thread: Message | str | None = None
    ) -> Message:
        """Writes a message with a file; the bot hears of it like of any other."""
        person = self.state.find_person(by)
        place = self.state.dm(person.id) if channel == self.state.bot_user else self.state.find_channel(channel)
        now, root = self.state.clock.now(), _root(thread)
        files = (documents.share(self.state, name, content, place.id) | {"user": person.id},)
        made = Message(place.id, self.state.ts(), person.id, text, now, now, thread_ts=root)
        message = self.state.post(replace(made, files=files, subtype="file_share"))
        self._mentioned(message, place, person)
        return message

    def _mentioned(self, message: Message, place: Channel, person: Person) -> None:
        if f"<@{self.state.bot_user}>" in message.text and not place.im_with:
            event = message.to_api() | {"type": "app_mention", "channel": place.id, "team": self.state.team_of(person)}
            self.state.tell(place.id, "app_mention", event | {"event_ts": message.ts})

    async def edit(self, message: Message, text: str, *, by: str) -> Message:
        """Changes a message of their own; ValueError for another's, which the client does not let them change."""
        return self.state.edit(self._own(message, by), text=text, blocks=[])

    async def delete(self, message: Message, *, by: str) -> None:
        """Takes a message of their own away; ValueError for another's."""
        self.state.delete(self._own(message, by))

    def _own(self, message: Message, by: str) -> Message:
        current, person = self._current(message), self.state.find_person(by)
        if current.user != person.id:
            raise ValueError(f"{person.name} did not write that message; {current.user} did.")
        return current

    async def react(self, message: Message, emoji: str, *, by: str) -> None:
        """Puts an emoji under a message."""
        marks.react(self.state, self._current(message), emoji.strip(":"), self.state.find_person(by).id)

    async def unreact(self, message: Message, emoji: str, *, by: str) -> None:
        """Takes an emoji of their own away."""
        marks.unreact(self.state, self._current(message), emoji.strip(":"), self.state.find_person(by).id)

    async def open_home(self, *, by: str) -> None:
        """Looks at the app's home tab."""
        person = self.state.find_person(by)
        event: Json = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.state.dm(person.id).id,
            "tab": "home",
        }
        held = self.state.homes.get(person.id)
        event |= {"view": surfaces.told(self.state, held)} if held else {}
        self.state.emit("app_home_opened", event | {"event_ts": self.state.ts()})

    async def join(self, channel: str, *, by: str) -> None:
        """Walks into a channel."""
        rooms.enter(self.state, self.state.find_channel(channel), self.state.find_person(by).id)

    async def leave(self, channel: str, *, by: str) -> None:
        """Walks out of a channel; for the bot itself: somebody took it out."""
        rooms.leave(self.state, self.state.find_channel(channel), self.state.find_person(by).id)

    async def archive(self, channel: str, *, by: str) -> None:
        """Archives a channel."""
        rooms.shut(self.state, self.state.find_channel(channel), self.state.find_person(by).id)

    async def unarchive(self, channel: str, *, by: str) -> None:
        """Opens an archived channel again."""
        rooms.shut(self.state, self.state.find_channel(channel), self.state.find_person(by).id, archived=False)

    async def rename(self, channel: str, name: str, *, by: str) -> None:
        """Gives a channel another name."""
        rooms.call(self.state, self.state.find_channel(channel), name, self.state.find_person(by).id)


def _root(thread: Message | str | None) -> str | None:
    return (thread.thread_ts or thread.ts) if isinstance(thread, Message) else thread
