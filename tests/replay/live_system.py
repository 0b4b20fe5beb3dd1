"""The real app on a real server and a loopback port, with a thread that does the owed work."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from waitress.server import create_server

from dispatch.extensions import db
from dispatch.lifecycle.sweep import sweep
from tests.people import PASSWORD, People

log = logging.getLogger("tests.live")


@dataclass(frozen=True)
class LiveSystem:
    """Where the app is served, and the file with the sign-ins of its people."""

    url: str
    sign_ins: Path


@contextmanager
def live_system(app: Flask, people: People, folder: Path, *, crews: int) -> Iterator[LiveSystem]:
    """Serve the app with a coordinator and crews on shift; work is done as workers would."""
    sign_ins = folder / "demo-sign-ins.json"
    staff = [{"name": people.coordinator(), "role": "coordinator", "password": PASSWORD}]
    for _ in range(crews):
        member = people.crew(on_shift=False)
        staff.append({"name": member.name, "role": "crew", "password": PASSWORD})
    sign_ins.write_text(json.dumps(staff), encoding="utf-8")
    sockets: dict[int, object] = {}
    server = create_server(
        app, map=sockets, host="127.0.0.1", port=0, threads=8, asyncore_loop_timeout=0.1
    )
    stop = threading.Event()
    threads = [
        threading.Thread(target=server.run),
        threading.Thread(target=_work_off, args=(app, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield LiveSystem(f"http://127.0.0.1:{server.effective_port}", sign_ins)
    finally:
        stop.set()
        # The server's loop ends when it has nothing left to listen to.
        sockets.clear()
        for thread in threads:
            thread.join()
        server.task_dispatcher.shutdown()
        server.close()


def _work_off(app: Flask, stop: threading.Event) -> None:
    while not stop.wait(0.05):
        with app.app_context():
            try:
                sweep(grace=timedelta(0))
            except Exception:
                log.exception("the sweep failed; it is tried again")
            finally:
                db.session.remove()
