"""What a person types and picks in fields, turned into the state Slack sends."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.workspace.nouns import Json, interactive, label
from bot.sandbox.workspace.state import State, Values

TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
STATELESS = ("button", "overflow", "feedback_buttons", "icon_button", "workflow_button")
VALUES = {"rich_text_input": "rich_text_value", "file_input": "files"}  # taken as they are given
Filled = dict[str, dict[str, Json]]


@dataclass(frozen=True)
class Sheet:
    """Fields as one person has them: blocks, what stands in them already, whose screen it is and what is on it."""

    state: State
    blocks: list[Json]
    held: Values
    screen: tuple[str, str]  # the person, and the view or the message

    def fields(self) -> Iterator[tuple[Json, Json, tuple[str, ...]]]:
        """Every field with its block and the names it answers to: BLOCK_ID/ACTION_ID, block_id, action_id, label."""
        for block, element in interactive(self.blocks):
            if element["type"] not in STATELESS:
                named = block.get("label", {}).get("text") or label(element)
                at, name = str(block["block_id"]), str(element["action_id"])
                yield block, element, (f"{at}/{name}", at, name, str(named))

    def field(self, name: str) -> tuple[Json, Json]:
        """The field of that name and its block; LookupError when there is none."""
        for block, element, names in self.fields():
            if name in names:
                return block, element
        raise LookupError(f"The form has no {name!r}. It has: {[names for _, _, names in self.fields()]}")

    def values(self, given: Mapping[str, object]) -> Filled:
        """The `state.values` with `given` (by any of its names) over what stands there.

        LookupError for a field or an option the form does not have, ValueError for what Slack's client would not take.
        """
        left = dict(given)
        filled: Filled = {}
        for block, element, names in self.fields():
            name = next((name for name in names if name in left), None)
            answer = self.answer(block, element, left.pop(name)) if name is not None else self.stands(block, element)
            filled.setdefault(str(block["block_id"]), {})[str(element["action_id"])] = answer
        if left:
            raise LookupError(f"The form has no {list(left)}. It has: {[names for _, _, names in self.fields()]}")
        return filled

    def put(self, block: Json, element: Json, said: object) -> Filled:
        """The values once `said` stands in this one field."""
        filled = self.values({})
        filled[str(block["block_id"])][str(element["action_id"])] = self.answer(block, element, said)
        return filled

    def finished(self, given: Mapping[str, object]) -> Filled:
        """The values of a form that is sent; ValueError where a required field is empty."""
        filled = self.values(given)
        for block, element, names in self.fields():
            said = filled[str(block["block_id"])][str(element["action_id"])]
            if block.get("type") == "input" and not block.get("optional") and empty(said):
                raise ValueError(f"{names[-1]!r} is required; Slack would not send the form without it.")
        return filled

    def stands(self, block: Json, element: Json) -> Json:
        """What stands in a field: what was put there before, or what the app put there at first."""
        held = self.held.get(str(block["block_id"]), {}).get(str(element["action_id"]))
        if held is not None and held.get("type") == element["type"]:
            return held
        first = {key.removeprefix("initial_"): value for key, value in element.items() if key.startswith("initial_")}
        written = VALUES.get(str(element["type"]), "value")
        said = {written if key == "value" else f"selected_{key}": value for key, value in first.items()}
        return self.answer(block, element, None) | said

    def answer(self, block: Json, element: Json, said: object) -> Json:
        """What one field says once a person has put `said` there; None empties it."""
        kind = str(element["type"])
        base: Json = {"type": kind}
        if isinstance(said, dict) and said.get("type") == kind:
            return said
        if kind in TYPED:
            return base | {"value": _typed(element, said)}
        if kind in VALUES:
            return base | {VALUES[kind]: said}
        key, read = self._choice(block, element, kind.removeprefix("multi_"))
        if kind.startswith("multi_") or kind == "checkboxes":
            many = said if isinstance(said, list | tuple) else [] if said is None else [said]
            if len(many) > int(element.get("max_selected_items", 100)):
                raise ValueError(f"{element['action_id']!r} takes at most {element['max_selected_items']}.")
            return base | {f"{key}s": [read(one) for one in many]}
        return base | {key: None if said is None else read(said)}

    def _choice(self, block: Json, element: Json, kind: str) -> tuple[str, Callable[[object], object]]:
        if kind == "users_select":
            return "selected_user", lambda said: self.state.find_person(str(said)).id
        if kind in ("channels_select", "conversations_select"):
            return f"selected_{kind.split('_')[0][:-1]}", lambda said: self.state.find_channel(str(said)).id
        if kind in ("datepicker", "timepicker"):
            shape = r"\d{4}-\d\d-\d\d" if kind == "datepicker" else r"([01]\d|2[0-3]):[0-5]\d"
            return f"selected_{kind.removesuffix('picker')}", lambda said: _shaped(element, said, shape)
        if kind == "datetimepicker":
            return "selected_date_time", _moment
        offered = self.state.offered.get((*self.screen, str(block["block_id"]), str(element["action_id"])))
        return "selected_option", lambda said: option(element, said, offered)


def empty(answer: Json) -> bool:
    """Whether nothing stands in a field."""
    return not any(value for key, value in answer.items() if key != "type")


def dispatches(block: Json) -> bool:
    """Whether the app hears of a field of this block as soon as it is filled."""
    return block["type"] != "input" or bool(block.get("dispatch_action"))


def kept(before: Values, blocks: list[Json]) -> Filled:
    """What stays in the fields when the blocks are exchanged: those whose ids and kind are the same.

    Slack keeps what stood there, even over another initial value; an option that is offered no more is dropped.
    """
    filled: Filled = {}
    for block, element in interactive(blocks):
        at, name = str(block["block_id"]), str(element["action_id"])
        held = before.get(at, {}).get(name)
        if held is not None and held["type"] == element["type"] and _still(element, held):
            filled.setdefault(at, {})[name] = held
    return filled


def _still(element: Json, held: Json) -> bool:
    chosen = [held["selected_option"]] if held.get("selected_option") else held.get("selected_options") or []
    offered = _offered(element)
    return not offered or all(any(o.get("value") == one.get("value") for o in offered) for one in chosen)


def _typed(element: Json, said: object) -> str | None:
    if said is None or said == "":
        return None
    text, kind = str(said), element["type"]
    least, most = int(element.get("min_length", 0)), int(element.get("max_length", 3000))
    if not least <= len(text) <= most:
        raise ValueError(f"{element['action_id']!r} takes {least} to {most} characters.")
    if kind == "number_input":
        whole = r"-?\d+" if not element["is_decimal_allowed"] else r"-?\d+(\.\d+)?"
        _shaped(element, text, whole)
        low, high = (float(element.get(key, text)) for key in ("min_value", "max_value"))
        if not low <= float(text) <= high:
            raise ValueError(f"{element['action_id']!r} takes {low:g} to {high:g}.")
    if kind == "email_text_input":
        _shaped(element, text, r"[^@\s]+@[^@\s]+\.[^@\s]+")
    if kind == "url_text_input":
        _shaped(element, text, r"https?://\S+")
    return text


def _shaped(element: Json, said: object, shape: str) -> str:
    if not re.fullmatch(shape, str(said)):
        raise ValueError(f"{element.get('action_id')!r} does not take {said!r}.")
    return str(said)


def _moment(said: object) -> int:
    return int(said.timestamp()) if isinstance(said, datetime) else int(str(said))


def _offered(element: Json) -> list[Json]:
    groups = [option for group in element.get("option_groups", ()) for option in group["options"]]
    return [*element.get("options", ()), *groups]


def option(element: Json, said: object, offered: list[Json] | None = None) -> Json:
    """The option of a select that a person means, by its value or by its words; LookupError when it is not offered.

    `offered` is what the app last suggested; before it was asked, an external select takes anything.
    """
    if isinstance(said, dict):
        return said
    if element["type"].removeprefix("multi_") == "external_select":
        if offered is None:
            return {"text": {"type": "plain_text", "text": str(said)}, "value": str(said)}
        listed = offered
    else:
        listed = _offered(element)
    found = [o for o in listed if said in (o.get("value"), o["text"]["text"])]
    if not found:
        raise LookupError(
            f"{element.get('action_id')!r} does not offer {said!r}, but {[o['text']['text'] for o in listed]}"
        )
    return dict(found[0])
