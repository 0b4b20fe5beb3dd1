"""What an operator can mend stops a command with one line that says what and where."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.supervision.processes import ROOT

SECRET = "geheim-og-lang"

Renhold = Callable[..., str]


@pytest.fixture
def stops(tmp_path: Path) -> Renhold:
    """Run a real command that must fail; returns the one line it says on standard error."""

    def run(*words: str, **settings: str) -> str:
        environ = {"RENHOLD_DATA_DIR": str(tmp_path), "GEO_DATA_DIR": "", "TILE_URL": ""}
        outer = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ended = subprocess.run(
            [sys.executable, "-m", "dispatch.cli", *words],
            env=outer | {"PYTHONPATH": str(ROOT)} | environ | settings,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ended.returncode in {1, 2}, ended
        assert "Traceback" not in ended.stderr
        last = ended.stderr.strip().splitlines()[-1]
        assert last.startswith("renhold: ")
        return last

    return run


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def test_a_database_without_tables_asks_for_migrate(stops: Renhold):
    assert "run `renhold migrate` first" in stops("doctor")


def test_a_database_that_is_not_there_is_named_without_its_password(stops: Renhold):
    server = f"postgresql+psycopg://renhold:{SECRET}@127.0.0.1:{free_port()}/renhold"
    said = stops("policy", DATABASE_URL=server)
    assert "DATABASE_URL" in said
    assert "127.0.0.1" in said
    assert SECRET not in said


def test_a_file_that_is_no_database_is_named(stops: Renhold, tmp_path: Path):
    (tmp_path / "renhold.sqlite3").write_text("no database at all, but a long enough text" * 100)
    assert "renhold.sqlite3" in stops("doctor")


def test_an_older_database_asks_for_migrate(stops: Renhold, tmp_path: Path):
    with sqlite3.connect(tmp_path / "renhold.sqlite3") as old:
        old.execute("CREATE TABLE policy_value (id INTEGER PRIMARY KEY)")
    assert "run `renhold migrate` first" in stops("policy")


@pytest.mark.parametrize("command", ["doctor", "up", "web"])
def test_a_data_folder_that_is_a_file_is_named(stops: Renhold, tmp_path: Path, command: str):
    (tmp_path / "file").write_text("")
    said = stops(command, RENHOLD_DATA_DIR=str(tmp_path / "file"), PORT=str(free_port()))
    assert f"RENHOLD_DATA_DIR={tmp_path / 'file'}" in said


def test_up_names_a_database_that_does_not_answer(stops: Renhold, tmp_path: Path):
    server = f"postgresql+psycopg://renhold:{SECRET}@127.0.0.1:{free_port()}/renhold"
    said = stops("up", DATABASE_URL=server, PORT=str(free_port()))
    assert "`renhold migrate` failed" in said


def test_a_demonstration_for_the_whole_world_starts_nothing(stops: Renhold, tmp_path: Path):
    said = stops("up", "--demo", HOST="0.0.0.0", PORT=str(free_port()))
    assert "HOST is not loopback" in said
    assert list(tmp_path.iterdir()) == []


def test_a_broker_that_is_set_and_silent_is_a_fault_of_the_doctor(tmp_path: Path):
    environ = os.environ | {
        "RENHOLD_DATA_DIR": str(tmp_path),
        "GEO_DATA_DIR": "",
        "DATABASE_URL": "",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}",
    }

    def types(command: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "dispatch.cli", command]
        return subprocess.run(
            argv, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    assert types("migrate").returncode == 0
    told = types("doctor")
    assert (told.returncode, told.stdout.split(":")[0]) == (1, "broker REDIS_URL")
    environ["REDIS_URL"] = ""
    assert types("doctor").stdout == "No faults found.\n"
