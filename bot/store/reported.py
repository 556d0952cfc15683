"""Pages, and tests of ways to reach people, by what a channel calls them."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, select

from bot.errors import NotFound
from bot.model.page import Page
from bot.model.paged import Test
from bot.store import pages as sheets
from bot.store.database import Tx
from bot.store.tables import PageRow, PageTestRow, table

_PAGES, _TESTS = table(PageRow), table(PageTestRow)
_CHANNELS: Any = bindparam("channels", expanding=True)
_PAGE = (
    select(_PAGES.c.id)
    .where(_PAGES.c.provider_id == bindparam("its"), _PAGES.c.channel.in_(_CHANNELS))
    .order_by(_PAGES.c.incident, _PAGES.c.id)
)
_TEST = select(_TESTS).where(_TESTS.c.channel.in_(_CHANNELS))
_BY_PROVIDER = _TEST.where(_TESTS.c.provider_id == bindparam("its"))
_BY_KEY = _TEST.where(_TESTS.c.key == bindparam("its"))


def pages(tx: Tx, provider_id: str, channels: Collection[str]) -> list[str]:
    """The ids of the pages that one of these channels knows by that id: several that went as one message."""
    return list(tx.sql.execute(_PAGE, {"its": provider_id, "channels": list(channels)}).scalars())


def page(tx: Tx, page_id: str, channels: Collection[str]) -> Page | None:
    """The page with this id, if it is one of these channels'."""
    try:
        found = sheets.get(tx, page_id)
    except NotFound:
        return None
    return found if found.channel in channels else None


def test(tx: Tx, provider_id: str, channels: Collection[str]) -> Test | None:
    """The test that one of these channels knows by that id, while it is the last of its way."""
    return _one(tx.sql.execute(_BY_PROVIDER, {"its": provider_id, "channels": list(channels)}))


def test_of_key(tx: Tx, key: str, channels: Collection[str]) -> Test | None:
    """The test that was sent with this key by one of these channels, while it is the last of its way."""
    return _one(tx.sql.execute(_BY_KEY, {"its": key, "channels": list(channels)}))


def _one(found: Any) -> Test | None:
    row = found.mappings().first()
    return Test(**row) if row else None
