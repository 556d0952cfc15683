"""The bot's own alerts bear the sources and connections that the configuration's checks know of."""

from bot.engine import declare, heartbeat, storm
from bot.settings import fit


def test_a_runbook_may_name_the_bots_own_connections() -> None:
    assert fit.OWN == {
        declare.CONNECTION: declare.SOURCE,
        heartbeat.SOURCE: heartbeat.SOURCE,
        storm.CONNECTION: storm.SOURCE,
    }
