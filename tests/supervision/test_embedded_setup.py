"""One owner of a data folder at a time, and secrets that last."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from dispatch.embedded_setup import DataFolderBusy, kept_secret, locked_data_folder, secret_key
from tests.supervision.processes import python_environment, until

HOLDER = """
import sys, time
from pathlib import Path
from dispatch.embedded_setup import locked_data_folder
with locked_data_folder(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(600)
"""


@contextmanager
def another_process_owns(folder: Path) -> Iterator[subprocess.Popen[str]]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)],
        env=python_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_second_start_on_the_same_folder_is_told_folder_and_process(tmp_path: Path) -> None:
    with another_process_owns(tmp_path) as holder:
        with pytest.raises(DataFolderBusy) as refusal, locked_data_folder(tmp_path):
            pass
        line = str(refusal.value)
    assert f"RENHOLD_DATA_DIR={tmp_path}, process {holder.pid}." in line
    assert "\n" not in line


@pytest.mark.kill
def test_the_lock_of_a_killed_process_stops_nobody(tmp_path: Path) -> None:
    with another_process_owns(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        assert until(lambda: holder.poll() is not None)
        with locked_data_folder(tmp_path):
            assert (tmp_path / "renhold.lock").read_text() == f"{os.getpid()}\n"


def test_the_folder_is_free_again_after_the_block(tmp_path: Path) -> None:
    for _ in range(2):
        with locked_data_folder(tmp_path / "var"):
            pass


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = secret_key(tmp_path)
    assert secret_key(tmp_path) == first
    assert len(first) >= 40
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_every_folder_has_its_own_key(tmp_path: Path) -> None:
    assert secret_key(tmp_path / "a") != secret_key(tmp_path / "b")


def test_processes_that_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "fresh" / "secret"
    with ProcessPoolExecutor(4) as pool:
        assert len(set(pool.map(kept_secret, [path] * 8))) == 1
    assert [file.name for file in path.parent.iterdir()] == ["secret"]
