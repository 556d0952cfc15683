"""Which chat user is which person, beyond what the configuration says, and who waits to be vouched for."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import LinkRequestRow, LinkRow, table

_LINKS = table(LinkRow)
_REQUESTS = table(LinkRequestRow)


@dataclass(frozen=True, slots=True)
class Link:
    """A Slack user is a person; `how`: email, or vouched:NAME."""

    slack_user: str
    team: str  #: the workspace the user belongs to
    person: str
    linked_at: datetime
    how: str


@dataclass(frozen=True, slots=True)
class Request:
    """A Slack user says which person they are; `replay` is what they wanted to do, to be done once they are known."""

    id: str
    slack_user: str
    team: str
    person: str
    replay: Mapping[str, Any]
    asked_at: datetime
    expires_at: datetime


def of_user(tx: Tx, slack_user: str) -> Link | None:
    """The link of a Slack user."""
    row = tx.sql.execute(select(_LINKS).where(_LINKS.c.slack_user == slack_user)).mappings().first()
    return Link(**row) if row else None


def of_person(tx: Tx, person: str) -> Link | None:
    """The link that leads to this person; there is one at most."""
    row = tx.sql.execute(select(_LINKS).where(_LINKS.c.person == person)).mappings().first()
    return Link(**row) if row else None


def accounts(tx: Tx) -> dict[str, str]:
    """Every linked person's Slack user, by person."""
    found = tx.sql.execute(select(_LINKS.c.person, _LINKS.c.slack_user))
    return {str(row.person): str(row.slack_user) for row in found}


def add(tx: Tx, link: Link) -> None:
    """Keep it; neither its user nor its person may be linked yet."""
    tx.sql.execute(insert(LinkRow), [asdict(link)])


def remove(tx: Tx, slack_user: str) -> None:
    """Take the link of this user away, if there is one."""
    tx.sql.execute(delete(LinkRow).where(col(LinkRow.slack_user) == slack_user))


def ask(tx: Tx, request: Request) -> None:
    """Keep it instead of what the same user asked before."""
    tx.sql.execute(delete(LinkRequestRow).where(col(LinkRequestRow.slack_user) == request.slack_user))
    tx.sql.execute(insert(LinkRequestRow), [{**asdict(request), "replay": dict(request.replay)}])


def asked(tx: Tx, request_id: str) -> Request | None:
    """The request, locked until the transaction ends; None when it was decided, replaced or never made."""
    query = select(_REQUESTS).where(_REQUESTS.c.id == request_id).with_for_update()
    row = tx.sql.execute(query).mappings().first()
    return Request(**row) if row else None


def asked_by(tx: Tx, slack_user: str) -> Request | None:
    """What this user waits to be vouched for, whether in time or not."""
    row = tx.sql.execute(select(_REQUESTS).where(_REQUESTS.c.slack_user == slack_user)).mappings().first()
    return Request(**row) if row else None


def close(tx: Tx, request_id: str) -> None:
    """It was decided."""
    tx.sql.execute(delete(LinkRequestRow).where(col(LinkRequestRow.id) == request_id))


def prune(tx: Tx) -> int:
    """Forget requests nobody decided in time; returns how many."""
    return tx.sql.execute(delete(LinkRequestRow).where(col(LinkRequestRow.expires_at) <= tx.now)).rowcount
