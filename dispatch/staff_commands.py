"""What an operator types about staff, crews and the coordinator's numbers.

Each command calls one function of `staffing/`; a refusal is one line in plain words. The app they
run in is handed over by `cli.py`.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, fields
from typing import Any

import click

from dispatch.models import Role
from dispatch.models.policy_in_force import policy_in_force
from dispatch.rules.catalogue import Skill, Vehicle
from dispatch.rules.policy import Policy, limits_of, unit_of
from dispatch.rules.problems import FieldProblem, NotFound, Refused
from dispatch.staffing.accounts import account_named, add_account, change_password, close_account
from dispatch.staffing.adjust import change_policy
from dispatch.staffing.crews import CrewFacts
from dispatch.staffing.crews import add_crew as add_crew_now
from dispatch.staffing.sign_in import revoke_sessions_of
from dispatch.staffing.staff_log import COMMAND_LINE

OpenApp = Callable[[], AbstractContextManager[object]]

LONGEST_PASSWORD_BYTES = 4096
IN_WORDS = {
    "name_missing": "is empty",
    "name_too_long": "has more than {most} characters",
    "name_taken": "is taken",
    "text_too_long": "has more than {most} characters",
    "place_unreadable": "is no place: write LAT,LON in degrees",
    "hours_wrong": "--starts-hour must come before --ends-hour, both from 0 to 24",
    "crew_missing": "is needed for this role: name it with --crew",
    "crew_unknown": "is not known: add it with `renhold add-crew`",
    "crew_not_for_role": "is for the roles crew and partner only",
    "password_too_short": "needs at least {least} characters",
    "password_too_long": "has more than {most} characters",
    "policy_unknown": "is no number of the policy: `renhold policy` lists them",
    "policy_not_a_number": "must be a whole number, a number or yes and no, as its default is",
    "policy_out_of_range": "must lie between {low} and {high}",
    "policy_duty_hours": "must come after duty_from_hour",
}


class Place(click.ParamType[tuple[float, float]]):
    """A position typed as LAT,LON."""

    name = "LAT,LON"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        try:
            lat, lon = (float(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is no place: write LAT,LON such as 55.6699,12.5605.", param, ctx)
        return lat, lon


@click.command("add-staff")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--crew", default="", help="The crew's name, for roles crew and partner.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add_staff(open_app: OpenApp, name: str, role: str, crew: str, password_stdin: bool) -> None:
    """Create a staff account; there is no default password."""
    password = _password(from_stdin=password_stdin)
    with open_app(), _in_one_line(name):
        add_account(name, Role(role), password, crew_name=crew or None)
    click.echo(f"{name} can sign in as {role}.")


@click.command("set-password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def set_password(open_app: OpenApp, name: str, password_stdin: bool) -> None:
    """Give a staff account another password, and sign it out everywhere."""
    with open_app(), _in_one_line(name):
        account_id = account_named(name)
        change_password(account_id, _password(from_stdin=password_stdin), by=COMMAND_LINE)
    click.echo(f"{name} has a new password and is signed out everywhere.")


@click.command("sign-out-staff")
@click.argument("name")
@click.pass_obj
def sign_out_staff(open_app: OpenApp, name: str) -> None:
    """End every session of a staff account: a lost phone."""
    with open_app(), _in_one_line(name):
        revoke_sessions_of(account_named(name), by=COMMAND_LINE)
    click.echo(f"{name} is signed out everywhere.")


@click.command("close-staff")
@click.argument("name")
@click.pass_obj
def close_staff(open_app: OpenApp, name: str) -> None:
    """Let nobody sign in with a staff account any more, and sign it out everywhere."""
    with open_app(), _in_one_line(name):
        close_account(account_named(name), by=COMMAND_LINE)
    click.echo(f"{name} is closed and signed out everywhere.")


@click.command("add-crew")
@click.argument("name")
@click.option("--vehicle", type=click.Choice([each.value for each in Vehicle]), required=True)
@click.option("--start", type=Place(), required=True, help="Where its shifts begin.")
@click.option("--skill", "skills", multiple=True, type=click.Choice([each.value for each in Skill]))
@click.option("--kvarter", "kvarterer", multiple=True, help="None means the whole district.")
@click.option("--organisation", default="")
@click.option("--funding-line", default="")
@click.option("--starts-hour", default=6, show_default=True, help="Of its usual shift.")
@click.option("--ends-hour", default=22, show_default=True, help="Of its usual shift.")
@click.pass_obj
def add_crew(
    open_app: OpenApp,
    /,
    name: str,
    start: tuple[float, float],
    **facts: Any,
) -> None:
    """Create a crew; its phones get accounts with add-staff --role crew --crew NAME."""
    with open_app(), _in_one_line(name):
        add_crew_now(CrewFacts(name=name, start_lat=start[0], start_lon=start[1], **facts))
    click.echo(f"The crew {name} is there. Next: renhold add-staff PHONE --role crew --crew NAME")


@click.command("policy")
@click.pass_obj
def policy(open_app: OpenApp) -> None:
    """List the coordinator's numbers: value, default, limits and unit."""
    with open_app():
        values = asdict(policy_in_force())
    for each in fields(Policy):
        limits = limits_of(each.name)
        span = f"{limits[0]}–{limits[1]} " if limits else ""
        value, default = _shown(values[each.name]), _shown(each.default)
        changed = "  (changed)" if value != default else ""
        click.echo(
            f"{each.name:<30}{value:>8}  default {default:<8}{span}{unit_of(each.name)}{changed}"
        )


@click.command("set-policy")
@click.argument("name")
@click.argument("value")
@click.option("--why", default="", help="The reason, kept in the log.")
@click.pass_obj
def set_policy(open_app: OpenApp, name: str, value: str, why: str) -> None:
    """Change one of the coordinator's numbers; it is in force at once."""
    with open_app(), _in_one_line(name):
        changed = change_policy({name: value}, by=COMMAND_LINE, why=why)
        now = _shown(asdict(policy_in_force())[name])
    click.echo(f"{name} is {now}{'' if changed else ', as before'}.")


STAFF_COMMANDS = (
    add_staff,
    set_password,
    sign_out_staff,
    close_staff,
    add_crew,
    policy,
    set_policy,
)


@contextmanager
def _in_one_line(name: str) -> Iterator[None]:
    try:
        yield
    except Refused as refused:
        raise click.ClickException("; ".join(map(_sentence, refused.problems))) from None
    except NotFound:
        raise click.ClickException(f"there is no account named {name}.") from None


def _sentence(problem: FieldProblem) -> str:
    words = IN_WORDS.get(problem.code, problem.code)
    return f"{problem.field}: {words.format(**problem.values)}"


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.buffer.readline(LONGEST_PASSWORD_BYTES)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeError:
        raise click.ClickException("the password on standard input is not UTF-8 text.") from None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
