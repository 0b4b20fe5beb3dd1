"""`renhold`: every command an operator types. Each is a few lines that call the room it names.

Problems of operators are one line that names the setting; nothing here decides about reports.
"""

import json
import sys

import click
from flask import Flask
from flask_migrate import upgrade

from dispatch import create_app
from dispatch.demonstration import make_demonstration
from dispatch.lifecycle.forget import forget as forget_now
from dispatch.lifecycle.sweep import GRACE
from dispatch.lifecycle.sweep import sweep as sweep_now
from dispatch.models import Role
from dispatch.process_tree import completed, up
from dispatch.program_log import set_up_log
from dispatch.queries.faults import find_faults
from dispatch.replay import replay as replay_command
from dispatch.rules.problems import Refused
from dispatch.settings import Settings, SettingsProblem, read_environment
from dispatch.staffing.accounts import add_account
from dispatch.web_server import serve

DEMO_REQUESTS = 40


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def renhold() -> None:
    """Residents' reports of syringes and waste, routed to cleaning crews."""


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


@renhold.command("add-staff")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--crew", default="", help="The crew's name, for roles crew and partner.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_staff(name: str, role: str, crew: str, password_stdin: bool) -> None:
    """Create a staff account; there is no default password."""
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with _app().app_context():
        try:
            add_account(name, Role(role), password, crew_name=crew or None)
        except Refused as refused:
            words = ", ".join(f"{each.field}: {each.code}" for each in refused.problems)
            raise click.ClickException(words) from None
    click.echo(f"{name} can sign in as {role}.")


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
    """Compare rows, work, tasks, photos and ledger; exit 1 when something is wrong."""
    with _app().app_context():
        faults = find_faults()
    if as_json:
        click.echo(json.dumps([vars(fault) for fault in faults], default=str))
    for fault in () if as_json else faults:
        click.echo(f"{fault.kind} {fault.subject}: {fault.words}")
    if not faults:
        click.echo("No faults found." if not as_json else "")
    sys.exit(1 if faults else 0)


renhold.add_command(replay_command)


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


def main() -> None:
    """The command's door: a setting that is wrong stops with one line."""
    try:
        renhold()
    except SettingsProblem as problem:
        sys.stderr.write(f"renhold: {problem}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
