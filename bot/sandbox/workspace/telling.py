"""Everything of the workspace as JSON can say it, for another process."""

from dataclasses import asdict

from bot.sandbox.workspace.nouns import Call, Canvas, Change, Failure, File, Message, Person, UserGroup, View
from bot.sandbox.workspace.registry import Consent
from bot.sandbox.workspace.reply import Reply


def told(thing: object) -> object:
    """One thing of the workspace; TypeError for anything else."""
    if isinstance(thing, Message):
        return _message(thing)
    if isinstance(thing, View):
        return {
            "id": thing.id,
            "user": thing.user,
            "content": thing.content,
            "shown": thing.shown,
            "errors": dict(thing.errors),
            "state": thing.state,
        }
    if isinstance(thing, Change):
        return {"kind": thing.kind, "at": thing.at, "user": thing.user, "message": thing.message, "view": thing.view}
    if isinstance(thing, Reply):
        said = {"acked": thing.acked, "error": thing.error, "text": thing.text, "body": thing.body}
        return said | {"errors": thing.errors, "responses": thing.responses}
    if isinstance(thing, File):
        return asdict(thing) | {"content": (thing.content or b"").decode(errors="replace")}
    if isinstance(thing, Person | UserGroup | Canvas | Consent):
        return asdict(thing)
    if isinstance(thing, Call | Failure):
        return dict(thing.__dict__)
    raise TypeError(f"{type(thing).__name__} has no form in JSON")


def _message(message: Message) -> dict[str, object]:
    return message.to_api() | {
        "channel": message.channel,
        "edits": message.edits,
        "at": message.at.isoformat(),
        "changed_at": message.changed_at.isoformat(),
        "ephemeral_to": message.ephemeral_to,
        "shown": message.shown,
        "buttons": list(message.buttons),
        "pinned": message.pinned,
    }
