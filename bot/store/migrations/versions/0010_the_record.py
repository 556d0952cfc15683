"""What entries say beside the log; checkpoints, regulatory clocks, postmortems, follow-ups, exports"""

import sqlalchemy as sa
from alembic import op

from bot.store.columns import Instant, Json

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What entries say beside the log; checkpoints, regulatory clocks, postmortems, follow-ups, exports."""
    _said()
    _guarded()
    _checkpoints()
    _postmortems()


def _said() -> None:
    """What was written in form 1 moves as it is: its seal holds it itself."""
    op.create_table(
        "log_said",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.Column("context", Json(), nullable=False),
        sa.Column("erased", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "seq"),
    )
    op.execute(
        "INSERT INTO log_said (chain, seq, salt, actor, subject, why, before, after, context, erased) "
        "SELECT chain, seq, '', actor, subject, why, before, after, '{}', '' FROM log"
    )
    op.create_index("log_said_by_subject", "log_said", ["subject"], unique=False)
    op.drop_index("log_by_subject", table_name="log")
    for name in ("actor", "subject", "why", "before", "after"):
        op.drop_column("log", name)
    op.add_column("log", sa.Column("form", sa.Integer(), server_default="1", nullable=False))
    op.add_column("log", sa.Column("commitment", sa.String(), server_default="", nullable=False))
    op.create_index("log_by_time", "log", ["recorded_at"], unique=False)


def _guarded() -> None:
    """On PostgreSQL the log and its checkpoints take no change, whoever asks."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION tocsin_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'The log of Tocsin is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME "
        "USING ERRCODE = 'insufficient_privilege'; END $$"
    )
    op.execute(
        "CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log "
        "FOR EACH STATEMENT EXECUTE FUNCTION tocsin_log_is_append_only()"
    )


def _checkpoints() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("chain", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("peaks", Json(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("posted", Json(), nullable=False),
        sa.PrimaryKeyConstraint("chain", "size"),
    )
    op.create_table(
        "serious_clocks",
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("regime", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("settled_by", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("told", Json(), nullable=False),
        sa.PrimaryKeyConstraint("incident", "regime", "step"),
    )
    op.create_index("serious_clocks_by_due", "serious_clocks", ["standing", "due_at"], unique=False)


def _postmortems() -> None:
    op.create_table(
        "postmortems",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
        sa.UniqueConstraint("incident"),
    )
    op.create_index("postmortems_by_standing", "postmortems", ["standing"], unique=False)
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("postmortem", sa.String(), nullable=False),
        sa.Column("incident", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("reminded_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("follow_ups_by_postmortem", "follow_ups", ["postmortem"], unique=False)
    op.create_index("follow_ups_by_due", "follow_ups", ["standing", "due_at"], unique=False)
    op.create_table(
        "exports",
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("failure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("document", "connection"),
    )
