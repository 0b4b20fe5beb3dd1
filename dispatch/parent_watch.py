"""No process outlives the supervisor, not even when it is killed outright.

The supervisor holds the write end of a pipe and every process it starts inherits the read end: when
the supervisor is gone, however it went, the read end closes. A Python process calls `watch_parent()`;
a program that cannot (the broker) is started under this file run as a script:
`python -I -S dispatch/parent_watch.py PROGRAM ARGUMENT…`. Standard library only, and no import from
`dispatch`, so that the script starts at once and stays small.
"""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import MutableMapping
from types import FrameType

PIPE_VARIABLE = "RENHOLD_PARENT_PIPE"
ORPHAN_SECONDS = 2.0
# The broker goes last: web and workers finish their last step against it.
GUARDED_LINGER_SECONDS = 1.0


def watch_parent(
    environ: MutableMapping[str, str] = os.environ, *, grace_seconds: float = ORPHAN_SECONDS
) -> None:
    """End this process when its supervisor is gone: first SIGTERM, after the grace outright.

    Does nothing in a process that no supervisor started. A process forked from this one (RQ's work
    horse) watches too.
    """
    pipe = _inherited_pipe(environ)
    if pipe is None:
        return
    _watch(pipe, grace_seconds)
    os.register_at_fork(after_in_child=lambda: _watch(pipe, grace_seconds))


def _watch(pipe: int, grace_seconds: float) -> None:
    threading.Thread(
        target=_end_with_parent, args=(pipe, grace_seconds), name="parent-watch", daemon=True
    ).start()


def _end_with_parent(pipe: int, grace_seconds: float) -> None:
    _wait_for_close(pipe)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(grace_seconds)
    os._exit(1)


def _wait_for_close(pipe: int) -> None:
    while os.read(pipe, 1):
        continue


def _inherited_pipe(environ: MutableMapping[str, str]) -> int | None:
    """The pipe's number, taken out of the environment: a process we start does not inherit it."""
    text = environ.pop(PIPE_VARIABLE, "")
    if not text.isdigit():
        return None
    pipe = int(text)
    try:
        if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
            return None
    except OSError:
        return None
    os.set_inheritable(pipe, False)
    return pipe


def _guard(argv: list[str]) -> int:
    """Run a program, pass SIGTERM on to it, and end it when the supervisor is gone."""
    pipe = _inherited_pipe(os.environ)
    program = subprocess.Popen(argv, stdin=subprocess.DEVNULL)

    def end(_signal: int, _frame: FrameType | None) -> None:
        program.terminate()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if pipe is not None:
        threading.Thread(target=_end_program, args=(pipe, program), daemon=True).start()
    code = program.wait()
    return code if code >= 0 else 128 - code


def _end_program(pipe: int, program: subprocess.Popen[bytes]) -> None:
    _wait_for_close(pipe)
    time.sleep(GUARDED_LINGER_SECONDS)
    program.terminate()
    time.sleep(1)
    program.kill()


if __name__ == "__main__":
    sys.exit(_guard(sys.argv[1:]))
