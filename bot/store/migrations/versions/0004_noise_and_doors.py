"""What holds alerts back and incidents waiting, heartbeats, change events, receipts"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What holds alerts back and incidents waiting, heartbeats, change events, receipts."""
    op.add_column("incidents", sa.Column("waits", sa.String(), nullable=False, server_default=""))
    op.add_column("incidents", sa.Column("storm", sa.String(), nullable=True))
    op.add_column("incidents", sa.Column("calm_since", Instant(), nullable=True))
    op.create_index("incidents_of_entity", "incidents", ["entity", "opened_at"], unique=False)
    op.create_index("incidents_of_storm", "incidents", ["storm"], unique=False)
    op.add_column("alerts", sa.Column("evaluated_at", Instant(), nullable=True))
    _noise()
    _doors()


def _noise() -> None:
    op.create_table(
        "silences",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("matchers", Json(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("maintenance", sa.Boolean(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("silences_by_end", "silences", ["ends_at"], unique=False)
    op.create_table(
        "held",
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("incident", sa.String(), nullable=True),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("evaluated_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("problem"),
    )
    op.create_index("held_by_incident", "held", ["incident"], unique=False)
    op.create_index("held_by_cause", "held", ["cause", "by"], unique=False)
    op.create_table(
        "inhibitors",
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"]),
        sa.PrimaryKeyConstraint("rule", "key", "problem"),
    )
    op.create_index("inhibitors_by_incident", "inhibitors", ["incident_id"], unique=False)
    op.create_index("inhibitors_by_problem", "inhibitors", ["problem"], unique=False)
    op.create_table(
        "evaluations",
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("history", Json(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("problem"),
    )
    op.create_index("evaluations_by_time", "evaluations", ["last_at"], unique=False)


def _doors() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("beat_at", Instant(), nullable=True),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "lapses",
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("problem"),
    )
    op.create_index("lapses_until", "lapses", ["until"], unique=False)
    op.create_table(
        "change_events",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("entity", sa.String(), nullable=True),
        sa.Column("links", Json(), nullable=False),
        sa.Column("details", Json(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "id"),
    )
    op.create_index("change_events_of_model", "change_events", ["model", "at"], unique=False)
    op.create_index("change_events_of_entity", "change_events", ["entity", "at"], unique=False)
    op.create_index("change_events_by_time", "change_events", ["received_at"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("said", Json(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "id"),
    )
    op.create_index("receipts_until", "receipts", ["until"], unique=False)
