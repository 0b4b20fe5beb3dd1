#!/bin/sh
# Runs the whole suite on SQLite, then what touches a database once more on PostgreSQL
# (tests/database_server.py). Both always run; the exit code is the worse of the two.
set -u
cd "$(dirname "$0")/.."
pytest() { .venv/bin/python -m pytest "$@"; }

echo "== Tests on SQLite =="
RENHOLD_TEST_DATABASE=sqlite pytest "$@"
on_sqlite=$?

echo "== Tests on PostgreSQL: those that touch a database =="
RENHOLD_TEST_DATABASE=postgresql pytest "$@"
on_postgresql=$?

if [ "$on_sqlite" -ne 0 ]; then
    echo "Failed on SQLite: see the first summary above." >&2
fi
[ "$on_sqlite" -gt "$on_postgresql" ] && exit "$on_sqlite"
exit "$on_postgresql"
