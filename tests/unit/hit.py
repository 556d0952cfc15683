"""What silences hit, for drawings of the form that makes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.engine.hits import Hits
from bot.model.alert import Alert, Kind, Status
from bot.model.matcher import Matcher
from tests.unit import seen

NOW = datetime(2026, 11, 23, 3, 40, tzinfo=UTC)
LATER = NOW + timedelta(hours=2)
FIRES = Alert("test", "prom", "p", "Feature drift <!here>", Status.FIRING, Kind.DRIFT, NOW)
#: Three alerts of one incident, by its model and a title with quotes.
THREE: dict[str, Any] = {
    "matchers": (Matcher("model", "=", "churn"), Matcher("title", "=", 'a "b"')),
    "hits": Hits((("INC-7", FIRES),), 3, (seen.incident(),), 12, False, False),
    "ends_at": LATER,
}
#: Every alert there is, and nothing that fires now.
ALL: dict[str, Any] = {
    "hits": Hits((), 0, (), 0, True, True),
    "starts_at": NOW,
    "ends_at": LATER,
    "zone": "Europe/Istanbul",
}
