"""The database is asked how it is without being used: whatever its version, and without being made by the question."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import SystemClock
from bot.errors import StoreDown
from bot.store import Store, engines, vitals


async def test_what_it_is_and_where_it_stands(database_url: str) -> None:
    bare = vitals.look(database_url, SystemClock())
    assert bare.revision is None
    store = await Store.open(database_url, clock=SystemClock())
    await store.close()
    found = vitals.look(database_url, SystemClock())
    assert (found.dialect, found.revision, found.needed) == (store.dialect, engines.HEAD, engines.HEAD)
    assert found.size > bare.size
    assert abs(found.ahead) < 5  # one machine, one clock


async def test_one_of_another_version_answers_all_the_same(database_url: str) -> None:
    store = await Store.open(database_url, clock=SystemClock())
    await store.write(lambda tx: tx.sql.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    await store.close()
    assert vitals.look(database_url, SystemClock()).revision == "9999"


@pytest.mark.parametrize("url", ["sqlite:////proc/no/such/file.db", "postgresql://tocsin:hunter2@127.0.0.1:9/tocsin"])
def test_one_that_does_not_answer_says_so_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match="cannot be used") as caught:
        vitals.look(url, SystemClock())
    assert "hunter2" not in str(caught.value)
