"""What a connection to an ntfy server may be told."""

from pydantic import SecretStr, field_validator

from bot.contract import ConnectionSettings, reading


class NtfySettings(ConnectionSettings):
    """Where the server is, and how we prove that we may publish."""

    url: str = "https://ntfy.sh"  #: the server's root; the topic is each person's own
    token: SecretStr | None = None

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://ntfy.example.com, without name, password, topic or query")
        return given.rstrip("/")
