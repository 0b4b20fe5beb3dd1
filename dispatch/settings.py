"""What belongs to the machine: typed settings from the environment or a `.env` file.

Starts nothing and connects to nothing. What the coordinator changes in daily work is not here
but in `rules/policy.py`. An unknown `RENHOLD_` name or a half-filled pair stops the start.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SISTER_DATA = PROJECT_ROOT.parent / "shared"
OSM_TILES = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"
OVERPASS = "https://overpass-api.de/api/interpreter"
OWN_NAMES = frozenset({"RENHOLD_DATA_DIR", "RENHOLD_ENV", "RENHOLD_DEMO", "RENHOLD_PARENT_PIPE"})
TEST_PREFIX = "RENHOLD_TEST_"

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
    trusted_hosts: tuple[str, ...] = field(default=())

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
            redis_url=environ.get("REDIS_URL") or None,
            secret_key=environ.get("SECRET_KEY", ""),
            base_url=_base_url(environ.get("BASE_URL") or f"http://{host}:{port}"),
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
            geocoder_url=environ.get("GEOCODER_URL") or None,
            router_url=environ.get("ROUTER_URL") or None,
            tile_url=environ.get("TILE_URL", OSM_TILES) or None,
            overpass_url=environ.get("OVERPASS_URL") or OVERPASS,
            geo_data_dir=_folder(environ, "GEO_DATA_DIR", SISTER_DATA / "geo"),
            needle_stream=_needle_stream(environ),
            syringe_phone=environ.get("SYRINGE_PHONE") or None,
            report_limit_per_sender=environ.get("REPORT_LIMIT_PER_SENDER") or "10 per 10 minutes",
            report_limit_global=environ.get("REPORT_LIMIT_GLOBAL") or "100 per second",
            demo=environ.get("RENHOLD_DEMO") == "1",
        )
        settings._refuse_half_filled(environ)
        return settings

    def _refuse_half_filled(self, environ: Mapping[str, str]) -> None:
        if self.smtp_url and not self.mail_from:
            raise SettingsProblem("SMTP_URL is set but MAIL_FROM is not: set the sender's address.")
        if self.demo and (self.production or not _is_loopback(self.host)):
            raise SettingsProblem(
                "RENHOLD_DEMO is refused in production and when HOST is not loopback."
            )
        if not self.production:
            return
        needed = ("SECRET_KEY", "BASE_URL", "DATABASE_URL", "REDIS_URL")
        for name in needed:
            if not environ.get(name):
                raise SettingsProblem(f"RENHOLD_ENV=production needs {name}.")
        if self.database_url.startswith("sqlite"):
            raise SettingsProblem(
                "RENHOLD_ENV=production needs a server database: set DATABASE_URL to postgresql+psycopg://…"
            )


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
    return url


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^/\s?#]+(/[^\s?#]*)?", text):
        raise SettingsProblem("BASE_URL must be a full address such as https://renhold.example.dk.")
    return text.rstrip("/")


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
    path = Path(given) if given else SISTER_DATA / "needles" / "boston_needle_requests.csv"
    return path if path.is_file() else None


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
