"""How the bot took one act of a person."""

from dataclasses import dataclass, field

from bot.sandbox.workspace.nouns import Json, Message


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
