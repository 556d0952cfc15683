"""Changes of production, the ledger of what served, what forbids changes"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Changes of production, the ledger of what served, what forbids changes."""
    _changes()
    _moved()
    _tickets()
    _freezes()
    _legal_holds()
    _ways_back()


def _changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("plan", Json(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("requested_at", Instant(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("needs", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("agreements", Json(), nullable=False),
        sa.Column("undoes", sa.String(), nullable=True),
        sa.Column("glass", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("seen", Json(), nullable=False),
        sa.Column("deadline", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "changes_one_open",
        "changes",
        ["model"],
        unique=True,
        postgresql_where=sa.text("open"),
        sqlite_where=sa.text("open = 1"),
    )
    op.create_index("changes_by_time", "changes", ["open", "number"], unique=False)
    op.create_index("changes_of_incident", "changes", ["incident"], unique=False)


def _moved() -> None:
    op.create_table(
        "moved",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("serving", Json(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("moved_of_model", "moved", ["model", "at"], unique=False)


def _tickets() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("used_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("tickets_until", "tickets", ["until"], unique=False)


def _freezes() -> None:
    op.create_table(
        "freezes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("freezes_by_end", "freezes", ["ends_at"], unique=False)


def _legal_holds() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("lifted_at", Instant(), nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("legal_holds_of_incident", "legal_holds", ["incident"], unique=False)


def _ways_back() -> None:
    op.create_table(
        "ways_back",
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("looked_at", Instant(), nullable=False),
        sa.Column("possible", sa.Boolean(), nullable=False),
        sa.Column("to", sa.String(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("rehearsed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("model"),
    )
