"""What rotas were, wishes for cover, calendar feeds, which tiers reach nobody"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What rotas were, wishes for cover, calendar feeds, which tiers reach nobody."""
    op.create_table(
        "rotas",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("form", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("rotas_of_name", "rotas", ["name", "since"], unique=False)
    _covers()
    _feeds()
    _armed()


def _covers() -> None:
    op.create_table(
        "covers",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rota", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("end", Instant(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("offered", Json(), nullable=False),
        sa.Column("in_return", Json(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=True),
        sa.Column("overrides", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("covers_by_standing", "covers", ["standing", "start"], unique=False)
    op.create_index("covers_of_rota", "covers", ["rota", "start"], unique=False)


def _feeds() -> None:
    op.create_table(
        "feeds",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("feeds_about", "feeds", ["about"], unique=False)
    op.create_table(
        "feed_events",
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("start", Instant(), nullable=False),
        sa.Column("end", Instant(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("about", "uid"),
    )
    op.create_index("feed_events_by_end", "feed_events", ["about", "end"], unique=False)
    op.create_table(
        "calendars",
        sa.Column("rota", sa.String(), nullable=False),
        sa.Column("layer", sa.String(), nullable=False),
        sa.Column("spans", Json(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("fault", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("rota", "layer"),
    )


def _armed() -> None:
    op.create_table(
        "armed",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("form", Json(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
