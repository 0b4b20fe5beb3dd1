"""Watches a browser for what no visitor should ever cause: script errors, broken rules, other hosts.

A journey may look perfect on the page while the console tells another story; both are looked at.
"""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Request, Response

# Chromium writes a line of its own for every answer of 400 and above; answers are judged below.
ANSWER_LINE = "Failed to load resource: the server responded with a status of "
OWN_SCHEMES = {"data", "blob", "about"}


@dataclass
class Watch:
    """Collects the faults of all pages of one browser context."""

    host: str
    faults: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> "Watch":
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        context.on("dialog", self._alerted)
        context.on("request", self._asked)
        context.on("response", self._answered)
        return self

    def _heard(self, message: ConsoleMessage) -> None:
        """CSP violations are told as errors too."""
        if message.type == "error" and not message.text.startswith(ANSWER_LINE):
            self.faults.append(f"console: {message.text} ({message.location.get('url', '')})")

    def _alerted(self, dialog: Dialog) -> None:
        """No page of ours opens one: somebody's text has been run."""
        self.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in OWN_SCHEMES and address.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        """A page may be a refusal, and says so; what a page asks for must be there."""
        is_page = response.request.is_navigation_request()
        if response.status >= (500 if is_page else 400):
            self.faults.append(f"{response.status} from {response.url}")
