"""Who may change the log: on PostgreSQL the role that runs the bot can be one that may only add to it."""

import re

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from bot.errors import BadInput, StoreDown
from bot.store import engines

_NAME = re.compile(r"[A-Za-z_][\w-]{0,62}")
_FIND = text("SELECT rolsuper FROM pg_roles WHERE rolname = :role")
_GRANTS = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role}",
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    "REVOKE UPDATE, DELETE ON log, checkpoints FROM {role}",
    "GRANT UPDATE (at, note, posted) ON checkpoints TO {role}",  # where one stands is learnt after it was made
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
)
#: What the present role could do to the log, the trigger aside.
_POWERS = text(
    "SELECT has_table_privilege('log', 'UPDATE'), has_table_privilege('log', 'DELETE'), "
    "has_table_privilege('log', 'TRUNCATE'), has_table_privilege('checkpoints', 'DELETE'), "
    "pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'log'::regclass), 'USAGE'), current_user"
)


def grant(url: str, role: str) -> None:
    """Let `role` do what a running bot does, and no more: nothing that changes the log, its checkpoints, the schema.

    BadInput on SQLite, for a role that is not there, and for one that could do everything all the same.
    """
    engine = engines.create(url)
    try:
        if engine.dialect.name != "postgresql":
            raise BadInput("SQLite knows no roles.", "Whoever can write its file can change the log; use PostgreSQL.")
        with engine.begin() as sql:
            _grant(sql, role)
    except (SQLAlchemyError, OSError) as error:
        what = f"The role {role} could not be given its rights: {engines.reason(error)}."
        raise StoreDown(what, "Run it with the address of the role that owns the tables.", retry=False) from error
    finally:
        engine.dispose()


def _grant(sql: Connection, role: str) -> None:
    found = sql.execute(_FIND, {"role": role}).scalar() if _NAME.fullmatch(role) else None
    if found is None:
        do = f"Make it first: CREATE ROLE {role} LOGIN PASSWORD '...'" if _NAME.fullmatch(role) else "See \\du in psql."
        raise BadInput(f"There is no role {role[:63]!r}.", do)
    quote = sql.dialect.identifier_preparer.quote_identifier
    names = {"role": quote(role), "schema": quote(str(sql.execute(text("SELECT current_schema()")).scalar_one()))}
    for statement in _GRANTS:
        sql.exec_driver_sql(statement.format(**names))
    sql.exec_driver_sql(f"SET LOCAL ROLE {names['role']}")
    if able := powers(sql):
        do = "Take a role that is no superuser, does not own the tables and is no member of the one that does."
        raise BadInput(f"The role {role} can change the log all the same: {', '.join(able)}.", do)


def powers(sql: Connection) -> tuple[str, ...]:
    """What the present role could do to what is never to be changed; none on a role that can only add."""
    update, delete, truncate, checkpoints, owns, _ = sql.execute(_POWERS).one()
    said = {"UPDATE": update, "DELETE": delete, "TRUNCATE": truncate, "DELETE of checkpoints": checkpoints}
    return tuple(name for name, can in {**said, "it owns the tables": owns}.items() if can)
