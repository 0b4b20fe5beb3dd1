"""The embedded broker, really started and really killed."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from dispatch.embedded_broker import BrokerProblem, EmbeddedBroker, embedded_broker
from tests.supervision.processes import lives, until


@contextmanager
def running(data_dir: Path) -> Iterator[tuple[EmbeddedBroker, subprocess.Popen[bytes]]]:
    broker = embedded_broker(data_dir)
    broker.prepare()
    guard = subprocess.Popen(broker.argv())
    try:
        assert until(broker.answers), "the broker does not answer"
        yield broker, guard
    finally:
        broker.shut_down()
        guard.wait(timeout=10)


def valkey_pid(broker: EmbeddedBroker) -> int:
    with Redis.from_url(broker.url) as client:
        return int(client.info("server")["process_id"])


@pytest.mark.kill
def test_acknowledged_jobs_outlive_a_kill(tmp_path: Path) -> None:
    with running(tmp_path) as (broker, guard):
        with Redis.from_url(broker.url) as client:
            for number in range(200):
                client.rpush("rq:queue:routing", f"job {number}")
        os.kill(valkey_pid(broker), signal.SIGKILL)
        guard.wait(timeout=10)
    with running(tmp_path) as (broker, _), Redis.from_url(broker.url) as client:
        assert client.llen("rq:queue:routing") == 200


def test_only_its_owner_reaches_it_and_never_over_the_network(tmp_path: Path) -> None:
    with running(tmp_path) as (broker, _), Redis.from_url(broker.url) as client:
        assert stat.S_IMODE(broker.socket_path.stat().st_mode) == 0o700
        assert client.config_get("port") == {"port": "0"}


def test_it_writes_everything_down_and_throws_nothing_away(tmp_path: Path) -> None:
    wanted = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}
    with running(tmp_path) as (broker, _), Redis.from_url(broker.url) as client:
        assert client.config_get(*wanted) == wanted


@pytest.mark.kill
def test_sigterm_to_its_guard_ends_it(tmp_path: Path) -> None:
    with running(tmp_path) as (broker, guard):
        pid = valkey_pid(broker)
        guard.terminate()
        assert guard.wait(timeout=10) == 0
        assert not lives(pid)


@pytest.mark.kill
def test_a_broker_left_behind_is_ended_before_the_next_one(tmp_path: Path) -> None:
    with running(tmp_path) as (broker, guard):
        pid = valkey_pid(broker)
        guard.kill()
        guard.wait(timeout=10)
        assert broker.answers()
        broker.prepare()
        assert until(lambda: not lives(pid), seconds=2)


def test_a_socket_file_left_behind_is_no_broker(tmp_path: Path) -> None:
    with running(tmp_path):
        pass
    broker = embedded_broker(tmp_path)
    assert not broker.answers()


@pytest.mark.parametrize("name", ["with space", 'a"quote', "back\\slash", "Ærø", "x" * 120])
def test_any_folder_name_will_do(tmp_path: Path, name: str) -> None:
    with running(tmp_path / name) as (broker, _), Redis.from_url(broker.url) as client:
        assert client.ping()
        assert (tmp_path / name / "broker" / "valkey.conf").exists()


def test_a_name_too_long_for_a_socket_gets_a_private_folder(tmp_path: Path) -> None:
    broker = embedded_broker(tmp_path / ("x" * 120))
    private = broker.socket_path.parent
    assert len(os.fsencode(broker.socket_path)) < 100
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    private.chmod(0o755)
    with pytest.raises(BrokerProblem, match="belongs to somebody else"):
        embedded_broker(tmp_path / ("x" * 120))
    private.rmdir()
