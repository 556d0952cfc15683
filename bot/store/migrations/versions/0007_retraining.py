"""Models trained anew, what that made watched; a lock of its own for training"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Models trained anew, what that made watched; a lock of its own for training."""
    _changes()
    _trainings()
    _watches()


def _changes() -> None:
    op.add_column("changes", sa.Column("lock", sa.String(), nullable=False, server_default="serving"))
    op.add_column("changes", sa.Column("follows", sa.String(), nullable=True))
    op.drop_index("changes_one_open", table_name="changes")
    op.create_index(
        "changes_one_open",
        "changes",
        ["model", "lock"],
        unique=True,
        postgresql_where=sa.text("open"),
        sqlite_where=sa.text("open = 1"),
    )
    op.create_index("changes_once_after", "changes", ["follows"], unique=True)


def _trainings() -> None:
    op.create_table(
        "trainings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("run", sa.String(), nullable=True),
        sa.Column("going", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("log", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("heard_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("foreseen", sa.Float(), nullable=True),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("metrics", Json(), nullable=False),
        sa.Column("trial", sa.String(), nullable=True),
        sa.Column("passed", sa.Boolean(), nullable=True),
        sa.Column("findings", Json(), nullable=False),
        sa.Column("called_off", sa.String(), nullable=False),
        sa.Column("called_off_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["changes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("trainings_of_model", "trainings", ["model", "asked_at"], unique=False)
    op.create_index("trainings_of_entity", "trainings", ["entity", "ended_at"], unique=False)


def _watches() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("metric", sa.String(), nullable=True),
        sa.Column("baseline", Json(), nullable=False),
        sa.Column("allowed", sa.Float(), nullable=True),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["changes.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("watches_of_model", "watches", ["model", "since"], unique=False)
