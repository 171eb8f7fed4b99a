"""`flask desk hook`: a webhook's address and secret, which are in no file."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.setup.snapshot import directory
from servicedesk.signals import commands, payload, places, queries
from servicedesk.signals.deliver import deliver_one
from servicedesk.signals.queries import Row
from servicedesk.times import iso


@click.command("hook")
@click.argument("key", required=False)
@click.option("--url", metavar="URL", help="Call this address; `-` reads it from standard input.")
@click.option("--rotate", is_flag=True, help="Make a new secret; the old one signs for a day too.")
@click.option("--test", is_flag=True, help="Call it with a test, now.")
@click.option("--off", is_flag=True, help="Call it no more until it is switched on.")
@click.option("--on", is_flag=True, help="Call it again after it was switched off.")
@click.option("--forget", is_flag=True, help="Forget its address and secret.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of what it is sent.")
@with_appcontext
def hook_command(
    key: str | None,
    url: str | None,
    rotate: bool,
    test: bool,
    off: bool,
    on: bool,
    forget: bool,
    schema: bool,
) -> None:
    """Set where the webhook KEY of DESK.yaml calls; without KEY list how all of them do."""
    if schema:
        click.echo(payload.schema(), nl=False)
    elif key is None:
        _list()
    else:
        _change(key, url, rotate, off, on)
        if test:
            _test(key)
        if forget:
            commands.forget(key, now=times.now())
        elif not test:
            _show(key)


def _change(key: str, url: str | None, rotate: bool, off: bool, on: bool) -> None:
    if url:
        said = sys.stdin.readline().strip() if url == "-" else url
        _secret(commands.set_address(key, said, by=None, now=times.now()))
    if rotate:
        _secret(commands.rotate(key, by=None, now=times.now()))
    if off:
        commands.switch_off(key, now=times.now())
    if on:
        commands.switch_on(key)


def _secret(secret: str | None) -> None:
    if secret:
        click.echo(f"Its secret, shown this once: {secret}")


def _test(key: str) -> None:
    """Call it and say what came of it; raises BadInput where it was not taken."""
    id = commands.send_test(key, now=times.now())
    deliver_one(directory(db.session()).hooks[key].id)
    db.session.rollback()
    found = queries.delivery(db.session(), id)
    if found.became == queries.SENT:
        click.echo("It was taken.")
    else:
        raise BadInput(f"It was not taken: {found.error or 'it still waits'}.")


def _list() -> None:
    session = db.session()
    for row in queries.rows(session, directory(session)):
        click.echo(_line(row))


def _show(key: str) -> None:
    session = db.session()
    row = queries.one(session, directory(session), key)
    if row is None:
        raise BadInput(f"There is no webhook {key} in the set-up.")
    click.echo(_line(row))


def _line(row: Row) -> str:
    """Say how one does; of its address the host alone, for the rest is often a key."""
    receiver = row.receiver
    if receiver is None:
        return f"{row.hook.key}: no address yet"
    said = [row.state, places.read(receiver.url, http=True).shown]
    said += [f"last call {iso(receiver.sent_at)}"] if receiver.sent_at else []
    said += [f"failing since {iso(receiver.failing_since)}"] if receiver.failing_since else []
    said += [receiver.error] if receiver.error else []
    said += [f"{row.waiting} waiting, {row.failed} given up"]
    return f"{row.hook.key}: {', '.join(said)}"


COMMANDS = (hook_command,)
