"""A small system on loopback that breaks when the test says so; what it was asked is kept.

It answers as the real doors do, no more than a replay looks at. The real app is used in
`test_live_replay.py`; this one stands for the moments when that is down or in a hurry.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """One request the system got; `fields` of a form or of JSON."""

    method: str
    path: str
    sender: str
    headers: dict[str, str]
    fields: dict[str, Any]


@dataclass
class Answer:
    status: int
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)


DIES = Answer(0)


class LittleSystem:
    """`say(method, path, answers…)`: one answer a request, the last one for ever."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.url = ""
        self._answers: dict[tuple[str, str], list[Answer]] = {}

    def say(self, method: str, path: str, *answers: Answer) -> None:
        self._answers[method, path] = list(answers)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answers = self._answers.get((asked.method, asked.path), [Answer(404)])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def posts(self, path: str) -> list[Asked]:
        return [each for each in self.asked if (each.method, each.path) == ("POST", path)]


@contextmanager
def little_system() -> Iterator[LittleSystem]:
    system = LittleSystem()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(system))
    system.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(system: LittleSystem) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            if self.headers.get_content_type() == "application/json":
                return self._take(json.loads(body))
            fields = parse_qs(body, keep_blank_values=True)
            return self._take({name: values[0] for name, values in fields.items()})

        def _take(self, fields: dict[str, Any]) -> None:
            path, headers = urlsplit(self.path).path, dict(self.headers.items())
            asked = Asked(self.command, path, self.client_address[0], headers, fields)
            answer = system.answer(asked)
            if answer is DIES:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            body = answer.body.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            return

    return Handler
