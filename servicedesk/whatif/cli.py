"""`flask desk what-if`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import snapshot
from servicedesk.errors import BadInput
from servicedesk.reports import commands
from servicedesk.setup.snapshot import directory
from servicedesk.whatif import comparing, queries, tables, words
from servicedesk.whatif.alternative import alternative
from servicedesk.whatif.document import changes_in

_FILE = click.Path(path_type=Path)


@click.command("what-if")
@click.argument("file", type=_FILE)
@click.option("--period", required=True, help="A month, 2026-10, or several: 2026-04..2026-09.")
@click.option("--scope", default="all", help="Or group:KEY, partner:KEY, service:KEY.")
@click.option("--zone", help="Time zone of days and months; the desk's when left out.")
@click.option("--csv", "csv_", type=_FILE, help="The CSV to write: what differs, clock by clock.")
@click.option("--json", "json_", type=_FILE, help="The JSON to write: every figure both ways.")
@with_appcontext
def what_if(
    file: Path, period: str, scope: str, zone: str | None, csv_: Path | None, json_: Path | None
) -> None:
    """Judge a past period by the terms in FILE, a DESK.yaml; nothing on the desk changes."""
    changes = changes_in(file)
    _check(csv_, json_)
    with snapshot() as session:
        setup = directory(session)
        asked = commands.read(setup, period, scope, zone)
        known = queries.newest(session)
        other = alternative(setup, changes)
        question = comparing.ask(other, asked.period, asked.scope, now=times.now(), known=known)
        found = comparing.compare(session, question)
    for line in words.text(found):
        click.echo(line)
    if csv_:
        commands.write_file(csv_, tables.to_csv(found.differences, setup).encode())
    if json_:
        commands.write_file(json_, tables.to_json(found).encode())


def _check(*paths: Path | None) -> None:
    """Refuse names that can't be written before the work is done."""
    there = [path for path in paths if path]
    for path in there:
        if not path.parent.is_dir():
            raise BadInput(f"{path}: there is no folder {path.parent}")
        if path.is_dir():
            raise BadInput(f"{path}: is a folder")
    if len({path.resolve() for path in there}) < len(there):
        raise BadInput(f"{there[0]}: the CSV and the JSON need two names")


COMMANDS = (what_if,)
