"""Settings come from the environment, with defaults; a wrong one stops the start with one line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dispatch.settings import OSM_TILES, Settings, SettingsProblem

PRODUCTION = {
    "RENHOLD_ENV": "production",
    "SECRET_KEY": "k" * 32,
    "BASE_URL": "https://renhold.example.dk",
    "DATABASE_URL": "postgresql+psycopg://renhold:geheim@db.example.dk:5432/renhold",
    "REDIS_URL": "rediss://broker.example.dk:6380/0",
    "TRUSTED_PROXIES": "1",
}

Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The settings of an environment that holds a data folder and what the test says."""

    def from_these(**environ: str) -> Settings:
        return Settings.from_environment({"RENHOLD_DATA_DIR": str(tmp_path)} | environ)

    return from_these


def refusal(read: Read, **environ: str) -> str:
    with pytest.raises(SettingsProblem) as problem:
        read(**environ)
    assert "\n" not in str(problem.value)
    return str(problem.value)


def test_without_any_setting_everything_is_embedded_on_loopback(read: Read, tmp_path: Path):
    settings = read()
    assert (settings.env, settings.host, settings.port) == ("embedded", "127.0.0.1", 8000)
    assert settings.database_url == f"sqlite:///{tmp_path / 'renhold.sqlite3'}"
    assert settings.photo_store == str(tmp_path / "photos")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert (settings.redis_url, settings.secret_key, settings.demo) == (None, "", False)
    assert (settings.tile_url, settings.trusted_proxies) == (OSM_TILES, 0)


def test_links_follow_host_and_port_unless_base_url_says_otherwise(read: Read):
    assert read(PORT="9000").base_url == "http://127.0.0.1:9000"
    assert read(HOST="::1").base_url == "http://[::1]:8000"
    assert read(BASE_URL="https://renhold.example.dk/").base_url == "https://renhold.example.dk"


def test_an_empty_tile_address_means_no_tiles(read: Read):
    assert read(TILE_URL="").tile_url is None


def test_a_folder_with_a_space_in_its_name_is_no_hindrance(read: Read, tmp_path: Path):
    url = f"sqlite:///{tmp_path}/min mappe/renhold.sqlite3"
    broker = f"unix:///{tmp_path}/min mappe/valkey.sock"
    settings = read(DATABASE_URL=url, REDIS_URL=broker)
    assert (settings.database_url, settings.redis_url) == (url, broker)


def test_an_unknown_name_with_our_prefix_is_refused_by_name(read: Read):
    assert "RENHOLD_DATADIR is not a setting" in refusal(read, RENHOLD_DATADIR="/tmp")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RENHOLD_ENV", "staging"),
        ("RENHOLD_DEMO", "yes"),
        ("RENHOLD_DEMO", "2"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("TRUSTED_PROXIES", "-1"),
        ("TRUSTED_PROXIES", "one"),
        ("DATABASE_URL", "mysql://db.example.dk/renhold"),
        ("DATABASE_URL", "postgresql+psycopg://db.example.dk:port/renhold"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "http://localhost:6379"),
        ("REDIS_URL", "redis://localhost:port"),
        ("REDIS_URL", "redis://localhost:99999"),
        ("REDIS_URL", "redis://[::1"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "unix://"),
        ("BASE_URL", "renhold.example.dk"),
        ("BASE_URL", "ftp://renhold.example.dk"),
        ("BASE_URL", "http://[::1"),
        ("BASE_URL", "http://renhold.example.dk:port"),
        ("BASE_URL", "https://renhold.example.dk/renhold"),
        ("BASE_URL", "https://renhold.example.dk?a=b"),
        ("BASE_URL", "https://renhold example.dk"),
        ("ROUTER_URL", "osrm.example.dk"),
        ("ROUTER_URL", "ftp://osrm.example.dk"),
        ("GEOCODER_URL", "nominatim.example.dk"),
        ("GEOCODER_URL", "file:///etc/passwd"),
        ("GEO_DATA_DIR", "/no/such/folder"),
        ("NEEDLE_STREAM", "/no/such/file.csv"),
        ("SMTP_URL", "smtp://mail.example.dk"),
        ("MAIL_FROM", "renhold@example.dk"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_its_name(read: Read, name: str, value: str):
    assert name in refusal(read, **{name: value})


@pytest.mark.parametrize(
    "url", ["redis://localhost", "redis://:word@[::1]:6379/1", "rediss://b.dk:6380", "unix:///b.s"]
)
def test_each_kind_of_broker_address_is_taken(read: Read, url: str):
    assert read(REDIS_URL=url).redis_url == url


def test_a_half_filled_pair_names_the_missing_half(read: Read):
    assert "MAIL_FROM is not" in refusal(read, SMTP_URL="smtp://mail.example.dk")
    assert "SMTP_URL is not" in refusal(read, MAIL_FROM="renhold@example.dk")
    both = read(SMTP_URL="smtp://mail.example.dk", MAIL_FROM="renhold@example.dk")
    assert both.mail_from == "renhold@example.dk"


def test_a_stream_that_is_there_is_taken(read: Read, tmp_path: Path):
    stream = tmp_path / "stream.csv"
    stream.write_text("lat,lng,opened_date\n")
    assert read(NEEDLE_STREAM=str(stream)).needle_stream == stream


@pytest.mark.parametrize(("value", "wanted"), [("", False), ("0", False), ("1", True)])
def test_the_demonstration_is_on_with_1_and_off_with_0(read: Read, value: str, wanted: bool):
    assert read(RENHOLD_DEMO=value).demo is wanted


def test_a_demonstration_is_refused_beyond_loopback_and_in_production(read: Read):
    assert "HOST" in refusal(read, RENHOLD_DEMO="1", HOST="0.0.0.0")
    assert "RENHOLD_ENV" in refusal(read, RENHOLD_DEMO="1", **PRODUCTION)


def test_settings_turned_into_a_demonstration_are_checked_again(read: Read):
    assert read().with_demonstration().demo
    for unsafe in (read(HOST="0.0.0.0"), read(HOST="192.0.2.7"), read(**PRODUCTION)):
        with pytest.raises(SettingsProblem):
            unsafe.with_demonstration()


def test_production_that_has_all_it_needs_starts(read: Read):
    settings = read(**PRODUCTION)
    assert settings.production
    assert settings.trusted_proxies == 1


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"RENHOLD_ENV"}))
def test_production_names_what_it_lacks(read: Read, name: str):
    assert f"needs {name}" in refusal(read, **(PRODUCTION | {name: ""}))


def test_production_takes_no_proxy_at_all_when_that_is_said(read: Read):
    assert read(**(PRODUCTION | {"TRUSTED_PROXIES": "0"})).trusted_proxies == 0


def test_production_refuses_a_short_secret_without_repeating_it(read: Read):
    said = refusal(read, **(PRODUCTION | {"SECRET_KEY": "s" * 31}))
    assert "SECRET_KEY" in said
    assert "sss" not in said


def test_production_refuses_a_database_in_a_file(read: Read):
    assert "DATABASE_URL" in refusal(read, **(PRODUCTION | {"DATABASE_URL": "sqlite:////tmp/a"}))


def test_production_wants_https_except_on_loopback(read: Read):
    assert "https" in refusal(read, **(PRODUCTION | {"BASE_URL": "http://renhold.example.dk"}))
    local = read(**(PRODUCTION | {"BASE_URL": "http://127.0.0.1:8000"}))
    assert local.base_url == "http://127.0.0.1:8000"
    assert read(**(PRODUCTION | {"BASE_URL": "http://[::1]:8000"})).production


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_password_in_an_address_is_not_repeated(read: Read, name: str):
    said = refusal(read, **{name: "mysql://renhold:geheim@host:port/renhold"})
    assert "geheim" not in said
