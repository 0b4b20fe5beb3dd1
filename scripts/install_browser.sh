#!/bin/sh
# Finds Chromium for the browser tests, or installs it where the system's package manager may do so
# without asking (root with apt-get; never sudo). Says why when there will be none.
set -u
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
why=""
if ! command -v apt-get >/dev/null 2>&1; then
    why="there is no apt-get here"
elif [ "$(id -u)" -ne 0 ]; then
    why="only root may run apt-get, and this never calls sudo"
else
    echo "Installing Chromium for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium >/dev/null; then
        exit 0
    fi
    why="apt-get could not install it"
fi
echo "No Chromium: $why. The browser tests are skipped; install Chromium to run them." >&2
