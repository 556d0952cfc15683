"""The last look at what goes to Slack: a drawing that would be refused goes in a plainer form, and is told of.

A message keeps its words and loses its blocks; a view becomes a small one that says so. Nobody waits in vain for a page
because of a button's label.
"""

import re

from bot import telemetry
from bot.slack import validate
from bot.slack.pieces import Json
from bot.slack.validate import Fault, Surface

POST, EDIT = 40_000, 4_000  # characters of text that Slack takes in a new message, and in an edit of one
TOLD = 10  # faults in one line of the log
LONGEST_TEXT = {"chat.postMessage": POST, "chat.postEphemeral": POST, "chat.update": EDIT}
VIEWS = frozenset(("views.open", "views.push", "views.update", "views.publish"))
LOST = (
    "Tocsin could not draw this. Nothing was changed. Whoever runs it finds the reason in the log: slack.blocks_unfit."
)
_TORN = re.compile(r"(&[a-z]{0,3}|<[^<>]{0,300})$")  # an escape or a mention cut in two
log = telemetry.logger("slack")


def arguments(method: str, given: Json) -> Json:
    """The arguments of a Web API call as Slack takes them; those of a method that draws nothing as they are."""
    if method in LONGEST_TEXT:
        return sendable(given, "message", LONGEST_TEXT[method])
    view = given.get("view")
    if method in VIEWS and isinstance(view, dict):
        return given | {"view": sendable(view, "home" if view.get("type") == "home" else "modal")}
    return given


def sendable(payload: Json, surface: Surface, longest: int = POST) -> Json:
    """The payload itself when Slack takes it, else its plainer form, which Slack takes; faults are logged and counted.

    `longest` is how many characters the text of a message may have.
    """
    faults = validate.validate(payload, surface)
    if faults:
        _tell(faults, surface)
    if surface == "message":
        return _message(payload, longest, bare=bool(faults))
    return _view(surface) if faults else payload


def _message(payload: Json, longest: int, *, bare: bool) -> Json:
    said = payload.get("text")
    text = _cut(said, longest) if isinstance(said, str) else ""
    if bare:
        # Named and empty, so that an edit takes away those that stood there.
        emptied: Json = {key: [] for key in ("blocks", "attachments") if key in payload}
        return payload | emptied | {"text": text or LOST}
    return payload if text == said or not text else payload | {"text": text}


def _view(surface: Surface) -> Json:
    block = {"type": "section", "text": {"type": "plain_text", "text": LOST}}
    view: Json = {"type": surface, "blocks": [block]}
    if surface == "modal":
        view |= {
            "title": {"type": "plain_text", "text": "Tocsin"},
            "close": {"type": "plain_text", "text": "Close"},
        }
    return view


def _cut(text: str, longest: int) -> str:
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= longest else _TORN.sub("", whole[: longest - 1]) + "…"


def _tell(faults: list[Fault], surface: Surface) -> None:
    """Where and which rule; what was drawn may be anybody's words, so it stays out of the log."""
    telemetry.SLACK_UNFIT.labels(surface).inc()
    log.error(
        "slack.blocks_unfit",
        surface=surface,
        faults=len(faults),
        first=[f"{fault.pointer}: {fault.rule}" for fault in faults[:TOLD]],
    )
