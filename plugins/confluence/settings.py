"""What a connection to Confluence Cloud may be told."""

from pydantic import Field, SecretStr, field_validator

from bot.contract import ConnectionSettings, reading


class ConfluenceSettings(ConnectionSettings):
    """The site, who we are there, and where the pages go."""

    url: str  #: https://acme.atlassian.net/wiki
    user: str = Field(min_length=3, max_length=200)  #: the account's mail address
    token: SecretStr
    space: str = Field(pattern=r"^~?[A-Za-z0-9_-]{1,255}$")  #: its key
    parent: str | None = Field(default=None, pattern=r"^[0-9]{1,20}$")  #: a page's id; else the home page

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://acme.atlassian.net/wiki")
        return given.rstrip("/")
