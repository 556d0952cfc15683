"""What a connection to a folder may be told."""

from pathlib import Path

from pydantic import field_validator

from bot.contract import ConnectionSettings, reading


class FilesSettings(ConnectionSettings):
    """Which folder, and where people open what stands in it."""

    folder: Path
    link: str | None = None  #: where a web server shows the folder; left out: links name the file

    @field_validator("link")
    @classmethod
    def _plain(cls, given: str | None) -> str | None:
        if given is not None and (reading.link(given) is None or "?" in given or "#" in given):
            raise ValueError("Write it as in https://files.example.com/postmortems, without name, password or query")
        return given.rstrip("/") if given else None
