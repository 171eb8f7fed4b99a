"""`flask desk backup`, `restore` and `move`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

import config
from servicedesk import pulse, times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.history.check import check
from servicedesk.operation import backup as backups
from servicedesk.operation import move as moving
from servicedesk.operation import restore as restoring
from servicedesk.operation import schema
from servicedesk.operation.folder import Manifest
from servicedesk.setup.models import Desk

folder_argument = click.argument(
    "folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path)
)
MOST = 10  # lines of one kind
SHORTLY = timedelta(minutes=2)  # a sweep that was this long ago: something runs


@click.command("backup")
@folder_argument
@click.pass_context
@with_appcontext
def backup_command(context: click.Context, folder: Path) -> None:
    """Write the whole desk into DIR, which is new or empty, while the desk runs."""
    began, now = time.monotonic(), times.now()
    made = backups.make(folder, now=now)
    if made.schema == schema.newest():  # else an upgrade is about to come
        pulse.beat("backup", now)
    click.echo(f"{folder}: {_what(made)}, {time.monotonic() - began:.1f} s.")
    _tell_faults(made)
    context.exit(1 if made.faults else 0)


@click.command("restore")
@folder_argument
@click.pass_context
@with_appcontext
def restore_command(context: click.Context, folder: Path) -> None:
    """Restore the backup in DIR into an empty desk: all of it or nothing."""
    began = time.monotonic()
    done = restoring.restore(folder)
    seconds = time.monotonic() - began
    click.echo(f"The desk as of {done.made_at} is restored: {_what(done)}, {seconds:.1f} s.")
    _tell_faults(done)
    context.exit(1 if _differences() or done.faults else 0)


def _what(manifest: Manifest) -> str:
    size = manifest.file_bytes + sum(part.bytes for part in manifest.tables.values())
    return (
        f"{manifest.rows} rows of {len(manifest.tables)} tables, {manifest.files.rows} files, "
        f"{size} bytes"
    )


def _tell_faults(manifest: Manifest) -> None:
    """Name files that a row asks for and that DESK_VAR did not have when the backup was made."""
    for fault in manifest.faults[:MOST]:
        click.echo(f"{fault}: it was so before the backup.", err=True)
    if more := len(manifest.faults[MOST:]):
        click.echo(f"… and {more} more; manifest.json lists them all.", err=True)


def _differences() -> int:
    """Check what was restored, unless no desk was ever set up."""
    if db.session.scalar(sa.select(Desk.id)) is None:
        click.echo("The desk is not set up yet.")
        return 0
    found = check(now=times.now())
    for difference in found.differences:
        click.echo(difference)
    click.echo(f"{found.incidents} incidents checked, {len(found.differences)} differences.")
    return len(found.differences)


@click.command("move")
@click.argument("url", metavar="DATABASE_URL")
@click.option("--running", is_flag=True, help="Copy even though the desk seems to run.")
@click.pass_context
@with_appcontext
def move_command(context: click.Context, url: str, running: bool) -> None:
    """Copy the desk into the empty database at DATABASE_URL. Stop the desk before."""
    if not running:
        _refuse_while_running()
    began = time.monotonic()
    source = db.engine
    with _database(url) as target:
        moved = moving.move(source, target)
    seconds = time.monotonic() - began
    click.echo(
        f"{moved.rows} rows of {moved.tables} tables are copied and compared, {seconds:.1f} s."
    )
    if moved.disturbed:
        click.echo(
            "The desk was written to meanwhile, and that is not in the copy: stop it, empty the "
            "new database, and move again.",
            err=True,
        )
        context.exit(1)
    click.echo(f"Now set DATABASE_URL={target.url.render_as_string(hide_password=True)}")
    click.echo(f"and keep DESK_VAR={current_app.config['DESK_VAR']}: files and key stay there.")


def _refuse_while_running() -> None:
    last = pulse.last(db.session(), "sweep")
    db.session.remove()
    if last and abs(times.now() - last) < SHORTLY:
        raise BadInput(
            "The desk runs, or did until a moment ago: stop all its processes, wait two minutes "
            "(or say --running), and move again."
        )


@contextmanager
def _database(url: str) -> Iterator[sa.Engine]:
    """Have a database with the schema and nothing in it; raises BadInput."""
    from servicedesk.app import create_app

    given = {name: current_app.config[name] for name in ("DESK_VAR", "SECRET_KEY")}
    try:
        read = config.read({"DATABASE_URL": url})
        app = create_app({**given, "DATABASE_URL": read["DATABASE_URL"]})
    except config.BadSetting as error:
        raise BadInput(f"DATABASE_URL: {str(error).rpartition(': ')[2]}") from None
    with app.app_context():
        try:
            schema.prepare(db.engine, schema.newest())
            yield db.engine
        except sa.exc.OperationalError as error:
            raise BadInput(f"The other database does not answer: {_first_line(error)}") from None
        finally:
            db.engine.dispose()


def _first_line(error: sa.exc.OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0]


COMMANDS = (backup_command, restore_command, move_command)
