"""A skipped test fails the build unless the list names it and says why."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.skip_list import allowed_skips
from tests.supervision.processes import python_environment

TESTS = """
import pytest

def test_that_runs(): pass

@pytest.mark.skip(reason="no browser")
def test_that_is_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_that_is_known_to_fail(): assert False
"""


def run(folder: Path, allowed: str, *, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_some.py").write_text(TESTS)
    (folder / "allowed.txt").write_text(allowed)
    listed = {"CI": ci, "RENHOLD_TEST_ALLOWED_SKIPS": str(folder / "allowed.txt")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.skip_list", "test_some.py"],
        cwd=folder,
        env=python_environment() | listed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_unlisted_skip_fails_the_build_and_is_named(tmp_path: Path) -> None:
    answer = run(tmp_path, "", ci="true")
    assert answer.returncode == 1
    assert "skipped without a word" in answer.stdout
    assert "test_some.py::test_that_is_skipped" in answer.stdout
    assert "test_some.py::test_that_is_known_to_fail\n" not in answer.stdout


def test_a_listed_skip_does_not(tmp_path: Path) -> None:
    answer = run(tmp_path, "test_some.py::*skipped # no browser there\n", ci="true")
    assert answer.returncode == 0


def test_on_a_desk_a_skip_is_only_a_skip(tmp_path: Path) -> None:
    assert run(tmp_path, "", ci="").returncode == 0


def test_the_list_must_say_why() -> None:
    assert allowed_skips("# heading\n\ntests/a.py::* # too slow\n") == ("tests/a.py::*",)
    with pytest.raises(ValueError, match="does not say why"):
        allowed_skips("tests/a.py::*\n")
