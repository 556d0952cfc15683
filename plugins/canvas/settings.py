"""What a connection to Slack's canvases may be told."""

from pydantic import Field, SecretStr, field_validator

from bot.contract import ConnectionSettings, reading


class CanvasSettings(ConnectionSettings):
    """The bot we are in Slack, and the channel whose members read the canvases."""

    token: SecretStr  #: xoxb-…
    channel: str = Field(pattern=r"^[CG][A-Z0-9]{2,30}$")  #: its id
    url: str = "https://slack.com/api"

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://slack.com/api")
        return given.rstrip("/")
