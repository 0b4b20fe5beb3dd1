"""The whole command against the real app: residents, crews and the coordinator at their doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from dispatch.extensions import db
from dispatch.models import ServiceRequest
from dispatch.replay import replay
from dispatch.rules.status import Status
from tests.people import People
from tests.replay.live_system import LiveSystem, live_system
from tests.replay.rows import write_stream

HEAD = "lat,lng,opened_date,opened_time,description"
INSIDE = (
    "55.6699,12.5605,2026-01-05,08:00,Bag skuret",
    "55.6703,12.5590,2026-01-05,09:30,",
    "55.6690,12.5580,2026-01-06,07:15,<b>Ved trappen</b> & porten",
)
OUTSIDE = "55.7000,12.7000,2026-01-05,12:00,"
BAD = "55.67,øst,2026-01-05,12:00,"


@pytest.fixture
def system(app: Flask, people: People, tmp_path: Path) -> Iterator[LiveSystem]:
    with live_system(app, people, tmp_path, crews=2) as system:
        yield system


def run(system: LiveSystem, file: Path, *options: str) -> Result:
    arguments = [str(file), "--base-url", system.url, "--sign-ins", str(system.sign_ins)]
    return CliRunner().invoke(replay, [*arguments, "--speed", "5000000", *options])


def table(result: Result) -> dict[str, str]:
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    rows = [line for line in result.stdout.splitlines() if len(line) >= 38]
    return {line[:28].strip(): line[28:38].strip() for line in rows}


def stored() -> list[ServiceRequest]:
    db.session.rollback()
    return list(db.session.query(ServiceRequest).order_by(ServiceRequest.id))


def test_reports_are_accepted_routed_and_closed_by_simulated_crews(
    system: LiveSystem, tmp_path: Path
) -> None:
    result = run(system, write_stream(tmp_path, *INSIDE, head=HEAD), "--crews", "2")
    counts = table(result)
    assert (result.exit_code, counts["lost"], counts["doubled"]) == (0, "0", "0"), result.output
    assert counts["sent"] == counts["accepted"] == counts["on a route"] == counts["closed"] == "3"
    assert {each.status for each in stored()} == {Status.RESOLVED}


def test_what_the_stream_says_is_what_is_stored(system: LiveSystem, tmp_path: Path) -> None:
    run(system, write_stream(tmp_path, INSIDE[2], head=HEAD), "--crews", "1")
    (request,) = stored()
    assert (request.lat, request.lon) == (55.669, 12.558)
    assert request.description == "<b>Ved trappen</b> & porten"
    assert request.service_code == "syringe"


def test_a_row_outside_is_refused_and_nothing_is_stored(system: LiveSystem, tmp_path: Path) -> None:
    result = run(system, write_stream(tmp_path, OUTSIDE, head=HEAD))
    assert (result.exit_code, table(result)["refused as outside"]) == (0, "1"), result.output
    assert stored() == []


def test_a_bad_row_is_named_and_the_rest_is_sent(system: LiveSystem, tmp_path: Path) -> None:
    result = run(system, write_stream(tmp_path, BAD, INSIDE[0], head=HEAD), "--crews", "1")
    assert "line 2 left out: lng is 'øst'" in result.stderr
    assert table(result)["accepted"] == "1"


def test_only_the_first_rows_are_sent_when_a_limit_says_so(
    system: LiveSystem, tmp_path: Path
) -> None:
    path = write_stream(tmp_path, *INSIDE, head=HEAD)
    assert table(run(system, path, "--limit", "1", "--crews", "1"))["sent"] == "1"


def test_too_few_crews_stop_it_before_anything_is_sent(system: LiveSystem, tmp_path: Path) -> None:
    result = run(system, write_stream(tmp_path, *INSIDE, head=HEAD), "--crews", "3")
    assert result.exit_code == 2
    assert "3 crews are wanted, the demonstration has 2" in result.output
    assert stored() == []


def test_one_centre_without_the_other_is_refused(system: LiveSystem, tmp_path: Path) -> None:
    path = write_stream(tmp_path, *INSIDE, head=HEAD)
    result = run(system, path, "--center-from", "42.3,-71.0")
    assert result.exit_code == 2
    assert "go together" in result.output


def test_another_machine_is_refused(system: LiveSystem, tmp_path: Path) -> None:
    path = write_stream(tmp_path, *INSIDE, head=HEAD)
    result = run(system, path, "--base-url", "https://renhold.dk")
    assert result.exit_code == 2
    assert "stays on loopback" in result.output
