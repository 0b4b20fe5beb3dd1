"""A supervisor over little children, in a process of its own that a test can kill.

Usage: little_tree.py FOLDER DRAIN_SECONDS NAME:MODE…; every child is a stage of its own.
"""

import sys
from pathlib import Path

import without_the_app  # noqa: F401

from dispatch.supervisor import Child, Supervisor

LITTLE_CHILD = Path(__file__).with_name("little_child.py")

folder, drain, *wanted = sys.argv[1:]
with Supervisor() as tree:
    for one in wanted:
        name, mode = one.split(":")
        argv = (sys.executable, str(LITTLE_CHILD), name, folder, mode)
        tree.start(Child(name, argv, drain_seconds=float(drain)))
    tree.run()
