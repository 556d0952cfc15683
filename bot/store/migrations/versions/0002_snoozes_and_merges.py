"""Snoozes, merges, and how an incident ended"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Snoozes, merges, and how an incident ended."""
    op.add_column("incidents", sa.Column("resolution", sa.String(), nullable=False, server_default=""))
    op.add_column("incidents", sa.Column("snoozed_until", Instant(), nullable=True))
    op.add_column("incidents", sa.Column("merged_into", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("ended_by", sa.String(), nullable=True))

    op.create_table(
        "merged_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("merged_keys_by_incident", "merged_keys", ["incident_id"], unique=False)
    op.create_table(
        "links",
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("linked_at", Instant(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("slack_user"),
    )
    op.create_index("links_by_person", "links", ["person"], unique=True)
    op.create_table(
        "link_requests",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("replay", Json(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("slack_user"),
    )
    op.create_table(
        "noted",
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("wanted_by", Json(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("message"),
    )
