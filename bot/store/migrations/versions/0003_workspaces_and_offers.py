"""Workspaces the app is installed in, and what people wanted before anybody knew them"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Workspaces the app is installed in, and what people wanted before anybody knew them."""
    op.create_table(
        "installations",
        sa.Column("team", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("bot_user", sa.String(), nullable=False),
        sa.Column("scopes", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("installed_by", sa.String(), nullable=False),
        sa.Column("installed_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("team"),
    )
    op.create_table(
        "offers",
        sa.Column("slack_user", sa.String(), nullable=False),
        sa.Column("replay", Json(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("slack_user"),
    )
