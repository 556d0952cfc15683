"""The fields of forms: drawn with what stands in them, and read back from what Slack delivers.

A field's block has the field's name, so that Slack keeps what was typed when the form is drawn again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.slack import pieces
from bot.slack.pieces import Json

ACTION = "field."  #: how the action_id of a field begins
WORDS = 3_000  #: characters Slack takes in a field
CHOICES = 100  #: options Slack takes in a select


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked: `name` is ours, the other words are read by people. A `lively` field redraws its form."""

    name: str
    label: str
    placeholder: str = ""
    hint: str = ""
    optional: bool = False
    lively: bool = False


def text(field: Field, standing: str = "", *, lines: bool = False, most: int = WORDS) -> Json:
    """Words to type; several lines where `lines`."""
    element: Json = {"type": "plain_text_input", "multiline": lines, "max_length": most}
    if field.placeholder:
        element["placeholder"] = _plain(field.placeholder, 150)
    if standing := sendable(standing, most):
        element["initial_value"] = standing
    if field.lively:
        element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    return _block(field, element)


def choose(field: Field, options: Sequence[Json], standing: str = "") -> Json:
    """One of a few; what stands there is kept, even where it is offered no more."""
    offered = list(options[:CHOICES])
    chosen = next((one for one in offered if one["value"] == standing), None)
    if standing and chosen is None:
        chosen = option(standing, standing)
        offered = [chosen, *offered[: CHOICES - 1]]
    element: Json = {"type": "static_select", "options": offered}
    return _block(field, _select(field, element, chosen))


def search(field: Field, chosen: Json | None = None) -> Json:
    """One of many; Slack asks us for the options while somebody types."""
    return _block(field, _select(field, {"type": "external_select", "min_query_length": 0}, chosen))


def boxes(field: Field, options: Sequence[Json], standing: str = "") -> Json:
    """Boxes to tick; `standing` names those that are, with commas between."""
    element: Json = {"type": "checkboxes", "options": list(options)}
    if ticked := [one for one in options if one["value"] in standing.split(",")]:
        element["initial_options"] = ticked
    return _block(field, element)


def option(value: str, label: str, about: str = "") -> Json:
    """One choice; a value that Slack's limit would cut is none of ours."""
    made: Json = {"text": _plain(label, 75), "value": value[:150]}
    return made | ({"description": _plain(about, 75)} if about else {})


def read(view: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields of a view as Slack delivers it: typed words stripped, choices by their value."""
    state = view.get("state")
    values = state.get("values") if isinstance(state, Mapping) else None
    found = {}
    for block, fields in (values if isinstance(values, Mapping) else {}).items():
        said = next(iter(fields.values()), None) if isinstance(fields, Mapping) else None
        if isinstance(said, Mapping) and (value := _value(said)):
            found[str(block)] = value
    return found


def sendable(words: str, most: int = WORDS) -> str:
    """Words as somebody typed them, without half characters, at most as many as a field takes."""
    return words.encode("utf-8", "replace").decode()[:most]


def _value(said: Mapping[str, Any]) -> str:
    ticked = said.get("selected_options")
    if isinstance(ticked, list):
        return ",".join(str(one.get("value", "")) for one in ticked if isinstance(one, Mapping))
    chosen = said.get("selected_option")
    value = chosen.get("value") if isinstance(chosen, Mapping) else said.get("value")
    return value.encode("utf-8", "replace").decode().strip() if isinstance(value, str) else ""


def _select(field: Field, element: Json, chosen: Json | None) -> Json:
    element["placeholder"] = _plain(field.placeholder or field.label, 150)
    return element | ({"initial_option": chosen} if chosen else {})


def _block(field: Field, element: Json) -> Json:
    element["action_id"] = f"{ACTION}{field.name}"
    block: Json = {"type": "input", "block_id": field.name, "label": _plain(field.label, 150), "element": element}
    block |= {"optional": True} if field.optional else {}
    block |= {"dispatch_action": True} if field.lively else {}
    return block | ({"hint": _plain(field.hint, 500)} if field.hint else {})


def _plain(words: str, most: int) -> Json:
    return {"type": "plain_text", "text": pieces.shorten(words, most) or "-", "emoji": False}
