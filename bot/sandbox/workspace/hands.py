"""What a person can do in the workspace: type, press, fill in, and see what the bot says to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.sandbox.workspace import chat, forms, surfaces
from bot.sandbox.workspace.deliver import Ack, Courier
from bot.sandbox.workspace.nouns import Channel, Failure, Json, Message, Person, View, interactive, label
from bot.sandbox.workspace.state import Denied, State


@dataclass
class Reply:
    """How the bot took one act of a person: its ack, and whatever it says through the response_url, now or later."""

    acked: bool
    error: str | None = None
    body: Json = field(default_factory=dict)
    responses: list[Message] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text of the ack."""
        return str(self.body.get("text", ""))

    @property
    def blocks(self) -> list[Json]:
        """The blocks of the ack."""
        return list(self.body.get("blocks", []))

    @property
    def errors(self) -> dict[str, str]:
        """What the bot found wrong with a form, by block_id."""
        return dict(self.body.get("errors", {}))


class Hands:
    """Acts of people on one workspace."""

    def __init__(self, state: State, courier: Courier) -> None:
        self.state, self.courier = state, courier

    async def press(self, on: Message | View, button: str, *, by: str, value: str | None = None) -> Reply:
        """Presses a button (by label, action_id or value) or picks `value` in a select, as the person sees `on`."""
        person = self.state.find_person(by)
        block, element = _find(on, button)
        action = _action(self.state, block, element, value)
        payload: Json = self._base(person) | {"type": "block_actions", "actions": [action], "state": {"values": {}}}
        if isinstance(on, View):
            shown = self._shown(on)
            payload |= {"view": surfaces.told(self.state, shown), "container": {"type": "view", "view_id": on.id}}
            payload["state"] = {"values": forms_state(self.state, shown)}
            return self._reply(await self.courier.deliver("interactive", payload), payload)
        url, held = self.state.response_url(person.id, on.channel, on)
        payload |= {"container": _container(on), "channel": self._channel(on.channel), "response_url": url}
        if not on.ephemeral_to:
            payload["message"] = on.to_api() | {"team": self.state.team_id}
        reply = self._reply(await self.courier.deliver("interactive", payload), payload)
        reply.responses = held.responses
        return reply

    async def command(self, name: str, text: str = "", *, by: str, channel: str | None = None) -> Reply:
        """Types a slash command; the bot's ack is shown to the person, or to the channel when it says so."""
        person = self.state.find_person(by)
        place = self.state.find_channel(channel) if channel else self.state.dm(person.id)
        known = self.state.app.commands
        if known is not None and name not in known:
            raise LookupError(f"The app has no command {name}; it has {known}")
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
        reply = self._reply(await self.courier.deliver("slash_commands", payload), payload)
        if reply.acked and (reply.text or reply.blocks):
            self._show_ack(reply, place, person, held.responses)
            held.original = held.responses[0] if held.responses else None
            del held.responses[:]
        if not reply.acked:
            told = f"{name} failed with the error “{reply.error}”"
            now = self.state.clock.now()
            whisper = Message(place.id, self.state.ts(), "USLACKBOT", told, now, now, ephemeral_to=person.id)
            self.state.whisper(whisper)
        reply.responses = held.responses
        return reply

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

    async def submit(self, view: View, values: Mapping[str, object], *, by: str) -> Reply:
        """Fills in a modal and sends it; what the bot answers (errors, update, push, clear) is done to the screen."""
        person, shown = self.state.find_person(by), self._shown(view)
        filled = replace(shown, state=forms.values(self.state, shown, values))
        payload = self._base(person) | {
            "type": "view_submission",
            "view": surfaces.told(self.state, filled),
            "response_urls": [],
        }
        reply = self._reply(await self.courier.deliver("interactive", payload), payload)
        if reply.acked:
            try:
                self._answered(shown, reply)
            except Denied as refusal:
                self._fail(reply, refusal.code, reply.body)
        return reply

    def _answered(self, view: View, reply: Reply) -> None:
        action = reply.body.get("response_action")
        if action is None:
            surfaces.close(self.state, view.user)
        elif action == "clear":
            surfaces.close(self.state, view.user, all_=True)
        elif action == "errors":
            fields = {block["block_id"] for block in view.blocks if block.get("type") == "input"}
            if not reply.errors or set(reply.errors) - fields:
                raise Denied("invalid_response_errors")
            surfaces.change(self.state, view, errors=reply.errors)
        elif action in ("update", "push"):
            content = surfaces.judged(self.state, reply.body.get("view"), "modal")
            if action == "update":
                surfaces.change(self.state, view, content=content, errors={})
            else:
                surfaces.raise_(self.state, view.user, content, root=False)
        else:
            raise Denied("invalid_response_action")

    async def close(self, view: View, *, by: str) -> Reply | None:
        """Closes a modal; the bot is told only where the view asks for it."""
        person, shown = self.state.find_person(by), self._shown(view)
        surfaces.close(self.state, person.id)
        if not shown.content.get("notify_on_close"):
            return None
        payload = self._base(person) | {
            "type": "view_closed",
            "view": surfaces.told(self.state, shown),
            "is_cleared": False,
        }
        del payload["trigger_id"]
        return self._reply(await self.courier.deliver("interactive", payload), payload)

    async def shortcut(self, callback_id: str, *, by: str, message: Message | None = None) -> Reply:
        """Uses a global shortcut, or one on a message."""
        person = self.state.find_person(by)
        payload = self._base(person) | {"callback_id": callback_id, "action_ts": self.state.ts()}
        del payload["container"]
        if message is None:
            payload["type"] = "shortcut"
            return self._reply(await self.courier.deliver("interactive", payload), payload)
        url, held = self.state.response_url(person.id, message.channel, message)
        payload |= {"type": "message_action", "channel": self._channel(message.channel), "message_ts": message.ts}
        payload |= {"message": message.to_api() | {"team": self.state.team_id}, "response_url": url}
        reply = self._reply(await self.courier.deliver("interactive", payload), payload)
        reply.responses = held.responses
        return reply

    async def say(self, channel: str, text: str, *, by: str, thread: str | None = None) -> Message:
        """Writes a message; the bot hears of it as far as it has subscribed, and of being mentioned."""
        person = self.state.find_person(by)
        place = self.state.dm(person.id) if channel == self.state.bot_user else self.state.find_channel(channel)
        now = self.state.clock.now()
        message = self.state.post(Message(place.id, self.state.ts(), person.id, text, now, now, thread_ts=thread))
        if f"<@{self.state.bot_user}>" in text and not place.im_with:
            event = message.to_api() | {"type": "app_mention", "channel": place.id, "event_ts": message.ts}
            self.state.emit("app_mention", event)
        return message

    async def react(self, message: Message, emoji: str, *, by: str) -> None:
        """Puts an emoji under a message."""
        current = self.state.messages[message.channel][message.ts]
        chat.react(self.state, current, emoji.strip(":"), self.state.find_person(by).id)

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

    # --- the parts every interaction has ---

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

    def _reply(self, ack: Ack, payload: Json) -> Reply:
        return Reply(ack.error is None, ack.error, ack.body)

    def _fail(self, reply: Reply, reason: str, payload: Json) -> None:
        """An ack that Slack cannot use is no ack for the person."""
        reply.acked, reply.error = False, reason
        self.courier.failures.append(Failure("response", reason, payload, self.state.clock.now()))


def forms_state(state: State, view: View) -> dict[str, dict[str, Json]]:
    """What stands in the fields of a view right now, required or not."""
    optional = [block | {"optional": True} for block in view.blocks]
    return forms.values(state, replace(view, content=view.content | {"blocks": optional}), {})


def _container(message: Message) -> Json:
    held: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    held["is_ephemeral"] = bool(message.ephemeral_to)
    return held | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _find(on: Message | View, button: str) -> tuple[Json, Json]:
    blocks = on.blocks if isinstance(on, View) else on.surfaces()
    everything = list(interactive(blocks))
    found = [(b, e) for b, e in everything if button in (e["action_id"], label(e), e.get("value"))]
    if len(found) == 1:
        return found[0]
    offered = [label(e) or e["action_id"] for _, e in everything]
    if found:
        raise LookupError(f"{len(found)} elements answer to {button!r}; name it by its value. There are: {offered}")
    raise LookupError(f"There is no {button!r} to press. There are: {offered}")


def _action(state: State, block: Json, element: Json, value: str | None) -> Json:
    action: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    action["action_ts"] = state.ts()
    if element["type"] == "button":
        return action | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
    picked = forms.pick(state, element, value)
    return action | {key: said for key, said in picked.items() if key != "type"}
