"""What the supervisor promises, with real processes and real signals."""

import json
import os
import signal
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from dispatch.supervisor import Child, Supervisor
from tests.supervision.processes import little_tree, lives, until

pytestmark = pytest.mark.kill


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:steady") as tree:
        first = tree.wait_for("web")
        os.kill(first, signal.SIGKILL)
        second = tree.wait_for("web", times=2)
    assert second != first


def test_a_child_that_keeps_failing_is_started_less_and_less_often(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:failing") as tree:
        tree.wait_for("web", times=5)
        log = tree.end_with(signal.SIGTERM)
    ended, started = moments(log, "ended"), moments(log, "started")
    pauses = [(started[after + 1] - ended[after]).total_seconds() for after in range(4)]
    assert all(pause >= least for pause, least in zip(pauses, (0.2, 0.4, 0.8, 1.6), strict=True))


def test_no_child_outlives_a_supervisor_that_is_killed_outright(tmp_path: Path) -> None:
    with little_tree(tmp_path, "broker:steady", "web:stubborn", "photos:forking") as tree:
        pids = [tree.wait_for(name) for name in ("broker", "web", "photos")]
        pids.append(tree.wait_for("photos", "forked"))
        tree.process.kill()
        assert until(lambda: not any(lives(pid) for pid in pids), seconds=3.0)


def test_sigterm_lets_children_finish_and_stops_the_first_stage_last(tmp_path: Path) -> None:
    with little_tree(tmp_path, "broker:steady", "web:steady") as tree:
        tree.wait_for("broker")
        tree.wait_for("web")
        tree.end_with(signal.SIGTERM)
        finished = [name for name, event, _ in tree.events() if event == "finished"]
    assert finished == ["web", "broker"]
    assert tree.process.returncode == 0


def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    with little_tree(tmp_path, "broker:steady", "web:littering", "photos:forking") as tree:
        pids = [tree.wait_for(name) for name in ("broker", "web", "photos")]
        pids += [tree.wait_for("web", "left"), tree.wait_for("photos", "forked")]
        tree.end_with(signal.SIGINT)
        assert until(lambda: not any(lives(pid) for pid in pids), seconds=3.0)


def test_a_child_that_does_not_end_is_killed_after_its_drain_time(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:stubborn", drain=0.5) as tree:
        pid = tree.wait_for("web")
        log = tree.end_with(signal.SIGTERM)
        assert not lives(pid)
    assert ("web", "killed", pid, "did not stop in time") in changes(log)


def test_a_second_ctrl_c_does_not_wait_for_the_drain(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:stubborn", drain=60) as tree:
        tree.wait_for("web")
        tree.process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert tree.process.poll() is None
        tree.end_with(signal.SIGINT)


def test_what_a_dead_child_left_behind_is_ended(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:littering") as tree:
        first = tree.wait_for("web")
        left = tree.wait_for("web", "left")
        os.kill(first, signal.SIGKILL)
        assert until(lambda: not lives(left))


def test_every_change_of_state_is_one_line(tmp_path: Path) -> None:
    with little_tree(tmp_path, "web:steady") as tree:
        first = tree.wait_for("web")
        os.kill(first, signal.SIGKILL)
        second = tree.wait_for("web", times=2)
        log = tree.end_with(signal.SIGTERM)
    assert changes(log) == [
        ("web", "started", first, None),
        ("web", "ended", first, "signal SIGKILL"),
        ("web", "started", second, None),
        ("web", "stopping", second, None),
        ("web", "ended", second, "code 0"),
    ]
    assert all(datetime.fromisoformat(json.loads(line)["timestamp"]) for line in log.splitlines())


def test_a_program_that_runs_once_tells_its_exit_code() -> None:
    with Supervisor(say=_silent) as tree:
        assert tree.run_to_end(_python("raise SystemExit(3)")) == 3
        assert tree.run_to_end(_python("pass")) == 0


def test_a_program_that_is_not_there_is_told_apart_from_one_that_fails() -> None:
    with Supervisor(say=_silent) as tree:
        assert tree.run_to_end(Child("step", ("/nonexistent/program",))) == 127


def test_waiting_gives_up_when_the_time_is_over() -> None:
    with Supervisor(say=_silent) as tree:
        assert not tree.wait_for(lambda: False, seconds=0.1)


def test_a_signal_ends_the_waiting_too() -> None:
    with Supervisor(say=_silent) as tree:
        os.kill(os.getpid(), signal.SIGTERM)
        assert not tree.wait_for(lambda: False, seconds=60)
        assert tree.asked_to_stop


def changes(log: str) -> list[tuple[str, str, int, str | None]]:
    lines = [json.loads(line) for line in log.splitlines()]
    return [(line["process"], line["state"], line["pid"], line.get("exit")) for line in lines]


def moments(log: str, state: str) -> list[datetime]:
    lines = [json.loads(line) for line in log.splitlines()]
    return [datetime.fromisoformat(line["timestamp"]) for line in lines if line["state"] == state]


def _python(code: str) -> Child:
    return Child("step", (sys.executable, "-c", code))


def _silent(*_words: object) -> None:
    return None
