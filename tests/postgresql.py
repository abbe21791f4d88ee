"""A real PostgreSQL server, which the tests start and stop; they are skipped where there is none.

It listens on a socket in a folder of its own and believes everybody's name: `url("anna")` connects
as Anna. Where the tests run as root, which PostgreSQL does not, it runs as the user `postgres`.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path

import pytest

OWNER = "teacher"
"""Who may do everything."""
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=")
"""What is committed outlives the server, but not this machine."""
NUMBERS = count()
GUARD = 'read _; "$0" -D "$1/data" stop -m immediate; rm -rf "$1"'


def programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`."""
    found = shutil.which("initdb") or shutil.which("pg_ctl")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Server:
    users = 0
    """Each module that imports the fixture has one of its own."""

    def __init__(self, folder: Path, binaries: Path, user: str | None) -> None:
        self._folder, self._binaries, self._user = folder, binaries, user
        self._database = "postgres"

    def make(self) -> None:
        """Start it. However this process ends, the server ends with it."""
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, str(self._binaries / "pg_ctl"), str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._user,
            cwd="/",
            start_new_session=True,
        )
        self._run("initdb", "--no-sync", "-A", "trust", "-U", OWNER, "-E", "UTF8", "--locale=C")
        settings = (*SETTINGS, f"unix_socket_directories={self._folder}")
        self._options = " ".join(f"-c {each}" for each in settings)
        self.start()

    def start(self) -> None:
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-l", log, "-o", self._options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate")

    def end(self) -> None:
        self._guard.communicate()

    def empty(self) -> None:
        """A new database, to which `url` leads from now on."""
        name = f"record{next(NUMBERS)}"
        self.sql(f"CREATE DATABASE {name}")
        self._database = name

    def url(self, user: str = OWNER) -> str:
        return f"postgresql+psycopg://{user}@/{self._database}?host={self._folder}"

    def sql(self, *statements: str, user: str = OWNER) -> list[tuple[object, ...]]:
        """What the last of some statements gives, each in a transaction of its own."""
        import psycopg

        rows: list[tuple[object, ...]] = []
        address = {"host": str(self._folder), "dbname": self._database, "user": user}
        with psycopg.connect(**address, autocommit=True) as on:  # type: ignore[arg-type]
            for statement in statements:
                done = on.execute(statement.encode())
                rows = done.fetchall() if done.description else []
        return rows

    def learners(self, *names: str) -> None:
        """Roles that may log in, and nothing else."""
        known = {name for (name,) in self.sql("SELECT rolname FROM pg_roles")}
        self.sql(*(f'CREATE ROLE "{name}" LOGIN' for name in names if name not in known))

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), "-D", str(self._folder / "data"), *arguments]
        with open(os.devnull, "r+b") as nothing:
            done = subprocess.run(
                command, stdin=nothing, stdout=nothing, stderr=nothing, user=self._user, cwd="/"
            )
        assert done.returncode == 0, f"{program}: see {self._folder}/log"


@pytest.fixture(scope="session")
def running_postgresql() -> Iterator[Server]:
    server = _started()
    server.users += 1
    yield server
    server.users -= 1
    if not server.users:
        server.end()


@cache
def _started() -> Server:
    """One server for a whole run. Where there can be none, the test is skipped."""
    binaries = programs()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    pytest.importorskip("psycopg", reason="psycopg is not installed (pip install psycopg[binary])")
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="bptutor-pg-"))
    if user:
        shutil.chown(folder, user)
    folder.chmod(0o755)
    server = Server(folder, binaries, user)
    server.make()
    return server


@pytest.fixture
def postgresql(running_postgresql: Server) -> Server:
    """The server with an empty database."""
    running_postgresql.empty()
    return running_postgresql
