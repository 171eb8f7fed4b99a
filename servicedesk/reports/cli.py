"""`flask desk report`."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from servicedesk import times
from servicedesk.db import db
from servicedesk.errors import BadInput
from servicedesk.reports import commands, contents
from servicedesk.reports.commands import LANGUAGES
from servicedesk.setup.snapshot import directory


@click.command("report")
@click.option("--period", required=True, help="A month, 2026-10, or several: 2026-04..2026-09.")
@click.option("--scope", default="all", help="Or group:KEY, partner:KEY, service:KEY.")
@click.option("--zone", help="Time zone of days and months; the desk's when left out.")
@click.option("--language", type=click.Choice(LANGUAGES), help="The desk's when left out.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The PDF to write.")
@click.option("--json", "json_", type=click.Path(path_type=Path), help="The JSON to write as well.")
@with_appcontext
def report(
    period: str, scope: str, zone: str | None, language: str | None, out: Path, json_: Path | None
) -> None:
    """Make a service report, and seal it if its period has ended."""
    asked = commands.read(directory(db.session()), period, scope, zone, language)
    for path in (out, json_):
        _check(path)
    if json_ and json_.resolve() == out.resolve():
        raise BadInput(f"{out}: the PDF and the JSON need two names")
    made = commands.make(asked, now=times.now())
    commands.write_file(out, made.pdf)
    if json_:
        commands.write_file(json_, contents.dumps(made.figures).encode())
    click.echo(f"{asked.period.name}, {asked.scope.name}: {_state(made)}, written to {out}")


def _check(path: Path | None) -> None:
    """Refuse a name that can't be written before the work is done."""
    if path is None:
        return
    if not path.parent.is_dir():
        raise BadInput(f"{path}: there is no folder {path.parent}")
    if path.is_dir():
        raise BadInput(f"{path}: is a folder")


def _state(made: commands.Made) -> str:
    if made.revision is None:
        return "a draft, for the period has not ended"
    return f"revision {made.revision}, {'sealed' if made.new else 'as it was sealed'}"


COMMANDS = (report,)
