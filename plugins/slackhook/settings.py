"""What a connection of senders that write to Slack may be told."""

from bot.contract import ConnectionSettings


class SlackhookSettings(ConnectionSettings):
    """`secret` is the last part of the address: /services/T.../B.../SECRET."""

    resolved_colours: tuple[str, ...] = ("good",)  #: besides green ones: what says that it is over
