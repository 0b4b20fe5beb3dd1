"""What every test can ask for: an app on a real database, a clock to turn, people to act.

The gateways' doubles stand for the outside world; nothing of our own is patched. Work that a test
leaves to the queue is done by `work_off`, which is the sweep without its patience; tests about the
broker and the worker processes use the real ones.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import text

from dispatch import create_app
from dispatch.extensions import db
from dispatch.gateways.clock import SettableClock
from dispatch.gateways.messenger import RecordingMessenger
from dispatch.lifecycle.sweep import sweep
from dispatch.settings import Settings
from tests.browser import Browser
from tests.people import People

pytest_plugins = ["tests.database_server", "tests.broker_server", "tests.skip_list"]

# A Wednesday at ten in the morning, Copenhagen time, in the middle of duty hours.
A_WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def plain_settings(folder: Path, database_url: str) -> Settings:
    """Settings of a test: the sketch map, no tiles, no broker, nothing outside this machine."""
    return Settings(
        data_dir=folder,
        database_url=database_url,
        redis_url=None,
        secret_key="only for tests",
        base_url="http://localhost",
        photo_store=str(folder / "photos"),
        tile_url=None,
        report_limit_per_sender="1000 per minute",
        report_limit_global="1000 per second",
    )


@pytest.fixture(scope="session")
def migrated(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a database with all tables, made once by the migrations."""
    url = new_database()
    app = create_app(plain_settings(tmp_path_factory.mktemp("migrated"), url))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return url


@pytest.fixture
def own_database(migrated: str, tmp_path: Path) -> str:
    """A database with all tables for this one test: a copy, or the shared one, emptied by `app`."""
    if not migrated.startswith("sqlite"):
        return migrated
    copy = tmp_path / "renhold.sqlite3"
    shutil.copy(migrated.removeprefix("sqlite:///"), copy)
    return f"sqlite:///{copy}"


@pytest.fixture
def settings(tmp_path: Path, own_database: str) -> Settings:
    """What `app` is made with; a test module may override it."""
    return plain_settings(tmp_path, own_database)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(A_WEDNESDAY)


@pytest.fixture
def messenger() -> RecordingMessenger:
    return RecordingMessenger()


@pytest.fixture
def app(settings: Settings, clock: SettableClock, messenger: RecordingMessenger) -> Iterator[Flask]:
    """The whole app within its context, on an empty database."""
    app = create_app(settings)
    app.test_client_class = Browser
    gateways = app.extensions["renhold.gateways"]
    app.extensions["renhold.gateways"] = replace(gateways, clock=clock, messenger=messenger)
    with app.app_context():
        _empty(app)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser: no script, but forms and cookies."""
    return app.test_client()


@pytest.fixture
def people(app: Flask) -> People:
    """Residents, crews and coordinators who act through the app's own functions."""
    return People(app)


@pytest.fixture
def work_off(app: Flask) -> Callable[[], int]:
    """Do all owed work now, as the workers would."""

    def work() -> int:
        done, once = 0, sweep(grace=timedelta(0))
        while once:
            done += once
            once = sweep(grace=timedelta(0))
        return done

    return work


def _empty(app: Flask) -> None:
    """PostgreSQL is shared by the tests of a run, so its tables are emptied before each."""
    if db.engine.dialect.name == "sqlite":
        return
    names = ", ".join(f'"{name}"' for name in db.metadata.tables)
    with db.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
