"""The rows about ways back: what could not be rolled back if it failed now, and what nobody has looked at."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.cli import say
from bot.cli.doctor.rows import look, row

if TYPE_CHECKING:
    from bot.engine.desk import Desk
    from bot.slack.examine import Row
    from bot.store import Tx

OLD = timedelta(days=2)  # two nights without a look
SHOWN = 10


def rows(tx: "Tx", desk: "Desk", now: datetime) -> "Iterator[Row]":
    """One for all that is well, one for each model without a way back; those that no platform runs are left out."""
    from bot.engine import estate_report

    found = [one for one in estate_report.models_in(tx, desk) if one.model.platform]
    ways = [one.way for one in found if one.way]
    lost = [way for way in ways if not way.possible]
    if count := len(ways) - len(lost):
        yield row("can be rolled back", "ok", f"{count} of {len(found)} models and agents.")
    for way in lost[:SHOWN]:
        yield look(way.model, way.why, f"See `tocsin models show {way.model}`.")
    if len(lost) > SHOWN:
        yield look("more without a way back", str(len(lost) - SHOWN), "See `tocsin models list --without-way-back`.")
    runs = "See that a process with the roles worker and ticker runs: `tocsin serve`."
    if unseen := [one.model.name for one in found if one.way is None]:
        yield look("not looked at yet", _named(unseen), runs)
    if old := sorted((way.looked_at, way.model) for way in ways if now - way.looked_at > OLD):
        yield look("not looked at lately", f"{_named([name for _, name in old])}, since {say.when(old[0][0])}", runs)


def _named(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
