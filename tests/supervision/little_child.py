"""A child for the supervisor's tests: writes what happens to it into events.log of a folder.

Usage: little_child.py NAME FOLDER MODE, with MODE steady (finishes a step when asked to end),
stubborn (does not end when asked), failing (ends at once), forking (a fork of it works on, in a
session of its own, as RQ's work horse does) or littering (leaves a program in its process group).
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import without_the_app  # noqa: F401

from dispatch.parent_watch import watch_parent

name, folder, mode = sys.argv[1], Path(sys.argv[2]), sys.argv[3]


def note(event: str, pid: int | None = None) -> None:
    with (folder / "events.log").open("a") as log:
        log.write(f"{name} {event} {pid or os.getpid()}\n")


def finish(_number: int, _frame: FrameType | None) -> None:
    time.sleep(0.3)
    note("finished")
    os._exit(0)


signal.signal(signal.SIGTERM, signal.SIG_IGN if mode == "stubborn" else finish)
watch_parent()
if mode == "forking" and os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    note("forked")
    time.sleep(600)
if mode == "littering":
    note("left", subprocess.Popen(["sleep", "600"]).pid)
note("started")
if mode == "failing":
    sys.exit(3)
while True:
    time.sleep(600)
