"""`flask desk password` and `flask desk people …`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.errors import BadInput
from servicedesk.people import commands, entering
from servicedesk.people.register.importing import DisablesMany, import_people, preview
from servicedesk.people.register.planning import Plan


@click.command("password")
@click.option("--person", "key", required=True, metavar="KEY", help="Whose password it is.")
@with_appcontext
def password(key: str) -> None:
    """Set a password, read from standard input, and sign the person out everywhere."""
    commands.set_password(key=key, password=_given(), now=times.now())
    click.echo(f"The password of {key} is set.")


def _given() -> str:
    """Read the password: asked for at a terminal, else the first line."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        line = sys.stdin.buffer.readline().decode()
    except UnicodeDecodeError:
        raise BadInput("The password is not readable as UTF-8 text.") from None
    return line.rstrip("\r\n")


@click.group("people")
def people() -> None:
    """Lists of people, and invitations."""


@people.command("import")
@click.argument("file", metavar="PEOPLE.csv")
@click.option("--dry-run", is_flag=True, help="List what would change, and change nothing.")
@click.option(
    "--disable-many",
    is_flag=True,
    help="Go on even if more than half of those who came by earlier lists would be disabled.",
)
@with_appcontext
def import_command(file: str, dry_run: bool, disable_many: bool) -> None:
    """Add, change and disable people by a list: all of it or nothing."""
    path = Path(file)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None
    if dry_run:
        found = preview(data, path.name)
    else:
        found = _import(data, path.name, disable_many=disable_many)
    for line in _lines(found, dry_run=dry_run):
        click.echo(line)


def _import(data: bytes, name: str, *, disable_many: bool) -> Plan:
    try:
        return import_people(data, name, now=times.now(), disable_many=disable_many)
    except DisablesMany as error:
        raise DisablesMany(f"{error} If it is, write --disable-many.") from None


def _lines(plan: Plan, *, dry_run: bool) -> Iterator[str]:
    """Write what a list changes."""
    yield from (f"+ person {key}" for key in plan.added)
    yield from (f"+ person {key} (again)" for key in plan.back)
    yield from (f"~ person {key} ({', '.join(names)})" for key, names in plan.changed.items())
    yield from (f"- person {key}" for key in plan.disabled)
    yield from (f"  person {key} stays disabled by hand" for key in plan.barred)
    added, changed = len(plan.added) + len(plan.back), len(plan.changed)
    counts = f"{added} added, {changed} changed, {len(plan.disabled)} disabled"
    yield f"{counts}, {plan.unchanged} unchanged"
    if dry_run and plan.disables_many:
        yield (
            f"{len(plan.disabled)} of the {plan.earlier} people who came by earlier lists would"
            " be disabled: that needs --disable-many"
        )


@people.command("invite")
@click.option("--person", "key", metavar="KEY", help="Only this person.")
@click.option("--all", "everybody", is_flag=True, help="Everybody who has no password yet.")
@click.option("--again", is_flag=True, help="Also who was invited before.")
@with_appcontext
def invite_command(key: str | None, everybody: bool, again: bool) -> None:
    """Queue mails with a link, for 14 days, by which people choose a password; serve sends them."""
    if (key is None) != everybody:
        raise BadInput("Who? Write --person KEY or --all.")
    count = entering.invite(now=times.now(), key=key, again=again)
    click.echo(f"{count} invited")
    if count and current_app.config["MAIL_SERVER"] is None:
        click.echo("No MAIL_SERVER is set: the mails become files in DESK_VAR/mail.", err=True)


COMMANDS = (password, people)
