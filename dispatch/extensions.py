"""The unbound extensions, and the way to what the factory bound to the running app.

Deliberately without configuration: `dispatch/__init__.py` binds everything in one place.
"""

from typing import Any

from flask import current_app, render_template
from flask_babel import Babel, force_locale
from flask_compress import Compress
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table's base, with constraint names that migrations can rely on."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
csrf = CSRFProtect()
login = LoginManager()
babel = Babel()
compress = Compress()
limiter = Limiter(key_func=lambda: str(bound("sender_key")()))


def bound(name: str) -> Any:
    """What the factory bound to the running app under this name, such as settings or gateways."""
    return current_app.extensions[f"renhold.{name}"]


def render_message(template: str, language: str, **values: Any) -> str:
    """A message's words in the reader's language, made outside any web request."""
    with force_locale(language):
        return render_template(template, **values)
