"""How many reports one sender, and everybody together, may send; and who a sender is."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from dispatch import create_app
from dispatch.gateways.clock import SettableClock
from dispatch.job_queue import connect
from dispatch.settings import Settings, SettingsProblem
from dispatch.web.limits import over_report_limit
from dispatch.web.sender import hidden, sender_key


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, report_limit_per_sender="3 per 10 minutes", report_limit_global="6/second"
    )


@contextmanager
def request_from(app: Flask, address: str, **headers: str) -> Iterator[None]:
    """A request as the app sees it behind its proxies, in a context of its own."""
    with (
        app.app_context(),
        app.test_request_context(environ_base={"REMOTE_ADDR": address}, headers=headers),
    ):
        yield


def waits(app: Flask, address: str, times: int) -> list[int | None]:
    found = []
    for _ in range(times):
        with request_from(app, address):
            found.append(over_report_limit())
    return found


def key_of(app: Flask, address: str) -> str:
    with request_from(app, address):
        return sender_key()


# --- how often --------------------------------------------------------------------------------


def test_the_fourth_report_within_ten_minutes_must_wait_and_is_told_how_long(app: Flask):
    first, fourth = waits(app, "192.0.2.1", 4)[0], waits(app, "192.0.2.1", 1)[0]
    assert first is None
    assert fourth is not None and 0 < fourth <= 600


def test_another_sender_is_not_held_up_by_the_first(app: Flask):
    waits(app, "192.0.2.1", 4)
    assert waits(app, "192.0.2.2", 1) == [None]


def test_all_together_are_slowed_down_beyond_what_the_program_can_take(app: Flask):
    found = [waits(app, f"192.0.2.{last}", 1)[0] for last in range(8)]
    assert found[:6] == [None] * 6
    assert found[6:] == [1, 1]


def test_a_flood_from_one_sender_does_not_use_up_what_everybody_shares(app: Flask):
    waits(app, "192.0.2.1", 50)
    assert waits(app, "192.0.2.2", 1) == [None]


def test_a_limit_that_cannot_be_read_stops_the_start_and_names_the_setting(settings: Settings):
    with pytest.raises(SettingsProblem, match="REPORT_LIMIT_PER_SENDER"):
        create_app(replace(settings, report_limit_per_sender="often"))
    with pytest.raises(SettingsProblem, match="REPORT_LIMIT_GLOBAL"):
        create_app(replace(settings, report_limit_global="100 per blink"))


def test_two_processes_count_together_through_the_broker(settings: Settings, broker_url: str):
    shared = replace(settings, redis_url=broker_url, secret_key="this test's own counts")
    one, other = create_app(shared), create_app(shared)
    assert waits(one, "192.0.2.1", 2) + waits(other, "192.0.2.1", 1) == [None] * 3
    assert waits(one, "192.0.2.1", 1) != [None]


def test_no_address_reaches_the_broker(settings: Settings, broker_url: str):
    app = create_app(replace(settings, redis_url=broker_url))
    waits(app, "203.0.113.77", 1)
    keys = [key.decode() for key in connect(broker_url).keys("*")]
    assert any("report" in key for key in keys)
    assert not any("203.0.113.77" in key for key in keys)


def test_without_a_broker_the_limit_holds_and_nobody_waits_for_it(
    settings: Settings, tmp_path: Path
):
    app = create_app(replace(settings, redis_url=f"unix://{tmp_path}/none.sock"))
    started = time.monotonic()
    assert waits(app, "192.0.2.1", 3) == [None] * 3
    assert waits(app, "192.0.2.1", 1) != [None]
    assert time.monotonic() - started < 1


def test_a_broker_that_does_not_answer_costs_one_short_wait_in_five_seconds(settings: Settings):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        app = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{deaf.getsockname()[1]}"))
        started = time.monotonic()
        assert waits(app, "192.0.2.1", 3) == [None] * 3
        assert time.monotonic() - started < 0.8


# --- who a sender is --------------------------------------------------------------------------


def test_a_sender_is_a_hash_and_not_an_address(app: Flask):
    key = key_of(app, "192.0.2.1")
    assert len(key) == 32 and "192.0.2.1" not in key
    assert key == key_of(app, "192.0.2.1") != key_of(app, "192.0.2.2")


def test_tomorrow_the_same_sender_is_somebody_else(app: Flask, clock: SettableClock):
    today = key_of(app, "192.0.2.1")
    clock.advance(timedelta(days=1))
    assert key_of(app, "192.0.2.1") != today


def test_another_secret_makes_other_senders(settings: Settings, app: Flask):
    other = create_app(replace(settings, secret_key="another secret"))
    assert key_of(other, "192.0.2.1") != key_of(app, "192.0.2.1")


def test_an_ipv6_home_is_one_sender_and_its_neighbour_another(app: Flask):
    home = key_of(app, "2001:db8:1:2::1")
    assert key_of(app, "2001:db8:1:2:ffff::9") == home
    assert key_of(app, "2001:db8:1:3::1") != home


def test_an_ipv4_address_is_the_same_sender_over_ipv6(app: Flask):
    assert key_of(app, "::ffff:192.0.2.1") == key_of(app, "192.0.2.1")


def test_strange_text_can_be_hidden_too(app: Flask):
    assert len(hidden("\udcff \x00 å")) == 32


def sender_seen(settings: Settings, forwarded: str | None) -> str:
    """Whom the whole app, proxies and all, takes the sender for."""
    app = create_app(settings)
    seen = []
    app.before_request(lambda: seen.append(sender_key()))
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    app.test_client().get("/healthz", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    return seen[0]


def test_a_forged_header_has_no_effect_without_trusted_proxies(settings: Settings):
    assert sender_seen(settings, "198.51.100.7") == sender_seen(settings, None)


def test_behind_one_trusted_proxy_its_word_counts_and_what_the_sender_forged_does_not(
    settings: Settings,
):
    proxied = replace(settings, trusted_proxies=1)
    honest = sender_seen(proxied, "198.51.100.7")
    assert honest != sender_seen(settings, None)
    assert sender_seen(proxied, "203.0.113.1, 198.51.100.7") == honest
    assert sender_seen(proxied, "203.0.113.2, 198.51.100.7") == honest
