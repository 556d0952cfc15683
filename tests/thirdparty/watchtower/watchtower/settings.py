"""What a connection to a Watchtower may be told."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.contract import BadInput, ConnectionSettings


class Push(BaseModel):
    """The push gateway's account."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token: SecretStr


class WatchtowerSettings(ConnectionSettings):
    """`secret` is the key Watchtower signs with."""

    site: str
    gateway: str = "https://push.watchtower.example"
    push: Push | None = None
    least: float = Field(default=0.0, ge=0.0, le=1.0)

    def token(self) -> str:
        """The gateway's token; raises BadInput where there is none."""
        if self.push is None:
            raise BadInput("There is no account for pages.", "Set push.token.")
        return self.push.token.get_secret_value()
