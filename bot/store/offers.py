"""What a chat user nobody knew yet wanted to do when they were asked who they are; the newest wish of each is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import OfferRow, table

_OFFERS = table(OfferRow)


def keep(tx: Tx, slack_user: str, replay: Mapping[str, Any], until: datetime) -> None:
    """Keep it instead of what the same user wanted before, and forget whatever has run out."""
    over = (col(OfferRow.until) <= tx.now) | (col(OfferRow.slack_user) == slack_user)
    tx.sql.execute(delete(OfferRow).where(over))
    tx.sql.execute(insert(OfferRow), [{"slack_user": slack_user, "replay": dict(replay), "until": until}])


def kept(tx: Tx, slack_user: str) -> Mapping[str, Any]:
    """What this user wanted; empty when that was nothing, or too long ago."""
    query = select(_OFFERS.c.replay).where(_OFFERS.c.slack_user == slack_user, _OFFERS.c.until > tx.now)
    row = tx.sql.execute(query).first()
    return row[0] if row else {}
