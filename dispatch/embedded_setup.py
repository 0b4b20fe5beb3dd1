"""What an embedded start prepares in the data folder: one owner at a time, and secrets that last.

Nothing is started here. Production brings its own secrets and needs no lock.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "renhold.lock"
SECRET_KEY_NAME = "secret_key"


class DataFolderBusy(Exception):
    """Another Renhold runs on this data folder; the message names the folder and the process."""


@contextmanager
def locked_data_folder(data_dir: Path, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Own the data folder until the block ends. Raises DataFolderBusy.

    The kernel drops the lock with the process that holds it, so a file left behind by a crash
    stops nobody. Children do not inherit it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _take(lock, data_dir, deadline=time.monotonic() + wait_seconds)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _take(lock: int, data_dir: Path, *, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise DataFolderBusy(_busy_line(lock, data_dir)) from None
            time.sleep(0.1)


def _busy_line(lock: int, data_dir: Path) -> str:
    pid = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
    return (
        f"Renhold already runs on this data folder: RENHOLD_DATA_DIR={data_dir}, process {pid}. "
        "Stop that one first, or give this one another folder."
    )


def secret_key(data_dir: Path) -> str:
    """The key that signs sessions and forms: made at the first start, the same ever after."""
    return kept_secret(data_dir / SECRET_KEY_NAME)


def kept_secret(path: Path) -> str:
    """The secret in this file, readable by its owner only; made when there is none.

    Two processes that make it at once agree: the file appears whole, and the first one stays.
    """
    if not path.exists():
        _keep_first(path, secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()


def _keep_first(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
