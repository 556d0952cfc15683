"""The real parts are what they say: separate, fresh, and gone afterwards."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp import web

from bot import runbooks, settings
from bot.rules import matching
from bot.settings import fit
from tests.parts import Missing, folder, waiting
from tests.parts import alertmanager as alertmanagers
from tests.parts import postgres as clusters


def tables(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [name for (name,) in connection.execute("select tablename from pg_tables where schemaname = 'public'")]


def test_each_database_is_empty_and_nobody_elses(postgres: clusters.Cluster) -> None:
    with postgres.fresh() as one, postgres.fresh() as other:
        with psycopg.connect(one) as connection:
            connection.execute("create table alerts (id int)")
        assert tables(one) == ["alerts"]
        assert tables(other) == []
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        tables(one)


def test_a_database_can_be_made_from_a_template(postgres: clusters.Cluster) -> None:
    with postgres.fresh() as migrated:
        with psycopg.connect(migrated) as connection:
            connection.execute("create table alerts (id int)")
        with postgres.fresh(template=migrated.rpartition("/")[2]) as copy:
            assert tables(copy) == ["alerts"]


def test_a_database_is_dropped_although_somebody_is_connected(postgres: clusters.Cluster) -> None:
    with postgres.fresh() as url:
        connection = psycopg.connect(url)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("select 1")
    connection.close()


def test_a_missing_program_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(Exception, match="apt-get install prometheus-alertmanager"):
        alertmanagers.program()


async def test_an_alertmanager_notifies_with_our_secret(alertmanager: Any) -> None:
    heard: asyncio.Queue[tuple[str | None, dict[str, Any]]] = asyncio.Queue()

    async def hook(request: web.Request) -> web.Response:
        heard.put_nowait((request.headers.get("Authorization"), await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        started = datetime.now(UTC).replace(microsecond=0)
        running = await alertmanager(f"http://{host}:{port}/hook", secret="s3cret")
        await running.push([alertmanagers.labelled("Slow", model="churn", starts_at=started)])
        authorization, body = await asyncio.wait_for(heard.get(), 10)
        assert authorization == "Bearer s3cret"
        assert (body["version"], body["status"]) == ("4", "firing")
        assert body["alerts"][0]["labels"] == {"alertname": "Slow", "model": "churn"}

        ended = started + timedelta(microseconds=1)
        await running.push([alertmanagers.labelled("Slow", model="churn", starts_at=started, ends_at=ended)])
        while body["status"] == "firing":
            _, body = await asyncio.wait_for(heard.get(), 10)
        assert body["alerts"][0]["startsAt"].startswith(started.isoformat().removesuffix("+00:00"))
    finally:
        await runner.cleanup()


async def test_waiting_for_a_program_that_ended_says_what_it_wrote(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen([sys.executable, "-c", "print('no such table'); exit(3)"], stdout=stream)
    with pytest.raises(RuntimeError, match=r"ended with 3(?s:.*)no such table"):
        await waiting.reachable("http://127.0.0.1:9/", process, log)


async def test_waiting_ends() -> None:
    async def never() -> bool:
        return False

    with pytest.raises(AssertionError, match="without a miracle"):
        await waiting.until(never, within=0.01, what="a miracle")


@pytest.mark.postgres
def test_a_cluster_is_gone_afterwards() -> None:
    try:
        with clusters.cluster() as server:
            url = server.url("postgres")
            assert tables(url) == []
    except Missing as missing:
        pytest.skip(str(missing))
    assert not server.folder.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        tables(url)


def test_the_folder_for_a_bot_is_one_that_it_accepts(tmp_path: Path) -> None:
    config = folder.write(tmp_path / "bot", 8123, models=["churn"])
    found = settings.load(config, folder.env("sqlite:///x.db", "http://127.0.0.1:1/api/", "xoxb-1", "xapp-1"))
    library = runbooks.load(tmp_path / "bot" / "runbooks", matching.parse)
    assert (found.web.port, library.complaints, fit.check(library, found)) == (8123, (), [])
