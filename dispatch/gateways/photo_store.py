"""Where photos lie: uploads waiting for the worker, and the WebPs made of them.

Everything is named by the SHA-256 of its content, so a name can never point outside the folder and
writing the same photo twice is harmless. Who may see a photo, and which row still needs a file, is
not known here: two rows may name the same content, so the caller deletes only what no row names.
"""

import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from dispatch.rules.problems import NotFound, Refused, TryLater
from dispatch.settings import Settings, SettingsProblem

NAME = re.compile(r"[0-9a-f]{64}")
CHUNK = 64 * 1024
KEEP_FREE = 64 * 1024 * 1024
# EFBIG: a quota set as a limit on file size says "too big", and means the same to us.
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class PhotoTooLarge(Refused):
    """More bytes arrived than allowed; nothing was kept."""


class StoreFull(TryLater):
    """There is no room for the photo now; nothing was kept."""


class PhotoMissing(NotFound):
    """No photo has this name, or what was given is no name."""


class PhotoStore(Protocol):
    """What the lifecycle and the photo door ask; `FolderPhotoStore` is the one we have."""

    def put_incoming(self, stream: IO[bytes], limit_bytes: int) -> str: ...
    def open_incoming(self, name: str) -> BinaryIO: ...
    def delete_incoming(self, name: str) -> bool: ...
    def incoming_names(self) -> Iterator[str]: ...
    def incoming_age_s(self, name: str, now: float) -> float: ...
    def put_ready(self, webp: bytes) -> str: ...
    def open_ready(self, sha256: str) -> BinaryIO: ...
    def delete_ready(self, sha256: str) -> bool: ...
    def ready_names(self) -> Iterator[str]: ...
    def drop_unfinished(self, older_than_s: float, now: float) -> int: ...


class FolderPhotoStore:
    """Photos in one folder: `incoming/ab/<sha256>`, `ready/ab/<sha256>.webp`, `unfinished/`.

    `keep_free` bytes are left on the disk for the database, which matters more than any photo.
    """

    def __init__(self, root: Path, *, keep_free: int = KEEP_FREE) -> None:
        self._incoming = root / "incoming"
        self._ready = root / "ready"
        self._unfinished = root / "unfinished"
        self._keep_free = keep_free
        for folder in (self._incoming, self._ready, self._unfinished):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def put_incoming(self, stream: IO[bytes], limit_bytes: int) -> str:
        """Keep an upload as it came and return its name; it is on the disk when this returns.

        Raises PhotoTooLarge after reading at most one chunk more than `limit_bytes`, and StoreFull.
        """
        return self._keep(_chunks(stream, limit_bytes), self._incoming, "")

    def open_incoming(self, name: str) -> BinaryIO:
        return _open(_place(self._incoming, name, ""))

    def delete_incoming(self, name: str) -> bool:
        """True when it was there; deleting twice is no fault."""
        return _delete(_place(self._incoming, name, ""))

    def incoming_names(self) -> Iterator[str]:
        return _names(self._incoming)

    def incoming_age_s(self, name: str, now: float) -> float:
        """Seconds since the upload was written; `now` is seconds since 1970. 0 when it is gone."""
        with suppress(FileNotFoundError):
            return now - _place(self._incoming, name, "").stat().st_mtime
        return 0.0

    def put_ready(self, webp: bytes) -> str:
        """Keep a prepared photo and return its SHA-256. Raises StoreFull."""
        return self._keep(iter([webp]), self._ready, ".webp")

    def open_ready(self, sha256: str) -> BinaryIO:
        return _open(_place(self._ready, sha256, ".webp"))

    def delete_ready(self, sha256: str) -> bool:
        """True when it was there; deleting twice is no fault."""
        return _delete(_place(self._ready, sha256, ".webp"))

    def ready_names(self) -> Iterator[str]:
        return _names(self._ready)

    def drop_unfinished(self, older_than_s: float, now: float) -> int:
        """Remove what a killed process left half-written; `now` is seconds since 1970."""
        dropped = 0
        for path in self._unfinished.iterdir():
            with suppress(FileNotFoundError):
                if now - path.stat().st_mtime > older_than_s:
                    path.unlink()
                    dropped += 1
        return dropped

    def _keep(self, chunks: Iterator[bytes], folder: Path, suffix: str) -> str:
        """1. write beside, 2. fsync, 3. rename to the hash, 4. fsync the folder."""
        with _no_room_is_store_full():
            self._refuse_when_nearly_full()
            handle, unfinished = tempfile.mkstemp(dir=self._unfinished)
            try:
                name = _write(handle, chunks)
                place = _place(folder, name, suffix)
                _make_folder(place.parent)
                os.replace(unfinished, place)
            except BaseException:
                Path(unfinished).unlink(missing_ok=True)
                raise
            _flush_folder(place.parent)
        return name

    def _refuse_when_nearly_full(self) -> None:
        if shutil.disk_usage(self._unfinished).free < self._keep_free:
            raise StoreFull("store_full")


def open_photo_store(settings: Settings) -> PhotoStore:
    """The folder PHOTO_STORE names. Raises SettingsProblem when it cannot be written to."""
    if "://" in settings.photo_store:
        raise SettingsProblem("PHOTO_STORE: only a folder can be used so far.")
    root = Path(settings.photo_store or settings.data_dir / "photos")
    try:
        return FolderPhotoStore(root)
    except OSError as problem:
        raise SettingsProblem(f"PHOTO_STORE: {root} cannot be used: {problem}.") from problem


def _chunks(stream: IO[bytes], limit_bytes: int) -> Iterator[bytes]:
    seen = 0
    while chunk := stream.read(CHUNK):
        seen += len(chunk)
        if seen > limit_bytes:
            raise PhotoTooLarge.at("photo", "too_large", limit_bytes=limit_bytes)
        yield chunk


def _write(handle: int, chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _place(folder: Path, name: str, suffix: str) -> Path:
    if not NAME.fullmatch(name):
        raise PhotoMissing("photo_missing")
    return folder / name[:2] / f"{name}{suffix}"


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise PhotoMissing("photo_missing") from None


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    _flush_folder(path.parent)
    return True


def _names(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("??/*")):
        if NAME.fullmatch(path.stem):
            yield path.stem


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, exist_ok=True)
    _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """Without this a rename may be forgotten in a power cut, and the row would name nothing."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _no_room_is_store_full() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno not in NO_ROOM:
            raise
        raise StoreFull("store_full") from problem
