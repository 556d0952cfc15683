"""What a connection to Notion may be told."""

import re
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.contract import ConnectionSettings, reading

_ID = re.compile(r"[0-9a-fA-F]{32}")


class NotionSettings(ConnectionSettings):
    """Who we are, and which database the pages go to."""

    token: SecretStr
    database: str | None = None  #: its id, as in its link
    data_source: str | None = None  #: one of the database's sources; left out: its only one
    property: str = Field(default="Document", min_length=1, max_length=100)  #: the text property that has our id
    url: str = "https://api.notion.com"

    @field_validator("url")
    @classmethod
    def _plain(cls, given: str) -> str:
        if reading.link(given) is None or "?" in given or "#" in given:
            raise ValueError("Write it as in https://api.notion.com")
        return given.rstrip("/")

    @field_validator("database", "data_source")
    @classmethod
    def _id(cls, given: str | None) -> str | None:
        if given is not None and not _ID.fullmatch(given.replace("-", "")):
            raise ValueError("Write the 32 letters and digits of its link")
        return given

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not (self.database or self.data_source):
            raise ValueError("Set `database`, or `data_source`")
        return self
