#!/bin/sh
# Runs the whole suite: on SQLite first what can run side by side, then what drives a browser or
# kills processes and wants the machine to itself; then what touches a database once more on
# PostgreSQL (tests/database_server.py). All three always run; the exit code is the worst of them.
set -u
cd "$(dirname "$0")/.."
worst=0
failed=""

round() {
    name=$1
    shift
    echo "== $name =="
    .venv/bin/python -m pytest "$@"
    code=$?
    # 5: what was asked for has no test in this round.
    [ "$code" -eq 5 ] && code=0
    [ "$code" -ne 0 ] && failed="$failed $name;"
    [ "$code" -gt "$worst" ] && worst=$code
}

APART="journey or kill"
RENHOLD_TEST_DATABASE=sqlite round "Tests on SQLite" -n 2 -m "not ($APART)" "$@"
RENHOLD_TEST_DATABASE=sqlite round "Journeys and kills" -m "$APART" "$@"
RENHOLD_TEST_DATABASE=postgresql round "Tests on PostgreSQL" -n 2 -m "not ($APART)" "$@"

[ -z "$failed" ] || echo "Failed:$failed see their summaries above." >&2
exit "$worst"
