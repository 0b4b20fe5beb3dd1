"""On the build server (CI=true) a skipped test fails the run, unless tests/allowed_skips.txt names it.

A skip is how a test quietly stops testing. The list holds one line each: a pattern for the test's
name, then ` # ` and why it may be skipped. Loaded by tests/conftest.py.
"""

import os
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("allowed_skips.txt")
VARIABLE = "RENHOLD_TEST_ALLOWED_SKIPS"


def allowed_skips(text: str) -> tuple[str, ...]:
    """The patterns of the list. Raises ValueError for a line that does not say why."""
    lines = [line.strip() for line in text.splitlines()]
    entries = [line for line in lines if line and not line.startswith("#")]
    for entry in entries:
        if not entry.partition(" # ")[2].strip():
            raise ValueError(f"{LIST.name}: {entry!r} does not say why: add ' # reason'")
    return tuple(entry.partition(" # ")[0].strip() for entry in entries)


class SkipWatch:
    """Collects what was skipped; with xdist only the process that reports sees everything."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = allowed
        self._unlisted: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self._note(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._note(report.nodeid)

    def _note(self, name: str) -> None:
        if not any(fnmatchcase(name, pattern) for pattern in self._allowed):
            self._unlisted.append(name)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._unlisted and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._unlisted:
            return
        terminalreporter.section("skipped without a word in tests/allowed_skips.txt", red=True)
        for name in self._unlisted:
            terminalreporter.write_line(name)


def pytest_configure(config: pytest.Config) -> None:
    if os.environ.get("CI") != "true" or hasattr(config, "workerinput"):
        return
    listed = Path(os.environ.get(VARIABLE) or LIST)
    config.pluginmanager.register(SkipWatch(allowed_skips(listed.read_text(encoding="utf-8"))))
