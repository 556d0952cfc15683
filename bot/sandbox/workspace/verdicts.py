"""blocks.validate: says what Slack would refuse, without sending anything."""

from bot.sandbox.workspace.ask import Ask
from bot.sandbox.workspace.nouns import Json
from bot.sandbox.workspace.permits import Denied
from bot.slack import validate

# The beginnings of our rules, and the word Slack has for such a fault; anything else is an invalid value.
CODES = {
    "at most": "too_long",
    "text in all blocks": "too_long",
    "at least": "too_short",
    "must not be empty": "too_short",
    "required": "missing_field",
    "unknown key": "unknown_field",
    "unknown": "unknown_type",
    "duplicate": "duplicate_id",
}


def blocks_validate(ask: Ask) -> Json:
    """Refuses with every fault of the one payload that was given: blocks, a message or a view."""
    given = {name: ask.json(name, "invalid_arguments") for name in ("blocks", "message", "view") if ask.args.get(name)}
    if len(given) != 1:
        told = ["[ERROR] provide exactly one of blocks, message, view"]
        raise Denied("invalid_arguments", response_metadata={"messages": told})
    [(name, content)] = given.items()
    if name == "blocks":
        content = {"blocks": content}
    if not isinstance(content, dict):
        raise Denied("invalid_arguments", response_metadata={"messages": [f"[ERROR] must be an object: {name}"]})
    surface: validate.Surface = "message"
    if name == "view":
        surface = "home" if content.get("type") == "home" else "modal"
    faults = validate.validate(content, surface)
    if faults:
        errors = [{"pointer": f.pointer, "code": _code(f.rule), "message": f.rule} for f in faults]
        raise Denied(f"invalid_{name}", errors=errors)
    return {"errors": []}


def _code(rule: str) -> str:
    return next((code for beginning, code in CODES.items() if rule.startswith(beginning)), "invalid_value")
