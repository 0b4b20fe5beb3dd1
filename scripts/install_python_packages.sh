#!/bin/sh
# install_python_packages.sh LOCK: makes .venv where there is none, installs exactly what the hashed
# lock names, and puts the `renhold` command beside it. Nothing is installed outside this folder.
set -eu
lock=$1
PYTHON=${PYTHON:-python3}
cd "$(dirname "$0")/.."

# A venv whose Python was removed or upgraded away cannot be mended, only made anew.
if [ -d .venv ] && ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    echo "The old .venv no longer works here: making it anew."
    rm -rf .venv
fi
[ -d .venv ] || "$PYTHON" -m venv .venv
echo "Installing Python packages from $lock (about half a minute the first time) …"
.venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --no-input \
    --require-hashes -r "$lock"

cat >.venv/bin/renhold <<'SCRIPT'
#!/bin/sh
# Runs dispatch/cli.py of the project this .venv lies in, from any folder.
venv=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
PYTHONPATH=$(dirname -- "$venv")${PYTHONPATH:+:$PYTHONPATH}
export PYTHONPATH
exec "$venv/bin/python" -m dispatch.cli "$@"
SCRIPT
chmod +x .venv/bin/renhold
