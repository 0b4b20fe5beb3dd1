"""Keeps a tree of processes alive and takes it down in order: starts, restarts, drains, leaves none.

Knows nothing of Renhold: what runs, and in which stages, is said in `process_tree.py`. One thread,
woken by signals; every child has its own session, so that Ctrl-C reaches the supervisor alone, and
inherits the pipe of `parent_watch.py`, so that none outlives a supervisor that is killed outright.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType, TracebackType
from typing import Self

from dispatch.parent_watch import PIPE_VARIABLE

FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
HEALTHY_SECONDS = 30.0
CANNOT_START = 127
STOPPING_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True)
class Child:
    """A program to keep running: what is started, and how it is asked to end."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    drain_seconds: float = 20.0


@dataclass
class _Kept:
    """One child's life: its present process, or when it is started again."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    start_again_at: float | None = None


class Supervisor:
    """Use as a context: inside it signals only ask to stop, at its end every child is gone.

    Stages are started in the order given and stopped in the opposite order.
    """

    def __init__(self, say: Callable[..., None] | None = None) -> None:
        self._say = say or log_line
        self._stages: list[list[_Kept]] = []
        self._asked_to_stop = False
        self._in_a_hurry = False
        self._handlers: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._read_end, self._write_end = os.pipe()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in STOPPING_SIGNALS:
            self._handlers[number] = signal.signal(number, self._ask_to_stop)
        self._handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _only_wake)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]
            for end in (self._read_end, self._write_end, self._wake_read, self._wake_write):
                os.close(end)

    @property
    def asked_to_stop(self) -> bool:
        return self._asked_to_stop

    # --- starting ---------------------------------------------------------------------------

    def start(self, *children: Child) -> None:
        """Start one stage and keep its children running from now on."""
        stage = [_Kept(child) for child in children]
        self._stages.append(stage)
        for kept in stage:
            self._start(kept)

    def wait_for(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Keep the tree until the condition holds; False when time ran out or a stop was asked."""
        deadline = time.monotonic() + seconds
        while not self.asked_to_stop:
            if condition():
                return True
            if time.monotonic() >= deadline:
                return False
            self._tend(at_most=0.05)
        return False

    def run_to_end(self, child: Child) -> int:
        """Run a program once beside the tree; its exit code. A stop ends it like any child."""
        kept = _Kept(child)
        self._start(kept)
        if kept.process is None:
            return CANNOT_START
        process = kept.process
        while process.poll() is None and not self.asked_to_stop:
            self._tend(at_most=0.5)
        self._end([kept])
        return process.returncode

    def run(self) -> None:
        """Keep the tree until a signal asks to stop."""
        while not self.asked_to_stop:
            self._tend(at_most=60.0)

    def _start(self, kept: _Kept) -> None:
        child = kept.child
        kept.start_again_at = None
        kept.started_at = time.monotonic()
        try:
            kept.process = subprocess.Popen(
                child.argv,
                env={**os.environ, **child.env, PIPE_VARIABLE: str(self._read_end)},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(self._read_end,),
            )
        except OSError as problem:
            kept.process = None
            self._say(child.name, "unstartable", None, str(problem))
            self._start_later(kept)
            return
        self._say(child.name, "started", kept.process.pid, None)

    # --- tending ----------------------------------------------------------------------------

    def _tend(self, *, at_most: float) -> None:
        """Sleep until a signal, a due restart or the time given; then restart what is down."""
        now = time.monotonic()
        due = [kept.start_again_at - now for kept in self._all() if kept.start_again_at is not None]
        self._sleep(max(0.0, min([at_most, *due])))
        for kept in self._all():
            self._look_after(kept)

    def _look_after(self, kept: _Kept) -> None:
        if kept.process is not None and kept.process.poll() is not None:
            self._bury(kept)
            self._start_later(kept)
        if kept.start_again_at is None or self.asked_to_stop:
            return
        if time.monotonic() >= kept.start_again_at:
            self._start(kept)

    def _start_later(self, kept: _Kept) -> None:
        lived = time.monotonic() - kept.started_at
        kept.failures = 0 if lived >= HEALTHY_SECONDS else kept.failures
        delay = min(FIRST_DELAY_SECONDS * 2**kept.failures, LONGEST_DELAY_SECONDS)
        kept.failures = min(kept.failures + 1, 10)
        kept.start_again_at = time.monotonic() + delay

    def _bury(self, kept: _Kept) -> None:
        """Note how it ended and end what it left behind in its process group."""
        process = _started(kept)
        _signal_group(process.pid, signal.SIGKILL)
        self._say(kept.child.name, "ended", process.pid, _how_it_ended(process.returncode))
        kept.process = None

    def _sleep(self, seconds: float) -> None:
        ready, _, _ = select.select([self._wake_read], [], [], seconds)
        if ready:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._wake_read, 512):
                    continue

    def _all(self) -> Iterator[_Kept]:
        for stage in self._stages:
            yield from stage

    # --- stopping ---------------------------------------------------------------------------

    def stop(self) -> None:
        """Take the tree down, last stage first; a second Ctrl-C ends it without draining."""
        while self._stages:
            self._end(self._stages.pop())

    def _end(self, stage: list[_Kept]) -> None:
        running = [kept for kept in stage if kept.process is not None]
        drained_at = time.monotonic()
        for kept in running:
            self._ask_to_end(kept)
            drained_at = max(drained_at, time.monotonic() + kept.child.drain_seconds)
        while any(_started(kept).poll() is None for kept in running):
            if time.monotonic() >= drained_at or self._in_a_hurry:
                break
            self._sleep(0.2)
        for kept in running:
            self._make_sure(kept)

    def _ask_to_end(self, kept: _Kept) -> None:
        process = _started(kept)
        if process.poll() is None:
            self._say(kept.child.name, "stopping", process.pid, None)
            process.send_signal(kept.child.stop_signal)

    def _make_sure(self, kept: _Kept) -> None:
        process = _started(kept)
        if process.poll() is None:
            self._say(kept.child.name, "killed", process.pid, "did not stop in time")
            _signal_group(process.pid, signal.SIGKILL)
            process.wait()
        self._bury(kept)

    def _ask_to_stop(self, number: int, _frame: FrameType | None) -> None:
        # A closed terminal sends two signals of its own; only a second Ctrl-C is impatience.
        self._in_a_hurry = self._asked_to_stop and number == signal.SIGINT
        self._asked_to_stop = True


def log_line(name: str, state: str, pid: int | None, detail: str | None) -> None:
    """One JSON line per change of state, as the children log. A terminal that is gone stops nothing."""
    line = {
        "event": "process",
        "process": name,
        "state": state,
        "pid": pid,
        "exit": detail,
        "timestamp": datetime.now(UTC).isoformat(),
    }
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(json.dumps({key: value for key, value in line.items() if value}) + "\n")
        sys.stderr.flush()


def _started(kept: _Kept) -> subprocess.Popen[bytes]:
    if kept.process is None:
        raise RuntimeError(f"{kept.child.name} is not running")
    return kept.process


def _how_it_ended(code: int) -> str:
    return f"code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def _signal_group(leader: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)


def _only_wake(_number: int, _frame: FrameType | None) -> None:
    """A handler must stand for the signal to wake the loop; the loop itself looks who ended."""
