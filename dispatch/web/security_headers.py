"""What every answer tells the browser to refuse: foreign scripts, frames, guesses, and keeping.

The policy is the contract's, word for word; no page may loosen it.
"""

from flask import Flask, Response, request

from dispatch.extensions import bound
from dispatch.web.static_versions import register_static_versions

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; script-src 'self'; style-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
PERMISSIONS_POLICY = (
    "geolocation=(self), camera=(self), microphone=(), payment=(), usb=(), "
    "accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()"
)
FIXED = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": PERMISSIONS_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS = "max-age=63072000"
PRIVATE_PATHS = ("/staff", "/desk", "/crew", "/r/")
REPORTERS_PATH = "/r/"


def register_security_headers(app: Flask) -> None:
    """Every answer gets them, errors and files too."""
    app.after_request(_set_headers)
    register_static_versions(app)


def _set_headers(response: Response) -> Response:
    response.headers.update(FIXED)
    at_reporters = request.path.startswith(REPORTERS_PATH)
    response.headers["Referrer-Policy"] = "no-referrer" if at_reporters else "same-origin"
    if bound("settings").base_url.startswith("https://"):
        response.headers["Strict-Transport-Security"] = TWO_YEARS
    if at_reporters:
        response.headers["X-Robots-Tag"] = "noindex"
    _limit_keeping(response)
    return response


def _limit_keeping(response: Response) -> None:
    """Nothing of staff or of a reporter stays in a cache; other pages are asked for anew."""
    if request.path.startswith(PRIVATE_PATHS) or response.status_code >= 400:
        response.headers["Cache-Control"] = "no-store"
    elif response.mimetype == "text/html":
        response.headers.setdefault("Cache-Control", "private, no-cache")
