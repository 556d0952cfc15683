"""The migrations lead to the schema that the tables say, from nothing, once, whoever comes first."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import bindparam, create_engine, inspect, text
from sqlmodel import SQLModel

from bot.errors import StoreDown
from bot.model import seal
from bot.model.entry import Entry
from bot.store import Store, columns, engines, incidents, log, migrations, tables
from bot.testing.clock import FakeClock
from tests.store import made


def differences(url: str) -> list[object]:
    """What alembic would still change at `url` to reach the tables."""
    engine = engines.create(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, SQLModel.metadata)
    engine.dispose()
    return found


def options(of_an_index: Mapping[str, object]) -> str:
    """Its condition, as text."""
    return str({name: str(value) for name, value in of_an_index.items() if name.endswith("where")})


def shape(url: str) -> dict[str, object]:
    """Tables, columns, keys and indexes as the engine tells them, without their order."""
    engine = engines.create(url)
    look = inspect(engine)
    found: dict[str, object] = {
        name: (
            {c["name"]: (str(c["type"]), c["nullable"]) for c in look.get_columns(name)},
            tuple(look.get_pk_constraint(name)["constrained_columns"]),
            {
                (i["name"], tuple(i["column_names"]), bool(i["unique"]), options(i.get("dialect_options", {})))
                for i in look.get_indexes(name)
            },
            {tuple(u["column_names"]) for u in look.get_unique_constraints(name)},
            {(tuple(f["constrained_columns"]), f["referred_table"]) for f in look.get_foreign_keys(name)},
        )
        for name in look.get_table_names()
        if name != "alembic_version"
    }
    engine.dispose()
    return found


async def test_an_empty_database_is_brought_up_to_date(database_url: str, clock: FakeClock) -> None:
    store = await Store.open(database_url, clock=clock)
    await made.put(store, made.job())
    assert await made.rows(store, "SELECT version_num FROM alembic_version") == [(engines.HEAD,)]
    await store.close()
    assert differences(database_url) == []


def test_the_migrated_schema_is_the_schema_of_the_tables(database_url: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("sqlite_url" if database_url.startswith("sqlite") else "shared_url")
    engine = engines.create(database_url)
    with engine.begin() as connection:
        SQLModel.metadata.create_all(connection)
    engine.dispose()
    assert shape(url) == shape(database_url)
    assert set(shape(url)) == set(SQLModel.metadata.tables)
    assert tables.JobRow.__tablename__ in shape(url)


async def test_an_empty_database_is_refused_where_migrating_is_not_wanted(database_url: str, clock: FakeClock) -> None:
    with pytest.raises(StoreDown, match="tocsin migrate"):
        await Store.open(database_url, clock=clock, migrate=False)


async def test_one_that_is_up_to_date_is_left_alone(url: str, clock: FakeClock) -> None:
    store = await Store.open(url, clock=clock, migrate=False)
    await made.put(store, made.job())
    await store.close()
    again = await Store.open(url, clock=clock)
    assert [job.key for job in await made.claim(again)] == ["a"]
    await again.close()


@pytest.mark.parametrize("migrate", [True, False])
async def test_one_of_a_newer_version_is_refused_and_left_as_it_is(url: str, clock: FakeClock, migrate: bool) -> None:
    store = await Store.open(url, clock=clock)
    await made.tamper(store, "UPDATE alembic_version SET version_num = '9999'")
    await store.close()
    with pytest.raises(StoreDown, match="9999") as told:
        await Store.open(url, clock=clock, migrate=migrate)
    assert "Start the version that wrote it" in str(told.value)
    assert not told.value.retry


async def test_somebody_elses_tables_are_not_touched(database_url: str, clock: FakeClock) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE jobs (mine INTEGER)"))
    with pytest.raises(StoreDown, match="jobs"):
        await Store.open(database_url, clock=clock)
    assert inspect(engine).get_table_names() == ["jobs"]
    engine.dispose()


async def test_replicas_that_start_at_once_all_come_up(database_url: str) -> None:
    stores = await asyncio.gather(*(Store.open(database_url, clock=FakeClock(made.START)) for _ in range(4)))
    try:
        await asyncio.gather(*(made.put(store, made.job(str(n))) for n, store in enumerate(stores)))
        assert len(await made.claim(stores[0])) == 4
    finally:
        for store in stores:
            await store.close()
    assert differences(database_url) == []


async def test_what_the_first_version_wrote_is_kept(database_url: str, clock: FakeClock) -> None:
    engine = engines.create(database_url)
    with engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0001")
        old = incidents.row(made.incident(step=1))
        later = ("resolution", "snoozed_until", "merged_into", "ended_by", "waits", "storm", "calm_since")
        later += ("stage", "loops", "attended_at")
        for name in later:
            del old[name]
        connection.execute(tables.table(tables.IncidentRow).insert().values(old))
        page = "INSERT INTO pages SELECT 'p', id, 1, 'L1', 'ada', 'slack', '', 'decided', opened_at, opened_at"
        connection.exec_driver_sql(f"{page}, NULL, NULL, NULL, NULL, NULL, NULL FROM incidents")
    engine.dispose()
    store = await Store.open(database_url, clock=clock)
    kept = await store.read(lambda tx: incidents.get(tx, "INC-1"))
    assert kept == made.incident(step=1)
    assert await made.rows(store, "SELECT incident FROM pages") == [("INC-1",)]
    await store.close()
    assert differences(database_url) == []


OLD = (
    "INSERT INTO log (chain, seq, at, recorded_at, actor, kind, subject, why, before, after, previous, hash) "
    "VALUES (:chain, :seq, :at, :recorded_at, :actor, :kind, :subject, :why, :before, :after, :previous, :hash)"
)


def first_form(entry: Entry, seq: int, previous: str) -> dict[str, Any]:
    """The row of an entry as it was written before what entries say had a table of its own."""
    texts = {name: getattr(entry, name) for name in ("chain", "actor", "kind", "subject", "why")}
    texts |= {name: seal.canonical(getattr(entry, name)).decode() for name in ("before", "after")}
    place = {"seq": seq, "at": entry.at, "recorded_at": entry.at, "previous": previous}
    return texts | place | {"hash": seal.first_form(previous, seq, entry.at, entry)}


async def test_what_was_sealed_before_is_whole_after_and_goes_on(database_url: str, clock: FakeClock) -> None:
    engine = engines.create(database_url)
    with engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0009")
        for chain, many in (("retail", 5), ("market", 2)):
            previous = seal.GENESIS
            for seq in range(1, many + 1):
                entry = made.entry(f"fact {seq} ö\u2028", chain, actor="person:ada", after={"z": [seq, 0.1], "a": None})
                row = first_form(entry, seq, previous)
                previous = row["hash"]
                moments = {name: bindparam(name, type_=columns.Instant()) for name in ("at", "recorded_at")}
                connection.execute(text(OLD).bindparams(*moments.values()), row)
            connection.execute(text(f"INSERT INTO log_heads VALUES ('{chain}', {many}, '{previous}')"))
    engine.dispose()
    store = await Store.open(database_url, clock=clock)
    assert await store.read(lambda tx: log.verify(tx.sql)) == (7, [])
    told = await store.read(lambda tx: log.of(tx.sql, "INC-1"))
    assert [(one.form, one.commitment, one.salt) for one in told] == [(1, "", "")] * 7
    assert told[-1].entry.after == {"z": [5, 0.1], "a": None}
    await store.write(lambda tx: tx.note(made.entry("of the second form")))
    assert await store.read(lambda tx: log.verify(tx.sql)) == (8, [])
    await made.tamper(store, "UPDATE log_said SET why = 'forged' WHERE chain = 'retail' AND seq = 2")
    (broken,) = (await store.read(lambda tx: log.verify(tx.sql)))[1]
    assert (broken.chain, broken.seq) == ("retail", 2)
    await store.close()
    assert differences(database_url) == []


def test_the_newest_migration_is_the_one_the_start_compares_with() -> None:
    script = ScriptDirectory.from_config(migrations.config(None))
    assert script.get_heads() == [engines.HEAD]
    revisions = [each.revision for each in script.walk_revisions()]
    assert revisions == sorted(revisions, reverse=True), "a newer revision must sort after an older one"


async def test_stores_of_different_databases_that_start_at_once_do_not_mix(tmp_path: Path) -> None:
    addresses = [f"sqlite:///{tmp_path / str(n)}.db" for n in range(6)]
    stores = await asyncio.gather(*(Store.open(each, clock=FakeClock(made.START)) for each in addresses))
    for store in stores:
        await store.close()
    assert [differences(each) for each in addresses] == [[]] * 6
