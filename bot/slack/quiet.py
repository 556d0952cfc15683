"""The logs of the Slack libraries: warnings and worse, without bodies and stack traces of an outage."""

import logging

NAME = "tocsin.slack.lib"


class _Terse(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.exc_info = None
        record.msg, record.args = record.getMessage()[:300], ()
        return True


def logger(part: str) -> logging.Logger:
    """A logger to hand to the libraries. Its level is explicit, for they format debug lines when none is set."""
    made = logging.getLogger(f"{NAME}.{part}")
    made.setLevel(logging.WARNING)
    if not made.filters:
        made.addFilter(_Terse())
    return made
