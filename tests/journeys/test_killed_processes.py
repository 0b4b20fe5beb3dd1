"""A worker, the web process and the broker are killed outright while reports pour in: none is lost, none doubled.

The reports are the first of the real stream where NEEDLE_STREAM names one, else an invented one of the
same shape; they come through the public form, and simulated crews work them off meanwhile.
"""

import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from dispatch.settings import Settings
from tests.journeys.running_app import RunningApp, running_app
from tests.supervision.processes import until

pytestmark = [pytest.mark.kill, pytest.mark.slow]

BOSTON, VESTERBRO = "42.3387,-71.0745", "55.6692,12.5597"
ROWS, SPEED = 200, 60_000
# Who is killed when so many reports have come in.
DEATHS = (("routing", 15), ("web", 35), ("broker", 55))


def test_no_report_is_lost_or_doubled_when_processes_are_killed(tmp_path: Path):
    with running_app(tmp_path / "var", REPORT_LIMIT_PER_SENDER="10 per 10 minutes") as app:
        replay = _replay(app, tmp_path)
        try:
            for name, reports in DEATHS:
                assert until(lambda wanted=reports: _stored(app) >= wanted, seconds=40)
                os.kill(app.started(name)[-1], signal.SIGKILL)
                assert until(lambda killed=name: len(app.started(killed)) == 2, seconds=15), name
            said = replay.communicate(timeout=90)[0]
        finally:
            replay.kill()
        assert replay.returncode == 0, said
        table = _table(said)
        assert (table["sent"], table["lost"], table["doubled"]) == (str(ROWS), "0", "0"), said
        assert int(table["accepted"]) == _stored(app) > DEATHS[-1][1], said
        assert table["on a route"] == table["accepted"], said
        assert until(lambda: app.answers() == 200, seconds=20)
        doctor = app.renhold("doctor")
        assert (doctor.returncode, doctor.stdout) == (0, "No faults found.\n")


def _replay(app: RunningApp, folder: Path) -> subprocess.Popen[str]:
    """Start sending, as an operator would."""
    argv = [
        sys.executable, "-m", "dispatch.cli", "replay", str(_stream(app, folder)), "--crews", "3",
        "--center-from", BOSTON, "--center-to", VESTERBRO, "--limit", str(ROWS),
        "--speed", str(SPEED),
    ]  # fmt: skip
    return subprocess.Popen(
        argv, env=app.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def _stream(app: RunningApp, folder: Path) -> Path:
    real = Settings.from_environment(app.environment).needle_stream
    return real or _invented(folder / "stream.csv")


def _invented(path: Path) -> Path:
    """Ten days of reports around Boston's centre, about as scattered as the real ones."""
    dice = random.Random(1650)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["lat", "lng", "opened_date"])
        for number in range(ROWS):
            place = 42.3387 + dice.gauss(0, 0.006), -71.0745 + dice.gauss(0, 0.008)
            rows.writerow([*place, f"2025-10-{1 + number // 20:02}"])
    return path


def _stored(app: RunningApp) -> int:
    """How many reports are on the disk."""
    with sqlite3.connect(f"file:{app.folder}/renhold.sqlite3?mode=ro", uri=True) as store:
        return int(store.execute("SELECT count(*) FROM service_request").fetchone()[0])


def _table(said: str) -> dict[str, str]:
    rows = [line for line in said.splitlines() if len(line) >= 38]
    return {line[:28].strip(): line[28:38].strip() for line in rows}
