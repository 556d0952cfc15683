"""Calendars that others read, and what they were shown."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from bot.model.feed import Feed, Shown
from bot.store.database import Tx
from bot.store.tables import FeedEventRow, FeedRow, table

_FEEDS, _EVENTS = table(FeedRow), table(FeedEventRow)
_FEED, _SHOWN = (tuple(f.name for f in fields(noun)) for noun in (Feed, Shown))
_ALL = select(*(_FEEDS.c[name] for name in _FEED))
_BY_DIGEST = _ALL.where(_FEEDS.c.digest == bindparam("its"))
_READ = update(_FEEDS).where(_FEEDS.c.digest == bindparam("its")).values(read_at=bindparam("at"))
_REVOKE = update(_FEEDS).where(_FEEDS.c.digest == bindparam("its")).values(revoked_at=bindparam("at"))
_OF = (
    select(*(_EVENTS.c[name] for name in _SHOWN))
    .where(_EVENTS.c.about == bindparam("its"), _EVENTS.c.end > bindparam("since"))
    .order_by(_EVENTS.c.start, _EVENTS.c.uid)
)
_NEWEST = select(func.max(_EVENTS.c.changed_at)).where(
    _EVENTS.c.about == bindparam("its"), _EVENTS.c.end > bindparam("since")
)
_FORGET = delete(_EVENTS).where(_EVENTS.c.about == bindparam("its"), _EVENTS.c.uid == bindparam("uid"))


def add(tx: Tx, feed: Feed) -> None:
    """Write a new one."""
    tx.sql.execute(insert(_FEEDS), [{name: getattr(feed, name) for name in _FEED}])


def find(tx: Tx, digest: str) -> Feed | None:
    """The feed whose key has this digest, revoked or not; None when there is none."""
    found = tx.sql.execute(_BY_DIGEST, {"its": digest}).first()
    return Feed(*found) if found else None


def listing(tx: Tx) -> list[Feed]:
    """All of them, by what they are about."""
    return [Feed(*row) for row in tx.sql.execute(_ALL.order_by(_FEEDS.c.about, _FEEDS.c.made_at))]


def read(tx: Tx, digest: str, at: datetime) -> None:
    """Somebody read it at `at`."""
    tx.sql.execute(_READ, {"its": digest, "at": at})


def revoke(tx: Tx, digest: str, at: datetime) -> None:
    """Its address is worth nothing from `at` on."""
    tx.sql.execute(_REVOKE, {"its": digest, "at": at})


def shown(tx: Tx, about: str, since: datetime) -> list[Shown]:
    """The events that were shown about something and end after `since`, in the order of their starts."""
    return [Shown(*row) for row in tx.sql.execute(_OF, {"its": about, "since": since})]


def newest(tx: Tx, about: str, since: datetime) -> datetime | None:
    """When any of those events changed last; None where there are none."""
    found: datetime | None = tx.sql.execute(_NEWEST, {"its": about, "since": since}).scalar()
    return found


def forget(tx: Tx, about: str, before: datetime) -> None:
    """What was over at `before` is not remembered any more."""
    tx.sql.execute(delete(_EVENTS).where(_EVENTS.c.about == about, _EVENTS.c.end <= before))


def keep(tx: Tx, events: Iterable[Shown]) -> None:
    """Write them, in the place of those with the same uid."""
    rows: list[dict[str, Any]] = [{name: getattr(event, name) for name in _SHOWN} for event in events]
    if rows:
        tx.sql.execute(_FORGET, [{"its": row["about"], "uid": row["uid"]} for row in rows])
        tx.sql.execute(insert(_EVENTS), rows)
