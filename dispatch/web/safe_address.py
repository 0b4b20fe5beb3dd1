"""Addresses that may follow a sign-in: paths of this program only, never another host."""

import re
from urllib.parse import urlsplit

from flask import request

# A path begins with one slash. Browsers read a backslash as a slash and drop tabs and line ends.
PLAIN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
NOT_PAGES = ("/staff/sign-out", "/staff/sign-in")


def safe_next(address: str | None) -> str | None:
    """The address when it is a plain path of this program, else None."""
    if not address or not PLAIN_PATH.fullmatch(address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(NOT_PAGES):
        return None
    return address


def page_to_come_back_to() -> str | None:
    """The page asked for; for something sent, the page whose form sent it."""
    if request.method in ("GET", "HEAD"):
        return safe_next(request.full_path.rstrip("?"))
    return _page_of_form()


def _page_of_form() -> str | None:
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if came_from.netloc != request.host:
        return None
    query = f"?{came_from.query}" if came_from.query else ""
    return safe_next(f"{came_from.path}{query}")
