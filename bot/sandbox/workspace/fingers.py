"""What a person's fingers do on what the bot shows: press, pick, type, ask for options, submit, close."""

from collections.abc import Mapping
from dataclasses import replace

from bot.sandbox.workspace import forms, surfaces
from bot.sandbox.workspace.acting import Acting, container
from bot.sandbox.workspace.nouns import Json, Message, Person, View, interactive, label
from bot.sandbox.workspace.permits import Denied
from bot.sandbox.workspace.reply import Reply
from bot.sandbox.workspace.state import State, Values
from bot.slack import grammar, validate

MOST_OPTIONS = 100


class Fingers(Acting):
    """Acts of people on messages, modals and home tabs of the bot."""

    async def press(self, on: Message | View, button: str, *, by: str, value: object = None) -> Reply:
        """Presses a button or picks `value` in a select, as the person sees `on`.

        A button goes by its label, action_id or value, or as BLOCK_ID/ACTION_ID, which is never ambiguous.
        """
        person = self.state.find_person(by)
        block, element = _find(on, button)
        if isinstance(on, View):
            if not forms.dispatches(block):
                raise ValueError(f"Slack sends nothing for {button!r} before the form is sent; use fill.")
            return await self._act_in_view(person, self._shown(on), (block, element), value)
        sheet = forms.Sheet(self.state, on.surfaces(), self._picked(person, on), (person.id, on.ts))
        if element["type"] not in forms.STATELESS:
            sheet = replace(sheet, held=sheet.put(block, element, value))
            self.state.picked[person.id, on.channel, on.ts] = sheet.held
        action = _action(self.state, block, element, _said(sheet.held, block, element, value))
        url, held = self.state.response_url(person.id, on.channel, on)
        payload: Json = self._base(person) | {"type": "block_actions", "actions": [action]}
        payload |= {"state": {"values": sheet.values({})}, "container": container(on)}
        payload |= {"channel": self._channel(on.channel), "response_url": url}
        if not on.ephemeral_to:
            payload["message"] = on.to_api() | {"team": self.state.team_id}
        reply = await self._interact(payload)
        reply.responses = held.responses
        return reply

    def _picked(self, person: Person, message: Message) -> forms.Filled:
        """What this person has picked in a message and its blocks still offer."""
        held = self.state.picked.get((person.id, message.channel, message.ts), {})
        return forms.kept(held, message.surfaces())

    async def fill(self, view: View, values: Mapping[str, object], *, by: str, quietly: bool = False) -> list[Reply]:
        """Types and picks in an open view without sending it; a reply for each field the bot is told of at once.

        `quietly`: what stands there before Enter was pressed; the bot hears of it with whatever it hears next.
        """
        person, replies = self.state.find_person(by), []
        for name, said in values.items():
            shown = self._shown(view)
            found = surfaces.sheet(self.state, shown).field(name)
            if forms.dispatches(found[0]) and not quietly:
                replies.append(await self._act_in_view(person, shown, found, said))
            else:
                surfaces.typed(self.state, shown, surfaces.sheet(self.state, shown).put(*found, said))
        return replies

    async def _act_in_view(self, person: Person, view: View, found: tuple[Json, Json], said: object) -> Reply:
        block, element = found
        if element["type"] not in forms.STATELESS:
            view = surfaces.typed(self.state, view, surfaces.sheet(self.state, view).put(block, element, said))
        payload = self._base(person) | {
            "type": "block_actions",
            "actions": [_action(self.state, block, element, _said(view.state, block, element, said))],
            "view": surfaces.told(self.state, view),
            "container": {"type": "view", "view_id": view.id},
        }
        return await self._interact(payload)

    async def suggest(self, on: Message | View, action_id: str, typed: str, *, by: str) -> list[Json]:
        """Types into an external select: the options the bot offers, flat; none when its ack is no such list."""
        person = self.state.find_person(by)
        block, element = _find(on, action_id)
        if not str(element["type"]).endswith("external_select"):
            raise ValueError(f"{action_id!r} is a {element['type']}; its options are there already.")
        if len(typed) < int(element.get("min_query_length", 3)):
            return []
        payload = self._base(person) | {"type": "block_suggestion", "value": typed}
        del payload["trigger_id"]
        payload |= {"action_id": element["action_id"], "block_id": block["block_id"]}
        if isinstance(on, View):
            payload["view"] = surfaces.told(self.state, self._shown(on))
            payload["container"] = {"type": "view", "view_id": on.id}
        else:
            payload |= {"container": container(on), "channel": self._channel(on.channel)}
            payload |= {} if on.ephemeral_to else {"message": on.to_api() | {"team": self.state.team_id}}
        reply = await self._interact(payload)
        if not reply.acked:
            return []
        options = _options(reply.body)
        if options is None:
            self._fail(reply, "invalid_options", reply.body)
            return []
        screen = (person.id, on.id if isinstance(on, View) else on.ts)
        self.state.offered[*screen, str(block["block_id"]), str(element["action_id"])] = options
        return options

    async def submit(self, view: View, values: Mapping[str, object], *, by: str) -> Reply:
        """Fills in a modal and sends it; what the bot answers (errors, update, push, clear) is done to the screen."""
        person, shown = self.state.find_person(by), self._shown(view)
        shown = surfaces.typed(self.state, shown, surfaces.sheet(self.state, shown).finished(values))
        payload = self._base(person) | {
            "type": "view_submission",
            "view": surfaces.told(self.state, shown),
            "response_urls": self._response_urls(person, shown),
        }
        reply = await self._interact(payload)
        if reply.acked:
            try:
                self._answered(shown, reply)
            except Denied as refusal:
                self._fail(reply, refusal.code, reply.body)
        return reply

    def _response_urls(self, person: Person, view: View) -> list[Json]:
        """One for each conversation that was picked where the view asks for it."""
        found = []
        for block, element, _ in surfaces.sheet(self.state, view).fields():
            said = view.state[block["block_id"]][element["action_id"]]
            channel = said.get("selected_conversation") or said.get("selected_channel")
            if element.get("response_url_enabled") and channel:
                url, _ = self.state.response_url(person.id, channel)
                at = {"block_id": block["block_id"], "action_id": element["action_id"]}
                found.append(at | {"channel_id": channel, "response_url": url})
        return found

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
            surfaces.refused(self.state, self._shown(view), reply.errors)
        elif action in ("update", "push"):
            content = surfaces.judged(self.state, reply.body.get("view"), "modal")
            if action == "update":
                surfaces.change(self.state, self._shown(view), content)
            else:
                surfaces.raise_(self.state, view.user, content, root=False)
        else:
            raise Denied("invalid_response_action")

    async def close(self, view: View, *, by: str, clear: bool = False) -> Reply | None:
        """Closes a modal, or with `clear` every one; the bot is told only where a view asks for it.

        The reply is that of the view that was on top.
        """
        person, shown = self.state.find_person(by), self._shown(view)
        clear = clear or bool(shown.content.get("clear_on_close"))
        gone = self.state.stacks.get(person.id, [])[::-1] if clear else [shown]
        surfaces.close(self.state, person.id, all_=clear)
        first: Reply | None = None
        for one in gone:
            if one.content.get("notify_on_close"):
                told = surfaces.told(self.state, one)
                payload = self._base(person) | {"type": "view_closed", "view": told, "is_cleared": clear}
                del payload["trigger_id"]
                reply = await self._interact(payload)
                first = first or reply
        return first

    async def shortcut(self, callback_id: str, *, by: str, message: Message | None = None) -> Reply:
        """Uses a global shortcut, or one on a message."""
        person = self.state.find_person(by)
        payload = self._base(person) | {"callback_id": callback_id, "action_ts": self.state.ts()}
        del payload["container"]
        if message is None:
            payload["type"] = "shortcut"
            return await self._interact(payload)
        url, held = self.state.response_url(person.id, message.channel, message)
        payload |= {"type": "message_action", "channel": self._channel(message.channel), "message_ts": message.ts}
        payload |= {"message": message.to_api() | {"team": self.state.team_id}, "response_url": url}
        reply = await self._interact(payload)
        reply.responses = held.responses
        return reply


def _find(on: Message | View, button: str) -> tuple[Json, Json]:
    blocks = on.blocks if isinstance(on, View) else on.surfaces()
    everything = list(interactive(blocks))
    found = [(b, e) for b, e in everything if button == f"{b['block_id']}/{e['action_id']}"]
    found = found or [(b, e) for b, e in everything if button in (e["action_id"], label(e), e.get("value"))]
    if len(found) == 1:
        return found[0]
    offered = [label(e) or e["action_id"] for _, e in everything]
    if found:
        advice = "name it by its value, or as BLOCK_ID/ACTION_ID"
        raise LookupError(f"{len(found)} elements answer to {button!r}; {advice}. There are: {offered}")
    raise LookupError(f"There is no {button!r} to press. There are: {offered}")


def _said(held: Values, block: Json, element: Json, value: object) -> Mapping[str, object]:
    """What an element says: of a field what stands in it, of a button its value, of a menu of acts the option."""
    if element["type"] not in forms.STATELESS:
        return held[str(block["block_id"])][str(element["action_id"])]
    if element["type"] == "overflow":
        return {"selected_option": forms.option(element, value)}
    if element["type"] == "feedback_buttons":
        faces = [element[f"{face}_button"] for face in ("positive", "negative")]
        return dict(forms.option({"type": "static_select", "options": faces}, value))
    return {key: element[key] for key in ("text", "value", "style", "url") if key in element}


def _action(state: State, block: Json, element: Json, said: Mapping[str, object]) -> Json:
    action: Json = {"action_id": element["action_id"], "block_id": block["block_id"], "type": element["type"]}
    if "placeholder" in element and element["type"] not in forms.TYPED:
        action["placeholder"] = element["placeholder"]
    return action | {"action_ts": state.ts()} | {key: value for key, value in said.items() if key != "type"}


def _options(body: Json) -> list[Json] | None:
    """The options of an ack, those of groups in a row; None when Slack would not take them."""
    walk = grammar.Walk("message")
    if set(body) == {"options"}:
        grammar.each(validate.OPTION, MOST_OPTIONS, 0)(walk, body["options"], "/options")
        found = body["options"]
    elif set(body) == {"option_groups"}:
        grammar.each(validate.GROUP, MOST_OPTIONS, 0)(walk, body["option_groups"], "/option_groups")
        found = [] if walk.faults else [option for group in body["option_groups"] for option in group["options"]]
    else:
        return None
    return None if walk.faults else list(found)
