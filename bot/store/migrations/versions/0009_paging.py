"""Stages of tiers, bundles of pages, confirmed addresses, tests of ways to reach people, handovers"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Stages of tiers, bundles of pages, confirmed addresses, tests of ways to reach people, handovers."""
    op.add_column("incidents", sa.Column("stage", sa.Integer(), server_default="0", nullable=False))
    op.add_column("incidents", sa.Column("loops", sa.Integer(), server_default="0", nullable=False))
    op.add_column("incidents", sa.Column("attended_at", Instant(), nullable=True))
    op.add_column("pages", sa.Column("rank", sa.Integer(), server_default="0", nullable=False))
    op.add_column("pages", sa.Column("bundled", sa.String(), nullable=True))
    op.create_index("pages_of_person", "pages", ["person", "channel", "sent_at"], unique=False)
    op.create_index("pages_of_provider", "pages", ["provider_id"], unique=False)
    decided = sa.text("state = 'decided'")
    op.create_index(
        "pages_waiting", "pages", ["person", "channel", "due_at"], postgresql_where=decided, sqlite_where=decided
    )
    _reached()
    _handovers()


def _reached() -> None:
    op.create_table(
        "addresses",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person", "kind"),
    )
    op.create_index("addresses_by_digest", "addresses", ["kind", "digest"], unique=False)
    op.create_table(
        "page_tests",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("failure", sa.String(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("person", "channel"),
    )


def _handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rota", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("outgoing", Json(), nullable=False),
        sa.Column("incoming", Json(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("remarks", Json(), nullable=False),
        sa.Column("report", Json(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.Column("lead_told_at", Instant(), nullable=True),
        sa.Column("accepted_by", sa.String(), nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("cover", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("rota", "at", name="handovers_once"),
    )
    op.create_index("handovers_by_standing", "handovers", ["standing", "at"], unique=False)
