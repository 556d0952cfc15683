"""A PostgreSQL cluster of one's own in a scratch folder, and fresh databases in it."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.parts import Missing, free_port

GET = "Get it with: apt-get install postgresql"
ATTEMPTS = 3  #: another program may take the free port between our look and the server's


def programs() -> Path:
    """The folder with initdb and pg_ctl, the newest version first; Missing says how to get it."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    on_path = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    for folder in (*debian, *on_path):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise Missing(f"PostgreSQL's initdb is not on this machine. {GET}")


def _owner() -> str | None:
    """Whom the server runs as: root may not run one, so Debian's user for it; None is ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Missing(f"root may not run PostgreSQL and there is no user postgres. {GET}") from None


class Cluster:
    """A running server; each database it gives out is empty and nobody else's."""

    def __init__(self, folder: Path, *, durable: bool) -> None:
        """`durable`: commits reach the disk, as in production; tests that never kill the server do without."""
        self.folder = folder
        self.durable = durable
        self.bin = programs()
        self.port = 0
        self._owner = _owner()
        self._names = itertools.count(1)

    def start(self) -> None:
        """Make the cluster and start it; RuntimeError with the server's log when it will not."""
        if self._owner:
            shutil.chown(self.folder, self._owner)
        self._run("initdb", "-U", "tocsin", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        for attempt in range(ATTEMPTS):
            self.port = free_port()
            done = self._run(
                "pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", self._options(), "start", check=False
            )
            if done.returncode == 0:
                return
            if attempt == ATTEMPTS - 1:
                raise RuntimeError(f"PostgreSQL did not start: {done.stdout}\n{(self.folder / 'log').read_text()}")

    def stop(self) -> None:
        """Stop the server at once; what it held is scratch."""
        self._run("pg_ctl", "-m", "immediate", "stop", check=False)

    def url(self, database: str) -> str:
        """The address as DATABASE_URL has it."""
        return f"postgresql://tocsin@127.0.0.1:{self.port}/{database}"

    def create(self, name: str = "", *, template: str = "template0") -> str:
        """A new database, a copy of `template`; its name."""
        name = name or f"test_{next(self._names)}"
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove it, whoever is still connected."""
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def fresh(self, *, template: str = "template0") -> Iterator[str]:
        """The address of a database that is gone afterwards."""
        name = self.create(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def _options(self) -> str:
        quick = "" if self.durable else " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        where = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.folder}"
        return f"{where} -c max_connections=200{quick}"

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs on this cluster, as its owner."""
        return subprocess.run(
            [self.bin / program, "-D", self.folder / "data", *arguments],
            cwd=self.folder,
            user=self._owner,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            # A pipe would be inherited by the server and never close.
            stdout=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=check,
        )

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[Cluster]:
    """A running cluster that is gone afterwards; Missing where this machine has no PostgreSQL or no driver for it."""
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise Missing(
            "The driver of PostgreSQL is not installed. Get it with: pip install 'tocsin[postgres]'"
        ) from None
    # Not below pytest's folder: the server's user may not enter it.
    folder = Path(tempfile.mkdtemp(prefix="tocsin-pg-"))
    folder.chmod(0o711)
    try:
        server = Cluster(folder, durable=durable)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
