"""A system that loses or doubles reports is found out: exit code 1 and the references."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dispatch.replay import replay
from tests.replay.little_system import Answer, LittleSystem, little_system
from tests.replay.rows import write_stream

FORM = Answer(
    200,
    '<input type="hidden" name="csrf_token" value="t"><input type="hidden" name="form_key" value="k">',
)
AT = "2026-11-25T09:00:00Z"


def row(reference: str, *, routed: bool = True) -> dict[str, Any]:
    line = {"old": "received", "new": "assigned", "by": "system", "at": AT}
    return {
        "reference": reference,
        "status": "resolved" if routed else "received",
        "source": "form",
        "created_at": AT,
        "history": [line] if routed else [],
    }


def export(*rows: dict[str, Any]) -> Answer:
    return Answer(200, json.dumps(rows), {"Content-Type": "application/json"})


@pytest.fixture
def system() -> Iterator[LittleSystem]:
    with little_system() as system:
        system.say("GET", "/staff/sign-in", FORM)
        system.say("POST", "/staff/sign-in", Answer(303, headers={"Location": "/desk"}))
        system.say("GET", "/report", FORM)
        system.say("POST", "/report", Answer(303, headers={"Location": "/r/abc"}))
        system.say("GET", "/r/abc", Answer(200, "2026-000412"))
        yield system


def run(system: LittleSystem, folder: Path) -> Result:
    sign_ins = folder / "demo-sign-ins.json"
    sign_ins.write_text('[{"name": "k", "role": "coordinator", "password": "x"}]')
    stream = write_stream(folder, "55.67,12.56,2026-01-05")
    options = ["--base-url", system.url, "--sign-ins", str(sign_ins)]
    return CliRunner().invoke(replay, [str(stream), *options])


def test_a_sound_system_ends_with_0(system: LittleSystem, tmp_path: Path) -> None:
    system.say("GET", "/desk/export.json", export(), export(row("2026-000412")))
    result = run(system, tmp_path)
    assert result.exit_code == 0, result.output


def test_a_lost_report_is_named_and_ends_with_1(system: LittleSystem, tmp_path: Path) -> None:
    system.say("GET", "/desk/export.json", export())
    result = run(system, tmp_path)
    assert (result.exit_code, "lost: 2026-000412" in result.output) == (1, True), result.output


def test_a_doubled_report_ends_with_1(system: LittleSystem, tmp_path: Path) -> None:
    both = export(row("2026-000412"), row("2026-000413"))
    system.say("GET", "/desk/export.json", export(), both)
    result = run(system, tmp_path)
    assert result.exit_code == 1
    assert "doubled" in result.output


def test_a_coordinator_who_may_not_read_stops_it_with_2(
    system: LittleSystem, tmp_path: Path
) -> None:
    system.say("GET", "/desk/export.json", Answer(403))
    result = run(system, tmp_path)
    assert (result.exit_code, system.posts("/report")) == (2, [])


def test_routings_by_queue_and_sweep_are_those_of_the_replay(
    system: LittleSystem, tmp_path: Path
) -> None:
    line = 'renhold_work_done_total{{kind="assign_request",via="{}"}} {}.0\n'
    before = line.format("queue", 5) + line.format("sweep", 1)
    after = line.format("queue", 9) + line.format("sweep", 1)
    system.say("GET", "/metrics", Answer(200, before), Answer(200, after))
    system.say("GET", "/desk/export.json", export(), export(row("2026-000412")))
    lines = [line.split() for line in run(system, tmp_path).output.splitlines()]
    assert ["routings", "by", "the", "queue", "4"] in lines
    assert ["routings", "by", "the", "sweep", "0"] in lines
