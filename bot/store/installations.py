"""The workspaces in which the app is installed, each with its sealed token; the store cannot open the seal."""

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from bot.store.database import Tx
from bot.store.tables import InstallationRow, table

_TABLE = table(InstallationRow)


@dataclass(frozen=True, slots=True)
class Installation:
    """One workspace: who the bot is there, what it may do, and who let it in."""

    team: str
    name: str
    bot_user: str
    scopes: str  #: with commas between
    token: str = field(repr=False)  #: sealed; empty once the app was taken away
    installed_by: str  #: the Slack user
    installed_at: datetime
    removed_at: datetime | None = None


def save(tx: Tx, installation: Installation) -> None:
    """Keep it instead of what was known of the same workspace."""
    tx.sql.execute(delete(InstallationRow).where(col(InstallationRow.team) == installation.team))
    tx.sql.execute(insert(InstallationRow), [asdict(installation)])


def current(tx: Tx) -> list[Installation]:
    """Every workspace the app is in, the one that came first first."""
    query = select(_TABLE).where(_TABLE.c.removed_at.is_(None)).order_by(_TABLE.c.installed_at, _TABLE.c.team)
    return [Installation(**row) for row in tx.sql.execute(query).mappings()]


def remove(tx: Tx, team: str, token: str, at: datetime) -> bool:
    """The app was taken away with this sealed token, which is forgotten; False when it is not (or no more) in force."""
    mine = (col(InstallationRow.team) == team) & (col(InstallationRow.token) == token)
    there = mine & col(InstallationRow.removed_at).is_(None)
    return tx.sql.execute(update(InstallationRow).where(there).values(removed_at=at, token="")).rowcount == 1
