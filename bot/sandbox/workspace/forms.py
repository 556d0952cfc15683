"""What a person types and picks in a form, turned into the state Slack sends."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from bot.sandbox.workspace.nouns import Json, View, interactive, label
from bot.sandbox.workspace.state import State

TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input")


def values(state: State, view: View, given: Mapping[str, object]) -> dict[str, dict[str, Json]]:
    """The `state.values` of a view filled with `given` (by block_id, action_id or label) over what the app put there.

    LookupError for a field or an option the form does not have, ValueError for what Slack's own client would not send.
    """
    left = dict(given)
    filled: dict[str, dict[str, Json]] = {}
    for block, element, names in _fields(view):
        name = next((name for name in names if name in left), None)
        said = left.pop(name) if name is not None else _initial(element)
        answer = _answer(state, element, said)
        if (
            block.get("type") == "input"
            and not block.get("optional")
            and not any(v for k, v in answer.items() if k != "type")
        ):
            raise ValueError(f"{names[-1]!r} is required; Slack would not send the form without it.")
        filled.setdefault(str(block["block_id"]), {})[str(element["action_id"])] = answer
    if left:
        raise LookupError(f"The form has no {list(left)}. It has: {[names for _, _, names in _fields(view)]}")
    return filled


def _fields(view: View) -> Iterator[tuple[Json, Json, tuple[str, ...]]]:
    for block, element in interactive(view.blocks):
        if element["type"] not in ("button", "overflow"):
            named = block.get("label", {}).get("text") or label(element)
            yield block, element, (str(block["block_id"]), str(element["action_id"]), str(named))


def _initial(element: Json) -> object:
    found = [value for key, value in element.items() if key.startswith("initial_")]
    return found[0] if found else None


def _answer(state: State, element: Json, said: object) -> Json:
    kind = str(element["type"])
    base: Json = {"type": kind}
    if isinstance(said, dict) and said.get("type") == kind:
        return said
    if kind in TYPED:
        return base | {"value": _typed(element, said)}
    if kind.startswith("multi_") or kind == "checkboxes":
        many = said if isinstance(said, list | tuple) else [] if said is None else [said]
        key, read = _choice(state, element, kind.removeprefix("multi_"))
        return base | {f"{key}s": [read(one) for one in many]}
    key, read = _choice(state, element, kind)
    return base | {key: None if said is None else read(said)}


def _typed(element: Json, said: object) -> str | None:
    if said is None or said == "":
        return None
    text, least, most = str(said), int(element.get("min_length", 0)), int(element.get("max_length", 3000))
    if not least <= len(text) <= most:
        raise ValueError(f"{element['action_id']!r} takes {least} to {most} characters.")
    return text


def _choice(state: State, element: Json, kind: str) -> tuple[str, Callable[[object], object]]:
    if kind == "users_select":
        return "selected_user", lambda said: state.find_person(str(said)).id
    if kind in ("channels_select", "conversations_select"):
        return f"selected_{kind.split('_')[0][:-1]}", lambda said: state.find_channel(str(said)).id
    if kind in ("datepicker", "timepicker"):
        return f"selected_{kind.removesuffix('picker')}", str
    if kind == "datetimepicker":
        return (
            "selected_date_time",
            lambda said: int(said.timestamp()) if isinstance(said, datetime) else int(str(said)),
        )
    return "selected_option", lambda said: option(element, said)


def pick(state: State, element: Json, said: object) -> Json:
    """What one element says once a person has picked `said` in it."""
    return (
        {"type": "overflow", "selected_option": option(element, said)}
        if element["type"] == "overflow"
        else _answer(state, element, said)
    )


def option(element: Json, said: object) -> Json:
    """The option of a select that a person means, by its value or by its words; LookupError when it is not offered."""
    if isinstance(said, dict):
        return said
    if element["type"].removeprefix("multi_") == "external_select":
        return {"text": {"type": "plain_text", "text": str(said)}, "value": str(said)}
    offered = [
        *element.get("options", ()),
        *(o for group in element.get("option_groups", ()) for o in group["options"]),
    ]
    found = [o for o in offered if said in (o.get("value"), o["text"]["text"])]
    if not found:
        raise LookupError(
            f"{element.get('action_id')!r} does not offer {said!r}, but {[o['text']['text'] for o in offered]}"
        )
    return dict(found[0])
