"""Renhold: residents' reports of syringes and waste, routed to crews, answered truthfully.

The factory below is a packing list. What each room does stands in its own files; ARCHITECTURE.md
is the map.
"""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from dispatch import models  # noqa: F401  (the tables must be known before anything is bound)
from dispatch.extensions import babel, compress, csrf, db, limiter, login, migrate
from dispatch.gateways import open_gateways
from dispatch.models.transaction import BUSY_SECONDS, prepare_engine
from dispatch.settings import PROJECT_ROOT, Settings, SettingsProblem
from dispatch.web.doors import register_doors
from dispatch.web.error_pages import register_error_pages
from dispatch.web.language import choose_language
from dispatch.web.limits import configure_limits
from dispatch.web.page_frame import register_page_frame
from dispatch.web.security_headers import register_security_headers

LARGEST_POST = 48 * 1024 * 1024
# What is typed, and how many parts a form has: no page of ours sends a tenth of either.
LARGEST_TEXTS = 2 * 1024 * 1024
MOST_PARTS = 200


def create_app(settings: Settings) -> Flask:
    """The whole app, bound to these settings; starts nothing and opens no connection."""
    app = Flask(
        __name__,
        template_folder=str(PROJECT_ROOT / "templates"),
        static_folder=str(PROJECT_ROOT / "static"),
    )
    app.config.from_mapping(_configuration(settings))
    app.extensions["renhold.settings"] = settings
    configure_limits(app, settings)
    for extension in (db, csrf, login, limiter, compress):
        extension.init_app(app)
    migrate.init_app(app, db, directory=str(PROJECT_ROOT / "migrations"))
    babel.init_app(app, locale_selector=choose_language)
    app.extensions["renhold.gateways"] = open_gateways(settings)
    with app.app_context():
        prepare_engine(db.engine)
    register_page_frame(app)
    register_security_headers(app)
    register_error_pages(app)
    register_doors(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=0)  # type: ignore[method-assign]
    return app


def _configuration(settings: Settings) -> dict[str, object]:
    if not settings.secret_key:
        raise SettingsProblem("SECRET_KEY is empty: set it, or start with `renhold up`.")
    public = urlsplit(settings.base_url)
    Path(settings.data_dir).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": _engine_options(settings.database_url),
        "MAX_CONTENT_LENGTH": LARGEST_POST,
        "MAX_FORM_MEMORY_SIZE": LARGEST_TEXTS,
        "MAX_FORM_PARTS": MOST_PARTS,
        "TRUSTED_HOSTS": [public.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"],
        "SESSION_COOKIE_SECURE": public.scheme == "https",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # The token is bound to the session; an old form must not throw a resident's text away.
        "WTF_CSRF_TIME_LIMIT": None,
        "BABEL_DEFAULT_LOCALE": "da",
        "BABEL_DEFAULT_TIMEZONE": "Europe/Copenhagen",
        "BABEL_TRANSLATION_DIRECTORIES": str(PROJECT_ROOT / "translations"),
        "COMPRESS_STREAMS": False,
    }


def _engine_options(url: str) -> dict[str, object]:
    if url.startswith("sqlite"):
        own = {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": 20, "max_overflow": 20}
    else:
        own = {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 10}
    # An error's text ends in logs and in the broker; what a resident wrote must not.
    return own | {"hide_parameters": True}
