"""A browser whose every request is its own, as it is outside the tests.

The fixture `app` keeps a context open, and Flask would let all requests of a test share it: who is
signed in, the language and the form's token of one request would be those of the next.
"""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Browser(FlaskClient):
    """Gives each request a fresh context, and with it a fresh database session."""

    def open(self, *args: Any, **values: Any) -> TestResponse:
        with self.application.app_context():
            return super().open(*args, **values)
