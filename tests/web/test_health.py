"""What operators ask: does it live, is it ready, how is it doing; and who may ask."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch import create_app
from dispatch.gateways.clock import SettableClock
from dispatch.job_queue import QUEUES
from dispatch.lifecycle.sweep import record_heartbeat
from dispatch.settings import Settings
from tests.people import People

TOKEN = {"Authorization": "Bearer a long token"}


@pytest.fixture
def settings(settings: Settings, broker_url: str) -> Settings:
    return replace(settings, redis_url=broker_url, metrics_token="a long token")


@pytest.fixture
def workers_alive(app: Flask) -> None:
    for queue in QUEUES:
        record_heartbeat(queue)


def ask(client: FlaskClient) -> tuple[int, list[str]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json["reasons"]


def figures(client: FlaskClient) -> dict[str, float]:
    lines = client.get("/metrics", headers=TOKEN).text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


# --- lives ------------------------------------------------------------------------------------


def test_it_lives_even_where_the_database_does_not(settings: Settings, tmp_path: Path):
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder.sqlite3"))
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert "Set-Cookie" not in answer.headers


# --- ready ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("workers_alive")
def test_it_is_ready_with_database_broker_and_working_workers(client: FlaskClient):
    assert ask(client) == (200, [])


def test_before_any_worker_has_worked_it_is_not_ready(client: FlaskClient):
    status, reasons = ask(client)
    assert status == 503
    assert reasons == [f"no worker of {queue} has been seen" for queue in QUEUES]


@pytest.mark.usefixtures("workers_alive")
def test_a_minute_without_a_sign_of_life_is_too_long(client: FlaskClient, clock: SettableClock):
    clock.advance(timedelta(seconds=59))
    assert ask(client) == (200, [])
    record_heartbeat("routing")
    record_heartbeat("messages")
    clock.advance(timedelta(seconds=1))
    assert ask(client) == (503, ["no sign of life from the workers of photos for 60 s"])


@pytest.mark.usefixtures("workers_alive")
def test_a_dead_broker_is_told(settings: Settings, tmp_path: Path, clock: SettableClock):
    app = create_app(replace(settings, redis_url=f"unix://{tmp_path}/none.sock"))
    gateways = app.extensions["renhold.gateways"]
    app.extensions["renhold.gateways"] = replace(gateways, clock=clock)
    assert ask(app.test_client()) == (503, ["broker does not answer"])


def test_a_dead_database_is_told_and_not_shown(settings: Settings, tmp_path: Path):
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder.sqlite3"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["reasons"] == ["database does not answer: OperationalError"]
    assert str(tmp_path) not in answer.text


@pytest.mark.usefixtures("workers_alive")
def test_work_that_lies_for_five_minutes_is_told(
    client: FlaskClient, people: People, clock: SettableClock
):
    people.report()
    clock.advance(timedelta(seconds=300))
    for queue in QUEUES:
        record_heartbeat(queue)
    assert ask(client) == (503, ["work lies unfinished for 300 s"])


@pytest.mark.usefixtures("workers_alive")
def test_a_report_that_waits_for_a_crews_shift_is_no_fault(
    client: FlaskClient, people: People, clock: SettableClock, work_off: Callable[[], int]
):
    people.report()
    work_off()
    clock.advance(timedelta(hours=8))
    for queue in QUEUES:
        record_heartbeat(queue)
    assert ask(client) == (200, [])


# --- metrics: who may ask ---------------------------------------------------------------------


def asked_from(client: FlaskClient, address: str, **headers: str) -> int:
    answer = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    return answer.status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1"])
def test_this_machine_may_ask(client: FlaskClient, address):
    assert asked_from(client, address) == 200


def test_elsewhere_only_the_token_opens(client: FlaskClient):
    assert asked_from(client, "192.0.2.1") == 403
    assert asked_from(client, "192.0.2.1", **TOKEN) == 200
    assert asked_from(client, "192.0.2.1", Authorization="Bearer another token") == 403
    assert asked_from(client, "192.0.2.1", Authorization="Bearer å") == 403


def test_without_a_token_set_an_empty_one_opens_nothing(settings: Settings):
    client = create_app(replace(settings, metrics_token=None)).test_client()
    assert asked_from(client, "192.0.2.1", Authorization="Bearer ") == 403
    assert asked_from(client, "192.0.2.1", Authorization="Bearer None") == 403


@pytest.mark.parametrize("trusted", [0, 1])
def test_a_forwarded_loopback_address_is_not_this_machine(settings: Settings, trusted):
    client = create_app(replace(settings, trusted_proxies=trusted)).test_client()
    forged = {"X-Forwarded-For": "127.0.0.1"}
    assert asked_from(client, "192.0.2.1", **forged) == 403
    assert asked_from(client, "127.0.0.1", **forged) == 403


def test_a_signed_in_coordinator_is_not_an_operator(people: People):
    desk = people.signed_in(people.coordinator())
    assert asked_from(desk, "192.0.2.1") == 403


# --- metrics: what is told --------------------------------------------------------------------


def test_requests_are_counted_by_endpoint_and_status_and_timed(client: FlaskClient):
    client.get("/healthz")
    client.get("/nowhere-1")
    client.get("/nowhere-2")
    found = figures(client)
    lives = next(name for name in found if 'endpoint="health.lives"' in name and "_total" in name)
    assert 'status="200"' in lives and 'pid="' in lives and found[lives] == 1
    lost = [found[name] for name in found if 'endpoint="none"' in name and "_total" in name]
    assert lost == [2]
    assert any(name.startswith("renhold_request_seconds_bucket") for name in found)


def test_made_up_methods_make_no_new_rows(client: FlaskClient):
    client.open("/healthz", method="BREW")
    client.open("/healthz", method="SPEW")
    assert not any("BREW" in name or "SPEW" in name for name in figures(client))


def test_work_is_counted_by_kind_and_by_who_did_it(
    client: FlaskClient, people: People, work_off: Callable[[], int]
):
    people.crew()
    people.report()
    work_off()
    found = figures(client)
    assert found['renhold_work_done_total{kind="assign_request",via="sweep"}'] == 1
    assert found['renhold_work_waiting{kind="assign_request"}'] == 0
    assert found['renhold_service_requests{status="assigned"}'] == 1


def test_owed_work_is_told_with_its_age(client: FlaskClient, people: People, clock: SettableClock):
    people.report()
    clock.advance(timedelta(seconds=42))
    found = figures(client)
    assert found['renhold_work_waiting{kind="assign_request"}'] == 1
    assert found['renhold_work_oldest_seconds{kind="assign_request"}'] == 42
    assert found['renhold_service_requests{status="received"}'] == 1


def test_a_report_without_a_crew_on_shift_is_told_apart(
    client: FlaskClient, people: People, clock: SettableClock, work_off: Callable[[], int]
):
    people.report()
    work_off()
    clock.advance(timedelta(hours=2))
    found = figures(client)
    assert found['renhold_work_waiting_for_shift{kind="assign_request"}'] == 1
    assert found['renhold_work_oldest_seconds{kind="assign_request"}'] == 0


def test_queues_heartbeats_and_outbox_are_told(
    client: FlaskClient, people: People, clock: SettableClock
):
    people.report(contact="anmelder@example.dk")
    record_heartbeat("routing")
    clock.advance(timedelta(seconds=7))
    found = figures(client)
    assert found['renhold_heartbeat_age_seconds{queue="routing"}'] == 7
    assert found['renhold_queue_length{queue="photos"}'] >= 0
    assert found["renhold_broker_up"] == found["renhold_database_up"] == 1
    assert found["renhold_outbox_waiting"] == 1
    assert found["renhold_outbox_oldest_seconds"] == 7


def test_nothing_a_resident_wrote_is_in_the_figures(client: FlaskClient, people: People):
    people.report(contact="anmelder@example.dk", description="bag den grønne port")
    page = client.get("/metrics", headers=TOKEN).text
    assert "anmelder" not in page and "grønne" not in page


def test_with_a_dead_database_the_processs_own_figures_are_still_told(
    settings: Settings, tmp_path: Path
):
    app = create_app(replace(settings, database_url=f"sqlite:///{tmp_path}/no/such/folder.sqlite3"))
    found = figures(app.test_client())
    assert found["renhold_database_up"] == 0
    assert "process_cpu_seconds_total" in found
