"""Where a drawing stands in the chat, so that it can be edited instead of posted again."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import PostRow, table


@dataclass(frozen=True, slots=True)
class Post:
    """A message: its key (`card/INC-7`), where it stands, and the digest of what was drawn last."""

    key: str
    channel: str
    ts: str
    digest: str


def get(tx: Tx, key: str) -> Post | None:
    """The post with this key."""
    row = tx.sql.execute(select(table(PostRow)).where(col(PostRow.key) == key)).first()
    return Post(*row) if row else None


def save(tx: Tx, post: Post) -> None:
    """Remember where it stands and what it shows."""
    values = {"channel": post.channel, "ts": post.ts, "digest": post.digest}
    insert = (sqlite if tx.dialect == "sqlite" else postgresql).insert(PostRow).values(key=post.key, **values)
    tx.sql.execute(insert.on_conflict_do_update(index_elements=["key"], set_=values))
