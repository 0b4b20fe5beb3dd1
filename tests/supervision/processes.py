"""Watching real processes from a test: who lives, and waiting for what should come."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def until(condition: Callable[[], bool], *, seconds: float = 10.0) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def lives(pid: int) -> bool:
    """A zombie that nobody has collected yet does not count as living."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state != "Z"
    return not Path("/proc/self").exists()


def python_environment() -> dict[str, str]:
    """Our own environment, with the project importable from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass
class LittleTree:
    """One running little_tree.py and what its children wrote down."""

    process: subprocess.Popen[str]
    folder: Path

    def events(self) -> list[tuple[str, str, int]]:
        log = self.folder / "events.log"
        if not log.exists():
            return []
        rows = [line.split() for line in log.read_text().splitlines()]
        return [(name, event, int(pid)) for name, event, pid in rows]

    def pids(self, name: str, event: str = "started") -> list[int]:
        return [pid for who, what, pid in self.events() if (who, what) == (name, event)]

    def wait_for(self, name: str, event: str = "started", *, times: int = 1) -> int:
        assert until(lambda: len(self.pids(name, event)) >= times), f"{name} {event}: not seen"
        return self.pids(name, event)[times - 1]

    def end_with(self, number: signal.Signals) -> str:
        """Send a signal, wait for the end; everything that was written to the log."""
        self.process.send_signal(number)
        return self.process.communicate(timeout=15)[1]


@contextlib.contextmanager
def little_tree(folder: Path, *children: str, drain: float = 5.0) -> Iterator[LittleTree]:
    """A supervisor over NAME:MODE children, ended with all of them when the block ends."""
    script = str(Path(__file__).with_name("little_tree.py"))
    process = subprocess.Popen(
        [sys.executable, script, str(folder), str(drain), *children],
        env=python_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    tree = LittleTree(process, folder)
    try:
        yield tree
    finally:
        process.kill()
        for _, _, pid in tree.events():
            with contextlib.suppress(ProcessLookupError):
                if lives(pid):
                    os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=10)
