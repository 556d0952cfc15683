"""A role of PostgreSQL that runs the whole bot and cannot change the log, even where nothing guards it any more."""

import itertools
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.cli.doctor import database as page
from bot.errors import StoreDown
from bot.sandbox.workspace import Workspace
from bot.store import Tx, log
from bot.testing.clock import FakeClock
from tests.story.place import Place

_NUMBERS = itertools.count(1)


@pytest.fixture
def pg_place(tmp_path: Path, workspace: Workspace, clock: FakeClock, shared_url: str) -> Place:
    """A configuration over PostgreSQL; nothing runs yet."""
    return Place(tmp_path, workspace, clock, shared_url)


@pytest.fixture
def role(pg_place: Place) -> str:
    """A role that may log in and has no rights yet; roles belong to the server, so each test has its own."""
    name = f"runs_{next(_NUMBERS)}"
    pg_place.sql(f'DROP ROLE IF EXISTS "{name}"')
    pg_place.sql(f'CREATE ROLE "{name}" LOGIN')
    return name


def as_role(place: Place, role: str) -> str:
    return make_url(place.database).set(username=role).render_as_string(hide_password=False)


def _run(statement: str, tx: Tx) -> None:
    tx.sql.exec_driver_sql(statement)


async def test_the_bot_lives_as_a_role_that_can_only_add_to_the_log(pg_place: Place, role: str) -> None:
    status, said = await pg_place.typed("migrate", "--grant", role)
    assert (status, f"{role} may run the bot" in said) == (0, True), said
    pg_place.env["DATABASE_URL"] = as_role(pg_place, role)
    async with pg_place.house() as house:
        incident = await house.alert("accuracy fell")
        await house.pass_time(minutes=11)
        await house.press(house.pages_to("bo")[0], "Acknowledge", by="bo")
        await house.resolve("accuracy fell")
        assert not (await house.incident(incident.id)).open
        row = await house.app.store.read(page._role)
        assert (row.health.value, "cannot change it" in row.found) == ("ok", True)
        pg_place.sql("DROP TRIGGER log_is_append_only ON log")
        for statement in (
            "UPDATE log SET kind = 'x'",
            "DELETE FROM log",
            "TRUNCATE log",
            "UPDATE checkpoints SET root = ''",
            "DELETE FROM checkpoints",
            "UPDATE alembic_version SET version_num = '0009'",
            "DROP TABLE log",
        ):
            with pytest.raises(StoreDown, match=r"permission denied|must be owner"):
                await house.app.store.write(partial(_run, statement))
        assert (await house.app.store.read(lambda tx: log.verify(tx.sql)))[1] == []


async def test_the_doctor_says_that_the_owner_could_change_the_log(pg_place: Place, role: str) -> None:
    async with pg_place.house() as house:
        row = await house.app.store.read(page._role)
    assert row.health.value == "missing"
    assert not row.required
    assert "UPDATE" in row.found
    assert "it owns the tables" in row.found


async def test_who_could_change_it_all_the_same_is_refused(pg_place: Place, role: str) -> None:
    pg_place.sql(f'GRANT tocsin TO "{role}"')
    status, said = await pg_place.typed("migrate", "--grant", role)
    assert (status != 0, "can change the log all the same" in said) == (True, True), said
    for name in ("nobody_at_all", 'x"; DROP TABLE log; --'):
        status, said = await pg_place.typed("migrate", "--grant", name)
        assert (status != 0, "There is no role" in said) == (True, True), said


async def test_sqlite_knows_no_roles(place: Place) -> None:
    async with place.house() as house:
        row = await house.app.store.read(page._role)
        assert (row.health.value, "no roles" in row.found) == ("ok", True)
    status, said = await place.typed("migrate", "--grant", "anybody")
    assert (status != 0, "SQLite knows no roles" in said) == (True, True)
