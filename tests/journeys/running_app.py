"""The real thing for a browser to visit: `renhold up --demo` on a folder and a port of its own.

Settings are those of a fresh clone, but for the number of reports one sender may send: all the
visitors of the journeys come from one address.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade

from dispatch import create_app
from dispatch.demonstration import make_demonstration
from dispatch.extensions import db
from dispatch.process_tree import completed
from dispatch.settings import Settings
from tests.supervision.processes import lives, python_environment, until

REPORTS_PER_SENDER = 60
OWN_SETTINGS = ("DATABASE_URL", "REDIS_URL", "BASE_URL", "HOST", "SECRET_KEY", "SMTP_URL")
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
START_S = 60.0
STOP_S = 40.0


@dataclass(frozen=True)
class SignIn:
    """One demonstration account."""

    name: str
    role: str
    password: str


@dataclass
class RunningApp:
    """A tree of processes that is up and ready, and what it wrote down."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def sign_in(self, role: str, name: str = "") -> SignIn:
        """A demonstration account of this role, or the one of this name."""
        rows = json.loads((self.folder / "demo-sign-ins.json").read_text(encoding="utf-8"))
        found = [SignIn(**row) for row in rows if row["role"] == role]
        return next(each for each in found if not name or each.name == name)

    def crews(self) -> list[SignIn]:
        rows = json.loads((self.folder / "demo-sign-ins.json").read_text(encoding="utf-8"))
        return [SignIn(**row) for row in rows if row["role"] in ("crew", "partner")]

    def renhold(self, *words: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Another command on the same data folder."""
        return renhold(self.environment, *words, seconds=seconds)

    def said(self) -> str:
        return _log_of(self.folder).read_text(encoding="utf-8")

    def errors(self) -> list[str]:
        """The last errors of its log."""
        return [line for line in self.said().splitlines() if '"level": "error"' in line][-5:]

    def started(self, name: str = "") -> list[int]:
        """The pids of every process the supervisor has started, in order, of this name."""
        lines = [line for line in self.said().splitlines() if '"state": "started"' in line]
        told = [json.loads(line) for line in lines]
        return [one["pid"] for one in told if not name or one["process"] == name]

    def answers(self, path: str = "/readyz") -> int:
        """The status of an address, 0 while nobody answers."""
        try:
            with NO_PROXY.open(f"{self.url}{path}", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0


@contextmanager
def running_app(
    folder: Path, *, prepare: Callable[[Flask], object] | None = None, **settings: str
) -> Iterator[RunningApp]:
    """Start everything on this folder, end it by SIGTERM, and see that no process is left.

    What `renhold migrate` and `renhold demo --requests 0` do is done here, without two more starts
    of Python. `prepare` is called within the app, when staff is there and nothing runs yet.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    environment = _environment(folder, port, settings)
    with _prepared(environment) as bare:
        if prepare is not None:
            prepare(bare)
    with _log_of(folder).open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dispatch.cli", "up", "--demo"],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    app = RunningApp(process, folder, port, environment)
    try:
        assert until(lambda: app.answers() == 200, seconds=START_S), app.said()
        yield app
        left = _ended(app)
        assert left == [], f"processes outlived the supervisor: {left}"
    finally:
        _make_sure(app)


def renhold(
    environment: dict[str, str], *words: str, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    argv = [sys.executable, "-m", "dispatch.cli", *words]
    return subprocess.run(
        argv, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


@contextmanager
def _prepared(environment: dict[str, str]) -> Iterator[Flask]:
    """The app in its context on a migrated database with the demonstration's staff on shift."""
    settings = completed(Settings.from_environment(environment))
    app = create_app(settings)
    with app.app_context():
        upgrade()
        make_demonstration(settings, requests=0, only_if_empty=True)
        yield app
        db.session.remove()
        db.engine.dispose()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


def _environment(folder: Path, port: int, settings: dict[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in python_environment().items() if _is_kept(name)}
    return ours | {
        "RENHOLD_DATA_DIR": str(folder),
        "RENHOLD_DEMO": "1",
        "PORT": str(port),
        "TILE_URL": "",
        "REPORT_LIMIT_PER_SENDER": f"{REPORTS_PER_SENDER} per 10 minutes",
        **settings,
    }


def _is_kept(name: str) -> bool:
    return name not in OWN_SETTINGS and not name.startswith("RENHOLD_")


def _ended(app: RunningApp) -> list[int]:
    """Ask the supervisor to stop; the processes that are still there afterwards."""
    app.process.send_signal(signal.SIGTERM)
    app.process.wait(timeout=STOP_S)
    until(lambda: not _of_the_tree(app), seconds=2)
    return _of_the_tree(app)


def _of_the_tree(app: RunningApp) -> list[int]:
    """Whoever lives of those the supervisor started, and of those they started in turn."""
    ours = f"RENHOLD_DATA_DIR={app.folder}".encode()
    theirs = [path for path in Path("/proc").glob("[0-9]*/environ") if ours in _read(path)]
    pids = {int(path.parent.name) for path in theirs} | set(app.started())
    return sorted(pid for pid in pids if lives(pid))


def _read(path: Path) -> list[bytes]:
    """The entries of a process's environment; none where it is gone or another's."""
    try:
        return path.read_bytes().split(b"\0")
    except OSError:
        return []


def _make_sure(app: RunningApp) -> None:
    """Whatever happened to the test, its processes end with it."""
    app.process.kill()
    app.process.wait()
    for pid in app.started():
        with contextlib.suppress(ProcessLookupError):
            if lives(pid):
                os.kill(pid, signal.SIGKILL)


def _log_of(folder: Path) -> Path:
    return folder.parent / f"{folder.name}.log"
