"""The only way to write: one transaction, begun immediate on SQLite.

Used by `lifecycle` and `staffing` alone. A deferred begin lets two writers read first and then
refuse one of them with "database is locked"; an immediate one lets them queue.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dispatch.extensions import Base, db

T = TypeVar("T")
BUSY_SECONDS = 15
WRITES = {"renhold_writes": True}


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block wrote, or nothing. Whatever was read before is let go first."""
    session: Session = db.session()
    session.rollback()
    session.connection(execution_options=WRITES)
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def insert_into(session: Session, table: type[Base]) -> sqlite.Insert:
    """An insert that can say what happens when the row is there; both databases spell it alike."""
    if session.get_bind().dialect.name == "postgresql":
        return cast(sqlite.Insert, postgresql.insert(table))
    return sqlite.insert(table)


def is_conflict(error: BaseException) -> bool:
    """Whether another transaction was first and the same steps may simply be taken again."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state in {"40001", "40P01"}


def again_on_conflict(step: Callable[[], T]) -> T:
    """Take a whole transaction a second time when the server chose another one over it."""
    try:
        return step()
    except OperationalError as error:
        if not is_conflict(error):
            raise
    return step()


def prepare_engine(engine: Engine) -> None:
    """Make SQLite safe for many processes; PostgreSQL needs nothing."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)


def _on_connect(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("renhold_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
