"""`flask desk password`."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from servicedesk.errors import BadInput
from servicedesk.people import commands


@click.command("password")
@click.option("--person", "key", required=True, metavar="KEY", help="Whose password it is.")
@with_appcontext
def password(key: str) -> None:
    """Set a password, read from standard input, and sign the person out everywhere."""
    commands.set_password(key=key, password=_given())
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


COMMANDS = (password,)
