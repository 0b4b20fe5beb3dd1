"""A real broker for the tests, the embedded one. Loaded by tests/conftest.py."""

import subprocess
import time
from collections.abc import Iterator

import pytest

from dispatch.embedded_broker import embedded_broker


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a broker that runs as long as this test process; shared, so clear it first."""
    broker = embedded_broker(tmp_path_factory.mktemp("broker"))
    broker.prepare()
    guard = subprocess.Popen(broker.argv(), start_new_session=True)
    try:
        deadline = time.monotonic() + 10
        while not broker.answers():
            assert time.monotonic() < deadline, "the test broker does not answer"
            time.sleep(0.02)
        yield broker.url
    finally:
        broker.shut_down()
        guard.wait(timeout=10)
