"""When the data of a model was not to be trusted: its own, or that of what feeds it, was broken, late or missing."""

from datetime import datetime
from typing import Final

from bot.engine.desk import Desk
from bot.model.alert import Kind
from bot.model.estate import Model
from bot.store import Tx, troubles

KINDS: Final = (Kind.DATA_QUALITY, Kind.FRESHNESS, Kind.FAILURE)  #: of incidents that spoil rows


def spans(tx: Tx, desk: Desk, model: Model, since: datetime, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Those within `[since, until)`, in order; what is still going on lasts until `until`."""
    estate = desk.settings.estate
    upstream = (name for name in estate.models if model.name in estate.downstream(name))
    return tuple(troubles.spans(tx, {model.name, *upstream}, {kind.value for kind in KINDS}, since, until))
