"""Counts and times of what this process answered, for /metrics. No address, sender or text."""

import os
import time
from typing import Any

from flask import Flask, Response, g, request
from flask.signals import request_finished, request_started
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

from dispatch.extensions import bound

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestFigures:
    """One process's counts; `pid` tells processes apart that share an address."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "renhold_requests_total",
            "Requests answered, by endpoint, method and status.",
            ("endpoint", "method", "status", "pid"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "renhold_request_seconds",
            "Time from request to answer, by endpoint.",
            ("endpoint", "pid"),
            buckets=BUCKETS,
            registry=self.registry,
        )

    def note(self, endpoint: str, method: str, status: int, seconds: float) -> None:
        pid = str(os.getpid())
        self.requests.labels(endpoint, method, str(status), pid).inc()
        self.seconds.labels(endpoint, pid).observe(seconds)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def register_request_figures(app: Flask) -> None:
    """Time every request of this app, errors too."""
    app.extensions["renhold.request_figures"] = RequestFigures()
    request_started.connect(_started, app)
    request_finished.connect(_finished, app)


def _started(_app: Flask, **_more: Any) -> None:
    g.started_at = time.perf_counter()


def _finished(_app: Flask, *, response: Response, **_more: Any) -> None:
    figures: RequestFigures = bound("request_figures")
    took = time.perf_counter() - g.get("started_at", time.perf_counter())
    # Made-up methods and addresses must not make new rows in the monitor's memory.
    method = request.method if request.method in METHODS else "other"
    figures.note(request.endpoint or "none", method, response.status_code, took)
