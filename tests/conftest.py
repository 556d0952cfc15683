"""What every test may ask for: databases on both engines, a real Alertmanager, a real MLflow."""

import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio

from tests.parts import Missing, migrated
from tests.parts import alertmanager as alertmanagers
from tests.parts import mlflow as registries
from tests.parts import postgres as clusters

# The gate judges a commit, not its luck: the same examples each time. At home the dice roll, and find what is next.
# No deadlines: how long an example takes is the machine's affair.
hypothesis.settings.register_profile("home", deadline=None)
hypothesis.settings.register_profile("gate", deadline=None, derandomize=True)
hypothesis.settings.load_profile("gate" if os.environ.get("CI") else "home")

StartAlertmanager = Callable[..., Awaitable[alertmanagers.Alertmanager]]
#: What the sample of the gate leaves alone: the promises that depend on what a database keeps when it is killed.
WHOLE = ("tests/faults/test_crash.py", "tests/faults/test_change_crash.py")
#: Fixtures that need a tool of their own, and the marker by which TOCSIN_REQUIRE names it.
NEEDS = {"postgres": "postgres", "postgres_url": "postgres", "alertmanager": "alertmanager", "mlflow": "mlflow"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks each test with the tools its fixtures need, so that nobody has to remember it; what takes long comes first.

    Workers begin with a part of the list each and then take from one another's ends. So those that wait for processes
    of their own go side by side with all the others, share one server of a kind, and none is left for last.
    """
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in NEEDS:
                item.add_marker(NEEDS[fixture])
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    if os.environ.get("TOCSIN_SAMPLE"):
        names = {item.nodeid for item in items}
        left = [item for item in items if _told_twice(item.nodeid, names)]
        items[:] = [item for item in items if not _told_twice(item.nodeid, names)]
        config.hook.pytest_deselected(items=left)


def _told_twice(name: str, names: Collection[str]) -> bool:
    """Whether the gate leaves it to `make test`: of stories told on both engines it has three in four on SQLite alone.

    Which ones does not change from run to run. What is about the database itself (tests/store) runs on both, whole.
    """
    test, _, case = name.partition("[")
    if "postgres" not in case or f"{test}[{case.replace('postgres', 'sqlite')}" not in names:
        return False
    if not test.startswith(("tests/story/", "tests/faults/")) or test.startswith(WHOLE):
        return False
    return zlib.crc32(test.encode()) % 4 != 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[clusters.Cluster]:
    """A PostgreSQL of this test run; skips where there is none to start."""
    try:
        with clusters.cluster() as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def postgres_url(postgres: clusters.Cluster) -> Iterator[str]:
    """An empty PostgreSQL database."""
    with postgres.fresh() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, for what migrates by itself: the test runs once on each engine."""
    if request.param == "postgres":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'tocsin.db'}"


@pytest.fixture(scope="session")
def migrated_template(postgres: clusters.Cluster) -> str:
    """The name of a PostgreSQL database that is up to date, to be copied."""
    name = postgres.create("migrated")
    migrated.bring(postgres.url(name))
    return name


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database of one's own that is up to date."""
    return migrated.sqlite(tmp_path)


@pytest.fixture
def shared_url(postgres: clusters.Cluster, migrated_template: str) -> Iterator[str]:
    """A PostgreSQL database of one's own that is up to date."""
    with postgres.fresh(template=migrated_template) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A database that is up to date: the test runs once on each engine."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "shared_url"))


@pytest.fixture(scope="session")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[registries.Server]:
    """An MLflow server of this test run, for models of any name; skips where there is none to start."""
    try:
        registries.program()
    except Missing as missing:
        pytest.skip(str(missing))
    server = registries.Server(tmp_path_factory.mktemp("mlflow"))
    try:
        server.start()
        yield server
    finally:
        server.stop()


@pytest_asyncio.fixture
async def alertmanager(tmp_path: Path) -> AsyncIterator[StartAlertmanager]:
    """Starts a real one: `await alertmanager(webhook_url, secret=..., route=...)`; skips where there is none."""
    try:
        alertmanagers.program()
    except Missing as missing:
        pytest.skip(str(missing))
    async with AsyncExitStack() as running:

        async def start(
            webhook: str, *, secret: str = "", route: alertmanagers.Route | None = None
        ) -> alertmanagers.Alertmanager:
            part = alertmanagers.Alertmanager(tmp_path / "alertmanager", webhook, secret=secret, route=route)
            return await running.enter_async_context(part)

        yield start
