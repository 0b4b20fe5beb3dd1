"""A worker process: build the app, drain one queue, sweep, and give a sign of life.

`python worker.py` drains all queues, with one child process each, because a worker that listens
to several queues can lose a job when it is killed. `python worker.py routing` drains one.
Production runs as many as it likes, on as many machines.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker, Worker
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from dispatch import create_app
from dispatch.extensions import db
from dispatch.job_queue import QUEUES, connect, nudge_heartbeat
from dispatch.lifecycle.forget import forget_if_due
from dispatch.lifecycle.sweep import EVERY, sweep_if_leader
from dispatch.parent_watch import watch_parent
from dispatch.process_tree import completed
from dispatch.program_log import set_up_log
from dispatch.settings import Settings, SettingsProblem, read_environment

log = logging.getLogger("renhold.worker")

BEAT_EVERY_S = 10
FORGET_EVERY_S = 600
BROKER_PAUSE_S = 1.0
LONGEST_PAUSE_S = 2.0


class InlineWorker(SimpleWorker):
    """Runs jobs in its own process: four times cheaper a job than forking one."""

    max_connection_wait_time = LONGEST_PAUSE_S


class ForkingWorker(Worker):
    """Runs each job in a child: a photo that eats all memory kills only that child."""

    max_connection_wait_time = LONGEST_PAUSE_S


def main(arguments: list[str]) -> int:
    """Run until told to stop; the exit code of the process."""
    try:
        settings = completed(Settings.from_environment(read_environment()))
    except SettingsProblem as problem:
        sys.stderr.write(f"renhold: {problem}\n")
        return 2
    set_up_log()
    if not arguments:
        return _run_all()
    queue = arguments[0]
    if queue not in QUEUES:
        sys.stderr.write(f"renhold: no queue {queue!r}; there are {', '.join(QUEUES)}.\n")
        return 2
    watch_parent()
    app = create_app(settings)
    with app.app_context():
        engine = db.engine
        # A connection must not be shared over a fork: the child leaves ours alone, opens its own.
        os.register_at_fork(after_in_child=lambda: engine.dispose(close=False))
        return _drain(app, settings, queue)


def _drain(app: Flask, settings: Settings, queue: str) -> int:
    """Work this queue for as long as we live, through every death of the broker."""
    stopping = threading.Event()
    _stop_on_signal(stopping)
    # A fork beside a busy thread is unsafe, so the photo worker leaves sweeping to the others.
    duties = [_every(BEAT_EVERY_S, lambda: nudge_heartbeat(queue))]
    if queue != "photos":
        duties.append(_every(EVERY.total_seconds(), sweep_if_leader))
        duties.append(_every(FORGET_EVERY_S, forget_if_due))
    for duty in duties:
        threading.Thread(target=duty, args=(app, stopping), daemon=True).start()
    while not stopping.is_set():
        if not _work(settings, queue):
            break
        stopping.wait(BROKER_PAUSE_S)
    return 0


def _work(settings: Settings, queue: str) -> bool:
    """One life of the RQ worker; True when it ended because of the broker and should live again."""
    if not settings.redis_url:
        return True
    kind: type[BaseWorker] = ForkingWorker if queue == "photos" else InlineWorker
    connection = connect(settings.redis_url, patience_s=None)
    try:
        connection.ping()
        worker = kind(
            [Queue(queue, connection=connection, serializer=JSONSerializer)],
            connection=connection,
            serializer=JSONSerializer,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING", with_scheduler=False)
    except (RedisError, OSError) as error:
        log.warning("broker lost: %s", type(error).__name__)
        return True
    return False


def _every(seconds: float, deed: Callable[[], object]) -> Callable[[Flask, threading.Event], None]:
    """A duty for a thread: do it now and again, and outlive whatever goes wrong in it."""

    def duty(app: Flask, stopping: threading.Event) -> None:
        while not stopping.is_set():
            started = time.monotonic()
            with app.app_context():
                try:
                    deed()
                except Exception:
                    log.exception("a duty failed; it is tried again")
            stopping.wait(max(0.0, seconds - (time.monotonic() - started)))

    return duty


def _stop_on_signal(stopping: threading.Event) -> None:
    def stop(_number: int, _frame: Any) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _run_all() -> int:
    """One child a queue, ended together; a child that dies is started again."""
    ending = threading.Event()
    _stop_on_signal(ending)
    children = {queue: _child(queue) for queue in QUEUES}
    while not ending.wait(0.5):
        for queue, child in children.items():
            if child.poll() is not None:
                log.warning(
                    "worker of %s ended with %s; starting it again", queue, child.returncode
                )
                children[queue] = _child(queue)
    for child in children.values():
        child.terminate()
    for child in children.values():
        child.wait()
    return 0


def _child(queue: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, os.path.abspath(__file__), queue])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
