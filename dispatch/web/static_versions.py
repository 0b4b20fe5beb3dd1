"""Static files that browsers may keep for a year: their addresses change with their content."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request

A_YEAR = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
VENDOR = "vendor/"


def register_static_versions(app: Flask) -> None:
    """Give `url_for("static", …)` its `?v=`, and answers of static files their life in caches."""
    app.url_defaults(_add_version)
    app.after_request(_let_keep)


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    name = values.get("filename")
    if endpoint == "static" and name and "v" not in values:
        version = version_of(name)
        if version:
            values["v"] = version


def version_of(name: str) -> str | None:
    """Eight signs of the file's content; None when there is no such file."""
    path = Path(str(current_app.static_folder)) / name
    try:
        found = path.stat()
    except OSError:
        return None
    return _version(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=512)
def _version(path: Path, _mtime_ns: int, _size: int) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=4).hexdigest()


def _let_keep(response: Response) -> Response:
    if request.endpoint != "static" or response.status_code not in (200, 304):
        return response
    name = str((request.view_args or {}).get("filename", ""))
    if request.args.get("v") and request.args["v"] == version_of(name):
        response.headers["Cache-Control"] = A_YEAR
    elif name.startswith(VENDOR):
        response.headers["Cache-Control"] = A_DAY
    return response
