"""Runs the migrations on the app's own database; the folder `versions` reads as history.

Migrations name plain SQL types, never the app's own, so that old ones run whatever the app becomes.
"""

from typing import Any, Literal

from alembic import context
from flask import current_app

from dispatch.models.columns import Code, UtcDateTime
from dispatch.models.transaction import WRITES

database = current_app.extensions["migrate"].db


def plain_type(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(thing, Code):
        return "sa.String(length=32)"
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    with database.engine.connect().execution_options(**WRITES) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            render_item=plain_type,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with context.begin_transaction():
            context.run_migrations()


run()
