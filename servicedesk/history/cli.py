"""`flask desk replay`, `export`, `check` and `due`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from servicedesk import times
from servicedesk.db import db, snapshot
from servicedesk.errors import BadInput
from servicedesk.history import check as checking
from servicedesk.history import due as calculator
from servicedesk.history import export as tables
from servicedesk.history import replay as replaying
from servicedesk.setup.snapshot import directory


@click.command("replay")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def replay(file: Path) -> None:
    """Import a history of changes: all of it or nothing; twice adds nothing."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("replay", total=_lines(file))
        done = replaying.replay(
            file, now=times.now(), progress=lambda rows: progress.update(task, completed=rows)
        )
    click.echo(
        f"{done.rows} rows: {done.incidents} incidents imported, {done.there} were there already."
    )


def _lines(file: Path) -> int | None:
    """Count a file's lines, for the progress bar."""
    try:
        with file.open("rb") as stream:
            return max(1, sum(1 for _ in stream) - 1)
    except OSError:
        return None


@click.command("export")
@click.argument("table", type=click.Choice(list(tables.COLUMNS)))
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), default="csv")
@click.option("--plain", is_flag=True, help="For a spreadsheet: no cell of the CSV is a formula.")
@with_appcontext
def export(table: str, format_: str, plain: bool) -> None:
    """Write a table to standard output, exactly as it is."""
    with snapshot() as session:
        source = tables.Tables(session, directory(session), times.now())
        tables.write(table, source.table(table), sys.stdout, format_, plain=plain)
    sys.stdout.flush()


@click.command("check")
@click.option("--repair", is_flag=True, help="Bring what differs up to the journal.")
@click.pass_context
@with_appcontext
def check(context: click.Context, repair: bool) -> None:
    """Recompute everything from the journal and list what differs."""
    found = checking.check(now=times.now(), repair=repair)
    for difference in found.differences:
        click.echo(difference)
    if found.behind:
        click.echo(f"{found.behind} incidents are still being brought up to the set-up.")
    said = f"{found.incidents} incidents checked, {len(found.differences)} differences"
    click.echo(f"{said}, {found.repaired} repaired." if repair else f"{said}.")
    context.exit(1 if found.differences else 0)


@click.command("due")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def due(file: Path) -> None:
    """Calculate due instants and working seconds, a JSON object a line."""
    calendars = directory(db.session()).calendars
    try:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    answer = calculator.answer(_object(file, number, line), calendars)
                    sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
    except UnicodeDecodeError:
        raise BadInput(f"{file.name}: this is not UTF-8") from None
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from None


def _object(file: Path, number: int, line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInput(f"{file.name}:{number}: this is not JSON") from None
    if not isinstance(value, dict):
        raise BadInput(f"{file.name}:{number}: this is not a JSON object")
    return value


COMMANDS = (replay, export, check, due)
