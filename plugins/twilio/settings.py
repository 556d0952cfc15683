"""What a connection to Twilio may be told."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, field_validator, model_validator

from bot.contract import ConnectionSettings, reading

Sid = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9a-fA-F]{32}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+[1-9][0-9]{6,14}$")]
#: A number, a short code, or a name of letters (then nobody can answer).
Sender = Annotated[str, StringConstraints(pattern=r"^(\+[1-9][0-9]{6,14}|[0-9]{3,8}|[A-Za-z0-9 ]{1,11})$")]


class TwilioSettings(ConnectionSettings):
    """`secret` is not used: Twilio signs what it posts with the auth token."""

    account: Sid  #: AC...
    token: SecretStr  #: the auth token: it signs what Twilio posts, and is how we log in where there is no `key`
    former: tuple[SecretStr, ...] = ()  #: auth tokens whose signatures are still good while the token is rotated
    key: Sid | None = None  #: SK..., an API key to log in with
    key_secret: SecretStr | None = None
    sender: Sender | None = Field(default=None, alias="from", repr=False)
    messaging_service: Sid | None = None  #: MG..., which chooses the sender of text messages
    voice_from: Phone | None = Field(default=None, repr=False)  #: the number that calls; not given: `from`
    language: Literal["en", "tr"] = "en"  #: for people who have none of their own
    voices: Mapping[Literal["en", "tr"], str] = {}  #: how calls sound; not given: Twilio's own choice
    machine_detection: bool = False  #: tell an answering machine from a person; it costs more and delays the words
    url: str = "https://api.twilio.com"  #: of another region or edge

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://api.twilio.com, without name, password or query")
        return given.rstrip("/")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.token.get_secret_value() or not all(one.get_secret_value() for one in self.former):
            raise ValueError("An auth token is empty: anybody could sign with it")
        if (self.key is None) != (self.key_secret is None):
            raise ValueError("`key` and `key_secret` stand together")
        if self.sender is None and self.messaging_service is None and self.voice_from is None:
            raise ValueError("Say who it comes from: `from`, `messaging_service` or `voice_from`")
        return self

    @property
    def caller(self) -> str | None:
        """The number that calls come from; None where there is none that could call."""
        if self.voice_from is not None:
            return self.voice_from
        return self.sender if self.sender is not None and self.sender.startswith("+") else None

    @property
    def answerable(self) -> bool:
        """Whether a text message of ours can be answered: a sender that is a name takes no answers."""
        return self.messaging_service is not None or (self.sender or "").lstrip("+").isdigit()
