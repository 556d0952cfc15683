"""What a connection to models on a disk may be told."""

from pydantic import Field

from bot.contract import ConnectionSettings


class LocalSettings(ConnectionSettings):
    """Where the models are, and which of their own programs may be run."""

    root: str = Field(min_length=1)
    run_probe: bool = False  #: off: whoever may write there could have the bot run anything
    run_score: bool = False  #: off for the same reason
    run_train: bool = False  #: off for the same reason
