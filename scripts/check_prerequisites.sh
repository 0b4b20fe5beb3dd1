#!/bin/sh
# Says in one line what is missing before anything is installed: Python 3.11 with venv, Node 20.
set -u
PYTHON=${PYTHON:-python3}

stop() {
    echo "Renhold cannot be set up: $1" >&2
    exit 1
}

command -v "$PYTHON" >/dev/null 2>&1 ||
    stop "$PYTHON is not installed. Install Python 3.11 or newer (or name it: make PYTHON=python3.12 …)."
found=$("$PYTHON" -c 'import platform; print(platform.python_version())')
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$PYTHON is version $found, and 3.11 or newer is needed (name another: make PYTHON=python3.12 …)."
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "$PYTHON has no venv module. On Debian and Ubuntu: apt-get install python3-venv."
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    stop "node and npm are not installed. Install Node 20 or newer."
fi
node -e 'process.exit(parseInt(process.versions.node, 10) < 20 ? 1 : 0)' ||
    stop "node is version $(node --version), and 20 or newer is needed."
