"""What belongs to the machine: typed settings from the environment or a `.env` file.

Starts nothing and connects to nothing. What the coordinator changes in daily work is not here
but in `rules/policy.py`. An unknown `RENHOLD_` name or a half-filled pair stops the start.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEMO_SIGN_INS = "demo-sign-ins.json"
SISTER_DATA = PROJECT_ROOT.parent / "shared"
SISTER_STREAM = SISTER_DATA / "needles" / "boston_needle_requests.csv"
OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OVERPASS = "https://overpass-api.de/api/interpreter"
OWN_NAMES = frozenset({"RENHOLD_DATA_DIR", "RENHOLD_ENV", "RENHOLD_DEMO", "RENHOLD_PARENT_PIPE"})
TEST_PREFIX = "RENHOLD_TEST_"
LEAST_SECRET = 32

Environment = Literal["embedded", "production"]


class SettingsProblem(Exception):
    """A setting that stops the start; the message names it and says what to write."""


@dataclass(frozen=True)
class Settings:
    """Everything the machine decides. `redis_url` None means the embedded broker's own socket."""

    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: str
    base_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    env: Environment = "embedded"
    trusted_proxies: int = 0
    photo_store: str = ""
    smtp_url: str | None = None
    mail_from: str | None = None
    controller_name: str = "Renhold"
    controller_contact: str = ""
    metrics_token: str | None = None
    geocoder_url: str | None = None
    router_url: str | None = None
    tile_url: str | None = OSM_TILES
    overpass_url: str = OVERPASS
    geo_data_dir: Path | None = None
    needle_stream: Path | None = None
    syringe_phone: str | None = None
    report_limit_per_sender: str = "10 per 10 minutes"
    report_limit_global: str = "100 per second"
    demo: bool = False

    @property
    def production(self) -> bool:
        return self.env == "production"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check all settings; raises SettingsProblem with one clear line."""
        _refuse_unknown(environ)
        data_dir = Path(environ.get("RENHOLD_DATA_DIR") or PROJECT_ROOT / "var").resolve()
        host = environ.get("HOST") or "127.0.0.1"
        port = _port(environ.get("PORT") or "8000")
        settings = cls(
            data_dir=data_dir,
            database_url=_database_url(environ, data_dir),
            redis_url=_redis_url(environ),
            secret_key=environ.get("SECRET_KEY", ""),
            base_url=_base_url(environ.get("BASE_URL") or f"http://{_in_address(host)}:{port}"),
            host=host,
            port=port,
            env=_environment(environ.get("RENHOLD_ENV") or "embedded"),
            trusted_proxies=_count("TRUSTED_PROXIES", environ.get("TRUSTED_PROXIES") or "0"),
            photo_store=environ.get("PHOTO_STORE") or str(data_dir / "photos"),
            smtp_url=environ.get("SMTP_URL") or None,
            mail_from=environ.get("MAIL_FROM") or None,
            controller_name=environ.get("CONTROLLER_NAME") or "Renhold",
            controller_contact=environ.get("CONTROLLER_CONTACT") or "",
            metrics_token=environ.get("METRICS_TOKEN") or None,
            geocoder_url=_web_server(environ, "GEOCODER_URL"),
            router_url=_web_server(environ, "ROUTER_URL"),
            tile_url=environ.get("TILE_URL", OSM_TILES) or None,
            # Nothing asks Overpass yet: the contract keeps the name for `renhold geodata fetch`.
            overpass_url=environ.get("OVERPASS_URL") or OVERPASS,
            geo_data_dir=_folder(environ, "GEO_DATA_DIR", SISTER_DATA / "geo"),
            needle_stream=_needle_stream(environ),
            syringe_phone=environ.get("SYRINGE_PHONE") or None,
            report_limit_per_sender=environ.get("REPORT_LIMIT_PER_SENDER") or "10 per 10 minutes",
            report_limit_global=environ.get("REPORT_LIMIT_GLOBAL") or "100 per second",
            demo=_yes_or_no(environ, "RENHOLD_DEMO"),
        )
        settings._refuse_half_filled()
        settings._refuse_unsafe_demo()
        if settings.production:
            settings._refuse_unfit_for_production(environ)
        return settings

    def with_demonstration(self) -> "Settings":
        """The same for a demonstration; raises SettingsProblem where there must be none."""
        settings = replace(self, demo=True)
        settings._refuse_unsafe_demo()
        return settings

    def _refuse_half_filled(self) -> None:
        if self.smtp_url and not self.mail_from:
            raise SettingsProblem("SMTP_URL is set but MAIL_FROM is not: set the sender's address.")
        if self.mail_from and not self.smtp_url:
            raise SettingsProblem("MAIL_FROM is set but SMTP_URL is not: name the mail server.")

    def _refuse_unsafe_demo(self) -> None:
        if self.demo and (self.production or not _is_loopback(self.host)):
            raise SettingsProblem(
                "a demonstration (RENHOLD_DEMO=1, --demo) is refused with RENHOLD_ENV=production "
                "and when HOST is not loopback."
            )

    def _refuse_unfit_for_production(self, environ: Mapping[str, str]) -> None:
        needed = ("SECRET_KEY", "BASE_URL", "DATABASE_URL", "REDIS_URL")
        for name in needed:
            if not environ.get(name):
                raise SettingsProblem(f"RENHOLD_ENV=production needs {name}.")
        if not environ.get("TRUSTED_PROXIES"):
            raise SettingsProblem(
                "RENHOLD_ENV=production needs TRUSTED_PROXIES: how many proxies stand in front, or 0."
            )
        if len(self.secret_key) < LEAST_SECRET:
            raise SettingsProblem(
                f"RENHOLD_ENV=production needs a SECRET_KEY of {LEAST_SECRET} characters or more."
            )
        if self.database_url.startswith("sqlite"):
            raise SettingsProblem(
                "RENHOLD_ENV=production needs a server database: set DATABASE_URL to postgresql+psycopg://…"
            )
        public = urlsplit(self.base_url)
        if public.scheme != "https" and not _is_loopback(public.hostname or ""):
            raise SettingsProblem("RENHOLD_ENV=production needs a BASE_URL with https://.")


def read_environment() -> dict[str, str]:
    """The environment, with a `.env` file of the project beneath it."""
    kept = dotenv_values(PROJECT_ROOT / ".env") if (PROJECT_ROOT / ".env").is_file() else {}
    return {name: value for name, value in kept.items() if value is not None} | dict(os.environ)


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    for name in environ:
        if not name.startswith("RENHOLD_") or name.startswith(TEST_PREFIX):
            continue
        if name not in OWN_NAMES:
            known = ", ".join(sorted(OWN_NAMES))
            raise SettingsProblem(f"{name} is not a setting of Renhold. Known: {known}.")


def _database_url(environ: Mapping[str, str], data_dir: Path) -> str:
    url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'renhold.sqlite3'}"
    if not re.match(r"(sqlite|postgresql\+psycopg)://", url):
        raise SettingsProblem("DATABASE_URL must begin with postgresql+psycopg:// or sqlite://.")
    if _readable(url) is None:
        raise SettingsProblem("DATABASE_URL cannot be read: is its host or port misspelt?")
    return url


def _redis_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("REDIS_URL")
    if not url:
        return None
    parts = _readable(url)
    if parts is None or parts.scheme not in {"redis", "rediss", "unix"}:
        raise SettingsProblem(
            "REDIS_URL must be redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH."
        )
    if not (parts.path.strip("/") if parts.scheme == "unix" else parts.hostname):
        raise SettingsProblem("REDIS_URL names no host, or no path after unix://.")
    return url


def _base_url(text: str) -> str:
    parts = _web_address(text)
    if parts is None:
        raise SettingsProblem("BASE_URL must be a full address such as https://renhold.example.dk.")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        raise SettingsProblem("BASE_URL must be scheme and host only: no path, query or sign-in.")
    return f"{parts.scheme}://{parts.netloc}"


def _web_server(environ: Mapping[str, str], name: str) -> str | None:
    url = environ.get(name)
    if not url:
        return None
    if _web_address(url) is None:
        raise SettingsProblem(f"{name} must be an address that begins with http:// or https://.")
    return url


def _web_address(text: str) -> SplitResult | None:
    parts = None if re.search(r"\s", text) else _readable(text)
    return parts if parts and parts.scheme in {"http", "https"} and parts.hostname else None


def _readable(url: str) -> SplitResult | None:
    """The parts of an address; None where its host or port is none."""
    try:
        parts = urlsplit(url)
        return parts if parts.port != 0 else None
    except ValueError:
        return None


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _environment(text: str) -> Environment:
    if text == "embedded":
        return "embedded"
    if text == "production":
        return "production"
    raise SettingsProblem(f"RENHOLD_ENV is {text!r}: write embedded or production.")


def _port(text: str) -> int:
    port = _count("PORT", text)
    if not 1 <= port <= 65535:
        raise SettingsProblem("PORT must be between 1 and 65535.")
    return port


def _count(name: str, text: str) -> int:
    if not re.fullmatch(r"\d{1,6}", text):
        raise SettingsProblem(f"{name} is {text!r}: write a whole number.")
    return int(text)


def _folder(environ: Mapping[str, str], name: str, default: Path) -> Path | None:
    given = environ.get(name)
    if given is None:
        return default if default.is_dir() else None
    if not given:
        return None
    if not Path(given).is_dir():
        raise SettingsProblem(f"{name} points to {given}, which is not a folder.")
    return Path(given).resolve()


def _needle_stream(environ: Mapping[str, str]) -> Path | None:
    given = environ.get("NEEDLE_STREAM")
    if given is None:
        return SISTER_STREAM if SISTER_STREAM.is_file() else None
    if not given:
        return None
    if not Path(given).is_file():
        raise SettingsProblem(f"NEEDLE_STREAM points to {given}, which is not a file.")
    return Path(given)


def _yes_or_no(environ: Mapping[str, str], name: str) -> bool:
    given = environ.get(name) or "0"
    if given not in {"0", "1"}:
        raise SettingsProblem(f"{name} is {given!r}: write 0 or 1.")
    return given == "1"


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
