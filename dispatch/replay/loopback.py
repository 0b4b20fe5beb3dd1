"""The wire to the running system: loopback only, one browser a person, and patience.

Every simulated person has an own cookie jar and, where the machine allows it, an own loopback
address, so that the system's limits per sender see many senders.
"""

import ipaddress
import socket
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from dispatch.settings import Settings

ANSWER_WITHIN_S = 30.0
PAUSES_S = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
OVERLOADED = 429
BROKEN = 500
Answer = TypeVar("Answer")
WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class NotLoopback(Exception):
    """The address is not on this machine: test traffic stays here."""


class Unanswered(Exception):
    """No answer, or one that asks to come back later; the message says which."""


def loopback_url(settings: Settings, given: str | None) -> str:
    """Where the running system is; raises NotLoopback for any other machine."""
    host = WILDCARD_HOSTS.get(settings.host, settings.host)
    url = given or f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    if not _is_loopback(urlsplit(url).hostname or ""):
        raise NotLoopback(f"{url} is not on this machine: a replay stays on loopback.")
    return url.rstrip("/")


class SenderAddresses:
    """An own loopback address a person: 127.16.0.1 and on. `varied` is False where none can be had."""

    def __init__(self, base_url: str) -> None:
        self.varied = _can_bind(base_url, _address(0))

    def of(self, number: int) -> str | None:
        return _address(number) if self.varied else None


class Browser:
    """One person's browser. It follows no redirect by itself and never leaves `base_url`."""

    def __init__(self, base_url: str, source_address: str | None = None) -> None:
        self._base = base_url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between us and ourselves
        self._session.mount("http://", _FromAddress(source_address))

    def get(self, path: str, **options: Any) -> requests.Response:
        return self._ask("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self._ask("POST", path, **options)

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """The answer, whatever it says; raises Unanswered where a person would try again."""
        try:
            answer = self._session.request(
                method,
                urljoin(f"{self._base}/", path.lstrip("/")),
                timeout=ANSWER_WITHIN_S,
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as problem:
            raise Unanswered(type(problem).__name__) from None
        if answer.status_code == OVERLOADED or answer.status_code >= BROKEN:
            raise Unanswered(str(answer.status_code))
        return answer


def patiently(
    deed: Callable[[], Answer],
    pauses: tuple[float, ...] = PAUSES_S,
    sleep: Callable[[float], object] = time.sleep,
) -> Answer:
    """Try, and try again after each pause; raises Unanswered when the last try failed too."""
    for pause in pauses:
        try:
            return deed()
        except Unanswered:
            sleep(pause)
    return deed()


def path_of(location: str) -> str:
    """The path of a redirect: its host is not ours to follow."""
    parts = urlsplit(location)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class _FromAddress(HTTPAdapter):
    """Connections that leave from one of this machine's own addresses."""

    def __init__(self, source_address: str | None) -> None:
        self._source = (source_address, 0) if source_address else None
        super().__init__(pool_connections=1, pool_maxsize=2)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        if self._source:
            options["source_address"] = self._source
        super().init_poolmanager(*args, **options)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _can_bind(base_url: str, address: str) -> bool:
    parts = urlsplit(base_url)
    try:
        where = (parts.hostname or "127.0.0.1", parts.port or 80)
        socket.create_connection(where, timeout=5, source_address=(address, 0)).close()
    except OSError:
        return False
    return True


def _address(number: int) -> str:
    high, low = divmod(number, 254)
    block, middle = divmod(high, 256)
    return f"127.{16 + block % 200}.{middle}.{1 + low}"
