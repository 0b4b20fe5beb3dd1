"""The databases that the other tests stand on."""

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.database_server import NewDatabase


def test_every_new_database_is_empty_and_its_own(new_database: NewDatabase) -> None:
    first, second = (create_engine(new_database()) for _ in range(2))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE street (name TEXT)"))
    assert inspect(first).get_table_names() == ["street"]
    assert inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()


@pytest.mark.postgres
def test_text_keeps_danish_letters(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW server_encoding")).scalar() == "UTF8"
    engine.dispose()
