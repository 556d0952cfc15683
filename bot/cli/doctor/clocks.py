"""The rows about clocks: ours beside the database's and Slack's."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from bot.cli.doctor.rows import row
from bot.errors import TocsinError

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.examine import Row
    from bot.store.vitals import Vitals

FAR = 5.0  # seconds: Slack's signatures end at five minutes, leases run by the database's clock
DO = "Let NTP set the clocks of all machines (chrony, systemd-timesyncd)."


async def rows(settings: "Settings", vitals: "Vitals | None") -> "AsyncIterator[Row]":
    """That of the database where it answers, and Slack's unless it is off."""
    from bot.clock import SystemClock
    from bot.slack import examine

    if vitals:
        yield apart("the database", vitals.ahead)
    if settings.slack.mode != "off":
        try:
            yield apart("Slack", await examine.ahead(settings.slack.api_url, SystemClock()))
        except TocsinError as error:
            yield row("clock of Slack", "unknown", error.what, error.do)


def apart(whose: str, seconds: float) -> "Row":
    """Red over FAR seconds; a positive number is a clock ahead of ours."""
    how = "ahead of" if seconds > 0 else "behind"
    said = f"{abs(seconds):.1f} s {how} ours." if abs(seconds) >= 0.05 else "The same as ours."
    return row(f"clock of {whose}", "missing" if abs(seconds) > FAR else "ok", said, DO)
