"""`renhold up`: the whole app as one supervised tree of processes on one machine.

Says what runs, in which order and with which environment; how it is kept alive is `supervisor.py`.
The program's own doings happen in the children: this process opens no database and serves nothing.
Production runs `renhold web` and `worker.py` under its own supervisor instead.
"""

import json
import os
import socket
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TypedDict
from urllib.parse import urlsplit

from dispatch.embedded_broker import BrokerProblem, EmbeddedBroker, embedded_broker
from dispatch.embedded_setup import DataFolderBusy, locked_data_folder, secret_key
from dispatch.job_queue import QUEUES
from dispatch.settings import DEMO_SIGN_INS, PROJECT_ROOT, Settings
from dispatch.supervisor import Child, Supervisor

BROKER_SECONDS = 30.0
WEB_SECONDS = 30.0
WILDCARD_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
# A proxy in the environment has no business between us and ourselves.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class SignIn(TypedDict):
    """One demonstration account, as `renhold demo` leaves it in the data folder."""

    name: str
    role: str
    password: str


class CannotStart(Exception):
    """The tree does not come up; the message says why and what to do."""


def up(settings: Settings, *, demo: bool) -> int:
    """Run everything until a signal says stop; the exit code. What stops the start is one line.

    1. Own the data folder, so that two trees never share one.
    2. Start the embedded broker (unless REDIS_URL names one) and wait until it answers.
    3. Bring the database up to date; lay the demonstration data where there is none.
    4. Start web and workers, say where when the web answers, and keep them running.
    """
    if demo:
        settings = settings.with_demonstration()
    os.umask(0o077)  # reports and photos are personal data: what we write is the owner's alone
    try:
        with locked_data_folder(settings.data_dir):
            return _run(settings, demo=demo)
    except (DataFolderBusy, BrokerProblem, CannotStart) as problem:
        sys.stderr.write(f"renhold: {problem}\n")
        return 1


def _run(settings: Settings, *, demo: bool) -> int:
    _refuse_taken_port(settings)
    env = _environment(completed(settings), demo=demo)
    with Supervisor() as tree:
        if not settings.redis_url:
            _start_broker(tree, embedded_broker(settings.data_dir))
        _step(tree, "migrate", env, *(["--demo"] if demo else []))
        tree.start(*_web_and_workers(env))
        if tree.wait_for(lambda: _healthy(settings), seconds=WEB_SECONDS):
            _tell(settings, demo=demo)
        elif not tree.asked_to_stop:
            raise CannotStart(f"the web process does not answer on {_local_url(settings)}/healthz.")
        tree.run()
    return 0


def completed(settings: Settings) -> Settings:
    """The settings with what an embedded start keeps in the data folder: secret key and broker.

    For every command that runs beside the tree, too. Where both are set already, as production
    demands, nothing changes and nothing is written.
    """
    return replace(
        settings,
        secret_key=settings.secret_key or secret_key(settings.data_dir),
        redis_url=settings.redis_url or embedded_broker(settings.data_dir).url,
    )


def _environment(settings: Settings, *, demo: bool) -> dict[str, str]:
    """What the children must agree on; the rest they read from the same environment as we did."""
    env = {
        "RENHOLD_DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url or "",
        "SECRET_KEY": settings.secret_key,
        "HOST": settings.host,
        "PORT": str(settings.port),
    }
    return {**env, "RENHOLD_DEMO": "1"} if demo else env


def _start_broker(tree: Supervisor, broker: EmbeddedBroker) -> None:
    broker.prepare()
    tree.start(Child("broker", broker.argv(), drain_seconds=10))
    if not tree.wait_for(broker.answers, seconds=BROKER_SECONDS) and not tree.asked_to_stop:
        raise CannotStart(f"the broker does not answer: see {broker.folder / 'valkey.log'}.")


def _step(tree: Supervisor, command: str, env: dict[str, str], *arguments: str) -> None:
    """Run one of our own commands to its end before anything is served."""
    if tree.asked_to_stop:
        return
    code = tree.run_to_end(Child(command, _cli(command, *arguments), env))
    if code != 0 and not tree.asked_to_stop:
        raise CannotStart(f"`renhold {command}` failed (exit code {code}): see the lines above.")


def _web_and_workers(env: dict[str, str]) -> list[Child]:
    worker = str(PROJECT_ROOT / "worker.py")
    workers = [Child(queue, (sys.executable, worker, queue), env) for queue in QUEUES]
    return [Child("web", _cli("web"), env), *workers]


def _cli(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "dispatch.cli", *words)


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
        except OSError as problem:
            raise CannotStart(
                f"cannot listen on {settings.host}:{settings.port} ({problem.strerror}). "
                "Stop what listens there, or set PORT to another one."
            ) from None


def _healthy(settings: Settings) -> bool:
    """Whether the web answers. Asked under its public name: it serves no other."""
    request = urllib.request.Request(
        f"{_local_url(settings)}/healthz", headers={"Host": urlsplit(settings.base_url).netloc}
    )
    try:
        with _DIRECT.open(request, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:  # urllib's own errors are kinds of it
        return False


def _local_url(settings: Settings) -> str:
    host = WILDCARD_HOSTS.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _tell(settings: Settings, *, demo: bool) -> None:
    lines = [
        "",
        f"Renhold runs{' with demonstration data: no mail is sent' if demo else ''}.",
        f"  Residents report    {settings.base_url}/",
        f"  Coordinator's desk  {settings.base_url}/desk",
        f"  Crews on the phone  {settings.base_url}/crew",
        f"  Staff sign in       {settings.base_url}/staff/sign-in",
        *(_sign_in_lines(settings.data_dir) if demo else []),
        "Ctrl-C stops everything; the data stays in " + str(settings.data_dir),
        "",
    ]
    print("\n".join(lines), flush=True)


def _sign_in_lines(data_dir: Path) -> list[str]:
    try:
        sign_ins: list[SignIn] = json.loads((data_dir / DEMO_SIGN_INS).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return []
    widest = max((len(one["name"]) for one in sign_ins), default=0)
    rows = [f"    {one['name']:<{widest}}  {one['password']}  ({one['role']})" for one in sign_ins]
    return ["  Demonstration sign-ins (name, password, role):", *rows]
