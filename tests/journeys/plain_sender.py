"""A sender without a browser, from an address of its own on this machine; for what pages do not offer."""

import http.client
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.people import csrf_of


@dataclass
class PlainSender:
    """Keeps its cookies and the form's token; every request may carry headers of its own."""

    port: int
    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    form_key: str = ""

    def opens_report(self) -> None:
        _, page = self.asks("GET", "/report")
        self.token = csrf_of(page)
        found = re.search(r'name="form_key" value="([^"]+)"', page)
        assert found, "the form has no key"
        self.form_key = found[1]

    def sends(self, headers: dict[str, str] | None = None, **fields: str) -> tuple[int, str]:
        """The report form with these fields; status and page."""
        values = {"csrf_token": self.token, "form_key": self.form_key, **fields}
        form = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self.asks("POST", "/report", urlencode(values), form)

    def asks(
        self, method: str, path: str, body: str = "", headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        door = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=20, source_address=(self.address, 0)
        )
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        door.request(method, path, body, {"Cookie": cookie, **(headers or {})})
        answer = door.getresponse()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        page = answer.read().decode()
        door.close()
        return answer.status, page
