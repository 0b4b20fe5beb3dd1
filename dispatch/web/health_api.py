"""For operators: does it live, is it ready, and how is it doing. No report's words are here."""

from collections.abc import Iterator

from flask import Blueprint, Response, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily, Metric
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from dispatch import job_queue
from dispatch.extensions import bound
from dispatch.gateways import gateways
from dispatch.queries.health import health_at
from dispatch.queries.work_figures import WorkFigures, work_figures_at
from dispatch.web.request_figures import RequestFigures, register_request_figures

bp = Blueprint("health", __name__)
operators_bp = Blueprint("operators", __name__)


@bp.record_once
def _count_requests(state: BlueprintSetupState) -> None:
    register_request_figures(state.app)  # type: ignore[arg-type]


@bp.get("/healthz")
def lives() -> ResponseReturnValue:
    """The process answers; nothing else is asked."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    """Database, broker, a sign of life from each queue's workers, and no work left lying."""
    found = health_at(gateways().clock.now(), queues=job_queue.QUEUES)
    reasons = list(found.reasons)
    broker = job_queue.broker_answers()
    if not broker:
        reasons.append("broker does not answer")
    body = {
        "status": "not ready" if reasons else "ready",
        "reasons": reasons,
        "database": found.database,
        "broker": broker,
        "heartbeat_age_seconds": found.heartbeat_age_s,
        "oldest_work_seconds": found.oldest_work_s,
    }
    return jsonify(body), 503 if reasons else 200


@operators_bp.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus text: this process's requests, and the work of all processes."""
    figures: RequestFigures = bound("request_figures")
    work = CollectorRegistry()
    work.register(_WorkCollector())
    return Response(
        generate_latest(figures.registry) + generate_latest(work),
        content_type=CONTENT_TYPE_LATEST,
    )


class _WorkCollector(Collector):
    """What the database and the broker say at this moment."""

    def collect(self) -> Iterator[Metric]:
        lengths = job_queue.waiting()
        yield _gauge("renhold_broker_up", "1 when the broker answers.", float(bool(lengths)))
        yield _by("renhold_queue_length", "Jobs lying in a queue.", "queue", lengths)
        try:
            figures = work_figures_at(gateways().clock.now())
        except SQLAlchemyError:
            yield _gauge("renhold_database_up", "1 when the database answers.", 0)
            return
        yield _gauge("renhold_database_up", "1 when the database answers.", 1)
        yield from _of_work(figures)


def _of_work(figures: WorkFigures) -> Iterator[Metric]:
    done = CounterMetricFamily(
        "renhold_work_done",
        "Pieces of work completed, by kind, and by queue or sweep.",
        labels=("kind", "via"),
    )
    for each in figures.done:
        done.add_metric((each.kind, each.via), each.done)
    yield done
    waiting = {each.kind: each.waiting for each in figures.waiting}
    oldest = {each.kind: each.oldest_s for each in figures.waiting}
    shift = {each.kind: each.for_a_shift for each in figures.waiting}
    yield _by("renhold_work_waiting", "Pieces of work owed.", "kind", waiting)
    yield _by("renhold_work_waiting_for_shift", "Owed, but no crew is on shift.", "kind", shift)
    yield _by("renhold_work_oldest_seconds", "Longest time overdue.", "kind", oldest)
    yield _gauge("renhold_outbox_waiting", "Messages not yet sent.", figures.outbox_waiting)
    yield _gauge("renhold_outbox_oldest_seconds", "Oldest unsent message.", figures.outbox_oldest_s)
    yield _by("renhold_service_requests", "Reports by status.", "status", figures.by_status)
    yield _by(
        "renhold_heartbeat_age_seconds",
        "Since a worker last did a job.",
        "queue",
        figures.heartbeats,
    )


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)


def _by(name: str, words: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, words, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family
