"""Where a drawing stands in the chat, so that it can be edited instead of posted again."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.database import Tx
from bot.store.tables import PostRow, table


@dataclass(frozen=True, slots=True)
class Post:
    """A message: its key (`card/INC-7`), where it stands, and the digest of what was drawn last."""

    key: str
    channel: str
    ts: str
    digest: str


_TABLE = table(PostRow)
_ONE = select(_TABLE).where(_TABLE.c.key == bindparam("its"))


def get(tx: Tx, key: str) -> Post | None:
    """The post with this key."""
    row = tx.sql.execute(_ONE, {"its": key}).first()
    return Post(*row) if row else None


def standing(tx: Tx, kind: str, channel: str, ts: str | None = None) -> list[Post]:
    """The posts called `kind/...` in a channel (at `ts`, when given): what a message there belongs to."""
    query = select(_TABLE).where(_TABLE.c.key.startswith(f"{kind}/", autoescape=True), _TABLE.c.channel == channel)
    return [Post(*row) for row in tx.sql.execute(query if ts is None else query.where(_TABLE.c.ts == ts))]


def called(tx: Tx, kind: str) -> list[Post]:
    """Every post called `kind/...`."""
    found = tx.sql.execute(select(_TABLE).where(_TABLE.c.key.startswith(f"{kind}/", autoescape=True)))
    return [Post(*row) for row in found]


def forget(tx: Tx, *keys: str) -> None:
    """These are of no interest any more."""
    if keys:
        tx.sql.execute(delete(_TABLE).where(_TABLE.c.key.in_(keys)))


def _save(insert: Any) -> Any:
    new = {name: insert.excluded[name] for name in ("channel", "ts", "digest")}
    return insert.on_conflict_do_update(index_elements=["key"], set_=new)


_SAVE = {"sqlite": _save(sqlite.insert(_TABLE)), "postgresql": _save(postgresql.insert(_TABLE))}


def save(tx: Tx, post: Post) -> None:
    """Remember where it stands and what it shows."""
    values = {"key": post.key, "channel": post.channel, "ts": post.ts, "digest": post.digest}
    tx.sql.execute(_SAVE[tx.dialect], [values])
