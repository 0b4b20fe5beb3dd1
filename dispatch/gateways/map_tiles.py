"""Map tiles of the service area, through our own cache: no page of ours asks another host.

Keeps the rules of OpenStreetMap's tile servers: we say who we are, keep a tile for a week or as
long as the server says, ask again with what we have, never fetch ahead, two at a time, and only
the tiles a person looks at: of our own area, from zoom 12 to 19. A dead server costs one page two
seconds and is then left alone for a minute; what was fetched before is still shown.
"""

import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from math import asinh, floor, pi, radians, tan
from pathlib import Path
from threading import BoundedSemaphore

import urllib3

from dispatch.gateways.clock import Clock
from dispatch.settings import Settings, SettingsProblem

log = logging.getLogger("renhold.map_tiles")

ATTRIBUTION = "© OpenStreetMap-bidragydere"
ZOOMS = range(12, 20)
# About 1.1 km: what a phone shows beyond the edge of the area.
MARGIN_LAT, MARGIN_LON = 0.010, 0.018
MAX_TILE_BYTES = 200 * 1024
TIMEOUT_S = 2.0
TURN_S = 1.0
AT_ONCE = 2
PAUSE = timedelta(seconds=60)
MISSING_FOR = timedelta(hours=1)
KEEP_AT_LEAST, KEEP_AT_MOST = timedelta(days=7), timedelta(days=30)
CHUNK = 16 * 1024

# West, south, east, north in degrees, as shapely's `bounds`.
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Tile:
    """One picture, ready to be sent on."""

    content: bytes
    content_type: str
    fetched_at: datetime


@dataclass(frozen=True)
class _Label:
    """What is written before the picture in the cache file."""

    content_type: str
    fetched_at: str
    fresh_until: str
    etag: str = ""
    last_modified: str = ""
    may_keep: bool = True


class MapTiles:
    """Tiles from `tile_url` ({z}, {x}, {y}; None is off), kept under `folder`."""

    attribution = ATTRIBUTION

    def __init__(
        self, tile_url: str | None, folder: Path, area: Bounds, contact: str, clock: Clock
    ) -> None:
        self._tile_url = _checked(tile_url) if tile_url else None
        self._folder = folder
        self._area = area
        self._clock = clock
        self._http = urllib3.PoolManager(
            maxsize=AT_ONCE,
            retries=False,
            headers={"User-Agent": f"Renhold street cleaning dispatch (+{contact})"},
        )
        self._turn = BoundedSemaphore(AT_ONCE)
        self._paused_until: datetime | None = None
        self._missing_until: dict[tuple[int, int, int], datetime] = {}

    @property
    def on(self) -> bool:
        return self._tile_url is not None

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """The tile, from the cache when it is fresh. None when off, not ours or not to be had.

        An old tile is better than none: it is shown while the server cannot be asked.
        """
        if self._tile_url is None or not self.covers(z, x, y):
            return None
        kept = self._read(z, x, y)
        if kept and self._clock.now() < datetime.fromisoformat(kept[0].fresh_until):
            return _as_tile(*kept)
        return self._ask(z, x, y, kept) or (_as_tile(*kept) if kept else None)

    def covers(self, z: int, x: int, y: int) -> bool:
        """Whether the tile touches the service area or the margin round it."""
        if z not in ZOOMS:
            return False
        west, south, east, north = self._area
        left, top = _tile_at(z, north + MARGIN_LAT, west - MARGIN_LON)
        right, bottom = _tile_at(z, south - MARGIN_LAT, east + MARGIN_LON)
        return left <= x <= right and top <= y <= bottom

    def _ask(self, z: int, x: int, y: int, kept: tuple[_Label, bytes] | None) -> Tile | None:
        if self._is_resting(z, x, y) or not self._turn.acquire(timeout=TURN_S):
            return None
        try:
            # While we waited for our turn the server may have been found dead.
            return None if self._is_resting(z, x, y) else self._fetch(z, x, y, kept)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as problem:
            log.warning("tile server failed: %s", _in_short(problem))
            self._paused_until = self._clock.now() + PAUSE
            return None
        finally:
            self._turn.release()

    def _is_resting(self, z: int, x: int, y: int) -> bool:
        now = self._clock.now()
        until = self._missing_until.get((z, x, y), now)
        return until > now or (self._paused_until is not None and now < self._paused_until)

    def _fetch(self, z: int, x: int, y: int, kept: tuple[_Label, bytes] | None) -> Tile | None:
        address = _address(self._tile_url or "", z, x, y)
        until = time.monotonic() + TIMEOUT_S
        answer = self._http.request(
            "GET",
            address,
            headers={**self._http.headers, **_what_we_have(kept)},
            timeout=urllib3.Timeout(total=TIMEOUT_S),
            redirect=False,
            preload_content=False,
        )
        try:
            if answer.status == 304 and kept:
                return self._keep(z, x, y, self._label(answer.headers, kept[0]), kept[1])
            if answer.status in (204, 404, 410):
                self._missing_until[z, x, y] = self._clock.now() + MISSING_FOR
                return None
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            content = _body(answer, until)
        finally:
            answer.close()
        label = _Label(content_type=_kind(content), fetched_at="", fresh_until="")
        return self._keep(z, x, y, self._label(answer.headers, label), content)

    def _label(self, headers: Mapping[str, str], label: _Label) -> _Label:
        now = self._clock.now()
        return replace(
            label,
            fetched_at=now.isoformat(),
            fresh_until=(now + _lifetime(headers, now)).isoformat(),
            etag=headers.get("ETag", label.etag),
            last_modified=headers.get("Last-Modified", label.last_modified),
            may_keep=not {"no-store", "private"} & _rules(headers).keys(),
        )

    def _keep(self, z: int, x: int, y: int, label: _Label, content: bytes) -> Tile:
        """A tile that cannot or must not be kept is still shown."""
        if label.may_keep:
            with suppress(OSError):
                _write_whole(self._path(z, x, y), label, content)
        return _as_tile(label, content)

    def _read(self, z: int, x: int, y: int) -> tuple[_Label, bytes] | None:
        """What was kept, or None; a damaged file counts as nothing and is written anew."""
        try:
            head, _, content = self._path(z, x, y).read_bytes().partition(b"\n")
            label = _Label(**json.loads(head))
            datetime.fromisoformat(label.fresh_until)
            datetime.fromisoformat(label.fetched_at)
            return (label, content) if _kind(content) == label.content_type else None
        except (OSError, ValueError, TypeError):
            return None

    def _path(self, z: int, x: int, y: int) -> Path:
        return self._folder / str(z) / str(x) / f"{y}.tile"


def open_map_tiles(settings: Settings, area: Bounds, clock: Clock) -> MapTiles:
    """Tiles for this area. Raises SettingsProblem when TILE_URL is no tile address."""
    folder = settings.data_dir / "tiles"
    return MapTiles(settings.tile_url, folder, area, settings.base_url, clock)


def _checked(tile_url: str) -> str:
    try:
        _address(tile_url, 1, 2, 3)
    except (ValueError, LookupError):
        raise SettingsProblem(
            "TILE_URL must look like https://tiles.example.dk/{z}/{x}/{y}.png; empty turns tiles off."
        ) from None
    return tile_url


def _address(tile_url: str, z: int, x: int, y: int) -> str:
    """Of several servers ({s}) the first, and no double size ({r})."""
    if not tile_url.startswith(("http://", "https://")):
        raise ValueError("not a web address")
    if not all(part in tile_url for part in ("{z}", "{x}", "{y}")):
        raise ValueError("not a tile address")
    return tile_url.format(z=z, x=x, y=y, s="a", r="")


def _tile_at(z: int, lat: float, lon: float) -> tuple[int, int]:
    """Column and row of the Web Mercator tile that holds this place."""
    count = 2**z
    column = floor((lon + 180.0) / 360.0 * count)
    row = floor((1.0 - asinh(tan(radians(lat))) / pi) / 2.0 * count)
    return column, row


def _what_we_have(kept: tuple[_Label, bytes] | None) -> dict[str, str]:
    if not kept:
        return {}
    asked = {"If-None-Match": kept[0].etag, "If-Modified-Since": kept[0].last_modified}
    return {name: value for name, value in asked.items() if value}


def _body(answer: urllib3.BaseHTTPResponse, until: float) -> bytes:
    """At most 200 kB and two seconds, even from a server that sends one byte at a time."""
    content = b""
    while chunk := answer.read1(CHUNK, decode_content=False):
        content += chunk
        if len(content) > MAX_TILE_BYTES:
            raise ValueError("a tile of more than 200 kB")
        if time.monotonic() > until:
            raise ValueError("a tile that takes too long")
    return content


def _kind(content: bytes) -> str:
    """By the first bytes: what the server calls it is not believed."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "image/webp"
    raise ValueError("not a picture")


def _rules(headers: Mapping[str, str]) -> dict[str, str]:
    """Cache-Control as names and values."""
    said = headers.get("Cache-Control", "").lower().split(",")
    return dict(rule.strip().partition("=")[::2] for rule in said)


def _lifetime(headers: Mapping[str, str], now: datetime) -> timedelta:
    """A week at least, up to a month when the server says so, and nothing when it says no-cache."""
    rules = _rules(headers)
    if "no-cache" in rules:
        return timedelta(0)
    return max(KEEP_AT_LEAST, min(KEEP_AT_MOST, _said_lifetime(rules, headers, now)))


def _said_lifetime(
    rules: Mapping[str, str], headers: Mapping[str, str], now: datetime
) -> timedelta:
    with suppress(ValueError, TypeError, OverflowError):
        if "max-age" in rules:
            return timedelta(seconds=int(rules["max-age"]))
        return parsedate_to_datetime(headers.get("Expires", "")) - now
    return timedelta(0)


def _in_short(problem: Exception) -> str:
    """Our own words may be logged; a library's hold the address, and so the place looked at."""
    return str(problem) if type(problem) is ValueError else type(problem).__name__


def _write_whole(path: Path, label: _Label, content: bytes) -> None:
    """Beside and then renamed: a reader sees the old tile or the new one, never half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(asdict(label)).encode() + b"\n" + content)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def _as_tile(label: _Label, content: bytes) -> Tile:
    return Tile(content, label.content_type, datetime.fromisoformat(label.fetched_at))
