"""`renhold`: every command an operator types. Each is a few lines that call the room it names.

Problems of operators are one line that names the setting; nothing here decides about reports.
Commands about staff, crews and numbers are in `staff_commands.py`.
"""

import errno
import json
import re
import sys
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import click
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from dispatch import create_app
from dispatch.demonstration import make_demonstration
from dispatch.lifecycle.forget import forget as forget_now
from dispatch.lifecycle.sweep import GRACE
from dispatch.lifecycle.sweep import sweep as sweep_now
from dispatch.process_tree import completed, up
from dispatch.program_log import set_up_log
from dispatch.queries.faults import find_faults
from dispatch.replay import replay as replay_command
from dispatch.settings import Settings, SettingsProblem, read_environment
from dispatch.staff_commands import STAFF_COMMANDS
from dispatch.web_server import serve

DEMO_REQUESTS = 40
NO_SUCH_TABLE = frozenset({"42P01", "42703"})
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def renhold(context: click.Context) -> None:
    """Residents' reports of syringes and waste, routed to cleaning crews."""
    context.obj = _within_the_app


@renhold.command("up")
@click.option("--demo", is_flag=True, help="With demonstration data and sign-ins.")
def up_command(demo: bool) -> None:
    """The whole app as one supervised tree of processes."""
    set_up_log()
    sys.exit(up(Settings.from_environment(read_environment()), demo=demo))


@renhold.command()
def web() -> None:
    """One web process."""
    set_up_log()
    serve(_settings())


@renhold.command()
@click.option(
    "--demo", "with_demo", is_flag=True, help="And demonstration data where there is none."
)
def migrate(with_demo: bool) -> None:
    """Bring the database up to date."""
    settings = _settings()
    with create_app(settings).app_context():
        upgrade()
        if with_demo:
            # In the same process: a second one would cost a start of two seconds.
            _demonstrate(settings, DEMO_REQUESTS, only_if_empty=True)


@renhold.command()
@click.option(
    "--requests", default=DEMO_REQUESTS, show_default=True, help="How many synthetic reports."
)
@click.option("--if-empty", is_flag=True, help="Do nothing when there is data already.")
def demo(requests: int, if_empty: bool) -> None:
    """Demonstration staff, crews on shift and synthetic reports."""
    settings = _settings()
    with create_app(settings).app_context():
        _demonstrate(settings, requests, only_if_empty=if_empty)


@renhold.command()
def sweep() -> None:
    """Finish what was left half-way, once."""
    with _app().app_context():
        click.echo(f"{sweep_now(grace=GRACE * 0)} pieces of work done.")


@renhold.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
def forget(dry_run: bool) -> None:
    """Erase personal data that is past its time."""
    with _app().app_context():
        forgotten = forget_now(dry_run=dry_run)
    word = "would lose" if dry_run else "lost"
    for part, number in sorted(forgotten.parts.items()):
        click.echo(f"{number} requests {word} their {part}")
    if not forgotten.parts:
        click.echo("Nothing is past its time.")


@renhold.command()
@click.option("--json", "as_json", is_flag=True)
def doctor(as_json: bool) -> None:
    """Compare rows, outbox, tasks, photos, ledger and broker; exit 1 when something is wrong."""
    # The embedded broker runs only while `renhold up` does: resting is no fault of it.
    settings = Settings.from_environment(read_environment())
    asked = replace(completed(settings), redis_url=settings.redis_url)
    with create_app(asked).app_context():
        faults = find_faults()
    if as_json:
        click.echo(json.dumps([vars(fault) for fault in faults], default=str))
    for fault in () if as_json else faults:
        click.echo(f"{fault.kind} {fault.subject}: {fault.words}")
    if not faults:
        click.echo("No faults found." if not as_json else "")
    sys.exit(1 if faults else 0)


for command in (replay_command, *STAFF_COMMANDS):
    renhold.add_command(command)


def _settings() -> Settings:
    return completed(Settings.from_environment(read_environment()))


def _demonstrate(settings: Settings, requests: int, *, only_if_empty: bool) -> None:
    if settings.production or not settings.demo:
        raise click.ClickException(
            "demonstration data is refused here: set RENHOLD_DEMO=1, and never in production."
        )
    made = make_demonstration(settings, requests=requests, only_if_empty=only_if_empty)
    click.echo(f"{made} demonstration reports made.")


def _app() -> Flask:
    return create_app(_settings())


def _within_the_app() -> AbstractContextManager[object]:
    return _app().app_context()


def main() -> None:
    """The command's door: what the operator can mend stops with one line."""
    try:
        renhold()
    except SettingsProblem as problem:
        _stop(str(problem), code=2)
    except (DatabaseError, OSError) as problem:
        line = _mendable(problem)
        if line is None:
            raise
        _stop(line, code=1)


def _stop(line: str, *, code: int) -> None:
    sys.stderr.write(f"renhold: {line}\n")
    sys.exit(code)


def _mendable(problem: DatabaseError | OSError) -> str | None:
    """What the operator can do about it; None when it is ours to mend."""
    settings = Settings.from_environment(read_environment())
    if isinstance(problem, DatabaseError):
        return _database_line(problem, settings)
    if problem.errno in NO_ROOM or _is_about(problem.filename, settings.data_dir):
        return f"cannot use RENHOLD_DATA_DIR={settings.data_dir}: {problem.strerror}."
    return None


def _database_line(problem: DatabaseError, settings: Settings) -> str | None:
    """One line that never repeats the address: there is a password in it."""
    url, words = make_url(settings.database_url), str(problem.orig).lower()
    state = getattr(problem.orig, "sqlstate", None)
    if state in NO_SUCH_TABLE or re.search("no such (table|column)", words):
        return "the database is not up to date: run `renhold migrate` first."
    if url.drivername == "sqlite" and re.search("unable to open|readonly|not a database", words):
        return f"cannot use the database {url.database}: look at RENHOLD_DATA_DIR or DATABASE_URL."
    if url.drivername == "sqlite" or state or not isinstance(problem, OperationalError):
        return None
    where = url.host or url.query.get("host") or "this machine"
    return f"the database on {where} does not let us in: look at DATABASE_URL, and whether it runs."


def _is_about(filename: object, folder: Path) -> bool:
    if not isinstance(filename, str):
        return False
    path = Path(filename).absolute()
    return folder.is_relative_to(path) or path.is_relative_to(folder)


if __name__ == "__main__":
    main()
