"""`renhold up` with the real app: it comes up, mends itself, and leaves nothing behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatch.embedded_broker import embedded_broker
from tests.supervision.processes import lives, python_environment, until

pytestmark = [pytest.mark.kill, pytest.mark.slow]


@dataclass
class App:
    """One running `renhold up --demo`."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int

    def said(self) -> str:
        return (self.data_dir.parent / "said.txt").read_text()

    def started(self) -> list[tuple[str, int]]:
        lines = [line for line in self.said().splitlines() if '"state": "started"' in line]
        return [(one["process"], one["pid"]) for one in map(json.loads, lines)]

    def pids(self, name: str) -> list[int]:
        return [pid for who, pid in self.started() if who == name]

    def all_pids(self) -> list[int]:
        return [pid for _, pid in self.started()]

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2) as page:
                return bool(page.status == 200)
        except OSError:
            return False


@contextmanager
def app(data_dir: Path) -> Iterator[App]:
    port = _free_port()
    with (data_dir.parent / "said.txt").open("wb") as said:
        process = _up(data_dir, port, said.fileno())
    running = App(process, data_dir, port)
    try:
        assert until(lambda: "Renhold runs" in running.said(), seconds=60), running.said()
        yield running
    finally:
        process.kill()
        process.wait()
        until(lambda: not any(lives(pid) for pid in running.all_pids()), seconds=5)


def test_the_app_mends_itself_and_stops_without_a_trace(tmp_path: Path) -> None:
    with app(tmp_path / "var") as running:
        assert running.answers()
        assert _second_start(running).endswith("give this one another folder.\n")
        os.kill(running.pids("web")[0], signal.SIGKILL)
        assert until(lambda: len(running.pids("web")) == 2 and running.answers(), seconds=20)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(timeout=40) == 0
        assert not any(lives(pid) for pid in running.all_pids())
        assert not embedded_broker(running.data_dir).answers()


def test_nothing_outlives_a_tree_that_is_killed(tmp_path: Path) -> None:
    with app(tmp_path / "var") as running:
        running.process.kill()
        assert until(lambda: not any(lives(pid) for pid in running.all_pids()), seconds=3)
        assert until(lambda: not embedded_broker(running.data_dir).answers(), seconds=1)


def test_a_taken_port_stops_the_start_with_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        second = _up(tmp_path / "var", port, subprocess.PIPE)
        said = second.communicate(timeout=30)[0].decode()
    assert second.returncode == 1
    assert said.startswith(f"renhold: cannot listen on 127.0.0.1:{port}")
    assert said.count("\n") == 1


def _second_start(running: App) -> str:
    second = _up(running.data_dir, _free_port(), subprocess.PIPE)
    said: str = second.communicate(timeout=30)[0].decode()
    assert second.returncode == 1
    assert f"RENHOLD_DATA_DIR={running.data_dir}, process {running.process.pid}." in said
    return said


def _up(data_dir: Path, port: int, output: int) -> subprocess.Popen[bytes]:
    own = {"RENHOLD_DATA_DIR": str(data_dir), "PORT": str(port), "TILE_URL": ""}
    return subprocess.Popen(
        [sys.executable, "-m", "dispatch.cli", "up", "--demo"],
        env=python_environment() | own,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])
